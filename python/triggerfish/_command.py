"""The command `triggerfish` of an installed wheel: the program that lies in the package."""

import os
import sys


def main():
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "_native", "bin", "triggerfish")
    if not os.path.exists(program):
        sys.exit("triggerfish: error: this Python package was installed without the command\n"
                 "hint: install the wheel that 'make dist' makes")
    os.execv(program, ["triggerfish"] + sys.argv[1:])
