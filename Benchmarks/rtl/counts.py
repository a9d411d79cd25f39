"""What reports count beside what Yosys makes of the same Verilog: lookup tables, registers, DSP blocks, block RAMs.

python counts.py WORK TRIGGERFISH [MODEL…]: WORK takes the projects; a model is a file, FILE:CONFIGURATION, or ROWSxCOLUMNSwBITS, a
random dense layer (place.py). Without models, the 18 matrices of matrices.py. With an interpreter that has numpy and h5py, and apt's yosys.
"""
import json
import pathlib
import statistics
import subprocess
import sys

import place

NAMES = ("LUT", "FF", "DSP", "BRAM18")
SIZES = ["8x8", "16x16", "32x32", "16x64", "64x32", "64x64"]


def project(work, tool, model):
    path, _, configuration = model.partition(":")
    if "." in path:
        name = pathlib.Path(path).stem if pathlib.Path(path).stem != "model" else pathlib.Path(path).parent.name
        more = ["--config", configuration] if configuration else []
    else:
        name = path
        path, more = place.dense(work / f"{name}_model", path)
    folder = work / name
    place.run(tool, "compile", path, *more, "--backend", "verilog", "--clock", "5ns", "-o", folder, "--force")
    return name, folder


def main():
    work, tool = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    models = sys.argv[3:] or [f"{size}w{bits}" for size in SIZES for bits in (4, 6, 8)]
    errors = []
    print("| | cycles | " + " | ".join(f"counted {name} | Yosys" for name in NAMES) + " | LUT off by |")
    print("|---" * (3 + 2 * len(NAMES)) + "|")
    for model in models:
        try:
            name, folder = project(work, tool, model)
        except SystemExit as refusal:
            print(f"{model}: {refusal}", file=sys.stderr)
            continue
        report = json.loads(subprocess.run([tool, "synthesize", folder, "--json"], capture_output=True, text=True, check=True).stdout)
        rows = {row["name"]: row for row in report["synthesis"]["rows"]}
        error = rows["LUT"]["estimate"] / max(1, rows["LUT"]["synthesis"]) - 1
        errors.append(abs(error))
        cells = " | ".join(f"{rows[n]['estimate']} | {rows[n]['synthesis']}" for n in NAMES)
        print(f"| {name} | {report['latencyCycles']} | {cells} | {100 * error:+.1f}% |", flush=True)
    print(f"\nLUT: median {100 * statistics.median(errors):.1f}%, worst {100 * max(errors):.1f}%")


if __name__ == "__main__":
    main()
