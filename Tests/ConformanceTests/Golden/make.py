#!/usr/bin/env python3
"""Makes Triggerfish's own golden cases: small networks, run through hls4ml's C simulation.

    python3 -m venv venv && venv/bin/pip install -r requirements.txt
    venv/bin/python make.py [name ...]

Every case is a folder in the layout of case.json: model.json + model_weights.h5, the hls4ml configuration,
inputs and the exact output words of hls4ml's csim, the framework's own output, and every layer's words for
the first events. Everything is seeded; a second run writes the same numbers.
"""

import json
import os
import shutil
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import hls4ml  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from qkeras import (  # noqa: E402
    QActivation,
    QBatchNormalization,
    QDense,
    binary,
    quantized_bits,
    quantized_relu,
    quantized_tanh,
    ternary,
)

HERE = os.path.dirname(os.path.abspath(__file__))
EVENTS = 60
TRACED = 10
layers = tf.keras.layers


def dense(activation, alpha=None):
    """8 → 6 → 4 with one activation between and after."""
    x = layers.Input((8,), name="x")
    y = layers.Dense(6, activation=activation, name="d1")(x)
    y = layers.Dense(4, activation=activation, name="d2")(y)
    return tf.keras.Model(x, y)


def activation_layer(make):
    """8 → 6, then an activation that is a layer of its own."""
    x = layers.Input((8,), name="x")
    y = make()(layers.Dense(6, name="d1")(x))
    return tf.keras.Model(x, y)


def merge(make):
    """Two dense branches of one input, merged."""
    a = layers.Input((5,), name="a")
    b = layers.Input((5,), name="b")
    return tf.keras.Model([a, b], make()([layers.Dense(4, name="d1")(a), layers.Dense(4, name="d2")(b)]))


def normalized():
    """Dense, batch normalization, relu, dense, softmax."""
    x = layers.Input((8,), name="x")
    y = layers.Dense(6, use_bias=False, name="d1")(x)
    y = layers.BatchNormalization(name="bn")(y)
    y = layers.Activation("relu", name="r")(y)
    y = layers.Dense(4, name="d2")(y)
    return tf.keras.Model(x, layers.Activation("softmax", name="s")(y))


def quantized(bits, integer=0, activation="quantized_relu", **scale):
    """A QKeras network in the style of the jet tagger."""
    x = layers.Input((8,), name="x")
    kernel = dict(
        kernel_quantizer=quantized_bits(bits, integer, **scale), bias_quantizer=quantized_bits(bits, integer, alpha=1)
    )
    between = {
        "quantized_relu": quantized_relu(bits),
        "quantized_bits": quantized_bits(bits, 1, alpha=1),
        "quantized_tanh": quantized_tanh(bits),
    }[activation]
    y = QActivation(between, name="q1")(QDense(6, name="d1", **kernel)(x))
    y = QDense(4, name="d2", **kernel)(y)
    return tf.keras.Model(x, layers.Activation("softmax", name="s")(y))


def signs(quantizer):
    """Binary or ternary kernels."""
    x = layers.Input((8,), name="x")
    y = QDense(6, name="d1", use_bias=False, kernel_quantizer=quantizer())(x)
    y = QActivation(quantized_relu(6, 2), name="q1")(y)
    return tf.keras.Model(x, QDense(4, name="d2", use_bias=False, kernel_quantizer=quantizer())(y))


def branches():
    """Two inputs, two outputs, reshapes between."""
    a = layers.Input((4,), name="a")
    b = layers.Input((2, 2), name="b")
    y = layers.Concatenate(name="c")([a, layers.Flatten(name="f")(b)])
    y = layers.Dense(6, activation="relu", name="d1")(y)
    z = layers.Dense(3, activation="tanh", name="d2")(y)
    return tf.keras.Model([a, b], [layers.Dense(2, name="d3")(y), z])


def nested():
    """A model inside a model."""
    inner = tf.keras.Sequential([layers.Input((6,)), layers.Dense(5, activation="relu", name="i1")], name="inner")
    x = layers.Input((8,), name="x")
    return tf.keras.Model(x, layers.Dense(3, name="d2")(inner(layers.Dense(6, name="d1")(x))))


