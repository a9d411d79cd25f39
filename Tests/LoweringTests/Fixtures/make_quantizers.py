#!/usr/bin/env python3
"""Writes quantizers.txt: QKeras 0.9.0 quantizers evaluated by QKeras itself (TensorFlow 2.15.1, CPU).

Run with a Python that has tensorflow==2.15.1 and qkeras==0.9.0:  python make_quantizers.py > quantizers.txt

Lines: `tensor NAME SHAPE HEX` (float32, little endian, row major) and
`case KIND key=value... | INPUT | SCALE | HEX` with the result for the named tensor and the quantizer's scale.
"""
import os

os.environ["CUDA_VISIBLE_DEVICES"] = ""
import numpy as np
import tensorflow as tf
import tensorflow.keras.backend as K

# TensorFlow 2.15 no longer exports learning_phase, which QKeras's stochastic quantizers ask; 0 is inference.
K.learning_phase = lambda: 0
from qkeras import quantizers as q

TENSORS = {}


def tensor(name, values):
    values = np.asarray(values, np.float32)
    TENSORS[name] = values
    shape = ",".join(str(n) for n in values.shape)
    print("tensor", name, shape, values.tobytes().hex())


def case(kind, parameters, name, quantizer, scale=None):
    result = np.asarray(quantizer(tf.constant(TENSORS[name])), np.float32)
    if scale is None:
        scale = getattr(quantizer, "scale", None)
    scale = np.asarray(1.0 if scale is None else scale, np.float32)
    text = " ".join(f"{key}={value}" for key, value in parameters.items())
    print("case", kind, text, "|", name, "|", scale.tobytes().hex(), "|", result.tobytes().hex())


def function(kind, name, result):
    print("function", kind, name, np.asarray(result, np.float32).tobytes().hex())


