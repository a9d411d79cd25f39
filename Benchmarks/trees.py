"""Events per second of trees on one thread: Triggerfish beside XGBoost, LightGBM, ONNX Runtime, treelite and tl2cgen.

    python Benchmarks/trees.py [FOLDER]

with numpy, xgboost, lightgbm, onnxmltools, onnxruntime, treelite and tl2cgen, after
`swift build -c release --product triggerfish-benchmark`. Models are trained on data made here, with a seed; events are multiples of
2^-10, which all take as they are. Every peer is timed on 20,000 events at once, the best of some runs.
"""

import json
import os
import pathlib
import subprocess
import sys
import time

os.environ["OMP_NUM_THREADS"] = "1"
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
EVENTS, FEATURES = 20_000, 16
MODELS = [("xgboost 100 x 3", 100, 3), ("xgboost 100 x 6", 100, 6), ("xgboost 500 x 8", 500, 8), ("lightgbm 100, 31 leaves", 100, None)]


def rate(run, times=5):
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return EVENTS / min(seconds)


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(1)
    x = (np.round(rng.normal(size=(EVENTS, FEATURES)) * 1024) / 1024).astype("f4")
    y = x[:, 0] + np.sin(2 * x[:, 1]) - x[:, 2] * (x[:, 3] > 0) + 0.3 * rng.normal(size=EVENTS) > 0
    np.save(folder / "events.npy", x)
    results = {}
    for name, count, depth in MODELS:
        rates = {}
        stem = name.replace(" ", "_").replace(",", "")
        types = [("x", FloatTensorType([None, FEATURES]))]
        if depth:
            path = folder / f"{stem}.ubj"
            if not path.exists():
                parameters = {"max_depth": depth, "eta": 0.1, "min_child_weight": 0, "lambda": 0.1, "nthread": 1,
                              "objective": "binary:logistic"}
                xgboost.train(parameters, xgboost.DMatrix(x, y), count).save_model(path)
            booster = xgboost.Booster(model_file=path)
            booster.set_param({"nthread": 1})
            rates["XGBoost"] = rate(lambda: booster.inplace_predict(x, predict_type="margin"))
            graph = onnxmltools.convert_xgboost(booster, initial_types=types, target_opset=15)
            booster.save_model(folder / f"{stem}.json")
            trees = treelite.frontend.load_xgboost_model(str(folder / f"{stem}.json"))
        else:
            path = folder / f"{stem}.txt"
            if not path.exists():
                parameters = {"num_leaves": 31, "verbose": -1, "num_threads": 1, "objective": "binary"}
                lightgbm.train(parameters, lightgbm.Dataset(x, y), count).save_model(path)
            booster = lightgbm.Booster(model_file=path)
            rates["LightGBM"] = rate(lambda: booster.predict(x, raw_score=True, num_threads=1))
            graph = onnxmltools.convert_lightgbm(booster, initial_types=types, target_opset=15, zipmap=False)
            trees = treelite.frontend.load_lightgbm_model(str(path))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(graph.SerializeToString(), options)
        last = [session.get_outputs()[-1].name]
        rates["ONNX Runtime"] = rate(lambda: session.run(last, {"x": x}), 3)
        rates["treelite"] = rate(lambda: treelite.gtil.predict(trees, x, nthread=1, pred_margin=True), 2)
        # A function of 127,000 nodes takes compilers too long.
        if count * (2 ** (depth or 5)) < 20_000:
            library = str(folder / f"{stem}.so")
            if not os.path.exists(library):
                tl2cgen.export_lib(trees, toolchain="gcc", libpath=library, params={"quantize": 1})
            predictor = tl2cgen.Predictor(library, nthread=1)
            matrix = tl2cgen.DMatrix(x, dtype="float32")
            rates["tl2cgen"] = rate(lambda: predictor.predict(matrix, pred_margin=True))
        answer = subprocess.run([TOOL, "emulate", path, "-", folder / "events.npy"], capture_output=True, text=True, check=True)
        rates["Triggerfish"] = json.loads(answer.stdout)["events_per_s_1"]
        results[name] = {peer: round(value) for peer, value in rates.items()}
        print(name, results[name], flush=True)
    (folder / "trees.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "benchmark-output/trees"))
