#!/usr/bin/env python3
"""Triggerfish against its peers, all measured in this run on this machine.

    benchmark.py [--last] [--only emulation|compile] [--instruction-sets]

One thread is timed by the processor's clock, so that other processes do not count; everything else by the
wall's. Each time is the fastest of several runs, for ours and ONNX Runtime the median of rounds in turns. Ours streams as
many events as take 50 ms from memory; ONNX Runtime runs the best batch size again and again.

Column "memory": the share of what copying memory reaches on one thread, for events read once and results written once. Columns "peak 8",
"peak 16" and "tiles": the share of what products of vectors of 8-bit words, of 16-bit words, and of
matrices of 8-bit words reach with nothing in their way. "peak" for all threads: what such products reach on all threads
to what they reach on one: the number of threads where every one has a core of its own.

Writes Benchmarks/results.json and Benchmarks/results.svg; --last prints the tables of the last run.
--instruction-sets measures every model with each set of instructions this machine has, in turns with ONNX
Runtime with the best it has, prints the table of docs/emulator-speed.md and writes nothing.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import plot

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
BIN = os.path.join(ROOT, ".build", "release")
MODELS = os.path.join(ROOT, "models")
# HGQ2 needs Keras 3, the others Keras 2.
HGQ2 = os.path.join(ROOT, ".build", "peers-hgq2", "bin", "python")
RESULTS = os.path.join(HERE, "results.json")
INSTRUCTION_SETS = ("amx", "avx512", "avx512bw", "avxvnni", "avx2", "i8mm", "dotprod", "baseline")
# numpy asks the system for large pages for its arrays, which ONNX Runtime and users from Python read and write; so that ours
# are alike, the C library (glibc 2.35 or later) is told to ask, too.
LARGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
# How often ours and ONNX Runtime are measured in turns; the median of each counts.
ROUNDS = 5


def seconds(command, runs):
    """The fastest of several runs of a command."""
    best = 1e9
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        best = min(best, time.perf_counter() - start)
    return best


def last_json(command, **environment):
    """What a command prints last; None, and a line on standard error, if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment})
    if done.returncode != 0:
        print(f"failed: {' '.join(command)}\n{done.stderr[-2000:]}", file=sys.stderr)
        return None
    return json.loads(done.stdout[done.stdout.rindex("\n{") if "\n{" in done.stdout else 0 :])


def peer(name):
    return os.path.join(HERE, "peers", f"{name}_peer.py")


def compile_rows(folder):
    """From the 6-bit jet tagger to a project, and to the first emulated event."""
    stem = os.path.join(MODELS, "jet_tagger", "jet_tagger")
    config, events = (os.path.join(MODELS, "jet_tagger", name) for name in ("hls.yml", "events.npy"))
    one = os.path.join(folder, "one.npy")
    import numpy as np

    np.save(one, np.load(events)[:1])
    binary = os.path.join(BIN, "triggerfish")

    def hls4ml(mode):
        return [sys.executable, peer("hls4ml"), mode, stem, config, events, os.path.join(folder, "hls4ml")]

    output = os.path.join(folder, "ours")
    project = seconds([binary, "compile", stem + ".json", "-c", config, "-o", output, "--force"], 10)
    first = seconds([binary, "emulate", stem + ".json", "-c", config, "-i", one, "-o", output + ".npy"], 10)
    inside = last_json([os.path.join(BIN, "triggerfish-benchmark"), "compile", stem + ".json", config])["from_memory_s"]
    rows = [
        ("model to project, process to process", project, seconds(hls4ml("write"), 2), 50),
        ("model in memory to project", inside, last_json(hls4ml("inside"))["project_s"], 5),
        ("time to first emulated event, process to process", first, seconds(hls4ml("first"), 2), 100),
    ]
    return [
        {"name": name, "triggerfish": ours, "hls4ml": theirs, "unit": "s", "ratio": theirs / ours, "target": target}
        for name, ours, theirs, target in rows
    ]


