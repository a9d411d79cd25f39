#!/usr/bin/env python3
"""Writes a ResNet-like Keras network of 30 convolutions and dense layers on 32 × 32 × 3 images, untrained, and
configurations for both I/O types: resnet.py FOLDER."""

import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import tensorflow as tf  # noqa: E402
from tensorflow.keras import layers  # noqa: E402


def network():
    """26 convolutions in 13 blocks, a stem, 2 projections and a dense layer."""
    tf.keras.utils.set_random_seed(1)
    image = layers.Input((32, 32, 3), name="image")
    x = layers.ReLU(name="stem_relu")(layers.Conv2D(16, 3, padding="same", name="stem")(image))
    for number in range(13):
        filters = (16, 32, 64)[min(number // 5, 2)]
        stride = 2 if number in (5, 10) else 1
        y = layers.Conv2D(filters, 3, strides=stride, padding="same", name=f"block{number}_conv1")(x)
        y = layers.ReLU(name=f"block{number}_relu1")(y)
        y = layers.Conv2D(filters, 3, padding="same", name=f"block{number}_conv2")(y)
        if stride > 1:
            x = layers.Conv2D(filters, 1, strides=stride, name=f"block{number}_shortcut")(x)
        x = layers.ReLU(name=f"block{number}_relu2")(layers.Add(name=f"block{number}_add")([x, y]))
    x = layers.Dense(10, name="dense")(layers.GlobalAveragePooling2D(name="pool")(x))
    return tf.keras.Model(image, x, name="resnet30")


def main():
    stem = os.path.join(sys.argv[1], "resnet30")
    model = network()
    with open(stem + ".json", "w") as file:
        file.write(model.to_json())
    model.save_weights(stem + "_weights.h5")
    for io in ("io_parallel", "io_stream"):
        with open(f"{stem}_{io}.yml", "w") as file:
            file.write(f"Backend: Vitis\nIOType: {io}\nHLSConfig:\n  Model:\n    Precision: fixed<16,6>\n")
            file.write("    ReuseFactor: 1\n    Strategy: Latency\n")


if __name__ == "__main__":
    main()
