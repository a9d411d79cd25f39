#!/usr/bin/env python3
"""Writes exact/: small Keras and QKeras models with random weights, events, and the framework's answers.

Run with a Python that has tensorflow==2.15.1 and qkeras==0.9.0:  python make_exact.py [NAME...]

Per model NAME.json + NAME_weights.h5, and NAME.npz with in<i> and out<i> (float32, 40 events). Inputs are
multiples of 1/64 and weights small, so that the framework's own float32 sums are exact where a quantizer
follows; what QKeras then returns is the one right answer.
"""
import os
import sys

os.environ["CUDA_VISIBLE_DEVICES"] = ""
import numpy as np
import tensorflow as tf
import tensorflow.keras.backend as K
from tensorflow.keras import layers as L
from tensorflow.keras import Input, Model

K.learning_phase = lambda: 0  # no longer exported by TensorFlow 2.15; QKeras asks; 0 is inference
from tensorflow.python.ops import array_ops
from tensorflow.python.util import nest

# QKeras's recurrent layers ask by the names that TensorFlow had before.
nest.is_sequence = nest.is_nested
array_ops.unstack = tf.unstack
import qkeras as Q
from node_edge_projection import NodeEdgeProjection

EVENTS = 40
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "exact")
MODELS = {}


def model(function):
    MODELS[function.__name__] = function
    return function


def save(name, function):
    seed = sum(ord(c) * 31 ** i for i, c in enumerate(name)) % 2**31
    tf.keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    K.clear_session()
    inputs, outputs = function()
    net = Model(inputs, outputs, name=name)
    for layer in net.layers:
        values = []
        for weight in layer.weights:
            value = rng.normal(0, 0.5, weight.shape)
            if "variance" in weight.name:
                value = rng.uniform(0.3, 2, weight.shape)
            elif "gamma" in weight.name:
                value = rng.uniform(0.5, 1.5, weight.shape)
            elif "adjacency" in weight.name:
                value = weight.numpy()
            elif "iteration" in weight.name:
                value = np.asarray(-1)
            values.append(value)
        if values:
            layer.set_weights(values)
    path = os.path.join(HERE, name)
    with open(path + ".json", "w") as file:
        file.write(net.to_json() + "\n")
    net.save_weights(path + "_weights.h5")
    events = [np.round(rng.normal(0, 1.2, (EVENTS,) + tuple(x.shape[1:])) * 64) / 64 for x in net.inputs]
    events = [x.astype(np.float32) for x in events]
    if "masked" in name:
        events[0] = with_masked_steps(events[0], rng)
        events[1:] = [rng.integers(0, 5, e.shape).astype(np.float32) * (np.arange(e.shape[1]) != 2) + (np.arange(e.shape[1]) == 2) for e in events[1:]]
    answers = net.predict(events if len(events) > 1 else events[0], verbose=0)
    arrays = {f"in{i}": x for i, x in enumerate(events)}
    for i, y in enumerate(answers if len(net.outputs) > 1 else [answers]):
        arrays[f"out{i}"] = y.astype(np.float32)
    np.savez_compressed(path + ".npz", **arrays)


def with_masked_steps(events, rng):
    """Steps of zeros, others of -1, and at least one of neither."""
    kind = rng.choice(3, p=[0.45, 0.35, 0.2], size=events.shape[:2])
    kind[np.arange(len(kind)), rng.integers(0, kind.shape[1], len(kind))] = 0
    return np.choose(kind[:, :, None], [events, np.zeros_like(events), -np.ones_like(events)]).astype(np.float32)


# Quantized models -----------------------------------------------------------------------------------------


def quantized_input(shape, bits=8, integer=2):
    x = Input(shape, name="x")
    return x, Q.QActivation(Q.quantized_bits(bits, integer, alpha=1), name="xq")(x)


def dense(units, kernel, name, bias=None):
    bias = bias or Q.quantized_bits(6, 2, alpha=1)
    return Q.QDense(units, kernel_quantizer=kernel, bias_quantizer=bias, name=name)


