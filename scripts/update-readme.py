#!/usr/bin/env python3
"""Runs the commands that README.md names and writes what they print below them.

A generated block is
    <!-- generated: COMMAND -->
    ...
    <!-- end -->
Everything between the two lines is replaced by COMMAND's standard output. With --check nothing is written and
the exit code says whether a block is out of date.
"""

import re
import subprocess
import sys

BLOCK = re.compile(r"<!-- generated: (.*?) -->\n.*?<!-- end -->", re.DOTALL)


def generated(match):
    command = match.group(1)
    print(f"$ {command}", file=sys.stderr)
    output = subprocess.run(command, shell=True, check=True, capture_output=True, text=True).stdout
    return f"<!-- generated: {command} -->\n```\n{output.strip()}\n```\n<!-- end -->"


def main():
    with open("README.md") as file:
        old = file.read()
    new = BLOCK.sub(generated, old)
    if "--check" in sys.argv:
        sys.exit(0 if new == old else "README.md is out of date: make readme")
    with open("README.md", "w") as file:
        file.write(new)


if __name__ == "__main__":
    main()
