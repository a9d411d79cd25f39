#!/usr/bin/env python3
"""Runs the commands that README.md and docs/parts.md name and writes what they print below them.

A generated block is
    <!-- generated: COMMAND -->
    ...
    <!-- end -->
Everything between the two lines is replaced by COMMAND's standard output; what is no Markdown (--markdown) is shown as
code. With --check nothing is written and the exit code says whether a block is out of date.
"""

import re
import subprocess
import sys

BLOCK = re.compile(r"<!-- generated: (.*?) -->\n.*?<!-- end -->", re.DOTALL)


def generated(match):
    command = match.group(1)
    print(f"$ {command}", file=sys.stderr)
    output = subprocess.run(command, shell=True, check=True, capture_output=True, text=True).stdout
    text = output.strip() if "--markdown" in command else f"```\n{output.strip()}\n```"
    return f"<!-- generated: {command} -->\n{text}\n<!-- end -->"


def main():
    outdated = []
    for path in ("README.md", "docs/parts.md"):
        with open(path) as file:
            old = file.read()
        new = BLOCK.sub(generated, old)
        if new != old:
            outdated.append(path)
            if "--check" not in sys.argv:
                with open(path, "w") as file:
                    file.write(new)
    if outdated and "--check" in sys.argv:
        sys.exit(f"{', '.join(outdated)}: out of date: make readme")


if __name__ == "__main__":
    main()
