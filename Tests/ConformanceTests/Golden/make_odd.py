"""Makes the golden cases odd_*: what make.py and the shared vectors leave out. QKeras quantizers of every
kind, odd formats and table sizes, saturating accumulators, poolings, merges, streams.

Usage: python make_odd.py OUTPUT_FOLDER [case ...]

Needs the packages of requirements.txt and g++. Every case becomes a folder of the form described in
../README.md. Nothing here is needed to run the tests: the vectors are committed.
"""

import json
import os
import shutil
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf
import hls4ml
from hls4ml.converters.keras_v2_to_hls import keras_v2_to_hls, layer_handlers
from qkeras import (
    QActivation, QBatchNormalization, QConv1D, QConv2D, QConv2DBatchnorm, QDense, QDepthwiseConv2D,
    binary, quantized_bits, quantized_po2, quantized_relu, ternary,
)
from qkeras.utils import _add_supported_quantized_objects
from tensorflow.keras import layers as L

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../LoweringTests/Fixtures"))
from node_edge_projection import NodeEdgeProjection, as_einsum_dense

layer_handlers["NodeEdgeProjection"] = as_einsum_dense
EVENTS = 40
CASES = {}


def case(**options):
    """Registers a function that returns a model; its options change the configuration."""

    def register(function):
        CASES[function.__name__] = (function, options)
        return function

    return register


def chain(shape, *parts):
    x = first = L.Input(shape, name="inp")
    for part in parts:
        x = part(x)
    return tf.keras.Model(first, x)


def randomize(model, seed):
    """Weights of a size that makes every layer matter; positive variances."""
    random = np.random.default_rng(seed)
    for layer in model.layers:
        new = []
        for weight in layer.weights:
            shape = weight.shape.as_list()
            if "variance" in weight.name:
                value = random.uniform(0.3, 2.0, shape)
            elif "gamma" in weight.name:
                value = random.uniform(0.5, 1.5, shape)
            elif "adjacency" in weight.name:
                value = weight.numpy()
            elif "kernel" in weight.name:
                value = random.normal(0, 1.2 / np.sqrt(np.prod(shape[:-1])), shape)
            else:
                value = random.normal(0, 0.4, shape)
            new.append(value.astype(np.float32))
        layer.set_weights(new)


# ---- Recurrent layers ----

@case(outputs_alone=True)
def node_edges():
    """The projections of an interaction network, by the handler that its authors register with hls4ml, which calls them by
    another class: outputs are compared, and no layers."""
    x = L.Input((4, 3), name="inp")
    receivers = NodeEdgeProjection(name="receivers")(x)
    senders = NodeEdgeProjection(receiving=False, name="senders")(x)
    edges = L.ReLU(name="relu")(L.Add(name="pairs")([receivers, senders]))
    arriving = NodeEdgeProjection(node_to_edge=False, name="arriving")(edges)
    leaving = NodeEdgeProjection(node_to_edge=False, receiving=False, name="leaving")(edges)
    return tf.keras.Model(x, L.Subtract(name="both")([arriving, leaving]))


@case(default="fixed<12,4,RND,SAT>", flat=True, layers={"r": {"Strategy": "Resource", "ReuseFactor": 4},
                                                      "g": {"Strategy": "Resource", "ReuseFactor": 3}})
def recurrent_resource():
    return chain((4, 8), L.LSTM(4, return_sequences=True, name="r"), L.GRU(6, name="g"))


@case(default="fixed<14,5>", flat=True, io="io_stream", layers={"g": {"Strategy": "Resource", "ReuseFactor": 2}})
def recurrent_stream():
    return chain((5, 4), L.GRU(4, return_sequences=True, name="g"), L.LSTM(3, activation="relu", name="r"),
                 L.Dense(3, name="d"))


