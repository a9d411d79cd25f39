"""Trees in Verilog beside published figures: latency and LUTs, every word compared in Verilator.

    python Benchmarks/trees_rtl.py [FOLDER]

with numpy and xgboost (Benchmarks/requirements-trees.txt) and Verilator; where Yosys is there too, it maps what was written. Models are
trained on the 2,000 sample jets of models/jet_tagger: what counts here is their size. Prints the table of docs/trees.md. Published:
conifer, 100 trees of depth 4 at 200 MHz (arXiv:2002.02534); TreeLUT, jets of OpenML, which are other ones (arXiv:2501.01511).
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import numpy as np
import xgboost

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOOL = os.environ.get("TRIGGERFISH", ROOT / ".build/release/triggerfish")
JETS = ROOT / "models/jet_tagger"
CONIFER = "conifer 96,148 LUT, 12 cycles"
# name, rounds, depth, classes, eta, clock, bits of leaves, type of inputs (None: by the events), what was published
DESIGNS = [
    ("top or not, 100 trees of depth 4", 100, 4, 2, 0.1, "200MHz", 18, None, CONIFER),
    ("five classes, 100 trees of depth 4 each", 100, 4, 5, 0.1, "200MHz", 18, None, CONIFER),
    ("five classes, 13 trees of depth 5 each", 13, 5, 5, 0.8, "500MHz", 4, "ap_fixed<8,4,AP_RND,AP_SAT>", "TreeLUT I 2,234 LUT, 2.7 ns"),
    ("five classes, 10 trees of depth 4 each", 10, 4, 5, 0.8, "500MHz", 4, "ap_fixed<8,4,AP_RND,AP_SAT>", "TreeLUT II 796 LUT, 1.1 ns"),
]


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    x, labels = np.load(JETS / "events.npy"), np.load(JETS / "labels.npy")
    print("| trees | nodes | inputs, leaves (bits) | clock | cycles | LUT, counted | LUT, Yosys | FF | words equal in Verilator | published |")
    print("|---" * 10 + "|")
    for name, rounds, depth, classes, eta, clock, bits, inputs, published in DESIGNS:
        parameters = {"max_depth": depth, "eta": eta, "nthread": 1, "seed": 1, "min_child_weight": 0, "lambda": 0.1}
        parameters |= {"objective": "multi:softprob", "num_class": classes} if classes > 2 else {"objective": "binary:logistic"}
        stem = re.sub(r"\W+", "_", name)
        model, project = folder / f"{stem}.json", folder / stem
        xgboost.train(parameters, xgboost.DMatrix(x, labels if classes > 2 else labels == 4), rounds).save_model(model)
        if inputs:
            (folder / "inputs.yml").write_text(f"Precision: {inputs}\n")
            format_options = ["--config", folder / "inputs.yml", "--numerics", "exact"]
        else:
            format_options = ["--calibrate", JETS / "events.npy"]
        options = [model, "--word-length", bits, *format_options]
        shown = json.loads(run(TOOL, "inspect", *options, "--json"))
        run(TOOL, "compile", *options, "--backend", "verilog", "--clock", clock, "--output", project, "--force")
        verified = re.search(r"all ([\d,]+) words", run(TOOL, "verify", project, "--input", JETS / "events.npy")).group(1)
        report = json.loads((project / "report.json").read_text())
        resources, mapped = report["resources"], ""
        # Larger ones take Yosys too long.
        if shutil.which("yosys") and resources["lut"] < 10_000:
            rows = json.loads(run(TOOL, "synthesize", project, "--json"))["synthesis"]["rows"]
            mapped = f"{next(row['synthesis'] for row in rows if row['name'] == 'LUT'):,}"
        width = re.match(r"u?fixed<(\d+)", shown[0]["formats"]["result"]).group(1)
        print(f"| {name} | {shown[1]['trees']['nodes']:,} | {width}, {bits} | {clock} | {report['latencyCycles']} | {resources['lut']:,} | "
              f"{mapped} | {resources['ff']:,} | {int(verified.replace(',', '')):,} | {published} |", flush=True)


if __name__ == "__main__":
    names = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    main(pathlib.Path(names[0] if names else ROOT / ".build/benchmark-trees-rtl"))
