#!/usr/bin/env python3
"""Writes pquant/: small models of PQuant-ML with random weights and bits, events, and Keras's answers.

Run with a Python that has pquant-ml==0.1.0, hgq2==0.2.0, keras==3.15.1 and tensorflow-cpu==2.21.0:  python make_pquant.py [NAME...]

Per model NAME.keras, and NAME.npz with in0 and out0, 64 events. The answers are those of the same file loaded with every dtype
float64, so that sums are exact; but for `normalized`, whose factors PQuant has in float32, and whose results are quantized, and for
`mask_of_thresholds`, a layer of which does not run in float64 and whose sums float32 holds.
"""
import os
import sys
import tempfile
import zipfile

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import keras
import numpy as np
import pquant
from hgq.quantizer.internal import FixedPointQuantizerBase
from pquant.activations import PQActivation
from pquant.core.keras.activations import PQSoftmax
from pquant.core.keras.layers import PQMultiheadAttention, PQSeparableConv2d
from pquant.layers import (
    PQAvgPool1d, PQAvgPool2d, PQBatchNormalization, PQConv1d, PQConv2d, PQDense, PQDepthwiseConv2d,
)
from pquant.quantizer import Quantizer

EVENTS = 64
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pquant")
MODELS = {}


def model(function):
    MODELS[function.__name__] = function
    return function


def settings(pruned=False, **quantization):
    config = pquant.pdp_config()
    config.pruning_parameters.enable_pruning = pruned
    for key, value in quantization.items():
        assert hasattr(config.quantization_parameters, key), key
        setattr(config.quantization_parameters, key, value)
    return config


def data(shape, i=3.0, f=4.0):
    x = keras.layers.Input(shape)
    return x, Quantizer(k=1.0, i=i, f=f, is_data=True, granularity="per_tensor", dynamic_data=False)(x)


@model
def dense():
    c = settings(pruned=True)
    x = keras.layers.Input((6,))
    y = PQDense(c, 7, in_quant_bits=(1.0, 2.0, 5.0), name="first")(x)
    y = PQActivation(c, "relu", in_quant_bits=(1.0, 4.0, 4.0), out_quant_bits=(0.0, 2.0, 3.0), quantize_output=True)(y)
    y = PQDense(c, 4, quantize_output=True, out_quant_bits=(1.0, 4.0, 6.0), use_bias=False, name="last")(y)
    return x, y


@model
def unpruned():
    """Weights that are quantized as they are read; bits per channel, rounding and overflow of other kinds."""
    c = settings(granularity="per_channel", round_mode="RND_CONV", overflow_mode_data="WRAP", overflow_mode_parameters="SAT_SYM")
    x = keras.layers.Input((5, 3))
    y = PQConv1d(c, 4, 3, padding="same", use_bias=True, in_quant_bits=(1.0, 2.0, 4.0))(x)
    y = PQActivation(c, "hard_tanh", in_quant_bits=(1.0, 3.0, 5.0))(y)
    y = PQAvgPool1d(c, 2, in_quant_bits=(1.0, 1.0, 5.0))(y)
    y = keras.layers.Flatten()(y)
    return x, PQDense(c, 3, in_quant_bits=(1.0, 1.0, 6.0))(y)


@model
def images():
    c = settings(pruned=True, use_relu_multiplier=True)
    x = keras.layers.Input((6, 5, 2))
    y = PQConv2d(c, 3, 3, strides=2, padding="same", use_bias=True, in_quant_bits=(1.0, 2.0, 4.0))(x)
    y = PQActivation(c, "relu", in_quant_bits=(1.0, 3.0, 4.0))(y)
    y = PQDepthwiseConv2d(c, (2, 2), use_bias=True, in_quant_bits=(0.0, 2.0, 4.0))(y)
    y = PQAvgPool2d(c, (2, 1), in_quant_bits=(1.0, 3.0, 4.0), quantize_output=True, out_quant_bits=(1.0, 2.0, 6.0))(y)
    return x, keras.layers.Flatten()(y)


