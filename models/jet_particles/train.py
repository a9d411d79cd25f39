"""Train two taggers of jets on their sixteen hardest particles with HGQ2, bits per element, and write their files and the sample events.

    python -m jet_particles.train --data DATA
"""

import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import argparse
import pathlib

from simulation.jets import CLASSES  # Pythia's library has to be loaded before TensorFlow's
from simulation.substructure import CONSTITUENTS

import keras
import numpy as np
import scipy.special
from hgq.config import LayerConfigScope, QuantizerConfigScope
from hgq.layers import QAdd, QDense, QEinsumDenseBatchnorm, QMeanPow2, QMultiHeadAttention

from training import data, hgq, numerics, report

HERE = pathlib.Path(__file__).resolve().parent
SAMPLE_PER_CLASS = 100
WARM_UP = 10  # epochs until the cost of an EBOP has its last value
SCALE = np.array([8, 0.25, 4, 4])  # of the share of the pT, its logarithm and the distances from the axis


def jedi_linear():
    """JEDI-linear (arXiv:2508.15468): what all particles together say is added to every one; no pair is looked at."""
    x = particles = keras.layers.Input((CONSTITUENTS, len(SCALE)), name="particles")
    shape = lambda units: (CONSTITUENTS, units)
    x = QEinsumDenseBatchnorm("bnc,cd->bnd", shape(16), bias_axes="d", activation="relu", name="embed")(x)
    own = QEinsumDenseBatchnorm("bnc,cd->bnd", shape(16), bias_axes="d", name="own")(x)
    mean = QMeanPow2(axes=1, keepdims=True, name="mean")(x)
    others = QEinsumDenseBatchnorm("bnc,cd->bnd", (1, 16), bias_axes="d", name="others")(mean)
    x = QAdd(name="interaction")([own, others])
    x = keras.layers.ReLU(name="relu")(x)
    x = QEinsumDenseBatchnorm("bnc,cd->bnd", shape(16), bias_axes="d", activation="relu", name="node")(x)
    x = QMeanPow2(axes=1, name="pool")(x)
    x = QDense(16, activation="relu", name="hidden")(x)
    return keras.Model(particles, QDense(len(CLASSES), name="output")(x), name="jedi_linear")


def transformer():
    """One block of attention, two heads of four, and one of dense layers, each added to what it reads."""
    x = particles = keras.layers.Input((CONSTITUENTS, len(SCALE)), name="particles")
    shape = lambda units: (CONSTITUENTS, units)
    x = QEinsumDenseBatchnorm("bnc,cd->bnd", shape(8), bias_axes="d", activation="relu", name="embed")(x)
    mixed = QMultiHeadAttention(2, 4, name="attention")(x, x)
    x = QAdd(name="after_attention")([x, mixed])
    wide = QEinsumDenseBatchnorm("bnc,cd->bnd", shape(16), bias_axes="d", activation="relu", name="wide")(x)
    back = QEinsumDenseBatchnorm("bnc,cd->bnd", shape(8), bias_axes="d", name="narrow")(wide)
    x = QAdd(name="after_dense")([x, back])
    x = QMeanPow2(axes=1, name="pool")(x)
    x = QDense(16, activation="relu", name="hidden")(x)
    return keras.Model(particles, QDense(len(CLASSES), name="output")(x), name="transformer")


MODELS = {"jedi_linear": (jedi_linear, 1e-5), "transformer": (transformer, 1e-5)}


def prepared(jets):
    """Events as multiples of 2^-10, with their labels, per split."""
    return {
        name: (numerics.to_grid(columns["constituents"] * SCALE), columns["label"].astype("int64"))
        for name, columns in jets.items()
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder of simulate_jets")
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()

    splits = prepared(data.load_jets(options.data, ("constituents", "label")))
    print({name: len(y) for name, (_, y) in splits.items()})
    chosen = data.sample_per_class(splits["test"][1], SAMPLE_PER_CLASS, seed=11)
    events, labels = (array[chosen] for array in splits["test"])
    np.save(HERE / "events.npy", events.astype("float32"))
    np.save(HERE / "labels.npy", labels.astype("int8"))
    rows = {}
    for name, (network, beta) in MODELS.items():
        keras.utils.set_random_seed(options.seed)
        with (
            QuantizerConfigScope(place="all", overflow_mode="SAT_SYM", f0=5, i0=2),
            QuantizerConfigScope(place="datalane", overflow_mode="WRAP", f0=5, i0=3),
            LayerConfigScope(beta0=1e-8, enable_ebops=True),
        ):
            model = network()
        ebops = hgq.train(model, beta, splits, options.epochs, rate=5e-3, share=1 / 50, batch=64, warm_up=WARM_UP)
        hgq.save(model, HERE / f"{name}.keras")
        sample = model.predict(events, batch_size=500, verbose=0)
        np.save(HERE / f"outputs_{name}.npy", sample)
        logits = model.predict(splits["test"][0], batch_size=500, verbose=0)
        rows[name] = {
            "EBOPs": float(ebops), **report.classification(scipy.special.softmax(logits, 1), splits["test"][1], CLASSES),
            "sample": float((sample.argmax(1) == labels).mean()),
        }
        print(report.markdown(rows), flush=True)


if __name__ == "__main__":
    main()
