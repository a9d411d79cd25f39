#!/usr/bin/env python3
"""Writes what the benchmark needs beside models/: the wide dense network, networks of sequences, particles and graphs (sequences.py),
configurations, da4ml's weights.

    models.py FOLDER
"""

import copy
import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
folder = sys.argv[1]
root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

import hls4ml  # noqa: E402
import numpy as np  # noqa: E402
import qkeras  # noqa: E402
import sequences  # noqa: E402
import tensorflow as tf  # noqa: E402

tf.keras.utils.set_random_seed(1)
layers = [tf.keras.layers.Input((16,), name="x")]
for number in range(5):
    layers.append(tf.keras.layers.Dense(200, activation="relu", name=f"fc{number + 1}"))
layers.append(tf.keras.layers.Dense(5, activation="softmax", name="output"))
wide = tf.keras.Sequential(layers, name="wide")
with open(os.path.join(folder, "wide.json"), "w") as file:
    file.write(wide.to_json())
wide.save_weights(os.path.join(folder, "wide_weights.h5"))
np.save(os.path.join(folder, "wide.npy"), np.random.default_rng(1).normal(size=(1000, 16)).astype(np.float32))


def configuration(name, settings):
    """hls4ml's own form, with what its command line would add."""
    settings["Model"]["TraceOutput"] = False
    whole = {
        "Backend": "Vitis", "Part": "xcvu13p-flga2577-2-e", "ClockPeriod": 5, "IOType": "io_parallel",
        "ProjectName": name, "HLSConfig": settings,
    }
    with open(os.path.join(folder, f"{name}.json.config"), "w") as file:
        json.dump(whole, file, default=str)
    os.replace(os.path.join(folder, f"{name}.json.config"), os.path.join(folder, f"{name}_config.json"))


# hls4ml's defaults: types by layer, inferred where they can be.
defaults = hls4ml.utils.config_from_keras_model(wide, "name", backend="Vitis", default_precision="fixed<16,6>")
configuration("wide", copy.deepcopy(defaults))
# The same with words of 8 bits between the layers.
for name, layer in defaults["LayerName"].items():
    if name.endswith("_relu"):
        layer["Precision"]["result"] = "ufixed<8,3,RND,SAT>"
    elif name.startswith("fc") or name == "output":
        layer["Precision"].update(weight="fixed<8,1>", bias="fixed<8,1>")
configuration("wide8", defaults)
configuration("flat", {"Model": {"Precision": "fixed<16,6>", "ReuseFactor": 1, "Strategy": "Latency"}})

sequences.write(folder)

# The 6-bit tagger's weights as its quantizers leave them.
custom = {}
qkeras.utils._add_supported_quantized_objects(custom)
stem = os.path.join(root, "models", "jet_tagger", "jet_tagger")
with open(stem + ".json") as file:
    tagger = tf.keras.models.model_from_json(file.read(), custom_objects=custom)
tagger.load_weights(stem + "_weights.h5")
arrays = {"bits": 6}
dense = [layer for layer in tagger.layers if hasattr(layer, "kernel_quantizer_internal")]
for number, layer in enumerate(dense):
    arrays[f"w{number}"] = np.asarray(layer.kernel_quantizer_internal(layer.kernel))
    arrays[f"b{number}"] = np.asarray(layer.bias_quantizer_internal(layer.bias))
np.savez(os.path.join(folder, "jet_tagger.npz"), **arrays)
