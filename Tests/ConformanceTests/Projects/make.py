"""Makes the projects beside this file: small seeded networks as hls4ml's releases write them, with what their own C++ computes.

One run makes the cases of one release, whose package must be first on the path:

    python3 -m venv venv && venv/bin/pip install -r requirements.txt
    for v in 0.5.0 0.6.0 0.8.1 1.0.0 1.2.0 1.3.0; do venv/bin/pip install --no-deps --target hls4ml-$v hls4ml==$v; done
    for v in 0.6.0 0.8.1 1.0.0 1.3.0; do PYTHONPATH=hls4ml-$v venv/bin/python make.py; done
    for c in mlp mlp_stream conv2d; do PYTHONPATH=hls4ml-0.5.0 venv/bin/python make.py $c; done
    PYTHONPATH=hls4ml-1.2.0 venv/bin/python make.py mlp

Arguments name single cases. A case is a folder `<release>_<case>`: `firmware/` without the kernels of hls4ml (but for those
headers that decide which behaviour a kernel has), `project.tcl` where there is one, `inputs*.npy` (float32), `outputs*.npy` (float64, exact: what the
project's own C++ answers under g++, called with doubles).
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile

import numpy as np

for name, kind in (("int", int), ("float", float), ("bool", bool), ("object", object)):
    if name not in np.__dict__:
        setattr(np, name, kind)  # hls4ml 0.6.0 uses names numpy dropped

import hls4ml
import tensorflow as tf
from tensorflow.keras import layers, models

HERE = os.path.dirname(os.path.abspath(__file__))
EVENTS = 40
RELEASE = os.path.basename(next(p for p in sys.path if "hls4ml-" in p)).split("-")[-1]
NEW = tuple(int(x) for x in RELEASE.split("."))


def model(build, *shapes):
    inputs = [layers.Input(shape, name=f"in{i + 1}") for i, shape in enumerate(shapes)]
    return models.Model(inputs, build(*inputs))


def mlp():
    def build(x):
        x = layers.Dense(8, name="fc1")(x)
        x = layers.BatchNormalization(name="bn")(x)
        x = layers.Activation("relu", name="relu1")(x)
        x = layers.Dense(6, name="fc2", use_bias=False)(x)
        x = layers.Activation("tanh", name="tanh2")(x)
        x = layers.Dense(6, name="fc3")(x)
        x = layers.Activation("sigmoid", name="sigmoid3")(x)
        x = layers.Dense(5, name="fc4")(x)
        return layers.Activation("softmax", name="softmax4")(x)

    return model(build, (10,))


def sums():
    def build(x):
        x = layers.Dense(8, name="fc1", activation="relu")(x)
        return layers.Dense(5, name="fc2")(x)

    return model(build, (12,))


def conv2d():
    def build(x):
        x = layers.Conv2D(3, (3, 3), padding="same", name="conv1")(x)
        x = layers.Activation("relu", name="relu1")(x)
        x = layers.MaxPooling2D((2, 2), name="pool1")(x)
        x = layers.Conv2D(4, (3, 2), strides=(1, 1), padding="valid", name="conv2")(x)
        x = layers.Activation("relu", name="relu2")(x)
        x = layers.Flatten(name="flat")(x)
        return layers.Dense(3, name="fc")(x)

    return model(build, (8, 8, 2))


def strided():
    def build(x):
        x = layers.Conv2D(3, (3, 3), strides=(2, 2), padding="same", name="conv1")(x)
        x = layers.ZeroPadding2D(((1, 0), (0, 1)), name="zeros")(x)
        x = layers.Conv2D(2, (1, 1), name="point")(x)
        x = layers.UpSampling2D((2, 2), name="up")(x)
        x = layers.Permute((2, 1, 3), name="permute")(x)
        x = layers.Reshape((-1, 2), name="reshape")(x)
        return layers.Activation("relu", name="relu")(x)

    return model(build, (7, 9, 2))


def conv1d():
    def build(x):
        x = layers.Conv1D(4, 3, padding="same", name="conv1")(x)
        x = layers.Activation("relu", name="relu1")(x)
        x = layers.MaxPooling1D(2, name="pool1")(x)
        x = layers.Conv1D(3, 1, name="point")(x)
        x = layers.GlobalMaxPooling1D(name="global")(x)
        return layers.Dense(2, name="fc")(x)

    return model(build, (12, 3))


def averages():
    def build(x):
        x = layers.AveragePooling2D((2, 3), name="pool1")(x)
        return layers.GlobalAveragePooling2D(name="global")(x)

    return model(build, (6, 9, 3))


def average1d():
    def build(x):
        x = layers.AveragePooling1D(3, name="pool1")(x)
        return layers.GlobalAveragePooling1D(name="global")(x)

    return model(build, (12, 3))


def activations(*names):
    def build(x):
        results = []
        for name in names:
            y = layers.Dense(6, name=f"fc_{name}")(x)
            layer = {
                "leaky": lambda: layers.LeakyReLU(0.3, name=name),
                "elu_layer": lambda: layers.ELU(0.7, name=name),
                "thresholded": lambda: layers.ThresholdedReLU(0.5, name=name),
                "prelu": lambda: layers.PReLU(alpha_initializer="uniform", name=name),
            }.get(name, lambda: layers.Activation(name, name=name))()
            results.append(layer(y))
        return results

    return lambda: model(build, (5,))


def merges():
    def build(x, y):
        a = layers.Dense(6, name="fa")(x)
        b = layers.Dense(6, name="fb")(y)
        c = layers.Add(name="add")([a, b])
        d = layers.Subtract(name="subtract")([c, b])
        e = layers.Multiply(name="multiply")([d, a])
        f = layers.Maximum(name="maximum")([e, b])
        g = layers.Minimum(name="minimum")([f, c])
        h = layers.Concatenate(name="concatenate")([g, e])
        return layers.Dense(4, name="fc")(h)

    return model(build, (6,), (5,))


def more_merges():
    def build(x, y):
        a = layers.Average(name="average")([x, y])
        return layers.Dot(axes=1, name="dot")([a, y])

    return model(build, (6,), (6,))


def depthwise():
    def build(x):
        x = layers.SeparableConv2D(4, (3, 3), padding="valid", name="sep")(x)
        x = layers.Activation("relu", name="relu")(x)
        return layers.Flatten(name="flat")(x)

    return model(build, (6, 6, 2))


def signs():
    import qkeras

    def build(x):
        x = qkeras.QDense(8, kernel_quantizer=qkeras.binary(alpha=1), bias_quantizer=qkeras.quantized_bits(6, 2, alpha=1), name="fc1")(x)
        x = layers.BatchNormalization(name="bn1")(x)
        x = qkeras.QActivation(qkeras.binary(alpha=1), name="sign1")(x)
        x = qkeras.QDense(6, kernel_quantizer=qkeras.binary(alpha=1), bias_quantizer=qkeras.quantized_bits(6, 2, alpha=1), use_bias=False, name="fc2")(x)
        x = layers.BatchNormalization(name="bn2")(x)
        x = qkeras.QActivation(qkeras.ternary(alpha=1, threshold=0.5), name="sign2")(x)
        return qkeras.QDense(4, kernel_quantizer=qkeras.ternary(alpha=1, threshold=0.5), bias_quantizer=qkeras.quantized_bits(6, 2, alpha=1), name="fc3")(x)

    return model(build, (10,))


def quantized():
    import qkeras

    def build(x):
        x = qkeras.QDense(8, kernel_quantizer=qkeras.quantized_bits(6, 1, alpha=1), bias_quantizer=qkeras.quantized_bits(6, 1, alpha=1), name="fc1")(x)
        x = qkeras.QActivation(qkeras.quantized_relu(6, 2), name="relu1")(x)
        x = qkeras.QDense(4, kernel_quantizer=qkeras.quantized_po2(4, 1), bias_quantizer=qkeras.quantized_bits(6, 1, alpha=1), name="fc2")(x)
        return qkeras.QActivation(qkeras.quantized_bits(8, 3, alpha=1), name="out")(x)

    return model(build, (10,))


def embedding():
    def build(x):
        x = layers.Embedding(10, 4, name="table")(x)
        x = layers.Flatten(name="flat")(x)
        return layers.Dense(3, name="fc")(x)

    return model(build, (5,))


def rows():
    def build(x):
        x = layers.LayerNormalization(name="norm")(x)
        return layers.Activation("relu", name="relu")(x)

    return model(build, (4, 6))


def separable():
    def build(x):
        x = layers.SeparableConv2D(4, (3, 2), padding="same", name="sep")(x)
        x = layers.Activation("relu", name="relu")(x)
        return layers.GlobalMaxPooling2D(name="global")(x)

    return model(build, (6, 5, 2))


def recurrent():
    def build(x):
        x = layers.LSTM(4, return_sequences=True, name="lstm")(x)
        x = layers.GRU(3, activation="relu", return_sequences=True, name="gru")(x)
        x = layers.LSTM(3, name="last")(x)
        return layers.Dense(2, name="fc")(x)

    return model(build, (5, 6))


def bidirectional():
    def build(x):
        x = layers.Bidirectional(layers.GRU(3, return_sequences=True), name="both")(x)
        x = layers.Bidirectional(layers.LSTM(2), name="ends")(x)
        return layers.Dense(2, name="fc")(x)

    return model(build, (4, 3))


def shared_input():
    def build(x):
        a = layers.Conv2D(3, 3, padding="same", activation="relu", name="conv")(x)
        b = layers.Conv2D(3, 1, name="point")(x)
        c = layers.Add(name="add")([a, b])
        c = layers.Concatenate(name="join")([c, b])
        return layers.GlobalMaxPooling2D(name="global")(c)

    return model(build, (6, 5, 2))


def cropped():
    def build(x):
        x = layers.Cropping2D(((1, 2), (0, 1)), name="crop")(x)
        x = layers.Conv2D(2, 3, name="conv")(x)
        x = layers.Reshape((6, 4), name="rows")(x)
        x = layers.Cropping1D((2, 1), name="ends")(x)
        return layers.Flatten(name="flat")(x)

    return model(build, (8, 7, 2))


def steps():
    """A layer for every step of a series: hls4ml leaves out its activation, and its C++ of several layers in one loop does not compile."""

    def build(x):
        x = layers.TimeDistributed(layers.Dense(6, name="fc1"), name="each1")(x)
        x = layers.Activation("relu", name="relu1")(x)
        x = layers.TimeDistributed(layers.Dense(3, name="fc2", activation="softmax"), name="each2")(x)
        return layers.GRU(3, name="gru")(x)

    return model(build, (5, 4))


def steps_of_images():
    def build(x):
        x = layers.TimeDistributed(layers.Conv2D(3, 3, name="conv1"), name="each1")(x)
        x = layers.TimeDistributed(layers.MaxPooling2D(2, name="pool1"), name="each2")(x)
        x = layers.Flatten(name="flat")(x)
        return layers.Dense(3, name="fc")(x)

    return model(build, (3, 6, 6, 2))


ROUNDINGS = [
    "ap_fixed<12,5,AP_RND,AP_SAT>", "ap_fixed<11,4,AP_RND_ZERO,AP_SAT_SYM>", "ap_fixed<12,4,AP_RND_INF,AP_WRAP>",
    "ap_fixed<10,4,AP_RND_MIN_INF,AP_SAT>", "ap_fixed<12,5,AP_RND_CONV,AP_SAT>", "ap_fixed<11,4,AP_TRN_ZERO,AP_SAT_ZERO>",
]

# name: (network, options): `flat` one type for everything, `types` the result types of the layers in turn, `words` inputs that are
# whole numbers below that, `stream`, `vitis`,
# `strategy`, `reuse`, `headers` what is kept of nnet_utils, `since` the first release that can.
CASES = {
    "mlp": (mlp, {}),
    "mlp_vitis": (mlp, {"vitis": True, "since": (0, 8)}),
    "mlp_stream": (mlp, {"stream": True}),
    "mlp_roundings": (mlp, {"types": ROUNDINGS}),
    "mlp_namespace": (mlp, {"vitis": True, "namespace": "jet_tagger_v1", "since": (1, 0)}),
    "mlp_latency": (mlp, {"softmax": "latency"}),
    "mlp_auto": (mlp, {"auto": True, "vitis": True, "since": (1, 0)}),
    "mlp_unrolled": (sums, {"strategy": "resource_unrolled", "reuse": 2, "vitis": True, "since": (1, 1)}),
    "sums_saturating": (sums, {"flat": "ap_fixed<10,4,AP_RND,AP_SAT>"}),
    "sums_resource": (sums, {"flat": "ap_fixed<10,4,AP_RND,AP_SAT>", "strategy": "Resource", "reuse": 3}),
    "sums_resource_high": (sums, {"flat": "ap_fixed<10,4,AP_RND,AP_SAT>", "strategy": "Resource", "reuse": 24}),
    "conv2d": (conv2d, {}),
    "conv2d_resource": (conv2d, {"strategy": "Resource", "reuse": 3, "flat": "ap_fixed<12,5,AP_RND,AP_SAT>"}),
    "conv2d_vitis_stream": (conv2d, {"vitis": True, "stream": True, "since": (0, 8)}),
    "conv2d_stream": (conv2d, {"stream": True}),
    "strided": (strided, {"since": (0, 8)}),
    "conv1d": (conv1d, {}),
    "conv1d_stream": (conv1d, {"stream": True}),
    "averages": (averages, {"headers": ["nnet_pooling.h"]}),
    "averages_stream": (averages, {"stream": True, "headers": ["nnet_pooling_stream.h"]}),
    "average1d": (average1d, {"headers": ["nnet_pooling.h"]}),
    "activations": (activations("relu", "softplus", "softsign", "elu", "leaky", "elu_layer", "thresholded"), {}),
    "selu": (activations("selu"), {"headers": ["nnet_activation.h"]}),
    "hard": (activations("hard_sigmoid", "prelu"), {"since": (0, 8)}),
    "merges": (merges, {}),
    "merges_stream": (merges, {"stream": True}),
    "more_merges": (more_merges, {"headers": ["nnet_merge.h"]}),
    "depthwise": (depthwise, {"since": (0, 8)}),
    "depthwise_stream": (depthwise, {"stream": True, "since": (0, 8)}),
    "signs": (signs, {"headers": ["nnet_batchnorm.h"], "since": (0, 8)}),
    "quantized": (quantized, {"since": (0, 8)}),
    "embedding": (embedding, {"words": 10}),
    "embedding_stream": (embedding, {"words": 10, "stream": True}),
    "layer_norm": (rows, {"since": (1, 2)}),
    "separable_stream": (separable, {"stream": True, "since": (0, 7)}),
    "recurrent": (recurrent, {"flat": "ap_fixed<16,6>", "since": (0, 7)}),
    "recurrent_stream": (recurrent, {"flat": "ap_fixed<16,6>", "stream": True, "since": (0, 7)}),
    "recurrent_resource": (
        recurrent, {"flat": "ap_fixed<11,4,AP_RND,AP_SAT>", "strategy": "Resource", "reuse": 3, "since": (0, 7)}),
    "bidirectional": (bidirectional, {"flat": "ap_fixed<16,6>", "since": (1, 2)}),
    "bidirectional_types": (bidirectional, {"auto": True, "since": (1, 2)}),
    "shared_input_stream": (shared_input, {"stream": True}),
    "cropped": (cropped, {"since": (1, 2)}),
    "cropped_stream": (cropped, {"stream": True, "since": (1, 2)}),
    "steps": (steps, {"since": (1, 2)}),
    "steps_of_images": (steps_of_images, {"since": (1, 2)}),
    "adders": (sums, {"strategy": "distributed_arithmetic", "vitis": True, "headers": ["nnet_code_gen.h"], "since": (1, 2)}),
    "adders_rounding": (
        sums, {"strategy": "distributed_arithmetic", "vitis": True, "flat": "ap_fixed<10,4,AP_RND,AP_SAT>",
               "headers": ["nnet_code_gen.h"], "since": (1, 2)}),
}

# Weights are in headers; in these cases in text files too, as hls4ml writes them.
TEXT = ["mlp", "mlp_stream", "quantized", "hard"]
# Of 1.0.0, only what differs from 1.3.0. (It writes the slopes of a PReLU as commas without numbers: no "hard".)
OF_1_0 = [
    "mlp", "mlp_latency", "mlp_stream", "mlp_namespace", "mlp_roundings", "averages", "average1d", "selu", "more_merges",
    "merges", "conv2d_resource", "conv2d_vitis_stream", "depthwise", "strided", "recurrent",
]


def configuration(network, options):
    """hls4ml's configuration of one case: types as the case says."""
    more = {} if NEW < (1, 0) else {"backend": "Vitis" if options.get("vitis") else "Vivado"}
    config = hls4ml.utils.config_from_keras_model(network, granularity="name", **more)
    # Only layers with weights have adders.
    adders = options.get("strategy") == "distributed_arithmetic"
    config["Model"]["Strategy"] = "Latency" if adders else options.get("strategy", "Latency")
    config["Model"]["ReuseFactor"] = options.get("reuse", 1)
    types = list(options.get("types", []))
    for name, layer in config["LayerName"].items():
        if "reuse" in options:
            layer["ReuseFactor"] = options["reuse"]
        if "strategy" in options and (name in ("fc1", "fc2") or not adders):
            layer["Strategy"] = options["strategy"]
        if "softmax" in options and "softmax" in name:
            layer["Implementation"] = layer["implementation"] = options["softmax"]
        precision = layer.get("Precision")
        flat = options.get("flat", "ap_fixed<16,6>")
        if "auto" in options or precision is None:
            continue
        if not isinstance(precision, dict):
            layer["Precision"] = types.pop(0) if types else flat if "auto" in precision or "flat" in options else precision
            continue
        for tensor in list(precision):
            if tensor == "result" and types and not name.startswith("in"):
                precision[tensor] = types.pop(0)
            elif (tensor in ("result", "weight", "bias", "accum") or "_weight" in tensor or "_bias" in tensor) and ("flat" in options or "auto" in precision[tensor]):
                precision[tensor] = flat
    return config