@case(default="fixed<18,7,RND_CONV,SAT>", layers={"b": {"Precision": {"accum": "fixed<20,8>"}, "table_size": 512}})
def recurrent_bidirectional():
    return chain((4, 3), L.Bidirectional(L.GRU(3, return_sequences=True), name="b"), L.LSTM(3, name="r"))


# ---- QKeras ----

@case()
def q_alpha_auto():
    return chain(
        (12,), QDense(10, kernel_quantizer=quantized_bits(4, 0, alpha="auto"),
                      bias_quantizer=quantized_bits(6, 2, alpha=1), name="d1"),
        QActivation(quantized_relu(5, 2), name="a1"),
        QDense(6, kernel_quantizer=quantized_bits(5, 1, alpha="auto_po2"),
               bias_quantizer=quantized_bits(6, 1, alpha=1), name="d2"),
        L.Activation("softmax", name="s"))


@case()
def q_alpha_flat():
    return chain(
        (12,), QDense(10, kernel_quantizer=quantized_bits(4, 0, alpha="auto"), bias_quantizer=quantized_bits(6, 2, alpha=1),
                      activation=quantized_relu(6, 2), name="d1"),
        QDense(6, kernel_quantizer=binary(alpha="auto_po2"), bias_quantizer=quantized_bits(6, 2, alpha=1), name="d2"),
        QActivation("quantized_bits(8,3,alpha=1)", name="a2"))


@case()
def q_binary_net():
    return chain(
        (16,), QDense(12, kernel_quantizer=binary(alpha=1), use_bias=False, name="d1"), L.BatchNormalization(name="b1"),
        QActivation("binary(alpha=1)", name="a1"),
        QDense(8, kernel_quantizer=binary(alpha=1), use_bias=False, name="d2"), L.BatchNormalization(name="b2"),
        QActivation("binary(alpha=1)", name="a2"),
        QDense(4, kernel_quantizer=binary(alpha=1), use_bias=False, name="d3"))


@case()
def q_ternary_net():
    return chain(
        (16,), QDense(12, kernel_quantizer=quantized_bits(4, 1, alpha=1), bias_quantizer=quantized_bits(4, 1, alpha=1), name="d1"),
        L.BatchNormalization(name="b1"), QActivation("ternary(alpha=1,threshold=0.4)", name="a1"),
        QDense(8, kernel_quantizer=ternary(alpha=1), use_bias=False, name="d2"), L.BatchNormalization(name="b2"),
        QActivation("ternary(alpha=1)", name="a2"), QDense(4, kernel_quantizer=quantized_bits(4, 1, alpha=1), name="d3"))


@case()
def q_activations():
    parts = []
    for index, quantizer in enumerate([
        "quantized_tanh(5)", "quantized_sigmoid(5)", "quantized_tanh(6,symmetric=1)", "quantized_relu(4,1)",
        "quantized_bits(6,1,alpha=1)",
    ]):
        parts += [QDense(8, kernel_quantizer=quantized_bits(6, 2, alpha=1), bias_quantizer=quantized_bits(6, 1, alpha=1),
                         name=f"d{index}"), QActivation(quantizer, name=f"a{index}")]
    return chain((8,), *parts)


@case()
def q_po2():
    return chain(
        (10,), QDense(8, kernel_quantizer=quantized_po2(5), bias_quantizer=quantized_bits(6, 1, alpha=1), name="d1"),
        QActivation(quantized_relu(6, 2), name="a1"), QDense(4, kernel_quantizer=quantized_po2(3, 2), name="d2"))


@case(layers={"d1": {"Precision": {"accum": "fixed<9,4,RND,SAT>", "result": "fixed<9,4,RND,SAT>"}, "ReuseFactor": 5, "Strategy": "Resource"}})
def q_po2_saturating():
    return chain((10,), QDense(8, kernel_quantizer=quantized_po2(5), name="d1"))


