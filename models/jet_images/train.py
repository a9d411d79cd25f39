"""Train the jet-image network, float and 8-bit, and write what this folder holds besides the card.

    python -m jet_images.train --data DATA
"""

import argparse
import pathlib

import numpy as np
import tensorflow as tf
from qkeras import QActivation, QConv2D, QDense, quantized_bits
from tensorflow.keras.layers import Activation, Conv2D, Dense, Flatten, Input, MaxPooling2D

from simulation.jets import CLASSES
from simulation.substructure import IMAGE_SIZE
from training import artifacts, data, numerics, report

HERE = pathlib.Path(__file__).resolve().parent
BITS, INTEGER = 8, 1  # weights in (-2, 2)
FILTERS = (8, 16)
HIDDEN = 32
SAMPLE_PER_CLASS = 200


def pixels(images):
    """Network input from GeV per cell: log2(1 + pT) / 8 on the input grid, [n, 16, 16, 1]."""
    scaled = np.log2(1 + images.astype(np.float64)) / 8
    return numerics.to_grid(scaled)[..., None]


def with_mirror_images(images, labels):
    """Twice the jets: as they are, and mirrored in eta, in phi or in both, a third each."""
    mirrored = images.copy()
    mirrored[0::3] = images[0::3, ::-1, :]
    mirrored[1::3] = images[1::3, :, ::-1]
    mirrored[2::3] = images[2::3, ::-1, ::-1]
    return np.concatenate([images, mirrored]), np.concatenate([labels, labels])


def _quantizers():
    return {
        "kernel_quantizer": quantized_bits(BITS, INTEGER, alpha=1),
        "bias_quantizer": quantized_bits(BITS, INTEGER, alpha=1),
    }


def _network(name, convolution, dense, activation):
    """Two blocks of convolution, activation and pooling, then two dense layers."""
    layers = [Input((IMAGE_SIZE, IMAGE_SIZE, 1), name="image")]
    for index, filters in enumerate(FILTERS, 1):
        layers += [
            convolution(filters, f"conv{index}"), activation(f"relu{index}"),
            MaxPooling2D((2, 2), name=f"pool{index}"),
        ]
    layers += [Flatten(name="flatten"), dense(HIDDEN, "fc1"), activation(f"relu{len(FILTERS) + 1}")]
    layers += [dense(len(CLASSES), "output"), Activation("softmax", name="softmax")]
    return tf.keras.Sequential(layers, name=name)


def float_model():
    return _network(
        "jet_images_float",
        lambda filters, name: Conv2D(filters, 3, padding="same", name=name),
        lambda units, name: Dense(units, name=name),
        lambda name: Activation("relu", name=name),
    )


def quantized_model():
    return _network(
        "jet_images",
        lambda filters, name: QConv2D(filters, 3, padding="same", name=name, **_quantizers()),
        lambda units, name: QDense(units, name=name, **_quantizers()),
        lambda name: QActivation(f"quantized_relu({BITS},{INTEGER + 1})", name=name),
    )


def sharpen_softmax(config):
    """Give the softmax's tables a range that fits.

    By default the scores keep the many integer bits of the accumulator, and the table of exponentials is
    addressed by the uppermost bits of a difference of two: its steps would be as large as the differences.
    """
    for layer in ("output", "output_linear"):
        config["LayerName"][layer]["Precision"]["result"] = "fixed<17,5,RND,SAT>"
    config["LayerName"]["softmax"]["TableSize"] = 4096


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder of simulate_jets")
    parser.add_argument("--epochs", type=int, default=24, help="at most this many")
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args()

    artifacts.fix_seeds(options.seed)
    jets = data.load_jets(options.data, ("images", "label"))
    splits = {name: (pixels(columns["images"]), columns["label"]) for name, columns in jets.items()}
    splits["train"] = with_mirror_images(*splits["train"])

    network, quantized = float_model(), quantized_model()
    epochs = {
        name: artifacts.fit_classifier(model, splits, options.epochs)
        for name, model in (("float", network), ("8 bits", quantized))
    }
    artifacts.save_model(network, HERE, "jet_images_float")
    artifacts.save_model(quantized, HERE, "jet_images")
    for file, io_type in (("hls.yml", "io_parallel"), ("hls_stream.yml", "io_stream")):
        artifacts.write_hls_configuration(
            HERE / file, artifacts.hls_configuration(quantized, "jet_images", io_type, sharpen_softmax)
        )

    events, labels = splits["test"]
    chosen = data.sample_per_class(labels, SAMPLE_PER_CLASS, options.seed)
    artifacts.write_samples(HERE, events[chosen], labels[chosen], network, quantized)
    print("parameters", quantized.count_params(), "epochs", epochs)
    report.print_comparison({"float": network, "8 bits": quantized}, events, labels, CLASSES)


if __name__ == "__main__":
    main()