@model
def q_dense():
    x, y = quantized_input((10,))
    y = dense(12, Q.quantized_bits(5, 1, alpha=1), "d1")(y)
    y = Q.QActivation(Q.quantized_relu(6, 2), name="a1")(y)
    y = dense(9, Q.quantized_bits(4, 0, alpha="auto_po2"), "d2")(y)
    y = Q.QActivation(Q.quantized_relu(5, 1, negative_slope=0.25), name="a2")(y)
    y = dense(8, Q.ternary(alpha="auto_po2"), "d3")(y)
    y = Q.QActivation(Q.quantized_bits(7, 2, symmetric=1, alpha=1), name="a3")(y)
    y = dense(6, Q.binary(alpha=1), "d4")(y)
    y = Q.QActivation(Q.quantized_relu(7, 3, relu_upper_bound=3.0), name="a4")(y)
    return x, dense(4, Q.quantized_po2(4), "d5", Q.quantized_po2(4))(y)


@model
def q_interaction():
    def convolution(filters, name):
        return Q.QConv1D(
            filters, 1, kernel_quantizer=Q.quantized_bits(6, 0, alpha=1), bias_quantizer=Q.quantized_bits(6, 0, alpha=1), name=name)

    x = Input((5, 3), name="x")
    nodes = Q.QActivation(Q.quantized_bits(8, 2, alpha=1), name="xq")(x)
    edges = L.Concatenate(name="pairs")([
        NodeEdgeProjection(name="receivers")(nodes), NodeEdgeProjection(receiving=False, name="senders")(nodes)])
    edges = Q.QActivation(Q.quantized_relu(6, 2), name="e1_relu")(convolution(6, "e1")(edges))
    sums = NodeEdgeProjection(node_to_edge=False, name="arriving")(edges)
    sent = NodeEdgeProjection(node_to_edge=False, receiving=False, name="leaving")(edges)
    y = Q.QActivation(Q.quantized_bits(8, 4, alpha=1), name="nq")(L.Concatenate(name="both")([nodes, sums, sent]))
    y = Q.QActivation(Q.quantized_relu(6, 2), name="n1_relu")(convolution(5, "n1")(y))
    y = L.Flatten(name="flat")(y)
    return x, Q.QDense(
        4, kernel_quantizer=Q.quantized_bits(6, 0, alpha=1), bias_quantizer=Q.quantized_bits(6, 0, alpha=1), name="out")(y)


@model
def q_no_input_quantizer():
    x = Input((10,), name="x")
    y = dense(8, Q.quantized_bits(6, 0, alpha=1), "d1")(x)
    y = L.Activation("relu", name="a1")(y)
    y = dense(4, Q.quantized_bits(6, 0, alpha=1), "d2")(y)
    return x, y


@model
def q_auto_ties():
    """Inputs of few bits, whose sums are 0 time and again: the sign of what float32 makes of a scale's rounding follows."""
    x = Input((8,))
    y = Q.QActivation("quantized_bits(4,1,1,alpha=1)")(x)
    y = Q.QDense(16, kernel_quantizer="quantized_bits(3,0,1,alpha='auto')", use_bias=False, name="sums")(y)
    z = Q.QActivation("binary(alpha=1)", name="signs")(y)
    w = Q.QDense(3, kernel_quantizer="binary(alpha=1)", use_bias=False, name="choice")(z)
    return x, [y, z, w]


@model
def q_auto():
    x, y = quantized_input((10,))
    y = dense(12, Q.quantized_bits(4, 0, alpha="auto"), "d1")(y)
    y = Q.QActivation(Q.quantized_relu(6, 2), name="a1")(y)
    y = dense(8, Q.binary(alpha="auto"), "d2")(y)
    y = Q.QActivation(Q.quantized_relu(6, 2), name="a2")(y)
    y = dense(8, Q.ternary(alpha="auto"), "d3")(y)
    y = Q.QActivation(Q.quantized_bits(8, 3, alpha=0.3), name="a3")(y)
    return x, dense(4, Q.quantized_bits(5, 1, alpha=0.7), "d4")(y)


@model
def q_signs():
    x, y = quantized_input((8,))
    y = dense(10, Q.quantized_bits(5, 1, alpha=1), "d")(y)
    names = dict(
        binary=Q.binary(alpha=1), ternary=Q.ternary(alpha=1), bits1=Q.quantized_bits(1, 0, alpha=1),
        half=Q.ternary(threshold=1.5), stochastic_binary=Q.stochastic_binary(alpha=1),
        stochastic_ternary=Q.stochastic_ternary(alpha=1), unsigned=Q.quantized_bits(4, 2, keep_negative=False, alpha=1))
    return x, [Q.QActivation(q, name=n)(y) for n, q in names.items()]


