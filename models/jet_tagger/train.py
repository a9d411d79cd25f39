"""Train the jet tagger, float and 6-bit, and write everything in this folder that is not written by hand.

    python -m jet_tagger.train --data DATA
"""

import argparse
import json
import pathlib

import numpy as np
import tensorflow as tf
from qkeras import QActivation, QDense, quantized_bits
from tensorflow.keras.layers import Activation, Dense, Input
from tensorflow.keras.regularizers import l1

from simulation.jets import CLASSES
from simulation.substructure import FEATURES
from training import artifacts, data, numerics, report

HERE = pathlib.Path(__file__).resolve().parent
HIDDEN = (64, 32, 32)
BITS = 6
SAMPLE_PER_CLASS = 400


def float_model():
    """Dense 16-64-32-32-5 with relu and softmax."""
    layers = [Input((len(FEATURES),), name="fc1_input")]
    for index, units in enumerate(HIDDEN, 1):
        layers.append(Dense(units, kernel_initializer="lecun_uniform", name=f"fc{index}"))
        layers.append(Activation("relu", name=f"relu{index}"))
    layers += [Dense(len(CLASSES), name="output"), Activation("softmax", name="softmax")]
    return tf.keras.Sequential(layers, name="jet_tagger_float")


def _quantized_dense(units, name):
    return QDense(
        units,
        kernel_quantizer=quantized_bits(BITS, 0, alpha=1),
        bias_quantizer=quantized_bits(BITS, 0, alpha=1),
        kernel_initializer="lecun_uniform",
        kernel_regularizer=l1(1e-5),
        name=name,
    )


def quantized_model():
    """The same network with 6-bit weights, biases and activations.

    The activations are given by their text: Keras 2.15 cannot read back a QActivation saved with an object.
    """
    layers = [Input((len(FEATURES),), name="fc1_input")]
    for index, units in enumerate(HIDDEN, 1):
        layers.append(_quantized_dense(units, f"fc{index}"))
        layers.append(QActivation(f"quantized_relu({BITS})", name=f"relu{index}"))
    layers += [_quantized_dense(len(CLASSES), "output"), Activation("softmax", name="softmax")]
    return tf.keras.Sequential(layers, name="jet_tagger")


def standardized(jets):
    """Events on the input grid with their labels, per split, and the mean and deviation used."""
    mean = jets["train"]["features"].mean(0, dtype=np.float64)
    deviation = jets["train"]["features"].std(0, dtype=np.float64)
    splits = {
        name: (numerics.to_grid((columns["features"] - mean) / deviation), columns["label"])
        for name, columns in jets.items()
    }
    return splits, mean, deviation


def write_standardization(mean, deviation):
    """standardization.json: how raw features become network inputs, and the order of the classes."""
    content = {
        "features": list(FEATURES),
        "mean": [float(x) for x in mean],
        "std": [float(x) for x in deviation],
        "classes": list(CLASSES),
    }
    (HERE / "standardization.json").write_text(json.dumps(content, indent=2) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder of simulate_jets")
    parser.add_argument("--epochs", type=int, default=80, help="at most this many")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()

    artifacts.fix_seeds(options.seed)
    splits, mean, deviation = standardized(data.load_jets(options.data, ("features", "label")))
    write_standardization(mean, deviation)

    network, quantized = float_model(), quantized_model()
    epochs = {
        name: artifacts.fit_classifier(model, splits, options.epochs)
        for name, model in (("float", network), ("6 bits", quantized))
    }
    artifacts.save_model(network, HERE, "jet_tagger_float")
    artifacts.save_model(quantized, HERE, "jet_tagger")
    artifacts.write_hls_configuration(HERE / "hls.yml", artifacts.hls_configuration(quantized, "jet_tagger"))

    events, labels = splits["test"]
    chosen = data.sample_per_class(labels, SAMPLE_PER_CLASS, options.seed)
    artifacts.write_samples(HERE, events[chosen], labels[chosen], network, quantized)

    print({name: len(y) for name, (_, y) in splits.items()}, "epochs", epochs)
    report.print_comparison({"float": network, "6 bits": quantized}, events, labels, CLASSES)


if __name__ == "__main__":
    main()