def main():
    rng = np.random.default_rng(20240611)
    tensor("dense", rng.normal(0, 0.4, (16, 12)))
    tensor("tall", rng.uniform(-1, 1, (35, 9)))
    tensor("conv", rng.normal(0, 0.2, (2, 3, 3, 10)))
    tensor("column", rng.normal(0, 0.5, (70, 1)))
    tensor("bias", rng.normal(0, 0.3, (13,)))
    zero = rng.normal(0, 0.3, (20, 8))
    zero[:, 3] = 0
    tensor("zero", zero)
    grid = np.arange(-40, 41) / 32.0
    activations = np.concatenate(
        [grid, grid * 8, rng.normal(0, 2, 28), [0.33, -0.33, 1e-8, -1e-8, 100, -100, 5000.3, -5000.3, 0.5, 1.5]])
    # The framework computes the last size % 8 elements with other functions (libm's), which differ in the
    # last bit; only the vector functions are the reference.
    assert activations.size % 8 == 0, activations.size
    tensor("activations", activations)
    tensor("positive", np.exp(rng.normal(0, 4, 120)))

    function("log", "positive", K.log(tf.constant(TENSORS["positive"])))
    function("tanh", "activations", K.tanh(tf.constant(TENSORS["activations"][:136])))
    function("sigmoid", "activations", K.sigmoid(tf.constant(TENSORS["activations"][:136])))

    weights = ["dense", "tall", "conv", "column", "bias", "zero"]
    for alpha in ("1", "none", "0.75", "auto", "auto_po2"):
        for bits, integer, symmetric, keep in [(6, 0, 0, 1), (8, 2, 1, 1), (4, 0, 0, 0), (2, 0, 0, 1), (1, 0, 0, 1), (16, 6, 0, 1)]:
            if bits == 1 and "auto" in alpha:
                continue
            for name in weights:
                if alpha in ("none", "0.75") and name != "dense":
                    continue
                value = {"1": 1, "none": None, "0.75": 0.75}.get(alpha, alpha)
                quantizer = q.quantized_bits(bits, integer, symmetric, bool(keep), alpha=value)
                case("bits", dict(bits=bits, integer=integer, symmetric=symmetric, keep=keep, alpha=alpha), name, quantizer)
    for alpha in ("1", "none", "0.75", "auto", "auto_po2"):
        value = {"1": 1, "none": None, "0.75": 0.75}.get(alpha, alpha)
        for name in weights:
            case("ternary", dict(alpha=alpha), name, q.ternary(alpha=value))
            case("stochastic_ternary", dict(alpha=alpha), name, q.stochastic_ternary(alpha=value))
            case("stochastic_binary", dict(alpha=alpha), name, q.stochastic_binary(alpha=value))
            for use_01 in (0, 1):
                case("binary", dict(use_01=use_01, alpha=alpha), name, q.binary(bool(use_01), alpha=value))
    case("ternary", dict(alpha="1", threshold=0.1), "dense", q.ternary(alpha=1.0, threshold=0.1))
    case("ternary", dict(alpha="none", threshold=0.7), "activations", q.ternary(threshold=0.7))
    case("ternary", dict(alpha="auto", unrolls=2), "conv", q.ternary(alpha="auto", number_of_unrolls=2))
    case("binary_tanh", dict(), "activations", q.binary_tanh)
    vector = np.asarray([2.0 ** -(i % 4) * (1 + i / 16) for i in range(12)], np.float32)
    quantizer = q.quantized_bits(5, 1, alpha=vector)
    case("bits", dict(bits=5, integer=1, symmetric=0, keep=1, alpha=",".join(repr(float(v)) for v in vector)), "dense", quantizer)
    for name in ("dense", "activations"):
        for bits, maximum, quadratic in [(4, None, 0), (4, 2, 0), (3, 0.5, 0), (6, None, 1), (4, 1, 1), (8, None, 0)]:
            case("po2", dict(bits=bits, max=maximum, quadratic=quadratic), name,
                 q.quantized_po2(bits, maximum, quadratic_approximation=bool(quadratic)))
            for slope in (0, 0.25):
                case("relu_po2", dict(bits=bits, max=maximum, quadratic=quadratic, slope=slope), name,
                     q.quantized_relu_po2(bits, maximum, slope, quadratic_approximation=bool(quadratic)))

    name = "activations"
    for bits, integer, symmetric, keep in [(6, 0, 0, 1), (8, 3, 1, 1), (4, 1, 0, 0), (1, 0, 0, 1), (12, 6, 0, 1)]:
        case("bits", dict(bits=bits, integer=integer, symmetric=symmetric, keep=keep, alpha="none"), name,
             q.quantized_bits(bits, integer, symmetric, bool(keep)))
    for use_sigmoid in (0, 1):
        for bits, integer in [(6, 0), (8, 3), (2, 1), (1, 0), (10, 4)]:
            for slope in (0.0, 0.25):
                for bound, clip in [(None, 1), (None, 0), (1.5, 0), (6.0, 0), (1.5, 1)]:
                    if bits == 1 and slope:
                        continue
                    case("relu", dict(bits=bits, integer=integer, sigmoid=use_sigmoid, slope=slope, bound=bound, clip=clip),
                         name, q.quantized_relu(bits, integer, use_sigmoid, slope, relu_upper_bound=bound, is_quantized_clip=bool(clip)))
    for bits in (2, 5, 8, 12):
        for symmetric in (0, 1):
            for real in (0, 1):
                case("tanh", dict(bits=bits, symmetric=symmetric, real=real), name,
                     q.quantized_tanh(bits, symmetric=bool(symmetric), use_real_tanh=bool(real)))
                case("sigmoid", dict(bits=bits, symmetric=symmetric, real=real), name,
                     q.quantized_sigmoid(bits, symmetric=bool(symmetric), use_real_sigmoid=bool(real)))
    for bits, integer, symmetric, shift, bound in [(8, 2, 0, 3, 6), (6, 1, 1, 3, 6), (10, 4, 0, 2, 5)]:
        case("hswish", dict(bits=bits, integer=integer, symmetric=symmetric, shift=shift, bound=bound), name,
             q.quantized_hswish(bits, integer, symmetric, relu_shift=shift, relu_upper_bound=bound))


main()
