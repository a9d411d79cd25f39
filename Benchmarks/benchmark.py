#!/usr/bin/env python3
"""Ratios of Triggerfish against hls4ml, both measured in this run on this machine.

Process to process: from the shell's command to its end, interpreter start and imports included. In process:
inside a running, warmed-up program. Each time is the fastest of several runs, as the others were disturbed.
Writes Benchmarks/results.json and prints a table; --last prints the table of the last run.
"""

import json
import os
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BIN = os.path.join(ROOT, ".build", "release")
MODEL = os.path.join(ROOT, "models", "jet_tagger")
STEM = os.path.join(MODEL, "jet_tagger")
CONFIG = os.path.join(MODEL, "hls.yml")
EVENTS = os.path.join(MODEL, "events.npy")
RESULTS = os.path.join(ROOT, "Benchmarks", "results.json")

PEER = '''
import os, sys, time
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
stem, config, events, folder, mode = sys.argv[1:]
import hls4ml, numpy as np, qkeras, tensorflow as tf, yaml
custom = {}
qkeras.utils._add_supported_quantized_objects(custom)
model = tf.keras.models.model_from_json(open(stem + ".json").read(), custom_objects=custom)
model.load_weights(stem + "_weights.h5")
settings = yaml.safe_load(open(config))
def convert():
    return hls4ml.converters.convert_from_keras_model(
        model, hls_config=settings["HLSConfig"], output_dir=folder, backend="Vitis", io_type=settings["IOType"])
if mode == "write":
    convert().write()
elif mode == "first":
    hls = convert()
    hls.compile()
    hls.predict(np.ascontiguousarray(np.load(events)[:1]))
else:
    best = 1e9
    for _ in range(5):
        start = time.perf_counter()
        convert().write()
        best = min(best, time.perf_counter() - start)
    hls = convert()
    hls.compile()
    x = np.ascontiguousarray(np.tile(np.load(events), (5, 1)))
    rate = 0
    for _ in range(3):
        start = time.perf_counter()
        hls.predict(x)
        rate = max(rate, len(x) / (time.perf_counter() - start))
    print("RESULT", best, rate)
'''


def seconds(command, runs):
    """The fastest of several runs of a command, in seconds."""
    best = float("inf")
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        best = min(best, time.perf_counter() - start)
    return best


def main():
    with tempfile.TemporaryDirectory() as folder:
        peer = os.path.join(folder, "peer.py")
        with open(peer, "w") as file:
            file.write(PEER)
        one = os.path.join(folder, "one.npy")
        import numpy as np

        np.save(one, np.load(EVENTS)[:1])
        binary = os.path.join(BIN, "triggerfish")

        def hls4ml(mode):
            return [sys.executable, peer, STEM, CONFIG, EVENTS, os.path.join(folder, "hls4ml"), mode]

        ours = {
            "project": seconds(
                [binary, "compile", STEM + ".json", "-c", CONFIG, "-o", os.path.join(folder, "ours"), "--force"], 10
            ),
            "first": seconds(
                [binary, "emulate", STEM + ".json", "-c", CONFIG, "-i", one, "-o", os.path.join(folder, "o.npy")], 10
            ),
        }
        theirs = {"project": seconds(hls4ml("write"), 2), "first": seconds(hls4ml("first"), 2)}
        inside = subprocess.run(hls4ml("inside"), check=True, capture_output=True, text=True).stdout
        result = [line for line in inside.splitlines() if line.startswith("RESULT")][-1].split()
        theirs["inside"], theirs["rate"] = float(result[1]), float(result[2])
        mine = {}
        for mode in (["compile", STEM + ".json", CONFIG], ["emulate", STEM + ".json", CONFIG, EVENTS]):
            tool = subprocess.run(
                [os.path.join(BIN, "triggerfish-benchmark"), *mode], check=True, capture_output=True, text=True
            )
            mine.update(json.loads(tool.stdout))
        ours["inside"], ours["rate"] = mine["project_s"], mine["events_per_s_1"]

    rows = [
        ("model to project, process to process", ours["project"], theirs["project"], "s", 50),
        ("model to project, in process", ours["inside"], theirs["inside"], "s", 5),
        ("time to first emulated event, process to process", ours["first"], theirs["first"], "s", 100),
        ("emulation, one thread", ours["rate"], theirs["rate"], "events/s", 100),
    ]
    report = []
    for name, a, b, unit, target in rows:
        ratio = a / b if unit == "events/s" else b / a
        report.append({"name": name, "triggerfish": a, "hls4ml": b, "unit": unit, "ratio": ratio, "target": target})
    with open(RESULTS, "w") as file:
        json.dump({"rows": report, "in_process": mine}, file, indent=1)
        file.write("\n")
    table(report)


def table(report):
    """Prints the rows of a run."""
    print(f"{'jet tagger, 6 bits':50} {'Triggerfish':>16} {'hls4ml 1.3.0':>16} {'ratio':>8} {'target':>7}")
    for row in report:
        ours, theirs = (f"{row[side]:.4g} {row['unit']}" for side in ("triggerfish", "hls4ml"))
        print(f"{row['name']:50} {ours:>16} {theirs:>16} {row['ratio']:8.3g} {row['target']:7}")


if __name__ == "__main__":
    if "--last" in sys.argv:
        with open(RESULTS) as results:
            table(json.load(results)["rows"])
    else:
        main()
