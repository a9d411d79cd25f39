#!/usr/bin/env python3
"""Whether any kind of layer is far slower than the rest: every step of the golden models, timed on one thread.

    layers.py [FOLDER…]

Folders hold cases as Tests/ConformanceTests/Golden and ../shared/golden do; those two unless told. Prints, for every
kind of step, the case where a result takes longest, and that time in units of a result of a plain dense layer with as
many terms (or with one, for steps that sum nothing).
"""

import glob
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
TOOL = os.path.join(ROOT, ".build", "release", "triggerfish-benchmark")


def profile(case):
    """The steps of a case: nanoseconds per event and what each does; None where it is not supported."""
    model = next((case + name for name in ("model.json", "model.h5") if os.path.exists(case + name)), None)
    # inputs.npy, or inputs_0.npy, inputs_1.npy, …, or inputs0.npy, …: not the stress inputs.
    events = sorted(path for path in glob.glob(case + "inputs*.npy") if "stress" not in path)
    if model is None or not events:
        return None
    command = [TOOL, "profile", model, case + "config.json", *events]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        return None
    steps = [step.strip().split(" ns  ") for step in json.loads(done.stdout)["steps"]]
    return [(float(time), what) for time, what in steps]


def kind(what):
    """The kind of a step, its results, and their terms."""
    numbers = [int(number) for number in re.findall(r"\d+", what)]
    if what.startswith("dot products by "):
        name = what.split(",")[0]
        # Groups are lanes of up to four results with up to four terms each.
        return name, numbers[0], max(1, numbers[1] * (16 if "tiles" in name else 4) / numbers[0])
    if what.startswith("sums of"):
        return "sums, one conversion at a time", numbers[1] * numbers[2], numbers[0]
    if what.startswith("region of"):
        return f"elementwise operations, {numbers[2]} bits", numbers[1], max(1, numbers[0] - 2)
    if what.startswith("reduction of") or what.startswith("pool of"):
        return what.split(" of ")[0] + "s", numbers[1], numbers[0]
    if what.endswith("by the reference interpreter"):
        return "reference interpreter", numbers[0], 1
    return None


def main():
    folders = sys.argv[1:] or [os.path.join(ROOT, "Tests", "ConformanceTests", "Golden"),
                               os.path.join(ROOT, "..", "shared", "golden")]  # fmt: skip
    slowest, skipped, totals = {}, [], {}
    for folder in folders:
        for case in sorted(glob.glob(os.path.join(folder, "*", ""))):
            name = os.path.basename(case[:-1])
            steps = profile(case)
            if steps is None:
                skipped.append(name)
                continue
            totals[name] = sum(time for time, _ in steps)
            for time, what in steps:
                found = kind(what)
                if found:
                    label, results, terms = found
                    each = time / results / terms
                    slowest[label] = max(slowest.get(label, (0, "")), (each, name))
    print(f"{'kind of step':44} {'ps per result and term':>22}  slowest in")
    for label, (each, name) in sorted(slowest.items(), key=lambda item: -item[1][0]):
        print(f"{label:44} {each * 1000:22.1f}  {name}")
    print(f"\n{'jet tagger 16-64-32-32-5':60} {'ns per event':>12} {'ratio':>6}")
    plain = totals.get("KERAS_3layer__flat16_6")
    for name, total in sorted(totals.items(), key=lambda item: -item[1]):
        if "KERAS_3layer" in name and plain:
            print(f"{name:60} {total:12.1f} {total / plain:6.2f}")
    print(f"\nnot timed (not supported, or a description of another case): {', '.join(skipped)}")


if __name__ == "__main__":
    main()