def resnet_rows(folder):
    """A network of 30 convolutions to a project, in process: seconds, and the most allowed."""
    subprocess.run([sys.executable, os.path.join(HERE, "resnet.py"), folder], check=True)
    stem = os.path.join(folder, "resnet30")
    tool = os.path.join(BIN, "triggerfish-benchmark")
    return [
        {
            "name": f"ResNet of 30 layers to project, {io}",
            "triggerfish": last_json([tool, "compile", stem + ".json", f"{stem}_{io}.yml"])["project_s"],
            "limit": 1,
        }
        for io in ("io_parallel", "io_stream")
    ]


def reading_rows(folder):
    """An HGQ2 model file of about 1 MB to a model in memory: seconds, and the most allowed."""
    file = os.path.join(folder, "wide_hgq.keras")
    subprocess.run([HGQ2, peer("hgq2"), "wide", file], check=True, stdout=subprocess.DEVNULL)
    read = last_json([os.path.join(BIN, "triggerfish-benchmark"), "read", file])
    size = os.path.getsize(file) / 1e6
    return [{"name": f"reading an HGQ2 file of {size:.2g} MB", "triggerfish": read["read_s"], "limit": 0.05}]


def cases(folder):
    """Name, our model and configuration, events, the float network ONNX Runtime runs, da4ml's weights."""
    hgq = os.path.join(MODELS, "jet_tagger_hgq")
    tagger, images, vertices = (os.path.join(MODELS, name) for name in ("jet_tagger", "jet_images", "vertex_finder"))
    flat, wide = os.path.join(folder, "flat_config.json"), os.path.join(folder, "wide")
    brevitas = os.path.join(MODELS, "jet_tagger_brevitas", "jet_tagger_brevitas.onnx")

    def made(name):
        return os.path.join(folder, name)

    return [
        ("jet tagger, 6 bits", f"{tagger}/jet_tagger", f"{tagger}/hls.yml", f"{tagger}/events.npy",
         f"{tagger}/jet_tagger_float", os.path.join(folder, "jet_tagger.npz")),
        *((f"jet tagger, HGQ2, {size}", f"{hgq}/{size}.keras", "-", f"{tagger}/events.npy",
           f"{tagger}/jet_tagger_float", None) for size in ("small", "medium", "large")),
        ("jet tagger, QONNX, 6 bits", brevitas, "-", f"{tagger}/events.npy", f"{tagger}/jet_tagger_float", None),
        ("jet tagger, float, 16 bits", f"{tagger}/jet_tagger_float", flat, f"{tagger}/events.npy",
         f"{tagger}/jet_tagger_float", None),
        ("jet images, CNN, 8 bits", f"{images}/jet_images", f"{images}/hls.yml", f"{images}/events.npy",
         f"{images}/jet_images_float", None),
        ("vertex finder, CNN, 8 bits", f"{vertices}/vertex_finder", f"{vertices}/hls.yml", f"{vertices}/events.npy",
         f"{vertices}/vertex_finder_float", None),
        ("dense 16×200×200×200×200×200×5", wide, wide + "_config.json", wide + ".npy", wide, None),
        ("the same, 8 bits", wide, wide + "8_config.json", wide + ".npy", wide, None),
        *((f"{title}, 16 bits", made(name), config, made(name) + ".npy", made(name), None)
          for title, name, config in (
              ("GRU of 16, 16 particles", "gru", flat), ("LSTM of 16, 16 particles", "lstm", flat),
              ("transformer, 16 particles", "transformer", "-"), ("JEDI-linear, 16 particles", "jedi_linear", flat),
              ("interaction network, 8 particles", "interaction_network", flat))),
    ]  # fmt: skip


def middle(rounds):
    """The median of every rate of several rounds: clocks rise and neighbours come for longer than a round takes."""
    rounds = [round for round in rounds if round]
    if not rounds:
        return None
    merged = dict(rounds[-1])
    for key, value in merged.items():
        if isinstance(value, (int, float)):
            merged[key] = statistics.median_low(round[key] for round in rounds)
    return merged


