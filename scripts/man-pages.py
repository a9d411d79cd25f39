#!/usr/bin/env python3
"""man-pages.py PROGRAM FOLDER: writes triggerfish.1 and a page per subcommand from the program's own help."""

import json
import os
import subprocess
import sys


def roff(text):
    lines = text.replace("\\", "\\e").replace("-", "\\-").split("\n")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in lines)


def name(of):
    return ("-" if of["kind"] == "short" else "--") + of["name"]


def usage(argument):
    value = f"<{argument['valueName']}>"
    if argument["kind"] == "positional":
        text = value
    else:
        text = name(argument["preferredName"]) + ("" if argument["kind"] == "flag" else " " + value)
    text += " ..." if argument["isRepeating"] else ""
    return f"[{text}]" if argument["isOptional"] else text


def page(command, path, version, others):
    title = "-".join(path)
    shown = [argument for argument in command.get("arguments", []) if argument["shouldDisplay"]]
    lines = [f'.TH {roff(title.upper())} 1 "" "triggerfish {roff(version)}" "Triggerfish"', ".SH NAME",
             f"{roff(title)} \\- {roff(command['abstract'])}", ".SH SYNOPSIS", ".B " + roff(" ".join(path)),
             roff(" ".join(map(usage, shown)) if not others else "<subcommand>")]
    if command.get("discussion"):
        lines.append(".SH DESCRIPTION")
        examples = False
        for paragraph in command["discussion"].split("\n"):
            if paragraph.startswith("  "):
                lines += [] if examples else [".nf"]
                examples = True
                lines.append(roff(paragraph))
                continue
            lines += [".fi"] if examples else []
            examples = False
            lines.append(roff(paragraph) if paragraph else ".PP")
        lines += [".fi"] if examples else []
    if shown:
        lines.append(".SH OPTIONS")
    for argument in shown:
        value = f" <{argument['valueName']}>" if argument["kind"] == "option" else ""
        names = ", ".join(map(name, argument.get("names", []))) or f"<{argument['valueName']}>"
        lines += [".TP", ".B " + roff(names + value), roff(argument.get("abstract", ""))]
        if argument.get("defaultValue"):
            lines.append(roff(f"(default: {argument['defaultValue']})"))
    if others:
        lines.append(".SH COMMANDS")
        for other in others:
            lines += [".TP", f".BR {roff(title + '-' + other['commandName'])} (1)", roff(other["abstract"])]
    else:
        lines += [".SH SEE ALSO", f".BR {roff(path[0])} (1)"]
    return "\n".join(lines) + "\n"


def main():
    program, folder = sys.argv[1:]
    help = json.loads(subprocess.run([program, "--experimental-dump-help"], check=True, stdout=subprocess.PIPE).stdout)
    version = subprocess.run([program, "--version"], check=True, stdout=subprocess.PIPE, text=True).stdout.split()[1]
    os.makedirs(folder, exist_ok=True)
    root = help["command"]
    commands = [command for command in root["subcommands"] if command["commandName"] != "help"]
    pages = [(root, [root["commandName"]], commands)]
    pages += [(command, [root["commandName"], command["commandName"]], []) for command in commands]
    for command, path, others in pages:
        with open(os.path.join(folder, "-".join(path) + ".1"), "w", encoding="utf-8") as file:
            file.write(page(command, path, version, others))


if __name__ == "__main__":
    main()
