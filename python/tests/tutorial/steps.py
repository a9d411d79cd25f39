#!/usr/bin/env python3
"""hls4ml's tutorial, parts 1 to 4, on models/jet_tagger: the same calls with hls4ml and with triggerfish.hls4ml.

    steps.py hls4ml OUTPUT.npz                 # in a Python that has hls4ml 1.3.0, TensorFlow and QKeras
    steps.py triggerfish.hls4ml OUTPUT.npz     # the one import changed
    steps.py --record                          # with hls4ml: writes expected.npz, configurations.json, pruned_weights.h5

`make tutorial` runs both on live Keras objects and compares every number. python/tests/test_tutorial.py compares with what
was recorded, on the stored models, in seconds and without TensorFlow.
"""

import importlib
import json
import os
import shutil
import sys
import tempfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..", "..")
JETS = os.path.join(ROOT, "models", "jet_tagger")
PART = "xcu250-figd2104-2L-e"
EVENTS = 300


class Stored:
    """A Keras 2 model that lies in files, as far as `triggerfish` asks a live one."""

    def __init__(self, model, weights):
        self._model, self._weights = model, weights

    def to_json(self):
        with open(self._model) as file:
            return file.read()

    def save_weights(self, path):
        shutil.copyfile(self._weights, path)


def stored():
    jets = os.path.join(JETS, "jet_tagger")
    return {"float": Stored(f"{jets}_float.json", f"{jets}_float_weights.h5"),
            "pruned": Stored(f"{jets}_float.json", os.path.join(HERE, "pruned_weights.h5")),
            "quantized": Stored(f"{jets}.json", f"{jets}_weights.h5")}


def live():
    """The same models in Keras; of the pruned one, the smallest three quarters of every kernel are zero."""
    import qkeras.utils
    import tensorflow as tf

    def read(model):
        objects = {}
        qkeras.utils._add_supported_quantized_objects(objects)
        with open(model._model) as file:
            made = tf.keras.models.model_from_json(file.read(), custom_objects=objects)
        made.load_weights(model._weights)
        return made

    models = {name: read(model) for name, model in stored().items() if name != "pruned"}
    pruned = read(stored()["float"])
    for weight in pruned.weights:
        values = weight.numpy()
        if values.ndim == 2:
            weight.assign(np.where(np.abs(values) < np.quantile(np.abs(values), 0.75), 0, values))
    models["pruned"] = pruned
    return models


def run(hls4ml, models, folder):
    """The four parts: every number they print or plot, and every configuration they start from."""
    X = np.ascontiguousarray(np.load(os.path.join(JETS, "events.npy"))[:EVENTS])
    numbers, configurations = {}, {}

    def noted(name, config):
        # As it is given: hls4ml writes into configurations that it converts with.
        configurations[name] = json.loads(json.dumps(config))
        return config

    def convert(model, config, name):
        return hls4ml.converters.convert_from_keras_model(
            model, hls_config=config, backend="Vitis", output_dir=os.path.join(folder, name), part=PART)

    # Part 1: getting started
    config = noted("part1", hls4ml.utils.config_from_keras_model(models["float"], granularity="model", backend="Vitis"))
    hls_model = convert(models["float"], config, "part1")
    hls_model.compile()
    numbers["part1"] = hls_model.predict(X)
    numbers["part1_one"] = hls_model.predict(X[:1])

    # Part 2: advanced configuration
    config = noted("part2", hls4ml.utils.config_from_keras_model(models["float"], granularity="name", backend="Vitis"))
    for layer in config["LayerName"].keys():
        config["LayerName"][layer]["Trace"] = True
    dense = [name for name, layer in config["LayerName"].items() if "weight" in layer["Precision"]]
    config["LayerName"][dense[0]]["Precision"]["weight"] = "ap_fixed<8,2>"
    config["LayerName"][dense[-1]]["Precision"]["result"] = "fixed<16,6,RND,SAT>"
    hls_model = convert(models["float"], config, "part2")
    hls_model.compile()
    outputs, trace = hls_model.trace(X)
    numbers["part2"] = outputs
    numbers.update({f"part2_{name}": values for name, values in trace.items()})
    config = hls4ml.utils.config_from_keras_model(models["float"], granularity="model", backend="Vitis")
    config["Model"]["ReuseFactor"] = 2
    hls_model = convert(models["float"], config, "part2_reuse")
    hls_model.compile()
    numbers["part2_reuse"] = hls_model.predict(X)

    # Part 3: compression
    config = hls4ml.utils.config_from_keras_model(models["pruned"], granularity="model", backend="Vitis")
    hls_model = convert(models["pruned"], config, "part3")
    hls_model.compile()
    numbers["part3"] = hls_model.predict(X)

    # Part 4: quantization
    config = noted("part4", hls4ml.utils.config_from_keras_model(models["quantized"], granularity="name", backend="Vitis"))
    config["LayerName"]["softmax"]["exp_table_t"] = "ap_fixed<18,8>"
    config["LayerName"]["softmax"]["inv_table_t"] = "ap_fixed<18,4>"
    hls_model = convert(models["quantized"], config, "part4")
    hls_model.compile()
    numbers["part4"] = hls_model.predict(X)
    noted("types", hls4ml.utils.config_from_keras_model(models["quantized"], granularity="type", backend="Vitis"))
    noted("no_backend", hls4ml.utils.config_from_keras_model(
        models["quantized"], granularity="name", default_precision="fixed<12,4>", default_reuse_factor=2, max_precision="fixed<20,8>"))
    return numbers, configurations


def save(path, numbers, configurations):
    np.savez_compressed(path, **numbers)
    with open(os.path.splitext(path)[0] + ".json", "w") as file:
        json.dump(configurations, file, indent=1, sort_keys=True)
        file.write("\n")


def main():
    record = sys.argv[1:] == ["--record"]
    name = "hls4ml" if record else sys.argv[1]
    models = live()
    with tempfile.TemporaryDirectory() as folder:
        numbers, configurations = run(importlib.import_module(name), models, folder)
    save(os.path.join(HERE, "expected.npz") if record else sys.argv[2], numbers, configurations)
    if record:
        models["pruned"].save_weights(os.path.join(HERE, "pruned_weights.h5"))


if __name__ == "__main__":
    main()
