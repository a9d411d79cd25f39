"""Events per second of trees on one thread: Triggerfish beside XGBoost, LightGBM, ONNX Runtime, treelite, tl2cgen and conifer's csim.

    python Benchmarks/trees.py [FOLDER]

with Benchmarks/requirements-trees.txt, after `swift build -c release --product triggerfish-benchmark`; `make benchmark` does both.
Models are trained on data made here, with a seed; events are multiples of 2^-10, which all take as they are. Every peer computes 20,000
events at once. All are timed by the processor's clock, in turns, and the fastest of their runs counts; margins are compared first.
Writes FOLDER/trees.json and prints the table of docs/trees.md.
"""

import json
import multiprocessing
import os
import pathlib
import subprocess
import sys
import time

for name in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"]:
    os.environ[name] = "1"
import lightgbm
import numpy as np
import onnxmltools
import onnxruntime
import tl2cgen
import treelite
import xgboost
from onnxmltools.convert.common.data_types import FloatTensorType

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOOL = os.environ.get("TRIGGERFISH_BENCHMARK", ROOT / ".build/release/triggerfish-benchmark")
EVENTS, FEATURES, TURNS = 20_000, 16, 3
MODELS = [("xgboost 100 x 3", 100, 3), ("xgboost 100 x 6", 100, 6), ("xgboost 500 x 8", 500, 8), ("lightgbm 100, 31 leaves", 100, None)]


def rate(run):
    """Events per second of processor time, the faster of two runs."""
    best = 1e9
    for _ in range(2):
        start = time.process_time()
        run()
        best = min(best, time.process_time() - start)
    return EVENTS / best