def model_of(stem):
    """The file of a model; Keras 2 models are named by what their two files' names begin with."""
    return stem if stem.endswith((".keras", ".onnx")) else stem + ".json"


def emulation_row(folder, name, stem, config, events, float_stem, da4ml_weights):
    """One model on every emulator that takes it; ours and ONNX Runtime in turns."""
    print(f"measuring {name} …", file=sys.stderr)
    our_runs, onnx_runs = [], []
    is_hgq2, model = stem.endswith(".keras"), model_of(stem)
    for _ in range(ROUNDS):
        our_runs.append(
            last_json(
                [os.path.join(BIN, "triggerfish-benchmark"), "emulate", model, config, events], **LARGE_PAGES
            )
        )
        onnx_runs.append(
            last_json(
                [sys.executable, peer("onnx"), float_stem, events, folder],
                PYTHONPATH=os.path.join(ROOT, ".build", "peers-onnx"),
            )
        )
    ours, onnx = middle(our_runs), middle(onnx_runs)
    csim = None
    # What hls4ml makes of a QONNX model that nobody cleaned is nothing, and it has no attention of Keras 2.
    if not model.endswith(".onnx") and (is_hgq2 or config != "-"):
        csim = last_json(
            [HGQ2, peer("hgq2"), "rate", model, events, os.path.join(folder, "csim")]
            if is_hgq2
            else [sys.executable, peer("hls4ml"), "rate", stem, config, events, os.path.join(folder, "csim")]
        )
    da4ml = None
    if da4ml_weights:
        python = os.path.join(ROOT, ".build", "peers-da4ml", "bin", "python")
        da4ml = last_json([python, peer("da4ml"), da4ml_weights, events])
    threads = os.cpu_count()
    work = ours["events_per_s_1"] * ours["multiplications"]
    return {
        "name": name,
        "triggerfish": ours["events_per_s_1"],
        "triggerfish_all": ours[f"events_per_s_{threads}"],
        "threads": threads,
        "csim": csim and csim["events_per_s"],
        "onnx": onnx and onnx["events_per_s"],
        "onnx_all": onnx and onnx["events_per_s_all"],
        "da4ml": da4ml and da4ml["events_per_s"],
        "multiplications": ours["multiplications"],
        "gmac_per_s": work / 1e9,
        "peak_share_bytes": work / ours["peak_bytes_per_s"],
        "peak_share_int16": work / ours["peak_int16_per_s"],
        "peak_share_tiles": work / ours["peak_tiles_per_s"] if ours["peak_tiles_per_s"] else None,
        "memory_share": ours["events_per_s_1"] * ours["bytes_per_event"] / ours["copy_bytes_per_s"],
        "peak_scaling": ours["peak_scaling"],
        "instruction_set": ours["instruction_set"],
        "steps": ours["steps"],
    }


def instruction_set_rows(folder):
    """Each instruction set on one thread, in turns with ONNX Runtime: the fastest of the rounds, as others work here too."""
    print("| events/s on one thread | set | Triggerfish | ONNX Runtime | ratio |\n|---|---|---|---|---|")
    for name, stem, config, events, float_stem, _ in cases(folder):
        fastest = {}
        for _ in range(ROUNDS):
            for kind in INSTRUCTION_SETS:
                run = last_json(
                    [os.path.join(BIN, "triggerfish-benchmark"), "rate", model_of(stem), config, events, kind],
                    **LARGE_PAGES,
                )
                if run and run["instruction_set"] == kind:
                    fastest[kind] = max(fastest.get(kind, 0), run["events_per_s_1"])
            onnx = last_json(
                [sys.executable, peer("onnx"), float_stem, events, folder],
                PYTHONPATH=os.path.join(ROOT, ".build", "peers-onnx"),
            )
            if onnx:
                fastest["onnx"] = max(fastest.get("onnx", 0), onnx["events_per_s"])
        theirs = fastest.pop("onnx", None)
        for kind, ours in fastest.items():
            ratio = short(ours / theirs if theirs else None)
            print(f"| {name} | {kind} | {short(ours)} | {short(theirs)} | {ratio} |", flush=True)