@model
def heterogeneous():
    c = settings(use_high_granularity_quantization=True, granularity="per_weight", overflow_mode_data="WRAP")
    x = keras.layers.Input((6,))
    y = PQDense(c, 5, in_quant_bits=(1.0, 2.0, 4.0))(x)
    y = PQActivation(c, "tanh", in_quant_bits=(1.0, 2.0, 4.0), out_quant_bits=(1.0, 0.0, 5.0), quantize_output=True)(y)
    return x, PQDense(c, 3, in_quant_bits=(1.0, 1.0, 5.0))(y)


@model
def normalized():
    c = settings(default_data_integer_bits=3.0, default_data_fractional_bits=4.0, default_data_keep_negatives=1.0)
    x = keras.layers.Input((6,))
    y = PQBatchNormalization(c)(x)
    return x, Quantizer(k=1.0, i=3.0, f=3.0, is_data=True, granularity="per_tensor", dynamic_data=False)(y)


@model
def separable():
    c = settings()
    x = keras.layers.Input((5, 6, 2))
    y = PQSeparableConv2d(c, 3, 2, strides=(1, 1), padding="same", data_format="channels_last", name="separable")(x)
    return x, keras.layers.Flatten()(y)


@model
def softmax():
    c = settings()
    x = keras.layers.Input((4, 3))
    y = PQSoftmax(c, -1, in_quant_bits=(1.0, 2.0, 4.0), exp_out_quant_bits=(0.0, 1.0, 6.0), inv_out_quant_bits=(0.0, 0.0, 8.0), name="stable")(x)
    z = PQSoftmax(
        c, (1, 2), stable=False, input_scaler=0.5, quantize_output=True, in_quant_bits=(1.0, 1.0, 4.0),
        exp_out_quant_bits=(0.0, 2.0, 5.0), inv_in_quant_bits=(0.0, 5.0, 3.0), inv_out_quant_bits=(0.0, 0.0, 8.0),
        out_quant_bits=(0.0, 0.0, 7.0), name="unstable")(x)
    return x, keras.layers.Concatenate()([y, z])


@model
def attention():
    c = settings()
    x = keras.layers.Input((5, 4))
    bits = dict(in_quant_bits=(1.0, 2.0, 4.0), weight_quant_bits=(1.0, 0.0, 5.0), bias_quant_bits=(1.0, 1.0, 5.0))
    y, _ = PQMultiheadAttention(c, 4, 2, out_quant_bits=(1.0, 2.0, 4.0), attn_quant_bits=(0.0, 0.0, 6.0), name="attention", **bits)((x, x, x))
    return x, PQDense(c, 3, in_quant_bits=(1.0, 2.0, 5.0), name="last")(y)


def masked(method, **more):
    """Weights whose mask is beside them, as they are while the last weights are tuned."""
    c = getattr(pquant, f"{method}_config")()
    c.pruning_parameters.enable_pruning = True
    for key, value in more.items():
        setattr(c.pruning_parameters, key, value)
    return c


@model
def mask():
    c = masked("pdp")
    x = keras.layers.Input((6, 5, 2))
    y = PQConv2d(c, 3, 3, padding="same", use_bias=True, in_quant_bits=(1.0, 2.0, 4.0))(x)
    y = PQActivation(c, "relu", in_quant_bits=(1.0, 3.0, 4.0))(y)
    y = PQDepthwiseConv2d(c, (2, 2), use_bias=True, in_quant_bits=(0.0, 2.0, 4.0))(y)
    y = keras.layers.Flatten()(y)
    return x, PQDense(c, 4, in_quant_bits=(1.0, 3.0, 4.0), name="last")(y)


@model
def mask_of_channels():
    c = masked("ap")
    x = keras.layers.Input((8, 3))
    y = PQConv1d(c, 4, 3, use_bias=True, in_quant_bits=(1.0, 2.0, 4.0))(x)
    y = PQActivation(c, "relu", in_quant_bits=(1.0, 3.0, 4.0))(y)
    y = keras.layers.Flatten()(y)
    return x, PQDense(masked("wanda"), 4, in_quant_bits=(1.0, 3.0, 4.0), name="last")(y)