def conifer_csim(count, depth, folder, x, y):
    """conifer's C simulation of as many trees by scikit-learn, whose models it converts (XGBoost 3's it does not): on a tenth of the
    events."""
    import conifer
    from sklearn.ensemble import GradientBoostingClassifier

    trees = GradientBoostingClassifier(n_estimators=count, max_depth=depth, random_state=1).fit(x[:2000], y[:2000])
    os.environ.setdefault("XILINX_AP_INCLUDE", str(ROOT / ".build/ap_types"))
    configuration = conifer.backends.cpp.auto_config()
    configuration["OutputDir"] = str(folder / "conifer")
    model = conifer.converters.convert_from_sklearn(trees, configuration)
    model.compile()
    return lambda: model.decision_function(x[: EVENTS // 10])


def compiled(trees, library, nodes):
    """Whether tl2cgen's C is there as a library, after at most an hour. A function of 127,000 nodes takes compilers too long: large models
    are cut into files of some 4,000 nodes, and not inlined into one another (-O1)."""
    if os.path.exists(library):
        return True
    options = {"params": {"quantize": 1}} if nodes < 20_000 else {
        "params": {"quantize": 1, "parallel_comp": nodes // 4000}, "options": ["-O1"], "nthread": os.cpu_count()}
    start = time.monotonic()
    child = multiprocessing.get_context("fork").Process(
        target=tl2cgen.export_lib, args=(trees, "gcc", library), kwargs=options)
    child.start()
    child.join(3600)
    if child.is_alive():
        child.kill()
    print(f"{library}: {time.monotonic() - start:.0f} s of gcc", file=sys.stderr, flush=True)
    return os.path.exists(library)


def peers(name, count, depth, folder, x, y):
    """What is timed: by name a function, and the margins it should give."""
    stem = name.replace(" ", "_").replace(",", "")
    types = [("x", FloatTensorType([None, FEATURES]))]
    runs = {}
    if depth:
        path = folder / f"{stem}.ubj"
        parameters = {"max_depth": depth, "eta": 0.1, "min_child_weight": 0, "lambda": 0.1, "nthread": 1, "seed": 1,
                      "objective": "binary:logistic"}
        if not path.exists():
            xgboost.train(parameters, xgboost.DMatrix(x, y), count).save_model(path)
        booster = xgboost.Booster(model_file=path)
        booster.set_param({"nthread": 1})
        runs["XGBoost"] = lambda: booster.inplace_predict(x, predict_type="margin")
        graph = onnxmltools.convert_xgboost(booster, initial_types=types, target_opset=15)
        booster.save_model(folder / f"{stem}.json")
        trees = treelite.frontend.load_xgboost_model(str(folder / f"{stem}.json"))
    else:
        path = folder / f"{stem}.txt"
        parameters = {"num_leaves": 31, "verbose": -1, "num_threads": 1, "objective": "binary", "seed": 1, "deterministic": True}
        if not path.exists():
            lightgbm.train(parameters, lightgbm.Dataset(x, y), count).save_model(path)
        booster = lightgbm.Booster(model_file=path)
        runs["LightGBM"] = lambda: booster.predict(x, raw_score=True, num_threads=1)
        graph = onnxmltools.convert_lightgbm(booster, initial_types=types, target_opset=15, zipmap=False)
        trees = treelite.frontend.load_lightgbm_model(str(path))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph.SerializeToString(), options)
    last = [session.get_outputs()[-1].name]
    runs["ONNX Runtime"] = lambda: session.run(last, {"x": x})
    runs["treelite"] = lambda: treelite.gtil.predict(trees, x, nthread=1, pred_margin=True)
    library = str(folder / f"{stem}.so")
    if compiled(trees, library, count * (2 ** (depth or 5))):
        predictor = tl2cgen.Predictor(library, nthread=1)
        matrix = tl2cgen.DMatrix(x, dtype="float32")
        runs["tl2cgen"] = lambda: predictor.predict(matrix, pred_margin=True)
    if depth == 3:
        try:
            runs["conifer csim"] = conifer_csim(count, depth, folder, x, y)
        except Exception as error:
            print(f"conifer is left out: {error} (it needs g++ and apt's nlohmann-json3-dev)", file=sys.stderr)
    margins = np.asarray(next(iter(runs.values()))()).ravel()
    return path, runs, margins


def ours(path, events, margins, folder):
    """Events per second, by the processor's clock; margins off by more than rounding has them are a mistake."""
    tool = [TOOL, "emulate", path, "-", events]
    answer = json.loads(subprocess.run(tool, capture_output=True, text=True, check=True).stdout)
    command = os.environ.get("TRIGGERFISH", ROOT / ".build/release/triggerfish")
    found = folder / "margins.npy"
    subprocess.run([command, "emulate", path, "--calibrate", events, "--input", events, "--output", found],
                   capture_output=True, check=True)
    worst = np.abs(np.load(found).ravel() - margins).max()
    assert worst < 0.05, f"{path}: margins are off by {worst}"
    return answer["events_per_s_1"]


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(1)
    x = (np.round(rng.normal(size=(EVENTS, FEATURES)) * 1024) / 1024).astype("f4")
    y = x[:, 0] + np.sin(2 * x[:, 1]) - x[:, 2] * (x[:, 3] > 0) + 0.3 * rng.normal(size=EVENTS) > 0
    events = folder / "events.npy"
    np.save(events, x)
    results = {}
    for name, count, depth in MODELS:
        path, runs, margins = peers(name, count, depth, folder, x, y)
        rates = {"Triggerfish": 0, **{peer: 0 for peer in runs}}
        for _ in range(TURNS):
            rates["Triggerfish"] = max(rates["Triggerfish"], ours(path, events, margins, folder))
            for peer, run in runs.items():
                share = 0.1 if peer == "conifer csim" else 1
                rates[peer] = max(rates[peer], share * rate(run))
        results[name] = {peer: round(value) for peer, value in rates.items()}
        print(name, results[name], file=sys.stderr, flush=True)
    (folder / "trees.json").write_text(json.dumps(results, indent=1) + "\n")
    columns = ["Triggerfish", "XGBoost", "LightGBM", "ONNX Runtime", "treelite", "tl2cgen", "conifer csim"]
    print("| events/s, one thread | " + " | ".join(columns) + " | × own library | × fastest other |")
    print("|---" * (len(columns) + 3) + "|")
    for name, rates in results.items():
        mine, own = rates["Triggerfish"], rates.get("XGBoost") or rates["LightGBM"]
        fastest = max(value for peer, value in rates.items() if peer != "Triggerfish")
        cells = [f"{rates[column]:,}" if column in rates else "" for column in columns]
        print(f"| {name} | " + " | ".join(cells) + f" | {mine / own:.1f} | {mine / fastest:.1f} |")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / ".build/benchmark-trees"))
