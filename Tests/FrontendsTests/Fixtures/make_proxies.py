"""Proxy models as HGQ (version 1) writes them for hls4ml, small, and some with faults.

    pip install h5py numpy; python make_proxies.py

Layers and variables are those of HGQ's FixedPointQuantizer (hls4ml 1.3.0 reads them: converters/keras/hgq_proxy_model.py).
"""

import copy
import json
import os

import h5py
import numpy as np

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "proxies")


def layer(class_name, name, before, **config):
    config = {"name": name, "trainable": False, "dtype": "float32", **config}
    return {"class_name": class_name, "config": config, "name": name, "inbound_nodes": [[[before, 0, 0, {}]]] if before else []}


def quantizer(name, before, shape, rounding, overflow):
    return layer("FixedPointQuantizer", name, before, RND=rounding, SAT=overflow, shape=shape, overrides={"layers": {}}, fusible=len(shape) == 1)


LAYERS = [
    layer("InputLayer", "x", None, batch_input_shape=[None, 4], sparse=False, ragged=False),
    quantizer("q", "x", [1, 4], "RND", "WRAP"),
    layer("Dense", "d", "q", units=3, activation="linear", use_bias=True),
    quantizer("dq", "d", [1], "TRN", "SAT"),
    layer("Activation", "r", "dq", activation="relu"),
    quantizer("rq", "r", [1, 3], "RND_CONV", "SAT_SYM"),
]
VARIABLES = {
    "q": {"keep_negative": [[1, 0, 1, 1]], "bits": [[5, 3, 0, 4]], "integers": [[3, 4, 2, -1]]},
    "d": {"kernel": [[0.5, -1, 0.25], [1, 0, -0.75], [2, 2, 2], [-1, 0.5, 1]], "bias": [0.5, 0, -0.25]},
    "dq": {"keep_negative": [1], "bits": [9], "integers": [5]},
    "rq": {"keep_negative": [[0, 1, 0]], "bits": [[4, 6, 0]], "integers": [[2, 3, 0]]},
}


def write(name, layers=LAYERS, variables=VARIABLES):
    config = {"name": name, "trainable": True, "layers": layers, "input_layers": [["x", 0, 0]], "output_layers": [["rq", 0, 0]]}
    with h5py.File(os.path.join(FOLDER, name + ".h5"), "w") as file:
        file.attrs["model_config"] = json.dumps({"class_name": "Functional", "config": config})
        file.attrs["keras_version"] = "2.13.1"
        file.attrs["backend"] = "tensorflow"
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = [entry["name"].encode() for entry in layers]
        weights.attrs["keras_version"] = b"2.13.1"
        for entry in layers:
            group = weights.create_group(entry["name"])
            own = variables.get(entry["name"], {})
            prefix = "d/" if entry["name"] == "d" else ""
            group.attrs["weight_names"] = [f"{prefix}{key}:0".encode() for key in own]
            for key, value in own.items():
                group[f"{prefix}{key}:0"] = np.array(value, np.float32 if prefix else np.int8)


def changed(index, **settings):
    layers = copy.deepcopy(LAYERS)
    layers[index]["config"].update(settings)
    return layers


os.makedirs(FOLDER, exist_ok=True)
write("proxy")
write("bad_mode", changed(1, SAT="CLIP"))
write("bad_shape", changed(1, shape=[1, 3]), {**VARIABLES, "q": {k: [v[0][:3]] for k, v in VARIABLES["q"].items()}})
write("bad_bits", variables={**VARIABLES, "rq": {**VARIABLES["rq"], "bits": [[4, -6, 0]]}})
layers = copy.deepcopy(LAYERS)
layers[2]["class_name"] = "HGQ>HDense"
write("not_a_proxy", layers)