@case()
def q_conv():
    return chain(
        (7, 7, 2), QConv2D(4, 3, kernel_quantizer=quantized_bits(5, 1, alpha=1), bias_quantizer=quantized_bits(5, 1, alpha=1), name="c1"),
        L.BatchNormalization(name="b1"), QActivation(quantized_relu(5, 2), name="a1"), L.MaxPooling2D(2, name="p1"),
        L.Flatten(name="f"), QDense(5, kernel_quantizer=quantized_bits(6, 1, alpha=1), name="d"))


@case()
def q_conv_alpha():
    return chain(
        (6, 6, 2), QConv2D(3, 3, kernel_quantizer=quantized_bits(4, 1, alpha="auto"), bias_quantizer=quantized_bits(5, 1, alpha=1), name="c1"),
        QActivation(quantized_relu(5, 2), name="a1"),
        QConv1D and QConv2D(2, 1, kernel_quantizer=quantized_bits(4, 1, alpha=1), name="c2"))


@case()
def q_conv_batchnorm():
    return chain(
        (6, 6, 2), QConv2DBatchnorm(3, 3, kernel_quantizer=quantized_bits(5, 1, alpha=1),
                                    bias_quantizer=quantized_bits(6, 2, alpha=1), name="c1"),
        QActivation(quantized_relu(5, 2), name="a1"))


@case()
def q_depthwise():
    return chain(
        (6, 6, 3), QDepthwiseConv2D(3, depthwise_quantizer=quantized_bits(5, 1, alpha=1),
                                    bias_quantizer=quantized_bits(5, 1, alpha=1), name="c1"),
        QActivation(quantized_relu(5, 2), name="a1"))


@case()
def q_dense_rank2():
    return chain((4, 6), QDense(5, kernel_quantizer=quantized_bits(5, 1, alpha=1),
                                bias_quantizer=quantized_bits(5, 1, alpha=1), name="d1"),
                 QActivation(quantized_relu(5, 2), name="a1"))


@case()
def q_batchnorm():
    return chain((10,), QDense(8, kernel_quantizer=quantized_bits(6, 1, alpha=1), use_bias=False, name="d1"),
                 QBatchNormalization(name="b1"), QActivation(quantized_relu(6, 2), name="a1"))


# ---- hls4ml's own binary and ternary layers ----

def as_classes(**names):
    """Gives layers of the architecture another class, and activations another name."""

    def edit(architecture):
        for layer in architecture["config"]["layers"]:
            name = layer["config"]["name"]
            if name in names and layer["class_name"] == "Dense":
                layer["class_name"] = names[name]
            elif name in names:
                layer["config"]["activation"] = names[name]

    return edit


@case(edit=as_classes(d1="BinaryDense", a1="binary_tanh", d2="BinaryDense", a2="binary_tanh", d3="BinaryDense"))
def binary_dense():
    return chain((16,), L.Dense(12, use_bias=False, name="d1"), L.BatchNormalization(name="b1"), L.Activation("relu", name="a1"),
                 L.Dense(9, use_bias=False, name="d2"), L.BatchNormalization(name="b2"), L.Activation("relu", name="a2"),
                 L.Dense(4, use_bias=False, name="d3"), L.BatchNormalization(name="b3"))


@case(edit=as_classes(d1="BinaryDense", a1="binary_tanh", a2="binary_tanh"), default="fixed<10,3>", flat=True)
def tanh_alone():
    return chain((16,), L.Dense(12, name="d1"), L.Activation("relu", name="a1"), L.Dense(9, name="d2"), L.Activation("relu", name="a2"))


# ---- dense, activations, types ----

@case()
def leaky_auto():
    return chain((10,), L.Dense(8, name="d1"), L.LeakyReLU(0.3, name="a1"), L.Dense(8, name="d2"),
                 L.LeakyReLU(0.125, name="a2"))


@case(default="fixed<14,5>", flat=True)
def leaky_flat():
    return chain((10,), L.Dense(8, name="d1"), L.LeakyReLU(0.3, name="a1"), L.Dense(8, name="d2"),
                 L.ThresholdedReLU(0.4, name="a2"))