FLAT = {"flat": "ap_fixed<16,6>"}
SATURATING = {"flat": "ap_fixed<12,4,AP_RND_CONV,AP_SAT>"}
CASES = {
    **{
        f"act_{name}": (lambda name=name: dense(name), FLAT)
        for name in ["relu", "relu6", "sigmoid", "tanh", "softplus", "softsign", "elu", "selu", "hard_sigmoid"]
    },
    "act_softmax": (lambda: dense("softmax"), FLAT),
    "act_tanh_auto": (lambda: dense("tanh"), {}),
    "layer_leaky_relu": (lambda: activation_layer(lambda: layers.LeakyReLU(0.3, name="l")), FLAT),
    "layer_prelu": (lambda: activation_layer(lambda: layers.PReLU(name="l", alpha_initializer="uniform")), FLAT),
    "layer_elu": (lambda: activation_layer(lambda: layers.ELU(0.7, name="l")), FLAT),
    "layer_thresholded_relu": (lambda: activation_layer(lambda: layers.ThresholdedReLU(0.5, name="l")), FLAT),
    "merge_add": (lambda: merge(lambda: layers.Add(name="m")), FLAT),
    "merge_subtract_auto": (lambda: merge(lambda: layers.Subtract(name="m")), {}),
    "merge_multiply": (lambda: merge(lambda: layers.Multiply(name="m")), FLAT),
    "merge_average": (lambda: merge(lambda: layers.Average(name="m")), FLAT),
    "merge_maximum": (lambda: merge(lambda: layers.Maximum(name="m")), FLAT),
    "merge_minimum_auto": (lambda: merge(lambda: layers.Minimum(name="m")), {}),
    "merge_dot": (lambda: merge(lambda: layers.Dot(axes=1, name="m")), FLAT),
    "bn_auto": (normalized, {}),
    "bn_flat": (normalized, FLAT),
    "bn_saturating": (normalized, SATURATING),
    "resource_saturating": (lambda: dense("relu"), {**SATURATING, "strategy": "Resource", "reuse": 2}),
    "branches": (branches, FLAT),
    "branches_auto": (branches, {}),
    "q6": (lambda: quantized(6, alpha=1), {}),
    "q4_resource": (lambda: quantized(4, alpha=1), {"strategy": "Resource", "reuse": 4}),
    "q8_integer": (lambda: quantized(8, 2, activation="quantized_bits", alpha=1), {}),
    "q6_auto_po2": (lambda: quantized(6, alpha="auto_po2"), {}),
    "q6_auto": (lambda: quantized(6, alpha="auto"), {}),
    "q6_tanh": (lambda: quantized(6, activation="quantized_tanh", alpha=1), {}),
    "binary": (lambda: signs(lambda: binary(alpha=1)), {}),
    "ternary": (lambda: signs(lambda: ternary(alpha=1)), {}),
}


def configuration(model, options):
    """hls4ml's configuration of one case, every layer traced."""
    backend = dict(backend="Vitis")
    config = hls4ml.utils.config_from_keras_model(model, granularity="name", **backend)
    config["Model"]["Strategy"] = options.get("strategy", "Latency")
    config["Model"]["ReuseFactor"] = options.get("reuse", 1)
    for layer in config["LayerName"].values():
        layer["Trace"] = True
        if "ReuseFactor" in layer:
            layer["ReuseFactor"] = options.get("reuse", 1)
        if "flat" in options:
            for tensor in list(layer["Precision"]):
                if tensor in ("result", "weight", "bias", "accum"):
                    layer["Precision"][tensor] = options["flat"]
    return config