@model
def q_curves():
    x, y = quantized_input((8,))
    wide = dense(10, Q.quantized_bits(8, 1, alpha=1), "d")(y)
    narrow = Q.QActivation(Q.quantized_bits(6, 2, alpha=1), name="narrow")(wide)
    outputs = []
    for where, value in (("wide", wide), ("narrow", narrow)):
        for n, q in dict(
            tanh=Q.quantized_tanh(6), tanh_symmetric=Q.quantized_tanh(5, symmetric=True),
            tanh_real=Q.quantized_tanh(8, use_real_tanh=True), sigmoid=Q.quantized_sigmoid(6),
            sigmoid_symmetric=Q.quantized_sigmoid(5, symmetric=True),
            sigmoid_real=Q.quantized_sigmoid(8, use_real_sigmoid=True),
            hswish=Q.quantized_hswish(8, 3), relu_sigmoid=Q.quantized_relu(6, 2, use_sigmoid=1),
            relu_sigmoid_slope=Q.quantized_relu(6, 2, use_sigmoid=1, negative_slope=0.125),
            po2=Q.quantized_po2(4), po2_limited=Q.quantized_po2(4, 2),
            relu_po2=Q.quantized_relu_po2(4, 4), relu_po2_slope=Q.quantized_relu_po2(4, 4, 0.25),
            po2_quadratic=Q.quantized_po2(4, 4, quadratic_approximation=True)).items():
            outputs.append(Q.QActivation(q, name=f"{where}_{n}")(value))
    return x, outputs


@model
def q_norm():
    x, y = quantized_input((10,))
    y = dense(12, Q.quantized_bits(5, 1, alpha=1), "d1")(y)
    y = L.BatchNormalization(name="bn1")(y)
    y = Q.QActivation(Q.quantized_relu(6, 2), name="a1")(y)
    y = dense(12, Q.quantized_bits(5, 1, alpha=1), "d2")(y)
    y = Q.QBatchNormalization(name="bn2")(y)
    return x, Q.QActivation(Q.quantized_relu(6, 3), name="a2")(y)


@model
def q_conv():
    x, y = quantized_input((8, 7, 3))
    bits = Q.quantized_bits(4, 0, alpha=1)
    y = Q.QConv2D(5, (3, 2), padding="same", strides=(2, 1), kernel_quantizer=bits, bias_quantizer=bits, name="c1")(y)
    y = Q.QActivation(Q.quantized_relu(5, 2), name="a1")(y)
    y = Q.QDepthwiseConv2D((2, 2), depthwise_quantizer=bits, bias_quantizer=bits, name="c2")(y)
    y = Q.QActivation(Q.quantized_relu(5, 2), name="a2")(y)
    y = L.MaxPooling2D((2, 2), padding="same", name="p")(y)
    y = Q.QConv2D(4, (1, 1), kernel_quantizer=Q.quantized_bits(4, 0, alpha="auto_po2"), bias_quantizer=bits, name="c3")(y)
    y = Q.QActivation(Q.quantized_bits(6, 2, alpha=1), name="a3")(y)
    y = L.Flatten(name="f")(y)
    return x, dense(3, Q.quantized_bits(6, 0, alpha=1), "d")(y)


@model
def q_conv1d():
    x, y = quantized_input((12, 3))
    bits = Q.quantized_bits(4, 0, alpha=1)
    y = Q.QConv1D(4, 3, padding="causal", dilation_rate=2, kernel_quantizer=bits, bias_quantizer=bits, name="c1")(y)
    y = Q.QActivation(Q.quantized_relu(5, 2), name="a1")(y)
    y = Q.QSeparableConv1D(5, 3, depthwise_quantizer=bits, pointwise_quantizer=bits, bias_quantizer=bits, name="c2")(y)
    y = Q.QActivation(Q.quantized_relu(6, 2), name="a2")(y)
    return x, L.GlobalMaxPooling1D(name="g")(y)


@model
def q_folded():
    x, y = quantized_input((6, 6, 2))
    bits = Q.quantized_bits(6, 1, alpha=1)
    y = Q.QConv2DBatchnorm(4, (3, 3), kernel_quantizer=bits, bias_quantizer=bits, name="c1")(y)
    return x, Q.QActivation(Q.quantized_relu(6, 3), name="a1")(y)