@case()
def thresholded_prelu_elu_auto():
    return chain((10,), L.Dense(8, name="d1"), L.ThresholdedReLU(0.4, name="a1"), L.Dense(8, name="d2"),
                 L.PReLU(name="a2"), L.Dense(6, name="d3"), L.ELU(0.7, name="a3"))


@case(layers={"a1": {"TableSize": 1000}, "a2": {"TableSize": 300, "table_t": "ap_fixed<12,4,RND,SAT>"},
              "a3": {"TableSize": 77}, "a4": {"TableSize": 33}, "a5": {"TableSize": 100}})
def odd_tables():
    return chain((10,), L.Dense(8, name="d1"), L.Activation("sigmoid", name="a1"), L.Dense(8, name="d2"),
                 L.Activation("tanh", name="a2"), L.Dense(8, name="d3"), L.Activation("softplus", name="a3"),
                 L.Dense(8, name="d4"), L.Activation("elu", name="a4"), L.Dense(8, name="d5"),
                 L.Activation("selu", name="a5"))


@case(scale=600.0, layers={"inp": {"Precision": {"result": "fixed<48,40>"}}})
def wide_index():
    return chain((10,), L.Activation("tanh", name="a1"), L.Dense(4, name="d1"))


@case(scale=3e9, layers={"inp": {"Precision": {"result": "fixed<48,40>"}}})
def overflowing_index():
    return chain((10,), L.Activation("sigmoid", name="a1"), L.Activation("relu", name="a2"))


@case(scale=3e9, layers={"inp": {"Precision": {"result": "fixed<48,40>"}}})
def overflowing_elu():
    return chain((10,), L.Activation("elu", name="a1"))


@case(default="fixed<12,4,RND,SAT>", flat=True, layers={"d1": {"Strategy": "resource_unrolled", "ReuseFactor": 4},
                                                      "d2": {"Strategy": "Resource", "ReuseFactor": 7}})
def saturating_reuse():
    return chain((16,), L.Dense(12, name="d1"), L.Activation("relu", name="a1"), L.Dense(6, name="d2"))


@case(default="fixed<10,3,RND_CONV,SAT_SYM>", flat=True, layers={"d1": {"Strategy": "Resource", "TargetCycles": 100}})
def target_cycles():
    return chain((16,), L.Dense(8, name="d1"), L.Activation("relu", name="a1"), L.Dense(4, name="d2"))


@case(layers={"d1": {"Precision": {"weight": "int<2>", "bias": "int<4>"}}, "d2": {"Precision": {"weight": "fixed<8,12>", "bias": "fixed<6,-2>"}},
              "d3": {"Precision": {"weight": "ufixed<6,0,RND,SAT>", "bias": "fixed<9,3,RND_INF,SAT>"}}}, weights=3.0)
def odd_weights():
    return chain((8,), L.Dense(8, name="d1"), L.Dense(8, name="d2"), L.Dense(4, name="d3"))


@case(layers={"inp": {"Precision": {"result": "ufixed<9,3,RND_ZERO,SAT>"}}})
def unsigned_input():
    return chain((10,), L.Dense(8, activation="relu", name="d1"), L.Dense(5, activation="softmax", name="d2"))


@case(layers={"inp": {"Precision": {"result": "ufixed<8,4,RND_MIN_INF,SAT_ZERO>"}}})
def unsigned_softmax():
    return chain((10,), L.Activation("softmax", name="s"))


@case(layers={"s": {"TableSize": 256, "inv_table_t": "ufixed<12,1,RND,SAT>", "exp_table_t": "ufixed<14,2,RND,SAT>",
                    "inv_inp_t": "ufixed<14,6,RND,SAT>", "Precision": {"accum": "ufixed<18,6,RND,SAT>"}}})
def softmax_types():
    return chain((10,), L.Dense(7, name="d"), L.Activation("softmax", name="s"))


