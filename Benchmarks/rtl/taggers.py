"""Jet taggers trained with HGQ2: mapped LUTs of alkaid's Verilog and of Triggerfish's, by Yosys (make benchmark-rtl).

python taggers.py TRIGGERFISH WORK [MODEL.keras…], with an interpreter that has alkaid 0.8.2, hgq2 and keras. Without models, those of
../shared (or $TRIGGERFISH_SHARED), where they are; else the project's own. Triggerfish's clock is the fastest with which it takes no more pipeline
stages than alkaid.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
SHARED = pathlib.Path(os.environ.get("TRIGGERFISH_SHARED", HERE / "../../../shared"))
MODELS = ["golden2/hgq2_real_jsc_ebops530/model.keras", "golden2/hgq2_real_jsc_ebops2571/model.keras", "data/hgq2/jsc_ebops7229.keras"]
OWN = [f"models/jet_tagger_hgq/{size}.keras" for size in ("small", "medium", "large")]
LUTS = ("LUT1", "LUT2", "LUT3", "LUT4", "LUT5", "LUT6", "LUT6_2", "INV")
FFS = ("FDRE", "FDSE", "FDCE", "FDPE")


def run(*command, cwd=None):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=cwd)
    if done.returncode:
        sys.exit(f"{command[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def mapped(script, cwd=None):
    """Lookup tables and registers after mapping; shift registers would hide registers."""
    text = run("yosys", "-q", "-p", script + "; tee -o /dev/stdout stat", cwd=cwd)
    counts = dict((name, int(count)) for name, count in re.findall(r"^\s+(\S+)\s+(\d+)$", text, re.M))
    return sum(counts.get(name, 0) for name in LUTS), sum(counts.get(name, 0) for name in FFS)


SYNTHESIS = "synth_xilinx -top {top} -family xcup -nodsp -flatten -noiopad -noclkbuf -nosrl"


def alkaid(model, folder):
    """Its three netlists, mapped, and its stages."""
    import keras
    import hgq  # noqa: F401: registers its layers
    from alkaid.codegen import RTLModel
    from alkaid.converter import trace_model
    from alkaid.trace import HWConfig, trace

    words, results = trace_model(keras.models.load_model(model, compile=False), HWConfig(1, 1, -1), {"hard_dc": 5}, False)
    graph = trace(words, results)
    found = {}
    for name, ternary in (("binary", False), ("ternary", True)):
        project = RTLModel(graph, folder / name, "model", flavor="verilog", latency_cutoff=2.1, ternary_fuse=ternary)
        project.write()
        found[name + "_stages"] = len(list((folder / name / "src").glob("logic*.v"))) or 1
    shutil.copytree(folder / "ternary", folder / "primitives", dirs_exist_ok=True)
    shutil.copy(HERE / "alkaid_ternary_adder.v", folder / "primitives/src/static/ternary_adder.v")
    for name in ("binary", "ternary", "primitives"):
        sources = [p for p in sorted((folder / name / "src").rglob("*.v")) if p.name != "model_wrapper.v"]
        sources += [HERE / "row3.v"] if name == "primitives" else []
        script = f"read_verilog -defer {' '.join(map(str, sources))}; {SYNTHESIS.format(top='model')}"
        found[name + "_lut"], found[name + "_ff"] = mapped(script)
    return found


def triggerfish(tool, model, folder, stages):
    """The project with the shortest clock period that keeps the stages, mapped, and what its report counts."""
    report = None
    for period in [1 + tenth / 10 for tenth in range(120)]:
        done = subprocess.run(
            [tool, "compile", model, "--backend", "verilog", "--clock", f"{period:.1f}ns", "-o", folder, "--force"],
            capture_output=True, text=True)
        if done.returncode == 0:
            report = json.loads((folder / "report.json").read_text())
            if report["latencyCycles"] <= stages:
                break
    script = (folder / "yosys.ys").read_text().replace("-noclkbuf", "-noclkbuf -nosrl").replace("\nstat", "")
    commands = "; ".join(line for line in script.splitlines() if line and not line.startswith("#"))
    lut, ff = mapped(commands, cwd=folder)
    return {"lut": lut, "ff": ff, "stages": report["latencyCycles"], "counted": report["resources"]["lut"],
            "counted_ff": report["resources"]["ff"], "period": period}


def main():
    tool, work = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    models = [pathlib.Path(name) for name in sys.argv[3:]] or [SHARED / name for name in MODELS if (SHARED / name).exists()]
    models = models or [HERE / "../.." / name for name in OWN if (HERE / "../.." / name).exists()]
    print("| tagger | alkaid binary: LUT, FF, stages | ternary | primitives | Triggerfish | counted | of Verilog | of primitives |")
    print("|---|---|---|---|---|---|---|---|")
    for model in models:
        name = model.stem if model.stem != "model" else model.parent.name
        folder = work / name
        folder.mkdir(parents=True, exist_ok=True)
        kept = folder / "alkaid.json"
        peer = json.loads(kept.read_text()) if kept.exists() else alkaid(model, folder / "alkaid")
        kept.write_text(json.dumps(peer))
        ours = triggerfish(tool, model, folder / "ours", peer["ternary_stages"])
        best = min(peer["binary_lut"], peer["ternary_lut"])
        print(
            f"| {name} | {peer['binary_lut']}, {peer['binary_ff']}, {peer['binary_stages']} | {peer['ternary_lut']}, {peer['ternary_ff']}, {peer['ternary_stages']} "
            f"| {peer['primitives_lut']} | {ours['lut']}, {ours['ff']}, {ours['stages']} | {ours['counted']}, {ours['counted_ff']} "
            f"| {ours['lut'] / best:.2f} | {ours['lut'] / peer['primitives_lut']:.2f} |", flush=True)


if __name__ == "__main__":
    main()