def short(number):
    """Three digits and a letter."""
    if number is None:
        return "–"
    for limit, unit in ((1e6, "M"), (1e3, "k")):
        if number >= limit:
            return f"{number / limit:.3g}{unit}"
    return f"{number:.3g}"


def table(results):
    """Prints a run."""
    print(f"{'jet tagger, 6 bits':50} {'Triggerfish':>12} {'hls4ml 1.3.0':>12} {'ratio':>7} {'target':>7}")
    for row in results.get("rows", []):
        ours, theirs = (f"{row[side]:.3g} {row['unit']}" for side in ("triggerfish", "hls4ml"))
        print(f"{row['name']:50} {ours:>12} {theirs:>12} {row['ratio']:7.3g} {row['target']:7}")
    for row in results.get("resnet", []) + results.get("reading", []):
        print(f"{row['name']:50} {row['triggerfish']:10.3g} s {'below':>20} {row['limit']} s")
    print()
    sets = "/".join(sorted({row["instruction_set"] for row in results.get("emulation", [])}))
    width = max([31] + [len(row["name"]) for row in results.get("emulation", [])])
    print(
        f"{f'events/s, one thread, {sets}':{width}} {'ours':>6} {'csim':>6} {'ratio':>6} {'ONNX':>6} {'ratio':>6} {'da4ml':>6}"
        f" {'GMAC/s':>7} {'peak 8':>7} {'peak 16':>8} {'tiles':>6} {'memory':>7}"
    )
    for row in results.get("emulation", []):
        ratios = [row["triggerfish"] / row[side] if row[side] else None for side in ("csim", "onnx")]
        tiles, memory = row.get("peak_share_tiles"), row.get("memory_share")
        print(
            f"{row['name']:{width}} {short(row['triggerfish']):>6} {short(row['csim']):>6} {short(ratios[0]):>6}"
            f" {short(row['onnx']):>6} {short(ratios[1]):>6} {short(row['da4ml']):>6} {row['gmac_per_s']:7.3g}"
            f" {row['peak_share_bytes']:7.0%} {row['peak_share_int16']:8.0%} {f'{tiles:.0%}' if tiles else '–':>6}"
            f" {f'{memory:.0%}' if memory else '–':>7}"
        )
    print()
    print(f"{f'events/s, all threads, {sets}':{width}} {'ours':>6} {'times one':>10} {'peak':>6} {'ONNX':>6} {'ratio':>6}")
    for row in results.get("emulation", []):
        ratio = row["triggerfish_all"] / row["onnx_all"] if row["onnx_all"] else None
        print(
            f"{row['name']:{width}} {short(row['triggerfish_all']):>6} {row['triggerfish_all'] / row['triggerfish']:10.2f}"
            f" {row.get('peak_scaling', 0):6.2f} {short(row['onnx_all']):>6} {short(ratio):>6}"
        )


def main():
    results = {}
    if "--instruction-sets" in sys.argv:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, os.path.join(HERE, "models.py"), folder], check=True)
            instruction_set_rows(folder)
        return
    if os.path.exists(RESULTS):
        with open(RESULTS) as file:
            results = json.load(file)
    if "--last" not in sys.argv:
        only = sys.argv[sys.argv.index("--only") + 1] if "--only" in sys.argv else None
        with tempfile.TemporaryDirectory() as folder:
            if only != "emulation":
                results["rows"] = compile_rows(folder)
                results["resnet"] = resnet_rows(folder)
                results["reading"] = reading_rows(folder)
            if only != "compile":
                subprocess.run([sys.executable, os.path.join(HERE, "models.py"), folder], check=True)
                results["emulation"] = [emulation_row(folder, *case) for case in cases(folder)]
        with open(RESULTS, "w") as file:
            json.dump({key: results[key] for key in ("rows", "resnet", "reading", "emulation") if key in results}, file, indent=1)
            file.write("\n")
        plot.write(results.get("emulation", []), os.path.join(HERE, "results.svg"))
    table(results)


if __name__ == "__main__":
    main()
