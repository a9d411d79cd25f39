"""Train the jet tagger with HGQ2, bits per element, at three sizes, and write everything in this folder that is not written by hand.

    python -m jet_tagger_hgq.train --data DATA
"""

import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import argparse
import json
import pathlib

import keras
import numpy as np
import scipy.special
from hgq.layers import QDense

from simulation.jets import CLASSES
from training import data, hgq, numerics, report

HERE = pathlib.Path(__file__).resolve().parent
TAGGER = HERE.parent / "jet_tagger"  # its sample events and its standardization are used
HIDDEN = (64, 32, 32)
BETAS = {"large": 5e-7, "medium": 3e-6, "small": 1.5e-5}  # what one EBOP costs in the loss, in the end
WARM_UP = 20  # epochs until that


def network():
    """Dense 16-64-32-32-5 with relu; every weight and every value has bits of its own."""
    layers = [keras.layers.Input((16,), name="features")]
    for index, units in enumerate(HIDDEN, 1):
        layers.append(QDense(units, activation="relu", beta0=1e-8, name=f"fc{index}"))
    layers.append(QDense(len(CLASSES), beta0=1e-8, name="output"))
    return keras.Sequential(layers, name="jet_tagger_hgq")


def standardized(jets):
    """Events as the other jet taggers see them, with their labels, per split."""
    content = json.loads((TAGGER / "standardization.json").read_text())
    mean, deviation = np.array(content["mean"]), np.array(content["std"])
    return {
        name: (numerics.to_grid((columns["features"] - mean) / deviation), columns["label"].astype("int64"))
        for name, columns in jets.items()
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder of simulate_jets")
    parser.add_argument("--epochs", type=int, default=120)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()

    splits = standardized(data.load_jets(options.data, ("features", "label")))
    events, labels = np.load(TAGGER / "events.npy"), np.load(TAGGER / "labels.npy")
    print({name: len(y) for name, (_, y) in splits.items()})
    rows = {}
    for name, beta in BETAS.items():
        keras.utils.set_random_seed(options.seed)
        model = network()
        ebops = hgq.train(model, beta, splits, options.epochs, rate=3e-3, share=1 / 30, batch=256, warm_up=WARM_UP)
        hgq.save(model, HERE / f"{name}.keras")
        np.save(HERE / f"outputs_{name}.npy", model.predict(events, batch_size=500, verbose=0))
        logits = model.predict(splits["test"][0], batch_size=500, verbose=0)
        sample = np.load(HERE / f"outputs_{name}.npy")
        rows[name] = {
            "EBOPs": float(ebops), **report.classification(scipy.special.softmax(logits, 1), splits["test"][1], CLASSES),
            "sample": float((sample.argmax(1) == labels).mean()),
        }
        print(report.markdown(rows), flush=True)


if __name__ == "__main__":
    main()