@model
def mask_of_thresholds():
    x = keras.layers.Input((6,))
    y = PQDense(masked("dst"), 5, in_quant_bits=(1.0, 2.0, 4.0))(x)
    y = PQActivation(masked("dst"), "relu", in_quant_bits=(1.0, 3.0, 4.0))(y)
    y = PQDense(masked("cs"), 5, in_quant_bits=(1.0, 2.0, 4.0))(y)
    y = PQDense(masked("autosparse"), 5, in_quant_bits=(1.0, 4.0, 4.0))(y)
    return x, PQDense(masked("mdmm", epsilon=0.3), 4, in_quant_bits=(1.0, 4.0, 4.0), name="last")(y)


def randomize(net, rng):
    for layer in net._flatten_layers():
        if isinstance(layer, FixedPointQuantizerBase) and layer.built:
            shape = layer._i.shape
            layer._i.assign(np.asarray(layer._i) + rng.integers(0, 2, shape) + rng.uniform(-0.4, 0.4, shape))
            layer._f.assign(np.asarray(layer._f) + rng.integers(-2, 2, shape) + rng.uniform(-0.4, 0.4, shape))
        elif isinstance(layer, Quantizer) and not layer.use_hgq:
            if layer.granularity == "per_channel" and not layer.is_data:
                layer.i.assign(rng.integers(0, 2, layer.i.shape))
                layer.f.assign(rng.integers(2, 7, layer.f.shape))
        for weight in layer._trainable_variables + layer._non_trainable_variables:
            name = weight.name
            if name in ("kernel", "bias", "beta", "moving_mean"):
                weight.assign(rng.normal(0, 0.6, weight.shape))
            elif name in ("gamma", "moving_variance"):
                weight.assign(rng.uniform(0.4, 1.6, weight.shape))


def answers(path, events):
    """The same file with every dtype float64."""
    with tempfile.TemporaryDirectory() as folder:
        other = os.path.join(folder, "model.keras")
        with zipfile.ZipFile(path) as source, zipfile.ZipFile(other, "w") as target:
            for entry in source.namelist():
                content = source.read(entry)
                if entry == "config.json":
                    content = content.replace(b'"float32"', b'"float64"')
                target.writestr(entry, content)
        keras.config.set_floatx("float64")
        keras.config.set_dtype_policy("float64")
        try:
            return np.asarray(keras.models.load_model(other, compile=False)(events.astype("f8")))
        finally:
            keras.config.set_floatx("float32")
            keras.config.set_dtype_policy("float32")


def save(name, function):
    seed = sum(ord(c) * 31**i for i, c in enumerate(name)) % 2**31
    keras.utils.set_random_seed(seed)
    keras.backend.clear_session()
    rng = np.random.default_rng(seed)
    net = keras.Model(*function(), name=name)
    randomize(net, rng)
    events = (np.round(rng.normal(0, 1.5, (EVENTS,) + tuple(net.inputs[0].shape[1:])) * 64) / 64).astype("f4")
    for layer in net.layers:
        if getattr(layer, "enable_pruning", False):
            layer.pruning_layer.mask.assign(rng.random(layer.pruning_layer.mask.shape) > 0.4)
            if name.startswith("mask"):
                layer.pruning_layer.post_pre_train_function()
                layer.pruning_layer.is_finetuning.assign(True)
    if not name.startswith("mask") and any(getattr(layer, "enable_pruning", False) for layer in net.layers):
        pquant.apply_final_compression(net)
    path = os.path.join(HERE, f"{name}.keras")
    net.save(path)
    single = np.asarray(net(events))
    result = single if name in ("normalized", "mask_of_thresholds") else answers(path, events)
    entries = {}
    with zipfile.ZipFile(path) as archive:
        entries = {entry: archive.read(entry) for entry in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, content in entries.items():
            info = zipfile.ZipInfo(entry, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    np.savez_compressed(os.path.join(HERE, f"{name}.npz"), in0=events, out0=result.astype("f8"))
    print(f"{name}: {os.path.getsize(path)} bytes, {np.sum(single != result)} float32 answers differ, "
          f"distinct values {len(np.unique(result))}")


if __name__ == "__main__":
    os.makedirs(HERE, exist_ok=True)
    for name, function in MODELS.items():
        if not sys.argv[1:] or name in sys.argv[1:]:
            save(name, function)
