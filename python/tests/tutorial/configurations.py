#!/usr/bin/env python3
"""config_from_keras_model of triggerfish.hls4ml against hls4ml 1.3.0's, on one model per kind of layer: granularity name and
type, with a backend and without.

    PYTHONPATH=python python configurations.py      # in a Python that has hls4ml, TensorFlow and QKeras
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import hls4ml  # noqa: E402
import qkeras  # noqa: E402
import tensorflow as tf  # noqa: E402
import triggerfish.hls4ml  # noqa: E402

from tensorflow.keras import layers  # noqa: E402


def on(shape, *stack):
    model = tf.keras.Sequential([layers.Input(shape, name="x"), *stack])
    return model


def two(make):
    a, b = layers.Input((4, 4, 2), name="a"), layers.Input((4, 4, 2), name="b")
    return tf.keras.Model([a, b], make([a, b]))


def q(bits, integer=0):
    return qkeras.quantized_bits(bits, integer, alpha=1)


MODELS = {
    **{f"activation {name}": (lambda name=name: on((6,), layers.Dense(4, activation=name, name="d"), layers.Activation(name, name="s")))
       for name in ["relu", "relu6", "sigmoid", "tanh", "softmax", "softplus", "softsign", "elu", "selu", "hard_sigmoid", "linear"]},
    "relu": lambda: on((6,), layers.ReLU(name="l")),
    "leaky": lambda: on((6,), layers.LeakyReLU(0.3, name="l")),
    "elu": lambda: on((6,), layers.ELU(0.7, name="l")),
    "prelu": lambda: on((6,), layers.PReLU(name="l")),
    "thresholded": lambda: on((6,), layers.ThresholdedReLU(0.5, name="l")),
    "conv1d": lambda: on((8, 2), layers.Conv1D(3, 3, activation="relu", name="c"), layers.MaxPooling1D(2, name="p"),
                         layers.GlobalAveragePooling1D(name="g")),
    "conv2d": lambda: on((8, 8, 2), layers.Conv2D(3, 3, padding="same", name="c"), layers.AveragePooling2D(2, name="p"),
                         layers.BatchNormalization(name="b"), layers.Flatten(name="f"), layers.Dense(2, use_bias=False, name="d")),
    "depthwise": lambda: on((8, 8, 2), layers.DepthwiseConv2D(3, name="c"), layers.GlobalMaxPooling2D(name="g")),
    "separable": lambda: on((8, 8, 2), layers.SeparableConv2D(3, 3, name="c", activation="relu")),
    "padding": lambda: on((8, 8, 2), layers.ZeroPadding2D(1, name="z"), layers.Cropping2D(1, name="r"), layers.UpSampling2D(2, name="u")),
    "wires": lambda: on((4, 6), layers.Permute((2, 1), name="p"), layers.Reshape((24,), name="r")),
    **{f"merge {cls.__name__}": (lambda cls=cls: two(cls(name="m")))
       for cls in [layers.Add, layers.Subtract, layers.Multiply, layers.Average, layers.Maximum, layers.Minimum, layers.Concatenate]},
    "qdense": lambda: on((6,), qkeras.QDense(4, kernel_quantizer=q(6), bias_quantizer=q(4, 1), activation=qkeras.quantized_relu(5, 2), name="d")),
    **{f"qactivation {text}": (lambda text=text: on((6,), qkeras.QActivation(text, name="a")))
       for text in ["quantized_relu(6)", "quantized_relu(4,2,negative_slope=0.25)", "quantized_bits(6,1,alpha=1)", "quantized_bits(4,3,alpha=1)",
                    "quantized_tanh(5)", "quantized_tanh(5,symmetric=1)", "quantized_sigmoid(6)", "binary(alpha=1)", "ternary(alpha=1)"]},
    "qconv": lambda: on((8, 8, 2), qkeras.QConv2D(3, 3, kernel_quantizer=q(4), bias_quantizer=q(4), name="c"),
                        qkeras.QDepthwiseConv2D(3, depthwise_quantizer=q(3), name="w")),
    "binary": lambda: on((6,), qkeras.QDense(4, kernel_quantizer=qkeras.binary(alpha=1), use_bias=False, name="d"),
                         qkeras.QDense(4, kernel_quantizer=qkeras.ternary(alpha=1), use_bias=False, name="e")),
    "integers": lambda: tf.keras.Sequential([layers.Input((6,), name="x", dtype="int8"), layers.Dense(2, name="d")]),
}

wrong = compared = 0
for name, make in MODELS.items():
    tf.keras.backend.clear_session()
    model = make()
    for granularity in ("model", "name", "type"):
        for backend in ("Vitis", None):
            try:
                theirs = hls4ml.utils.config_from_keras_model(model, granularity=granularity, backend=backend)
            except Exception as error:
                print(f"{name}: hls4ml: {type(error).__name__} {error}")
                continue
            try:
                ours = triggerfish.hls4ml.utils.config_from_keras_model(model, granularity=granularity, backend=backend)
            except triggerfish.Error as error:
                print(f"{name}: {error}")
                wrong += 1
                continue
            compared += 1
            if ours != theirs:
                wrong += 1
                for section in ("Model", "LayerName", "LayerType"):
                    a, b = ours.get(section, {}), theirs.get(section, {})
                    for key in sorted(set(a) | set(b)):
                        if a.get(key) != b.get(key):
                            print(f"{name}, {granularity}, {backend}: {key}\n  ours   {a.get(key)}\n  theirs {b.get(key)}")
assert not wrong, f"{wrong} configurations differ"
print(f"equal: {compared} configurations of {len(MODELS)} models")