@model
def q_folded_depthwise():
    x, y = quantized_input((6, 6, 2))
    bits = Q.quantized_bits(6, 1, alpha=1)
    y = Q.QDepthwiseConv2DBatchnorm((3, 3), depth_multiplier=2, depthwise_quantizer=bits, bias_quantizer=bits, name="c1")(y)
    return x, Q.QActivation(Q.quantized_relu(6, 3), name="a1")(y)


@model
def q_average():
    x, y = quantized_input((6, 6, 2), 6, 2)
    pooled = Q.QActivation(Q.quantized_bits(6, 2, alpha=1), name="a1")(L.AveragePooling2D((3, 3), name="p1")(y))
    same = Q.QActivation(Q.quantized_bits(5, 2, alpha=1), name="a2")(L.AveragePooling2D((3, 3), (2, 2), "same", name="p2")(y))
    everything = Q.QActivation(Q.quantized_bits(5, 2, alpha=1), name="a3")(L.GlobalAveragePooling2D(name="p3")(y))
    quantized = Q.QActivation(Q.quantized_bits(8, 2, alpha=1), name="a4")(
        Q.QAveragePooling2D((3, 3), average_quantizer=Q.quantized_bits(6, 0, alpha=1), name="p4")(y))
    return x, [pooled, same, everything, quantized]


@model
def q_merge():
    x = Input((7,), name="x")
    z = Input((7,), name="z")
    a = Q.QActivation(Q.quantized_bits(8, 2, alpha=1), name="aq")(x)
    b = Q.QActivation(Q.quantized_relu(7, 3), name="bq")(z)
    return [x, z], [
        L.Add(name="add")([a, b, a]), L.Subtract(name="sub")([a, b]), L.Multiply(name="mul")([a, b]),
        L.Maximum(name="max")([a, b]), L.Minimum(name="min")([a, b]), L.Average(name="average")([a, b]),
        L.Concatenate(name="concat")([a, b]), L.Dot(1, name="dot")([a, b])]


@model
def q_recurrent():
    x, y = quantized_input((5, 3), 6, 2)
    bits = Q.quantized_bits(4, 0, alpha=1)
    state = Q.quantized_bits(6, 1, alpha=1)
    shared = dict(kernel_quantizer=bits, recurrent_quantizer=bits, bias_quantizer=bits, state_quantizer=state)
    curves = dict(activation=Q.quantized_tanh(5), recurrent_activation=Q.quantized_sigmoid(5))
    return x, [
        Q.QSimpleRNN(4, activation=Q.quantized_tanh(6), return_sequences=True, name="simple", **shared)(y),
        Q.QLSTM(4, name="lstm", **shared, **curves)(y),
        Q.QLSTM(3, return_sequences=True, go_backwards=True, name="lstm_back", **shared, **curves)(y),
        Q.QGRU(4, name="gru", **shared, **curves)(y),
        Q.QGRU(3, reset_after=True, return_sequences=True, name="gru_after", **shared, **curves)(y),
        Q.QGRU(3, use_bias=False, name="gru_plain", **shared, **curves)(y)]


@model
def q_masked():
    """The state of a masked step is the one before, not what a quantizer makes of it."""
    x = Input((6, 3), name="x")
    y = L.Masking(name="masking")(x)
    bits, state = Q.quantized_bits(4, 0, alpha=1), Q.quantized_bits(6, 1, alpha=1)
    shared = dict(kernel_quantizer=bits, recurrent_quantizer=bits, bias_quantizer=bits, state_quantizer=state)
    curves = dict(activation=Q.quantized_tanh(5), recurrent_activation=Q.quantized_sigmoid(5))
    z = Q.QLSTM(4, return_sequences=True, name="lstm", **shared, **curves)(y)
    return x, [
        z, Q.QGRU(3, name="gru", **shared, **curves)(Q.QDense(4, kernel_quantizer=bits, bias_quantizer=bits, name="dense")(z)),
        Q.QSimpleRNN(4, activation=Q.quantized_tanh(6), return_sequences=True, go_backwards=True, name="simple", **shared)(y)]