@case(layers={"inp": {"Precision": {"result": "fixed<8,4>"}}, "s": {"Implementation": "latency"}})
def softmax_latency_narrow():
    return chain((7,), L.Activation("softmax", name="s"))


@case(layers={"s": {"TableSize": 100, "Implementation": "legacy"}})
def softmax_legacy_odd():
    return chain((7,), L.Dense(6, name="d"), L.Activation("softmax", name="s"))


@case(layers={"s": {"Skip": True}})
def softmax_skipped():
    return chain((7,), L.Dense(6, name="d"), L.Activation("softmax", name="s"))


@case(default="fixed<16,6>", flat=True)
def softmax_rank2():
    return chain((3, 5), L.Activation("softmax", name="s"))


@case(default="fixed<16,6>", flat=True, io="io_stream")
def softmax_rank2_stream():
    return chain((3, 5), L.Activation("softmax", name="s"))


@case(maximum="fixed<16,6>")
def maximum_precision():
    a, b = L.Input((6,), name="i1"), L.Input((6,), name="i2")
    x = L.Dense(6, name="d1")(a)
    y = L.Multiply(name="m1")([x, b])
    z = L.Concatenate(name="c1")([y, x])
    return tf.keras.Model([a, b], L.BatchNormalization(name="b1")(z))


@case(layers={"i1": {"Precision": {"result": "fixed<12,4,RND,SAT>"}}, "i2": {"Precision": {"result": "ufixed<9,5>"}},
              "dot": {"Precision": {"accum": "fixed<24,12>"}}})
def merges_auto():
    a, b = L.Input((6,), name="i1"), L.Input((6,), name="i2")
    outputs = [layer(name=f"m{index}")([a, b]) for index, layer in enumerate(
        [L.Add, L.Subtract, L.Multiply, L.Average, L.Maximum, L.Minimum, L.Concatenate])]
    return tf.keras.Model([a, b], outputs + [L.Dot(1, name="dot")([a, b])])


@case(layers={"dot": {"Precision": {"accum": "fixed<10,4,RND,SAT>", "result": "fixed<8,4,RND,SAT>"}}})
def saturating_dot():
    a, b = L.Input((9,), name="i1"), L.Input((9,), name="i2")
    return tf.keras.Model([a, b], L.Dot(1, name="dot")([a, b]))


@case(types={"Dense": {"Precision": {"weight": "fixed<7,2>", "default": "fixed<20,8>"}, "ReuseFactor": 2},
             "Activation": {"Precision": "fixed<11,4,RND,SAT>"}}, granularity="model")
def layer_types():
    return chain((10,), L.Dense(8, activation="relu", name="d1"), L.Dense(5, activation="sigmoid", name="d2"))


@case()
def batchnorm_chain():
    return chain((10,), L.BatchNormalization(name="b0"), L.BatchNormalization(name="b1", scale=False), L.Dense(8, name="d1"),
                 L.BatchNormalization(name="b2", center=False), L.BatchNormalization(name="b3"), L.Activation("relu", name="a"))


@case()
def dense_rank2():
    return chain((4, 6), L.Dense(5, name="d1"), L.Activation("relu", name="a1"), L.Dense(3, use_bias=False, name="d2"))


# ---- convolutions, pooling, structure ----

@case()
def depthwise_batchnorm():
    return chain((6, 6, 3), L.DepthwiseConv2D(3, padding="same", name="c1"), L.Activation("relu", name="a1"))


@case(default="fixed<14,5>", flat=True)
def separable2d():
    return chain((6, 6, 3), L.SeparableConv2D(4, 3, name="c1", activation="relu"))


@case()
def separable2d_auto():
    return chain((6, 6, 3), L.SeparableConv2D(4, 3, strides=2, padding="same", name="c1", use_bias=False))


@case(default="fixed<10,4,RND,SAT>", flat=True, layers={"c1": {"Strategy": "Resource", "ReuseFactor": 9}})
def saturating_conv():
    return chain((6, 6, 2), L.Conv2D(3, 3, name="c1"))


