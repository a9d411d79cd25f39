"""Trains the muon momentum models: XGBoost estimates log2(pT), LightGBM tells muons above 20 GeV from those below.

    python -m muon_momentum.train

in the folder models, with numpy, xgboost 3.2.0, lightgbm 4.7.0 and scikit-learn 1.9.1. Seeded.
"""

import json
import pathlib

import lightgbm
import numpy as np
import xgboost
from sklearn.metrics import roc_auc_score, roc_curve

from simulation.muons import FEATURES, simulate

FOLDER = pathlib.Path(__file__).parent
THRESHOLD = 20.0
SAMPLES = 2000


def main():
    x, pt = simulate(60_000, seed=5)
    test, truth = simulate(20_000, seed=6)
    # As in triggers, the momentum that is estimated is scaled so that 90% of the muons at a momentum pass it; the trees
    # estimate its logarithm.
    regression = xgboost.train(
        {"max_depth": 4, "eta": 0.15, "objective": "reg:squarederror", "nthread": 1, "seed": 7, "lambda": 1.0},
        xgboost.DMatrix(x, np.log2(pt), feature_names=FEATURES), 100)
    regression.save_model(FOLDER / "muon_momentum.json")
    selection = lightgbm.train(
        {"num_leaves": 31, "learning_rate": 0.15, "objective": "binary", "num_threads": 1, "seed": 7, "verbose": -1,
         "deterministic": True},
        lightgbm.Dataset(x, pt > THRESHOLD, feature_name=FEATURES), 60)
    selection.save_model(FOLDER / "muon_selection.txt")

    estimate = regression.predict(xgboost.DMatrix(test, feature_names=FEATURES), output_margin=True)
    margin = selection.predict(test, raw_score=True)
    np.save(FOLDER / "events.npy", test[:SAMPLES])
    np.save(FOLDER / "pt.npy", truth[:SAMPLES])
    np.save(FOLDER / "outputs_xgboost.npy", estimate[:SAMPLES].astype("f4"))
    np.save(FOLDER / "outputs_lightgbm.npy", margin[:SAMPLES])

    signal = truth > THRESHOLD
    results = {"muons": len(test)}
    for name, score in [("xgboost", estimate), ("lightgbm", margin), ("bend alone", -np.abs(test[:, 0]))]:
        background, efficiency, _ = roc_curve(signal, score)
        at = {f"passing below {THRESHOLD:.0f} GeV at {e:.0%}": round(float(np.interp(e, efficiency, background)), 4)
              for e in (0.85, 0.9, 0.95)}
        results[name] = {"AUC": round(float(roc_auc_score(signal, score)), 4), **at}
    ratio = estimate - np.log2(truth)
    results["resolution of log2 pT"] = {
        f"{a}-{b} GeV": round(float(np.std(ratio[(truth >= a) & (truth < b)])), 3)
        for a, b in [(3, 10), (10, 20), (20, 50), (50, 200)]}
    (FOLDER / "performance.json").write_text(json.dumps(results, indent=1) + "\n")
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