@model
def q_distributed():
    x, y = quantized_input((3, 5, 4), 6, 2)
    bits = Q.quantized_bits(5, 1, alpha=1)
    return x, [
        L.TimeDistributed(dense(3, bits, "dense"), name="each_dense")(y),
        L.TimeDistributed(Q.QActivation(Q.quantized_relu(4, 1), name="relu"), name="each_relu")(y),
        L.TimeDistributed(Q.QConv1D(3, 2, kernel_quantizer=bits, bias_quantizer=bits, name="conv"), name="each_conv")(y),
        L.TimeDistributed(tf.keras.Sequential([dense(4, bits, "first"), Q.QActivation("quantized_bits(5,2,alpha=1)", name="cut"), L.Flatten(name="flat"), dense(2, bits, "second")], name="chain"), name="each_chain")(y)]


# Models without quantizers --------------------------------------------------------------------------------


@model
def f_rectifiers():
    x = Input((9,), name="x")
    y = L.Dense(12, name="d")(x)
    return x, [
        L.ReLU(name="relu")(y), L.ReLU(max_value=1.5, negative_slope=0.1, threshold=0.25, name="relu_all")(y),
        L.LeakyReLU(0.2, name="leaky")(y), L.PReLU(name="prelu")(y), L.ThresholdedReLU(0.7, name="thresholded")(y),
        L.ELU(0.6, name="elu")(y), L.Activation("selu", name="selu")(y), L.Activation("hard_sigmoid", name="hard")(y),
        L.ReLU(6.0, name="relu6")(y)]


@model
def f_curves():
    x = Input((9,), name="x")
    y = L.Dense(12, name="d")(x)
    names = ["sigmoid", "tanh", "softplus", "softsign", "swish", "gelu", "exponential", "softmax"]
    return x, [L.Activation(n, name=n)(y) for n in names]


@model
def f_softmax_axis():
    x = Input((5, 4), name="x")
    return x, [L.Softmax(axis=1, name="rows")(x), L.Softmax(axis=-1, name="columns")(x)]


@model
def f_norms():
    x = Input((6, 4, 3), name="x")
    y = L.BatchNormalization(axis=1, name="bn_axis1")(x)
    z = L.BatchNormalization(name="bn_conv")(L.Conv2D(4, 2, name="c")(x))
    d = L.BatchNormalization(name="bn_depthwise")(L.DepthwiseConv2D(2, depth_multiplier=2, name="dw")(x))
    t = L.BatchNormalization(name="bn_transposed")(L.Conv2DTranspose(4, 3, strides=2, name="t")(x))
    return x, [y, z, d, t]


@model
def f_local():
    """A kernel for every position; normalizations of lengths and groups; a cell in a loop."""
    x, y = Input((7, 3), name="x"), Input((5, 6, 2), name="y")
    a = L.LocallyConnected1D(4, 3, strides=2, activation="relu", name="local")(x)
    b = L.LocallyConnected2D(3, (2, 3), strides=(1, 2), name="image")(y)
    c = L.UnitNormalization(name="unit")(L.GroupNormalization(3, name="group")(b))
    d = L.RNN(L.LSTMCell(3), return_sequences=True, name="rnn")(a)
    return [x, y], [a, b, c, d]


@model
def f_conv1d():
    x = Input((13, 4), name="x")
    return x, [
        L.Conv1D(3, 3, padding="causal", dilation_rate=2, name="causal")(x),
        L.Conv1D(6, 3, groups=2, strides=2, padding="same", name="groups")(x),
        L.DepthwiseConv1D(3, depth_multiplier=2, padding="same", name="depthwise")(x),
        L.SeparableConv1D(5, 3, name="separable")(x),
        L.Conv1DTranspose(3, 4, strides=3, padding="same", name="transposed_same")(x),
        L.Conv1DTranspose(3, 2, strides=3, padding="valid", name="transposed_gaps")(x),
        L.Conv1DTranspose(2, 3, strides=2, padding="valid", name="transposed")(x)]


@model
def f_conv2d():
    x = Input((7, 6, 4), name="x")
    return x, [
        L.Conv2D(3, (3, 2), dilation_rate=(2, 1), activation="relu", name="dilated")(x),
        L.Conv2D(4, 3, groups=2, padding="same", strides=(2, 2), name="groups")(x),
        L.SeparableConv2D(3, (2, 3), depth_multiplier=2, activation="tanh", name="separable")(x),
        L.Conv2DTranspose(3, (3, 2), strides=(2, 3), padding="same", name="transposed_same")(x),
        L.Conv2DTranspose(2, (2, 3), strides=(1, 2), name="transposed")(x)]