@case(default="fixed<10,4,RND,SAT>", flat=True, io="io_stream", layers={"c1": {"Strategy": "Resource", "ReuseFactor": 6}})
def saturating_conv_stream():
    return chain((6, 6, 2), L.Conv2D(3, 3, name="c1"))


@case(default="fixed<10,4,RND,SAT>", flat=True, layers={"c1": {"Strategy": "Resource", "ReuseFactor": 3}})
def saturating_pointwise():
    return chain((9, 6), L.Conv1D(4, 1, name="c1"), L.Conv1D(3, 1, strides=2, name="c2"))


@case()
def poolings():
    a = L.Input((7, 7, 2), name="inp")
    outputs = [
        L.MaxPooling2D(2, name="p0")(a), L.MaxPooling2D(3, strides=2, padding="same", name="p1")(a),
        L.AveragePooling2D((2, 3), name="p2")(a), L.AveragePooling2D(2, strides=1, padding="same", name="p3")(a),
        L.GlobalMaxPooling2D(name="p4")(a), L.GlobalAveragePooling2D(name="p5")(a)]
    return tf.keras.Model(a, outputs)


@case(layers={"inp": {"Precision": {"result": "ufixed<8,3>"}}})
def unsigned_poolings():
    a = L.Input((7, 2), name="inp")
    outputs = [L.MaxPooling1D(3, strides=2, padding="same", name="p0")(a), L.AveragePooling1D(3, strides=2, padding="same", name="p1")(a),
               L.GlobalMaxPooling1D(name="p2")(a)]
    return tf.keras.Model(a, outputs)


@case(layers={f"p{index}": {"Precision": {"accum": "fixed<9,4,RND_CONV,SAT>", "result": "fixed<7,3,RND,SAT>"}} for index in range(3)})
def saturating_poolings():
    a = L.Input((8, 8, 2), name="inp")
    outputs = [L.AveragePooling2D(2, name="p0")(a), L.MaxPooling2D(2, name="p1")(a), L.GlobalAveragePooling2D(name="p2")(a)]
    return tf.keras.Model(a, outputs)


@case(io="io_stream", layers={"p0": {"Precision": {"accum": "fixed<9,4,RND_CONV,SAT>", "result": "fixed<7,3,RND,SAT>"}}})
def saturating_average_stream():
    return chain((8, 8, 2), L.AveragePooling2D(2, name="p0"))


@case(io="io_stream", layers={"p0": {"Precision": {"accum": "fixed<9,3,RND,SAT>", "result": "fixed<7,3,RND,SAT>"}}})
def saturating_maximum_stream():
    return chain((8, 8, 2), L.MaxPooling2D(2, name="p0"))


@case(io="io_stream", layers={"p0": {"Precision": {"accum": "fixed<9,4,RND_CONV,SAT>", "result": "fixed<7,3,RND,SAT>"}}})
def saturating_global_stream():
    return chain((8, 8, 2), L.GlobalAveragePooling2D(name="p0"))


@case()
def wiring():
    a = L.Input((4, 5, 2), name="inp")
    x = L.Permute((3, 1, 2), name="t")(a)
    y = L.Reshape((5, 8), name="r")(a)
    z = L.Permute((2, 1), name="t2")(y)
    u = L.UpSampling2D((2, 3), name="u")(a)
    return tf.keras.Model(a, [x, z, u, L.Cropping1D((1, 2), name="c")(y)])


@case(default="fixed<12,4>", flat=True, layers={"m2": {"Precision": {"result": "fixed<9,3,RND,SAT>"}}})
def concatenations():
    a, b = L.Input((3, 4, 2), name="i1"), L.Input((3, 4, 2), name="i2")
    return tf.keras.Model([a, b], [L.Concatenate(axis=axis, name=f"m{axis}")([a, b]) for axis in (1, 2, 3)])