def events(rng, shape, stress):
    """Inputs on float32: bell-shaped, or with words at and beyond the ends of ap_fixed<16,6>."""
    if not stress:
        return rng.normal(0, 1.2, (EVENTS, *shape)).astype(np.float32)
    edges = np.array([-40, -32, -31.9995, -1 / 1024, -1 / 4096, 0, 1 / 4096, 1 / 1024, 31.9995, 32, 40])
    return rng.choice(np.concatenate([edges, rng.normal(0, 6, 30)]), (EVENTS // 4, *shape)).astype(np.float32)


def make(name, build, options):
    """Writes one case."""
    seed = int.from_bytes(name.encode(), "little") % (2**31)
    tf.keras.backend.clear_session()
    tf.keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    model = build()
    # Untrained weights, made lively: biases, and batch normalizations that do something.
    for weight in model.weights:
        value = weight.numpy()
        if "bias" in weight.name or "beta" in weight.name or "moving_mean" in weight.name:
            value = rng.normal(0, 0.3, value.shape)
        elif "gamma" in weight.name or "moving_variance" in weight.name:
            value = rng.uniform(0.5, 1.5, value.shape)
        weight.assign(value.astype(np.float32))
    folder = os.path.join(HERE, name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    config = configuration(model, options)
    case = {"model": "model.json", "weights": "model_weights.h5", "config": "config.json", "hls4ml": hls4ml.__version__}
    with open(os.path.join(folder, "model.json"), "w") as file:
        json.dump(json.loads(model.to_json()), file, separators=(",", ":"))
    model.save_weights(os.path.join(folder, "model_weights.h5"))
    with tempfile.TemporaryDirectory() as build_folder:
        hls = hls4ml.converters.convert_from_keras_model(
            model, hls_config=config, output_dir=build_folder, backend="Vitis", io_type="io_parallel"
        )
        hls.compile()
        whole = {
            "Backend": "Vitis", "Part": "xcvu13p-flga2577-2-e", "ClockPeriod": 5, "IOType": "io_parallel",
            "HLSConfig": config,
        }
        with open(os.path.join(folder, "config.json"), "w") as file:
            json.dump(whole, file, indent=1, default=str)
        for kind in ["", "stress_"]:
            inputs = [events(rng, tensor.shape[1:], bool(kind)) for tensor in model.inputs]
            # float64 in gives float64 out; float32 would round words of more than 24 bits.
            exact = [np.ascontiguousarray(x, np.float64) for x in inputs]
            outputs = hls.predict(exact if len(exact) > 1 else exact[0])
            outputs = outputs if isinstance(outputs, list) else [outputs]
            floats = model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
            floats = floats if isinstance(floats, list) else [floats]
            suffix = "_stress" if kind else ""
            for key, arrays in (("inputs", inputs), ("outputs", outputs), ("outputs_float", floats)):
                if kind and key == "outputs_float":
                    continue
                names = [
                    f"{key}{index if len(arrays) > 1 else ''}{suffix}.npy" for index in range(len(arrays))
                ]
                case[kind + key] = names
                for file_name, array in zip(names, arrays):
                    if key == "outputs":
                        array = np.asarray(array, np.float64).reshape(len(inputs[0]), -1)
                    np.save(os.path.join(folder, file_name), array)
            if not kind:
                first = [x[:TRACED] for x in exact]
                _, trace = hls.trace(first if len(first) > 1 else first[0])
                case["trace"] = "trace.npz"
                np.savez_compressed(
                    os.path.join(folder, "trace.npz"), **{k: np.asarray(v, np.float64) for k, v in trace.items()}
                )
    case["io_type"] = "io_parallel"
    case["layers"] = [layer.class_name for layer in hls.get_layers()]
    with open(os.path.join(folder, "case.json"), "w") as file:
        json.dump(case, file, indent=1)
        file.write("\n")


def demo(name, stem, config_file):
    """The case of a model under models/: its own files, its sample events, hls4ml's answers to them."""
    import qkeras
    import yaml

    source = os.path.join(HERE, "..", "..", "..", "models", name)
    folder = os.path.join(HERE, f"{name}_{os.path.splitext(config_file)[0]}")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    with open(os.path.join(source, f"{stem}.json")) as file:
        custom = {}
        qkeras.utils._add_supported_quantized_objects(custom)
        model = tf.keras.models.model_from_json(file.read(), custom_objects=custom)
    model.load_weights(os.path.join(source, f"{stem}_weights.h5"))
    with open(os.path.join(source, config_file)) as file:
        config = yaml.safe_load(file)
    for layer in config["HLSConfig"]["LayerName"].values():
        layer["Trace"] = True
    inputs = np.load(os.path.join(source, "events.npy"))
    with tempfile.TemporaryDirectory() as build_folder:
        hls = hls4ml.converters.convert_from_keras_model(
            model, hls_config=config["HLSConfig"], output_dir=build_folder, backend="Vitis", io_type=config["IOType"]
        )
        hls.compile()
        outputs = hls.predict(np.ascontiguousarray(inputs, np.float64))
        np.save(os.path.join(folder, "outputs.npy"), np.asarray(outputs, np.float64).reshape(len(inputs), -1))
        _, trace = hls.trace(np.ascontiguousarray(inputs[:TRACED], np.float64))
        np.savez_compressed(
            os.path.join(folder, "trace.npz"), **{k: np.asarray(v, np.float64) for k, v in trace.items()}
        )
    to_model = os.path.join("..", "..", "..", "..", "models", name)
    case = {
        "model": os.path.join(to_model, f"{stem}.json"), "weights": os.path.join(to_model, f"{stem}_weights.h5"),
        "config": os.path.join(to_model, config_file), "inputs": [os.path.join(to_model, "events.npy")],
        "outputs": ["outputs.npy"], "trace": "trace.npz", "hls4ml": hls4ml.__version__, "io_type": config["IOType"],
        "layers": [layer.class_name for layer in hls.get_layers()],
    }
    with open(os.path.join(folder, "case.json"), "w") as file:
        json.dump(case, file, indent=1)
        file.write("\n")


DEMOS = {"jet_tagger": ("jet_tagger", "jet_tagger", "hls.yml")}


def main():
    wanted = sys.argv[1:] or list(CASES) + list(DEMOS)
    for name in wanted:
        print(name, flush=True)
        try:
            if name in DEMOS:
                demo(*DEMOS[name])
            else:
                make(name, *CASES[name])
        except Exception as error:  # hls4ml refuses some networks; the case is left out and named
            print(f"  left out: {type(error).__name__}: {error}", flush=True)
            shutil.rmtree(os.path.join(HERE, name), ignore_errors=True)


if __name__ == "__main__":
    main()
