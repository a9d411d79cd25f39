"""Puts libtriggerfish.so, which 'make library' builds, into the package."""

import os
import shutil
import subprocess

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = os.path.dirname(os.path.abspath(__file__))
LIBRARY = os.path.join(HERE, "..", ".build", "lib", "libtriggerfish.so")


class Build(build_py):
    def run(self):
        if not os.path.exists(LIBRARY):
            subprocess.run(["make", "-C", os.path.dirname(HERE), "library"], check=True)
        super().run()
        shutil.copy(LIBRARY, os.path.join(self.build_lib, "triggerfish"))


with open(os.path.join(HERE, "..", "VERSION")) as file:
    VERSION = file.read().strip()

setup(version=VERSION, cmdclass={"build_py": Build})