@model
def f_pool():
    x = Input((7, 6, 3), name="x")
    return x, [
        L.MaxPooling2D((3, 2), (2, 2), "same", name="max_same")(x), L.MaxPooling2D(2, name="max")(x),
        L.AveragePooling2D((3, 2), (2, 2), "same", name="average_same")(x),
        L.AveragePooling2D((3, 3), name="average")(x), L.GlobalMaxPooling2D(name="global_max")(x),
        L.GlobalAveragePooling2D(keepdims=True, name="global_average")(x)]


@model
def f_shapes():
    x = Input((4, 6, 2), name="x")
    v = Input((5,), name="v")
    return [x, v], [
        L.Permute((3, 1, 2), name="permuted")(x), L.Reshape((12, 4), name="reshaped")(x), L.Flatten(name="flat")(x),
        L.ZeroPadding2D(((1, 2), (0, 3)), name="padded")(x), L.Cropping2D(((1, 0), (2, 1)), name="cropped")(x),
        L.UpSampling2D((2, 3), name="larger")(x), L.Resizing(6, 4, interpolation="nearest", name="resized")(x),
        L.RepeatVector(3, name="repeated")(v), L.Concatenate(axis=2, name="joined")([x, L.Permute((1, 2, 3))(x)])]


@model
def f_merge():
    x = Input((4, 5), name="x")
    y = Input((4, 5), name="y")
    row = L.Cropping1D((0, 3), name="row")(x)
    return [x, y], [
        L.Add(name="add")([x, y, x]), L.Subtract(name="sub")([x, y]), L.Multiply(name="mul")([x, row]),
        L.Average(name="average")([x, y, x]), L.Maximum(name="max")([x, y]), L.Minimum(name="min")([x, row]),
        L.Dot((2, 2), name="dot_rows")([x, y]), L.Dot((1, 1), name="dot_columns")([x, y])]


@model
def f_mask():
    """Constant masks of attention, which Keras 2 writes as lists: numbers and truth values."""
    x = L.Input((5, 4), name="x")
    lower = np.tril(np.ones((5, 5)))
    y = L.MultiHeadAttention(2, 3, name="lower")(x, x, attention_mask=lower)
    near = np.abs(np.subtract.outer(range(5), range(5))) < 2
    return x, L.MultiHeadAttention(2, 3, name="near")(y, y, attention_mask=near[None])


@model
def f_masked():
    """Masks beside the data: who makes them, who hands them on, who ends them, and who reads them."""
    x = Input((6, 4), name="x")
    numbers = Input((6,), name="numbers")
    y, z = L.Masking(name="zeros")(x), L.Masking(mask_value=-1.0, name="ones")(x)
    rows = L.Embedding(5, 4, mask_zero=True, name="rows")(numbers)
    deep = L.LSTM(3, return_sequences=True, name="deep")(L.Dropout(0.1)(L.Dense(4, activation="relu", name="dense")(y)))
    average = L.GlobalAveragePooling1D(name="average")
    return [x, numbers], [
        deep, L.GRU(3, name="gru")(L.LayerNormalization(name="norm")(deep)),
        L.GRU(3, reset_after=False, return_sequences=True, go_backwards=True, name="gru_back")(z),
        L.SimpleRNN(3, return_sequences=True, zero_output_for_mask=True, name="simple")(y),
        *L.LSTM(3, return_sequences=True, return_state=True, name="states")(z),
        L.RNN(L.LSTMCell(2), name="cell")(z),
        L.Bidirectional(L.LSTM(3, return_sequences=True), name="both")(z),
        L.Bidirectional(L.GRU(3), merge_mode="sum", name="last")(y),
        *L.Bidirectional(L.GRU(2, return_sequences=True), merge_mode=None, name="apart")(y),
        average(L.TimeDistributed(L.Dense(3, name="inner"), name="each")(z)),
        average(L.Add(name="add")([y, L.Dense(4, name="change")(y)])), average(L.Add(name="half")([x, y])),
        average(L.Concatenate(name="joined")([deep, y])), L.GlobalMaxPooling1D(name="most")(y),
        average(L.Conv1D(3, 2, name="conv")(y)), average(rows), L.LSTM(3, name="words")(rows),
        L.MultiHeadAttention(2, 3, name="heads")(y, z), average(L.MultiHeadAttention(2, 3, name="self")(y, y)),
        L.Attention(name="dots")([y, z]), L.AdditiveAttention(name="sums")([x, z], use_causal_mask=True)]


