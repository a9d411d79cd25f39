"""Jet taggers trained with HGQ2: mapped LUTs of alkaid's Verilog and of Triggerfish's, by Yosys (make benchmark-rtl).

python taggers.py TRIGGERFISH WORK [MODEL.keras…], with an interpreter that has alkaid 0.8.2, hgq2 and keras. Without models, those of
../shared (or $TRIGGERFISH_SHARED), where they are; else the project's own. Triggerfish's clock is the fastest with which it takes no more pipeline
stages than alkaid.
"""
import json
import os
import pathlib
import subprocess
import sys
import time

from common import HERE, each, kept, mapped, peer_netlist, record, tool, with_primitives

SHARED = pathlib.Path(os.environ.get("TRIGGERFISH_SHARED", HERE / "../../../shared"))
MODELS = ["golden2/hgq2_real_jsc_ebops530/model.keras", "golden2/hgq2_real_jsc_ebops2571/model.keras", "data/hgq2/jsc_ebops7229.keras"]
OWN = [f"models/jet_tagger_hgq/{size}.keras" for size in ("small", "medium", "large")]


def alkaid(model, folder):
    """Its three netlists, mapped, and their stages."""
    import hgq  # noqa: F401: registers its layers
    import keras
    from alkaid.codegen import RTLModel
    from alkaid.converter import trace_model
    from alkaid.trace import HWConfig, trace

    network = keras.models.load_model(model, compile=False)
    start = time.process_time()
    graph = trace(*trace_model(network, HWConfig(1, 1, -1), {"hard_dc": 5}, False))
    found = {"seconds": round(time.process_time() - start, 2)}
    for name, ternary in (("binary", False), ("ternary", True)):
        RTLModel(graph, folder / name, "model", flavor="verilog", latency_cutoff=2.1, ternary_fuse=ternary).write()
    with_primitives(folder)
    for name in ("binary", "ternary", "primitives"):
        stages = len(list((folder / name / "src").glob("logic*.v"))) or 1
        found[name] = peer_netlist(folder / name) | {"stages": stages}
    return found


def compiled(program, model, folder, tenths, *options):
    """The report of a project for a clock period in tenths of a nanosecond, and the time it took; None: refused as too short."""
    before = os.times()
    done = subprocess.run(
        [program, "compile", model, "--backend", "verilog", "--clock", f"{tenths / 10}ns", "-o", folder, "--force", *options],
        capture_output=True, text=True)
    after = os.times()
    if done.returncode:
        if "clock period" in done.stderr:
            return None
        sys.exit(f"{program} failed:\n{done.stderr[-2000:]}")
    report = json.loads((folder / "report.json").read_text())
    return report, after.children_user + after.children_system - before.children_user - before.children_system


def triggerfish(program, model, folder, stages):
    """The project with the shortest clock period that keeps the stages, mapped, and what its report counts."""
    # The longer the period, the fewer the stages.
    low, high = 10, 400
    while low < high:
        middle = (low + high) // 2
        found = compiled(program, model, folder, middle)
        low, high = (low, middle) if found and found[0]["latencyCycles"] <= stages else (middle + 1, high)
    found = compiled(program, model, folder, low)
    if not found or found[0]["latencyCycles"] > stages:
        sys.exit(f"{model}: no clock period with {stages} stages")
    report, seconds = found
    script = (folder / "yosys.ys").read_text().replace("-noclkbuf", "-noclkbuf -nosrl").replace("\nstat", "")
    counts = mapped("; ".join(line for line in script.splitlines() if line and not line.startswith("#")), cwd=folder)
    return counts | {
        "stages": report["latencyCycles"], "period": low / 10, "seconds": round(seconds, 2),
        "counted": {"lut": report["resources"]["lut"], "ff": report["resources"]["ff"]},
    }


def main():
    program, work = tool(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
    models = [pathlib.Path(name) for name in sys.argv[3:]] or [SHARED / name for name in MODELS if (SHARED / name).exists()]
    models = models or [HERE / "../.." / name for name in OWN]

    def one(model):
        name = model.stem if model.stem != "model" else model.parent.name
        folder = work / name
        peer = kept(folder / "alkaid.json", lambda: alkaid(model, folder / "alkaid"))
        ours = triggerfish(program, model.resolve(), folder / "ours", min(peer[name]["stages"] for name in ("binary", "ternary")))
        record("taggers", name, {"alkaid": peer, "triggerfish": ours})
        said = ", ".join(f"{kind} {peer[kind]['lut']} LUT {peer[kind]['ff']} FF {peer[kind]['stages']} stages" for kind in ("binary", "ternary", "primitives"))
        return (
            f"{name}: alkaid {said}; Triggerfish {ours['lut']} LUT {ours['ff']} FF {ours['stages']} stages at {ours['period']} ns, {ours['seconds']} s, "
            f"counted {ours['counted']['lut']} and {ours['counted']['ff']}: {ours['lut'] / min(peer['binary']['lut'], peer['ternary']['lut']):.3f} of Verilog, "
            f"{ours['lut'] / peer['primitives']['lut']:.3f} of primitives")

    each(models, one)


if __name__ == "__main__":
    main()