def make(name, build, options):
    """Writes one case."""
    seed = int.from_bytes(name.encode(), "little") % (2**31)
    tf.keras.backend.clear_session()
    tf.keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    network = build()
    for weight in network.weights:
        value = weight.numpy()
        if "bias" in weight.name or "beta" in weight.name or "moving_mean" in weight.name:
            value = rng.normal(0, 0.3, value.shape)
        elif "gamma" in weight.name or "moving_variance" in weight.name:
            value = rng.uniform(0.5, 1.5, value.shape)
        weight.assign(value.astype(np.float32))
    folder = os.path.join(HERE, f"{RELEASE}_{name}")
    shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as build_folder:
        more = {"backend": "Vitis" if options.get("vitis") else "Vivado"} if NEW >= (0, 6) else {}
        if "namespace" in options:
            more["namespace"] = options["namespace"]
            more["write_weights_txt"] = False
        hls = hls4ml.converters.convert_from_keras_model(
            network, hls_config=configuration(network, options), output_dir=build_folder,
            io_type="io_stream" if options.get("stream") else "io_parallel", project_name="myproject", **more)
        hls.compile()
        inputs = [rng.normal(0, 1.2, (EVENTS, *t.shape[1:])).astype(np.float32) for t in network.inputs]
        if "words" in options:
            inputs = [rng.integers(0, options["words"], x.shape).astype(np.float32) for x in inputs]
        else:
            inputs[0][0].fill(40)
            inputs[0][1].fill(-33)
        exact = [np.ascontiguousarray(x, np.float64) for x in inputs]
        outputs = hls.predict(exact if len(exact) > 1 else exact[0])
        outputs = outputs if isinstance(outputs, list) else [outputs]
        os.makedirs(folder)
        shutil.copytree(
            os.path.join(build_folder, "firmware"), os.path.join(folder, "firmware"),
            ignore=shutil.ignore_patterns(
                "ap_types", "nnet_utils", "*.so", "ac_types", "tcl", *([] if name in TEXT else ["*.txt"])))
        for header in options.get("headers", []):
            source = os.path.join(build_folder, "firmware", "nnet_utils", header)
            if os.path.exists(source):
                os.makedirs(os.path.join(folder, "firmware", "nnet_utils"), exist_ok=True)
                shutil.copy(source, os.path.join(folder, "firmware", "nnet_utils", header))
        for file in ("project.tcl",):
            if os.path.exists(os.path.join(build_folder, file)):
                shutil.copy(os.path.join(build_folder, file), os.path.join(folder, file))
        for kind, arrays in (("inputs", inputs), ("outputs", outputs)):
            for index, array in enumerate(arrays):
                if kind == "outputs":
                    array = np.asarray(array, np.float64).reshape(EVENTS, -1)
                np.save(os.path.join(folder, f"{kind}{index if len(arrays) > 1 else ''}.npy"), array)


def main():
    if len(sys.argv) != 2:
        # A process for each: hls4ml 0.6.0 loads libraries of the same names, which a process loads only once.
        for name in sys.argv[1:] or list(CASES):
            subprocess.run([sys.executable, __file__, name])
        return
    for name in sys.argv[1:]:
        build, options = CASES[name]
        if NEW < options.get("since", (0, 0)) or (RELEASE == "1.0.0" and name not in OF_1_0):
            continue
        print(RELEASE, name, flush=True)
        try:
            make(name, build, options)
        except BaseException as error:  # a release refuses some networks; the case is left out and named
            print(f"  left out: {type(error).__name__}: {error}", flush=True)
            shutil.rmtree(os.path.join(HERE, f"{RELEASE}_{name}"), ignore_errors=True)


if __name__ == "__main__":
    main()