@case(default="fixed<12,4>", flat=True)
def broadcast_merge():
    a, b = L.Input((3, 4, 2), name="i1"), L.Input((1, 1, 2), name="i2")
    return tf.keras.Model([a, b], [L.Multiply(name="m1")([a, b]), L.Add(name="m2")([b, a])])


@case(io="io_stream", default="fixed<14,5>", flat=True)
def stream_reshape():
    return chain((4, 6), L.Reshape((2, 12), name="r"), L.Dense(3, name="d"), L.Flatten(name="f"), L.Dense(4, name="e"))


# ---- making a case ----

# ---- Tables of rows, normalizations of layers ----

@case(layers={"inp": {"Precision": {"result": "uint<4>"}}},
      events=lambda random, shape: random.integers(0, 11, shape))
def embedding_words():
    return chain((5,), L.Embedding(11, 3, name="e"), L.Flatten(name="f"), L.Dense(4, name="d"))


# Words between integers: the kernel multiplies by the columns before it drops the fraction.
@case(flat=True, events=lambda random, shape: random.integers(0, 10 * 1024, shape) / 1024)
def embedding_between():
    return chain((6,), L.Embedding(12, 4, name="e"))


@case(scale=0.3, layers={"n": {"TableRangePower2": 2, "TableSize": 512}})
def layer_normalization_range():
    return chain((3, 8), L.LayerNormalization(name="n"), L.Dense(4, name="d"))


@case(scale=0.5, layers={"n": {"accum_t": "fixed<20,8,RND,SAT>", "table_t": "ufixed<14,6>",
                               "Precision": {"scale": "fixed<9,3>", "bias": "fixed<8,3,RND,SAT>", "result": "fixed<14,5,RND,SAT>"}}})
def layer_normalization_types():
    return chain((4, 5), L.LayerNormalization(epsilon=2e-5, name="n"))


def configure(model, options):
    granularity = options.get("granularity", "name")
    default = options.get("default", "fixed<16,6>")
    config = hls4ml.utils.config_from_keras_model(
        model, granularity=granularity, backend="Vitis", default_precision=default,
        max_precision=options.get("maximum"))
    for name, layer in config.get("LayerName", {}).items():
        layer["Trace"] = True
        if options.get("flat"):
            for tensor, precision in layer.get("Precision", {}).items():
                if precision == "auto":
                    layer["Precision"][tensor] = default
    if granularity == "model":
        config["Model"]["TraceOutput"] = True
    if "types" in options:
        config["LayerType"] = options["types"]
    for name, changes in options.get("layers", {}).items():
        layer = config["LayerName"].setdefault(name, {})
        for key, value in changes.items():
            if key == "Precision" and isinstance(value, dict):
                layer.setdefault("Precision", {}).update(value)
            else:
                layer[key] = value
    return config


def events(model, options, seed):
    random = np.random.default_rng(seed)
    if "events" in options:
        return [options["events"](random, [EVENTS] + x.shape.as_list()[1:]).astype(np.float32) for x in model.inputs]
    arrays = []
    for tensor in model.inputs:
        shape = [EVENTS] + tensor.shape.as_list()[1:]
        x = random.normal(0, options.get("scale", 1.5), shape)
        x[-4:] *= 6
        x[-5] = 0
        arrays.append(x.astype(np.float32))
    return arrays


def resolved(graph):
    layers = []
    for node in graph.get_layers():
        layers.append({
            "name": node.name, "class": node.class_name,
            "types": {key: {"str": str(kind.precision)} for key, kind in node.types.items()},
            "attrs": {"reuse_factor": node.get_attr("reuse_factor")}})
    return layers


def architecture(model, options):
    parsed = json.loads(model.to_json())
    options.get("edit", lambda _: None)(parsed)
    return parsed