@model
def f_distributed():
    """Layers of steps that are one layer of all, and others."""
    def each(layer, y):
        return L.TimeDistributed(layer, name="each_" + layer.name)(y)

    x = Input((3, 4, 4, 2), name="x")
    rows = L.Reshape((3, 4, 8), name="rows")(x)
    a, b = Input((4, 8), name="a"), Input((8,), name="b")
    inside = Model(a, L.Add(name="sum")([L.Dense(8, name="in")(a), a]), name="inside")
    chain = tf.keras.Sequential([L.Conv1D(3, 2, activation="relu", name="taps"), L.Flatten(name="flat"), L.Dense(2, name="last")], name="chain")
    return x, [
        each(L.Conv2D(3, 2, name="conv"), x), each(L.DepthwiseConv2D(2, padding="same", name="depthwise"), x),
        each(L.MaxPooling2D(2, name="most"), x), each(L.AveragePooling1D(2, name="mean"), rows), each(L.GlobalAveragePooling1D(name="all"), rows),
        each(L.GlobalMaxPooling2D(name="top"), x), each(L.BatchNormalization(name="batch"), rows), each(L.LayerNormalization(name="norm"), rows),
        each(L.Activation("tanh", name="tanh"), rows), each(L.Softmax(axis=1, name="soft"), rows), each(L.PReLU(name="slopes"), rows),
        each(L.LSTM(3, name="lstm"), rows), each(L.GRU(2, return_sequences=True, name="gru"), rows),
        each(L.Bidirectional(L.LSTM(2, name="cells"), name="both"), rows), each(L.Dropout(0.5, name="dropped"), rows),
        each(L.UpSampling2D(2, name="up"), x), each(L.SeparableConv1D(3, 2, name="separable"), rows), each(L.Conv2DTranspose(2, 2, name="spread"), x),
        each(L.RepeatVector(2, name="repeat"), L.Reshape((3, 32), name="flat")(x)), each(inside, rows), each(chain, rows),
        each(L.TimeDistributed(L.LayerNormalization(name="deep"), name="inner"), x)]


@model
def f_recurrent():
    x = Input((6, 3), name="x")
    h = Input((4,), name="h")
    c = Input((4,), name="c")
    both, h_end, c_end = L.LSTM(4, return_sequences=True, return_state=True, name="lstm_states")(x, initial_state=[h, c])
    return [x, h, c], [
        L.SimpleRNN(5, name="simple")(x),
        L.SimpleRNN(3, activation="relu", use_bias=False, return_sequences=True, go_backwards=True, name="simple_back")(x),
        both, h_end, c_end,
        L.LSTM(3, activation="softsign", recurrent_activation="hard_sigmoid", go_backwards=True, name="lstm_back")(x),
        L.GRU(4, name="gru")(x, initial_state=h),
        L.GRU(4, reset_after=False, return_sequences=True, name="gru_before")(x),
        L.GRU(3, activation="elu", reset_after=False, use_bias=False, name="gru_elu")(x)]


@model
def f_bidirectional():
    x = Input((5, 3), name="x")
    outputs = [
        L.Bidirectional(L.LSTM(3, return_sequences=True), merge_mode=mode, name=f"lstm_{mode}")(x)
        for mode in ("concat", "sum", "mul", "ave")]
    outputs += L.Bidirectional(L.GRU(3), merge_mode=None, name="gru_apart")(x)
    outputs += L.Bidirectional(L.LSTM(2, return_state=True), name="lstm_states")(x)
    backward = L.GRU(4, go_backwards=True, return_sequences=True, name="behind")
    outputs.append(
        L.Bidirectional(L.LSTM(2, return_sequences=True, name="ahead"), backward_layer=backward, name="mixed")(x))
    return x, outputs


if __name__ == "__main__":
    os.makedirs(HERE, exist_ok=True)
    for wanted in sys.argv[1:] or MODELS:
        save(wanted, MODELS[wanted])
        print(wanted)