def convert(model, options, config, project, io):
    if "edit" not in options:
        return hls4ml.converters.convert_from_keras_model(
            model, hls_config=config, output_dir=project, backend="Vitis", io_type=io)
    files = {"KerasJson": os.path.join(project, "model.json"), "KerasH5": os.path.join(project, "model.h5")}
    with open(files["KerasJson"], "w") as stream:
        json.dump(architecture(model, options), stream)
    model.save_weights(files["KerasH5"])
    whole = hls4ml.utils.config.create_config(output_dir=project, backend="Vitis", io_type=io)
    # convert_from_config takes a model in memory only.
    return keras_v2_to_hls({**whole, **files, "HLSConfig": config})


def compile_quickly(graph):
    """hls4ml compiles with -O3, which takes most of the time; the arithmetic is the same without."""
    graph.write()
    script = os.path.join(graph.config.get_output_dir(), "build_lib.sh")
    with open(script) as stream:
        text = stream.read().replace("-O3", "-O0")
    with open(script, "w") as stream:
        stream.write(text)
    graph._compile()


def make(name, folder):
    function, options = CASES[name]
    seed = sum(map(ord, name))
    tf.keras.backend.clear_session()
    model = function()
    randomize(model, seed)
    if "weights" in options:
        for layer in model.layers:
            layer.set_weights([w * options["weights"] for w in layer.get_weights()])
    config = configure(model, options)
    stored = json.loads(json.dumps(config, default=str))
    # float64: with float32 events hls4ml returns float32, which cannot hold every word.
    inputs = [x.astype(np.float64) for x in events(model, options, seed + 1)]
    io = options.get("io", "io_parallel")
    project = tempfile.mkdtemp()
    try:
        graph = convert(model, options, config, project, io)
        graph.compile = lambda: compile_quickly(graph)
        shapes = [v.shape for v in graph.get_output_variables()]
        # Compiles, with tracing, which prediction does without.
        _, trace = graph.trace([x[:8].copy() for x in inputs] if len(inputs) > 1 else inputs[0][:8].copy())
        outputs = graph.predict(inputs if len(inputs) > 1 else inputs[0])
        outputs = outputs if isinstance(outputs, list) else [outputs]
        types = resolved(graph)
    finally:
        shutil.rmtree(project)
    path = os.path.join(folder, f"odd_{name}")
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)

    def dump(file, value):
        with open(os.path.join(path, file), "w") as stream:
            json.dump(value, stream, indent=1, sort_keys=True)

    dump("model.json", architecture(model, options))
    model.save_weights(os.path.join(path, "model_weights.h5"))
    dump("config.json", {"Backend": "Vitis", "Part": "xcvu13p-flga2577-2-e", "ClockPeriod": 5, "IOType": io, "HLSConfig": stored})
    if "outputs_alone" not in options:
        dump("resolved_types.json", types)
    names = {"model": "model.json", "weights": "model_weights.h5", "config": "config.json", "trace": "trace.npz",
             "inputs": [], "outputs": [], "hls4ml": hls4ml.__version__}
    if "outputs_alone" in options:
        del names["trace"]
    for index, x in enumerate(inputs):
        names["inputs"].append(f"inputs_{index}.npy")
        np.save(os.path.join(path, names["inputs"][-1]), x.astype(np.float32))
    for index, (y, shape) in enumerate(zip(outputs, shapes)):
        names["outputs"].append(f"outputs_{index}.npy")
        np.save(os.path.join(path, names["outputs"][-1]), np.asarray(y, np.float64).reshape([EVENTS] + list(shape)))
    if "trace" in names:
        np.savez_compressed(os.path.join(path, "trace.npz"), **{k: np.asarray(v, np.float64) for k, v in trace.items()})
    dump("case.json", names)


if __name__ == "__main__":
    output = sys.argv[1]
    for name in sys.argv[2:] or sorted(CASES):
        try:
            make(name, output)
            print("made", name, flush=True)
        except Exception as error:
            print("FAILED", name, repr(error)[:300], flush=True)
