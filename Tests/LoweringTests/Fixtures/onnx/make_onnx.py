#!/usr/bin/env python3
"""Writes small ONNX models with what ONNX Runtime or QONNX's executor computes of them: FOLDER/NAME.onnx and NAME.npz
(in0, out0, out1, ...). Needs requirements.txt beside it; the tests need none of this.

Every model is a bundle: many nodes read the same input, and each of their results is an output."""

import os
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

FOLDER = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(15)


class Bundle:
    def __init__(self, shape, opset=13, name="in0", dtype=TensorProto.FLOAT):
        self.nodes, self.initializers, self.outputs, self.opset = [], [], [], opset
        self.inputs = [helper.make_tensor_value_info(name, dtype, shape)]
        self.count = 0

    def const(self, values, dtype=np.float32):
        name = f"c{self.count}"
        self.count += 1
        self.initializers.append(numpy_helper.from_array(np.asarray(values, dtype=dtype), name))
        return name

    def node(self, op, inputs, outputs=1, domain="", **attributes):
        names = [f"t{self.count + i}" for i in range(outputs)]
        self.count += outputs
        self.nodes.append(helper.make_node(op, inputs, names, name=f"{op}_{self.count}", domain=domain, **attributes))
        return names[0] if outputs == 1 else names

    def quant(self, x, scale, zero=0, bits=8, **attributes):
        attributes = {"signed": 1, "narrow": 0, "rounding_mode": "ROUND", **attributes}
        return self.node(
            "Quant", [x, self.const(scale), self.const(zero), self.const(bits)],
            domain="qonnx.custom_op.general", **attributes)

    def out(self, *names):
        self.outputs += names

    def model(self, qonnx_version=1):
        graph = helper.make_graph(
            self.nodes, "bundle", self.inputs,
            [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in self.outputs], self.initializers)
        opsets = [helper.make_opsetid("", self.opset), helper.make_opsetid("qonnx.custom_op.general", qonnx_version)]
        model = helper.make_model(graph, opset_imports=opsets, producer_name="make_onnx")
        model.ir_version = 8
        return model


def save(name, bundle, events, runtime="ort", qonnx_version=1, model=None):
    model = model or bundle.model(qonnx_version)
    onnx.save(model, f"{FOLDER}/{name}.onnx")
    rows = []
    if runtime == "ort":
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        for event in events:
            rows.append(session.run(None, {"in0": event[None]}))
    else:
        import qonnx.core.onnx_exec as executor
        from qonnx.core.modelwrapper import ModelWrapper
        from qonnx.transformation.infer_shapes import InferShapes

        wrapper = ModelWrapper(model).transform(InferShapes())
        for event in events:
            result = executor.execute_onnx(wrapper, {"in0": event[None]})
            rows.append([result[o] for o in bundle.outputs])
    results = {
        f"out{slot}": np.stack([np.asarray(row[slot])[0] for row in rows]).astype(np.float32) for slot in range(len(rows[0]))
    }
    np.savez(f"{FOLDER}/{name}.npz", in0=events, **results)


def normal(*shape, scale=1.0):
    return (rng.normal(size=shape) * scale).astype(np.float32)


def convolutions():
    b = Bundle([1, 4, 9, 8])
    for groups, outputs, kernel, attributes in [
        (1, 3, (3, 3), {}), (1, 3, (3, 2), dict(strides=[2, 1], pads=[1, 0, 2, 1])), (2, 6, (3, 3), dict(pads=[1, 1, 1, 1])),
        (4, 8, (2, 3), dict(dilations=[2, 1])), (1, 2, (3, 3), dict(auto_pad="SAME_LOWER", strides=[2, 2])),
        (1, 2, (4, 3), dict(auto_pad="SAME_UPPER")), (4, 4, (3, 3), dict(pads=[1, 1, 1, 1], strides=[2, 2])),
    ]:
        w, bias = normal(outputs, 4 // groups, *kernel), normal(outputs)
        b.out(b.node("Conv", ["in0", b.const(w), b.const(bias)], group=groups, **attributes))
    for attributes in [{}, dict(strides=[2, 2]), dict(strides=[2, 2], pads=[1, 1, 1, 0], output_padding=[1, 0]),
                       dict(strides=[2, 3], auto_pad="SAME_UPPER"), dict(dilations=[2, 1])]:
        b.out(b.node("ConvTranspose", ["in0", b.const(normal(4, 2, 3, 3)), b.const(normal(2))], **attributes))
    save("convolutions", b, normal(4, 4, 9, 8))


def pools():
    b = Bundle([1, 3, 7, 8])
    b.out(b.node("MaxPool", ["in0"], kernel_shape=[2, 2], strides=[2, 2]))
    b.out(b.node("MaxPool", ["in0"], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]))
    b.out(b.node("MaxPool", ["in0"], kernel_shape=[3, 2], strides=[2, 2], ceil_mode=1))
    b.out(b.node("MaxPool", ["in0"], kernel_shape=[3, 3], auto_pad="SAME_UPPER"))
    b.out(b.node("AveragePool", ["in0"], kernel_shape=[2, 2], strides=[2, 2]))
    b.out(b.node("AveragePool", ["in0"], kernel_shape=[3, 3], pads=[1, 1, 1, 1], count_include_pad=1))
    b.out(b.node("AveragePool", ["in0"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]))
    b.out(b.node("GlobalAveragePool", ["in0"]), b.node("GlobalMaxPool", ["in0"]))
    b.out(b.node("ReduceMean", ["in0"], axes=[2, 3], keepdims=0), b.node("ReduceMean", ["in0"], axes=[1]))
    b.out(b.node("ReduceSum", ["in0", b.const([-1], np.int64)], keepdims=0), b.node("ReduceMax", ["in0"], axes=[1, 3]))
    b.out(b.node("ReduceSum", ["in0", b.const([1, 2, 3], np.int64)], keepdims=1))
    x = b.node("BatchNormalization", ["in0", b.const(normal(3)), b.const(normal(3)), b.const(normal(3)), b.const(abs(normal(3)))])
    b.out(x, b.node("Flatten", [b.node("Relu", [x])], axis=1))
    save("pools", b, normal(4, 3, 7, 8))


def moves():
    b = Bundle([1, 4, 6, 5])
    i64 = lambda *v: b.const(v, np.int64)
    b.out(b.node("Transpose", ["in0"], perm=[0, 2, 3, 1]), b.node("Transpose", ["in0"], perm=[0, 3, 1, 2]))
    b.out(b.node("Reshape", ["in0", i64(0, -1, 10)]), b.node("Reshape", ["in0", i64(1, 120)]))
    b.out(b.node("Slice", ["in0", i64(1, -2), i64(4, -100), i64(2, 3), i64(2, -1)]))
    b.out(b.node("Gather", ["in0", i64(3, 0, 0)], axis=1), b.node("Gather", ["in0", b.const(2, np.int64)], axis=2))
    b.out(b.node("Pad", ["in0", i64(0, 1, 0, 2, 0, 0, 3, 1)]), b.node("Pad", ["in0", i64(0, 0, 2, 1, 0, 0, 1, 2)], mode="reflect"))
    b.out(b.node("Pad", ["in0", i64(0, 0, 1, 2, 0, 1, 0, 2)], mode="edge"))
    parts = b.node("Split", ["in0", i64(1, 3, 2)], outputs=3, axis=2)
    b.out(b.node("Concat", [parts[2], parts[0]], axis=2), b.node("Concat", ["in0", "in0"], axis=1), parts[1])
    b.out(b.node("Expand", [parts[0], i64(1, 4, 3, 5)]), b.node("Tile", [parts[0], i64(1, 2, 1, 1)]))
    shape = b.node("Shape", ["in0"])
    batch = b.node("Gather", [shape, b.const(0, np.int64)], axis=0)
    target = b.node("Concat", [b.node("Unsqueeze", [batch, i64(0)]), i64(-1)], axis=0)
    b.out(b.node("Reshape", ["in0", target]))
    b.out(b.node("DepthToSpace", ["in0"], blocksize=2), b.node("SpaceToDepth", [parts[2]], blocksize=1))
    b.out(b.node("Resize", ["in0", "", b.const([1, 1, 2, 2])], mode="nearest"))
    b.out(b.node("Resize", ["in0", "", b.const([1, 1, 2, 3])], mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor"))
    b.out(b.node("Resize", ["in0", "", "", i64(1, 4, 3, 8)], mode="nearest", coordinate_transformation_mode="align_corners", nearest_mode="ceil"))
    b.out(b.node("Squeeze", [b.node("Unsqueeze", ["in0", i64(2)]), i64(2)]))
    b.out(b.node("Transpose", [b.node("Conv", ["in0", b.const(normal(3, 4, 1, 1))])], perm=[0, 2, 3, 1]))
    save("moves", b, normal(3, 4, 6, 5))


def functions():
    b = Bundle([1, 6, 4])
    for op, attributes in [("Relu", {}), ("LeakyRelu", dict(alpha=0.25)), ("ThresholdedRelu", dict(alpha=0.5)), ("Elu", {}),
                           ("Selu", {}), ("Sigmoid", {}), ("Tanh", {}), ("HardSigmoid", {}), ("Softplus", {}), ("Softsign", {}),
                           ("Exp", {}), ("Neg", {}), ("Abs", {}), ("Softmax", dict(axis=1)), ("Softmax", dict(axis=-1)),
                           ("Identity", {})]:
        b.out(b.node(op, ["in0"], **attributes))
    b.out(b.node("PRelu", ["in0", b.const(normal(6, 1))]), b.node("PRelu", ["in0", b.const([0.125])]))
    b.out(b.node("HardSwish", ["in0"]) if b.opset >= 14 else b.node("Mul", ["in0", b.node("Sigmoid", ["in0"])]))
    for low, high in [(0, 6), (-1, 1), (-0.5, 0.75)]:
        b.out(b.node("Clip", ["in0", b.const(low), b.const(high)]))
    b.out(b.node("Clip", ["in0", "", b.const(0.5)]), b.node("Add", ["in0", b.const(normal(6, 1))]))
    b.out(b.node("Mul", [b.const(normal(4)), "in0"]), b.node("Sub", [b.const(normal(1, 6, 4)), "in0"]))
    b.out(b.node("Div", ["in0", b.const([4.0])]), b.node("Max", ["in0", b.const([0.1]), b.const(normal(4))]))
    b.out(b.node("Min", ["in0", b.const(normal(6, 4))]), b.node("Pow", ["in0", b.const(2.0)]), b.node("Mean", ["in0", b.node("Relu", ["in0"])]))
    x = b.node("MatMul", ["in0", b.const(normal(4, 5))])
    b.out(b.node("Add", [x, b.const(normal(5))]), b.node("MatMul", [b.const(normal(3, 6)), "in0"]))
    flat = b.node("Flatten", ["in0"], axis=1)
    b.out(b.node("Gemm", [flat, b.const(normal(24, 3)), b.const(normal(3))], alpha=0.5, beta=2.0))
    b.out(b.node("Gemm", [flat, b.const(normal(3, 24)), b.const(normal(1))], transB=1))
    save("functions", b, normal(5, 6, 4, scale=1.5))
    old = Bundle([1, 3, 4], opset=11)
    old.out(old.node("Softmax", ["in0"], axis=1), old.node("Unsqueeze", ["in0"], axes=[1]), old.node("ReduceSum", ["in0"], axes=[2]))
    old.out(*old.node("Split", ["in0"], outputs=2, axis=2, split=[1, 3]))
    save("opset11", old, normal(4, 3, 4))


def external():
    b = Bundle([1, 16])
    x = b.node("MatMul", ["in0", b.const(normal(16, 8))])
    b.out(b.node("Relu", [b.node("Add", [x, b.const(normal(8))])]))
    events = normal(4, 16)
    save("external", b, events)
    model = onnx.load(f"{FOLDER}/external.onnx")
    onnx.save(model, f"{FOLDER}/external.onnx", save_as_external_data=True, location="external.data", size_threshold=0)


def rounding():
    """Every rounding mode, width, sign, zero point and narrowness on numbers that hit ties."""
    b = Bundle([1, 12])
    for mode in ["ROUND", "HALF_EVEN", "CEIL", "FLOOR", "UP", "DOWN", "HALF_UP", "HALF_DOWN", "half_up"]:
        for signed in [0, 1]:
            b.out(b.quant("in0", 0.25, bits=4, signed=signed, rounding_mode=mode))
    b.out(b.quant("in0", 0.25, bits=5, narrow=1), b.quant("in0", 0.5, bits=3, narrow=1, signed=0))
    b.out(b.quant("in0", 0.25, zero=3, bits=4, signed=0), b.quant("in0", 0.5, zero=-2, bits=5))
    b.out(b.quant("in0", 1.0, bits=1), b.quant("in0", 1.0, bits=1, signed=0), b.quant("in0", 0.5, bits=2.5))
    b.out(b.quant("in0", [0.25, 0.5, 1, 2] * 3, bits=4))
    b.out(b.node("BipolarQuant", ["in0", b.const(0.5)], domain="qonnx.custom_op.general"))
    thresholds = np.sort(normal(12, 3, scale=2), axis=1).round(2)
    b.out(b.node("MultiThreshold", ["in0", b.const(thresholds)], domain="qonnx.custom_op.general", out_scale=0.5, out_bias=-1.0))
    grid = (np.arange(-24, 24).reshape(4, 12) / 8 * 1.5).astype(np.float32)
    save("rounding", b, np.concatenate([grid, (rng.integers(-64, 64, size=(20, 12)) / 16).astype(np.float32)]), "qonnx")


def minifloats():
    """Weights in the formats of FP8 and FP4 as Brevitas exports them: e4m3fn, e5m2, e2m1, unequal scales, every rounding."""
    b = Bundle([1, 12])
    for exponent, mantissa, bias, largest, flags in [
        (4, 3, 7, 448.0, dict(has_nan=1)), (5, 2, 15, 57344.0, dict(has_inf=1, has_nan=1)), (2, 1, 1, 6.0, {}), (3, 2, 3, 28.0, {}),
    ]:
        for mode in ["ROUND", "CEIL", "FLOOR"]:
            for scale in [0.125, [0.5, 1, 2, 0.25] * 3]:
                weights = (rng.integers(-2048, 2048, size=12) / 256.0 * 2.0 ** rng.integers(-9, 4, size=12)).astype(np.float32)
                numbers = b.node(
                    "FloatQuant", [b.const(weights)] + [b.const(v) for v in (scale, exponent, mantissa, bias, largest)],
                    domain="qonnx.custom_op.general", has_subnormal=1, rounding_mode=mode, saturation=1, **{"has_inf": 0, "has_nan": 0} | flags)
                b.out(b.node("Mul", [numbers, "in0"]))
    save("minifloats", b, (rng.integers(-64, 64, size=(20, 12)) / 16).astype(np.float32), "qonnx")


def scales():
    """Scales that are no powers of two, per tensor and per channel, normalization, residual sums."""
    b = Bundle([1, 2, 6, 6])
    x = b.quant("in0", 0.0371, bits=8)
    w = b.quant(b.const(normal(4, 2, 3, 3, scale=0.4)), np.array([0.011, 0.013, 0.0171, 0.0093], np.float32).reshape(4, 1, 1, 1), bits=6, narrow=1)
    y = b.node("Conv", [x, w, b.const(normal(4, scale=0.3))], pads=[1, 1, 1, 1])
    y = b.node("BatchNormalization", [y, b.const([0.9, -0.7, 1.3, 0.4]), b.const(normal(4, scale=0.2)), b.const(normal(4, scale=0.2)), b.const(abs(normal(4)) + 0.5)])
    y = b.node("Relu", [y])
    y = b.quant(y, 0.0297, bits=6, signed=0)
    p = b.node("MaxPool", [y], kernel_shape=[2, 2], strides=[2, 2])
    w2 = b.quant(b.const(normal(4, 4, 1, 1, scale=0.5)), 0.0231, bits=5)
    z = b.quant(b.node("Conv", [p, w2]), 0.051, bits=7)
    s = b.quant(b.node("Add", [z, b.quant(p, 0.043, bits=7)]), 0.061, bits=7)
    flat = b.node("Flatten", [s], axis=1)
    w3 = b.quant(b.const(normal(36, 5, scale=0.3)), normal(1, 5) * 0 + np.array([0.017, 0.019, 0.023, 0.029, 0.031], np.float32), bits=6)
    g = b.node("Add", [b.node("MatMul", [flat, w3]), b.const(normal(5))])
    b.out(b.quant(g, 0.125, bits=8), b.quant(y, 0.031, bits=5, signed=0), b.quant(g, 0.0917, zero=5, bits=6, signed=0))
    save("scales", b, normal(40, 2, 6, 6, scale=1.6), "qonnx")


def trunc():
    for version in [1, 2]:
        b = Bundle([1, 8])
        x = b.quant("in0", 0.125, bits=8)
        extra = [b.const(1.0)] if version == 2 else []
        b.out(b.node("Trunc", [x, b.const(0.125), b.const(0), b.const(8)] + extra + [b.const(5)], domain="qonnx.custom_op.general", rounding_mode="FLOOR"))
        save(f"trunc{version}", b, (rng.integers(-128, 128, size=(12, 8)) / 8).astype(np.float32), "qonnx", qonnx_version=version)


def qdq():
    """ONNX Runtime's form: uint8 with zero points, int8 weights per channel, int32 bias, clips for narrower widths."""
    b = Bundle([1, 3, 5, 5])

    def both(x, scale, zero, dtype, clip=None):
        s, z = b.const(scale), b.const(zero, dtype)
        q = b.node("QuantizeLinear", [x, s, z])
        if clip:
            q = b.node("Clip", [q, b.const(clip[0], dtype), b.const(clip[1], dtype)])
        return b.node("DequantizeLinear", [q, s, z])

    x = both("in0", 0.0213, 117, np.uint8)
    scale = np.array([0.0051, 0.0043, 0.0067, 0.0039], np.float32)
    w = b.node("DequantizeLinear", [b.const(rng.integers(-127, 128, size=(4, 3, 3, 3)), np.int8), b.const(scale), b.const([0] * 4, np.int8)], axis=0)
    bias = b.node("DequantizeLinear", [b.const(rng.integers(-3000, 3000, size=4), np.int32), b.const((scale * np.float32(0.0213)).astype(np.float32)), b.const([0] * 4, np.int32)], axis=0)
    y = both(b.node("Conv", [x, w, bias], pads=[1, 1, 1, 1]), 0.0315, 0, np.uint8)
    y = both(b.node("MaxPool", [y], kernel_shape=[2, 2]), 0.0315, 0, np.uint8)
    w2 = b.node("DequantizeLinear", [b.const(rng.integers(-7, 8, size=(6, 64)), np.int8), b.const(0.083), b.const(0, np.int8)])
    z = b.node("Gemm", [b.node("Flatten", [y], axis=1), w2], transB=1)
    b.out(both(z, 0.31, -9, np.int8), both(z, 0.5, 0, np.int8, clip=(-31, 31)))
    save("qdq", b, normal(40, 3, 5, 5, scale=1.2))


def reductions():
    """Every choice of axes of rank-3 data, square so that a wrong order shows in words and not in shapes."""
    own = np.random.default_rng(11)
    b = Bundle([1, 3, 3])
    for axes in [[1], [2], [1, 2]]:
        for keep in [0, 1]:
            b.out(b.node("ReduceSum", ["in0", b.const(axes, np.int64)], keepdims=keep))
            b.out(b.node("ReduceMean", ["in0"], axes=axes, keepdims=keep), b.node("ReduceMax", ["in0"], axes=axes, keepdims=keep))
    save("reductions", b, own.normal(size=(4, 3, 3)).astype(np.float32))


def normalizations():
    """Normalizations that subtract no mean, as nodes of their own and as exporters write them out; roots and reciprocals."""
    b = Bundle([1, 6, 4], opset=18)
    last = b.const([-1], np.int64)
    scale = b.const(normal(4))
    b.out(b.node("LpNormalization", ["in0"], axis=-1), b.node("LpNormalization", ["in0"], axis=1, p=1))
    b.out(b.node("SimplifiedLayerNormalization", ["in0", scale], axis=-1, epsilon=1e-3))
    two, eps = b.const(2), b.const(1e-3)
    mean = b.node("ReduceMean", [b.node("Pow", ["in0", two]), last])
    root = b.node("Sqrt", [b.node("Add", [mean, eps])])
    b.out(b.node("Mul", [b.node("Mul", ["in0", b.node("Reciprocal", [root])]), scale]), b.node("Div", ["in0", root]))
    b.out(b.node("Mul", [b.node("Div", [b.const(1), root]), "in0"]))
    sums = b.node("ReduceSum", [b.node("Mul", ["in0", "in0"]), b.const([1], np.int64)])
    b.out(b.node("Div", ["in0", b.node("Sqrt", [b.node("Max", [sums, eps])])]), b.node("Div", ["in0", b.node("Sqrt", [b.node("Add", [eps, sums])])]))
    length = b.node("Clip", [b.node("ReduceL2", ["in0", last]), b.const(1e-12)])
    b.out(b.node("Div", ["in0", b.node("Expand", [length, b.const([1, 6, 4], np.int64)])]))
    squares = b.node("ReduceSumSquare", ["in0", b.const([1, 2], np.int64)])
    b.out(b.node("Mul", ["in0", b.node("Pow", [b.node("Add", [squares, eps]), b.const(-0.5)])]))
    centered = b.node("Sub", ["in0", b.node("ReduceMean", ["in0", last])])
    variance = b.node("ReduceMean", [b.node("Mul", [centered, centered]), last])
    b.out(b.node("Mul", [centered, b.node("Reciprocal", [b.node("Sqrt", [b.node("Add", [variance, eps])])])]), b.node("Sqrt", [variance]))
    size = b.node("Add", [b.node("Abs", ["in0"]), eps])
    b.out(b.node("Sqrt", [size]), b.node("Reciprocal", [b.node("Sqrt", [size])]), b.node("Reciprocal", [size]), b.node("Div", ["in0", size]))
    b.out(b.node("ReduceL1", ["in0", last]), b.node("ReduceL2", ["in0", b.const([1], np.int64)], keepdims=0), squares)
    save("normalizations", b, normal(4, 6, 4))


def rms_normalization():
    """The node of opset 23."""
    b = Bundle([1, 6, 4], opset=23)
    b.out(b.node("RMSNormalization", ["in0", b.const(normal(4))]), b.node("RMSNormalization", ["in0", b.const(normal(6, 4))], axis=1, epsilon=1e-2))
    save("rms_normalization", b, normal(4, 6, 4))


def odd_zero():
    """Ties of QuantizeLinear: the zero point is added after rounding."""
    own = np.random.default_rng(12)
    b = Bundle([1, 8])
    for zero, dtype, clip in [(1, np.int8, None), (3, np.uint8, None), (-5, np.int8, (-20, 9)), (2, np.int8, None)]:
        s, z = b.const(0.25), b.const(zero, dtype)
        q = b.node("QuantizeLinear", ["in0", s, z])
        if clip:
            q = b.node("Clip", [q, b.const(clip[0], dtype), b.const(clip[1], dtype)])
        b.out(b.node("DequantizeLinear", [q, s, z]))
    save("odd_zero", b, (own.integers(-800, 800, size=(40, 8)) / 64).astype(np.float32))

def odd_zeros():
    """The same with a zero point per channel, even and odd; scales that are powers of two, and one that is none."""
    own = np.random.default_rng(13)
    b = Bundle([1, 4, 8])
    for scale, axis, count in [(0.25, 1, 4), (0.125, 2, 8), (0.75, 2, 8)]:
        for dtype, low, high in [(np.int8, -9, 9), (np.uint8, 0, 40)]:
            s = b.const(scale * 2.0 ** own.integers(0, 2, count) if scale != 0.75 else np.full(count, scale))
            z = b.const(own.integers(low, high, count), dtype)
            q = b.node("QuantizeLinear", ["in0", s, z], axis=axis)
            b.out(b.node("DequantizeLinear", [q, s, z], axis=axis))
    save("odd_zeros", b, (own.integers(-800, 800, size=(40, 4, 8)) / 64).astype(np.float32))


def attention():
    """What exporters write for transformers: products of data, Gelu in its forms, layer normalization, either whole or in parts."""
    own = np.random.default_rng(21)
    normal = lambda *shape: own.normal(size=shape).astype(np.float32)
    b = Bundle([1, 5, 8], opset=20)
    i64 = lambda *v: b.const(v, np.int64)
    heads = lambda x: b.node("Transpose", [b.node("Reshape", [x, i64(1, 5, 2, 4)])], perm=[0, 2, 1, 3])
    q, k, v = [heads(b.node("MatMul", ["in0", b.const(normal(8, 8) / 3)])) for _ in range(3)]
    scores = b.node("Div", [b.node("MatMul", [q, b.node("Transpose", [k], perm=[0, 1, 3, 2])]), b.const(2.0)])
    mixed = b.node("MatMul", [b.node("Softmax", [scores], axis=-1), v])
    joined = b.node("Reshape", [b.node("Transpose", [mixed], perm=[0, 2, 1, 3]), i64(1, 5, 8)])
    b.out(scores, mixed, b.node("MatMul", [joined, b.const(normal(8, 8) / 3)]))
    b.out(b.node("LayerNormalization", ["in0", b.const(normal(8)), b.const(normal(8))], epsilon=1e-3))
    b.out(b.node("LayerNormalization", ["in0", b.const(normal(5, 8))], axis=1))
    half = b.const(0.5)
    erf = b.node("Erf", [b.node("Div", ["in0", b.const(2 ** 0.5)])])
    b.out(b.node("Mul", [b.node("Mul", ["in0", b.node("Add", [erf, b.const(1.0)])]), half]))
    b.out(b.node("Mul", [b.node("Mul", ["in0", half]), b.node("Add", [b.const(1.0), erf])]))
    cube = b.node("Pow", ["in0", b.const(3.0)])
    inner = b.node("Mul", [b.node("Add", ["in0", b.node("Mul", [cube, b.const(0.044715)])]), b.const((2 / np.pi) ** 0.5)])
    b.out(b.node("Mul", [b.node("Mul", ["in0", half]), b.node("Add", [b.node("Tanh", [inner]), b.const(1.0)])]))
    b.out(b.node("Gelu", ["in0"]), b.node("Gelu", ["in0"], approximate="tanh"), b.node("Mish", ["in0"]))
    centred = b.node("Sub", ["in0", b.node("ReduceMean", ["in0", i64(-1)])])
    variance = b.node("ReduceMean", [b.node("Pow", [centred, b.const(2.0)]), i64(-1)])
    deviation = b.node("Sqrt", [b.node("Add", [variance, b.const(1e-3)])])
    b.out(b.node("Mul", [b.node("Div", [centred, deviation]), b.const(normal(8))]))
    b.out(b.node("LogSoftmax", ["in0"], axis=-1), b.node("LogSoftmax", ["in0"], axis=1))
    b.out(b.node("ReduceMin", ["in0", i64(2)]), b.node("ReduceMin", ["in0", i64(1)], keepdims=0))
    # The batch of one in another place and back, as recurrent and attention layers have it.
    turned = b.node("Transpose", ["in0"], perm=[1, 0, 2])
    b.out(b.node("Transpose", [b.node("Add", [turned, b.const(normal(5, 1, 8))])], perm=[1, 0, 2]))
    save("attention", b, own.normal(size=(4, 5, 8)).astype(np.float32))


def groups():
    """Transposed convolutions in groups, poolings with dilations."""
    own = np.random.default_rng(22)
    normal = lambda *shape: own.normal(size=shape).astype(np.float32)
    b = Bundle([1, 4, 6, 7], opset=19)
    b.out(b.node("ConvTranspose", ["in0", b.const(normal(4, 3, 2, 3)), b.const(normal(6))], group=2, strides=[2, 1], pads=[1, 0, 0, 1]))
    b.out(b.node("ConvTranspose", ["in0", b.const(normal(4, 1, 3, 3))], group=4, strides=[2, 2]))
    b.out(b.node("MaxPool", ["in0"], kernel_shape=[2, 3], dilations=[2, 2]))
    b.out(b.node("MaxPool", ["in0"], kernel_shape=[3, 2], dilations=[2, 1], strides=[1, 2], pads=[2, 1, 2, 1]))
    b.out(b.node("AveragePool", ["in0"], kernel_shape=[2, 2], dilations=[3, 2], strides=[1, 2]))
    save("groups", b, own.normal(size=(4, 4, 6, 7)).astype(np.float32))


def recurrent():
    """Every cell in every direction, with what PyTorch's exporter writes around them: the batch moved behind the steps."""
    rng = np.random.default_rng(20)
    b = Bundle([1, 5, 3], opset=14)
    x = b.node("Transpose", ["in0"], perm=[1, 0, 2])
    gates = {"RNN": 1, "GRU": 3, "LSTM": 4}

    def cell(op, units, direction="forward", bias=True, states=False, results=1, **attributes):
        count = 2 if direction == "bidirectional" else 1
        rows = gates[op] * units
        inputs = [x, b.const(rng.normal(0, 0.5, (count, rows, 3))), b.const(rng.normal(0, 0.5, (count, rows, units)))]
        inputs.append(b.const(rng.normal(0, 0.5, (count, 2 * rows))) if bias else "")
        inputs.append("")
        for _ in range(2 if op == "LSTM" else 1):
            inputs.append(b.const(rng.normal(0, 0.5, (count, 1, units)) if states else np.zeros((count, 1, units))))
        names = b.node(op, inputs, outputs=3 if op == "LSTM" else 2, hidden_size=units, direction=direction, **attributes)
        order = {0: [2, 0, 1, 3], 1: [1, 0, 2], 2: [1, 0, 2]}
        for place in results if isinstance(results, list) else [results - 1]:
            b.out(b.node("Transpose", [names[place]], perm=order[place]))

    cell("RNN", 4)
    cell("RNN", 3, "bidirectional", activations=["Relu", "Affine"], activation_alpha=[0.5], activation_beta=[0.125], bias=False)
    cell("RNN", 3, "reverse", states=True, results=2)
    cell("GRU", 4, linear_before_reset=1)
    cell("GRU", 4, results=2)
    cell("GRU", 3, "bidirectional", linear_before_reset=1, states=True, results=[0, 1])
    cell("GRU", 3, "reverse", activations=["HardSigmoid", "Softsign"])
    cell("LSTM", 4)
    cell("LSTM", 3, "bidirectional", states=True, results=[0, 1, 2])
    cell("LSTM", 3, "reverse", activations=["Sigmoid", "Tanh", "Softsign"], results=[2], bias=False)
    save("recurrent", b, rng.normal(0, 1, (8, 5, 3)).astype(np.float32))


def graphs():
    """Products by an equation, normalizations of groups, the largest words, rows at places that depend on the event, masks."""
    own = np.random.default_rng(23)
    normal = lambda *shape: own.normal(size=shape).astype(np.float32)
    b = Bundle([1, 6, 4], opset=21)
    i64 = lambda v: b.const(v, np.int64)
    as_float = lambda x: b.node("Cast", [x], to=TensorProto.FLOAT)
    einsum = lambda equation, *x: b.node("Einsum", list(x), equation=equation)
    b.out(einsum("bij,bkj->bik", "in0", "in0"), einsum("bij,jk->bik", "in0", b.const(normal(4, 3))))
    b.out(einsum("es,bsf->bef", b.const(normal(5, 6)), "in0"), einsum("...i,ij", "in0", b.const(normal(4, 2))))
    b.out(einsum("bij,ij->bi", "in0", b.const(normal(6, 4))), einsum("bij,bij->b", "in0", "in0"), einsum("bij,bjk->bik", "in0", einsum("bij,bik->bjk", "in0", "in0")))
    b.out(b.node("GroupNormalization", ["in0", b.const(normal(6)), b.const(normal(6))], num_groups=3))
    b.out(b.node("InstanceNormalization", ["in0", b.const(normal(6)), b.const(normal(6))], epsilon=1e-3))
    top, places = b.node("TopK", ["in0", i64([2])], outputs=2, axis=1)
    low, lowest = b.node("TopK", ["in0", i64([4])], outputs=2, axis=-1, largest=0)
    b.out(top, as_float(places), low, as_float(lowest))
    b.out(as_float(b.node("ArgMax", ["in0"], axis=2)), as_float(b.node("ArgMin", ["in0"], axis=1, keepdims=0)))
    b.out(b.node("GatherElements", ["in0", places], axis=1), b.node("GatherElements", ["in0", lowest], axis=2))
    # The neighbours of every row, as exporters of PyTorch write them for a batch of one: rows of the whole, places in one list.
    nearest = b.node("TopK", [einsum("bij,bkj->bik", "in0", "in0"), i64([3])], outputs=2, axis=-1)[1]
    flat = b.node("Reshape", [b.node("Cast", [nearest], to=TensorProto.INT32), i64([-1])])
    rows = b.node("Gather", [b.node("Reshape", ["in0", i64([6, 4])]), flat], axis=0)
    b.out(b.node("Reshape", [rows, i64([1, 6, 3, 4])]), b.node("Gather", ["in0", b.node("Squeeze", [nearest, i64([0])])], axis=1))
    b.out(b.node("GatherND", ["in0", b.node("Unsqueeze", [nearest, i64([-1])])], batch_dims=1))
    scores = einsum("bij,bkj->bik", "in0", "in0")
    causal = np.where(np.tril(np.ones((6, 6))) > 0, 0, -np.inf)
    b.out(b.node("Softmax", [b.node("Add", [scores, b.const(causal)])], axis=-1))
    b.out(b.node("Softmax", [b.node("Add", [b.const(np.where(np.eye(6) > 0, -1e9, 0)), scores])], axis=1))
    kept = b.const(own.random((6, 6)) < 0.6, bool)
    b.out(b.node("Softmax", [b.node("Where", [kept, scores, b.const(np.finfo("f4").min)])], axis=-1))
    save("graphs", b, own.normal(size=(4, 6, 4)).astype(np.float32))


def uneven():
    """Averages over windows of which padding cuts some, and functions that torch.onnx writes as several nodes."""
    b = Bundle([1, 3, 7, 8])
    for attributes in [
        dict(kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]), dict(kernel_shape=[2, 2], pads=[1, 0, 0, 1], strides=[2, 2]),
        dict(kernel_shape=[3, 2], strides=[2, 2], ceil_mode=1), dict(kernel_shape=[4, 3], pads=[2, 1, 1, 1], strides=[1, 3]),
    ]:
        b.out(b.node("AveragePool", ["in0"], **attributes))
    x = b.node("Mul", ["in0", b.const(9)])
    b.out(b.node("Div", [x, b.node("Add", [b.node("Abs", [x]), b.const(1)])]))
    b.out(b.node("Where", [b.node("Greater", [x, b.const(20)]), x, b.node("Softplus", [x])]))
    save("uneven", b, normal(4, 3, 7, 8))


def opsets():
    """One small network of the operations whose form has changed, in every operator set from 11 to 21."""
    for version in range(11, 22):
        own = np.random.default_rng(100 + version)
        normal = lambda *shape: own.normal(size=shape).astype(np.float32)
        b = Bundle([1, 4, 6, 6], opset=version)

        def axes(op, x, values, since, **attributes):
            """Axes are an input since some operator set, an attribute before."""
            if version >= since:
                return b.node(op, [x, b.const(values, np.int64)], **attributes)
            return b.node(op, [x], axes=values, **attributes)

        x = b.node("Conv", ["in0", b.const(normal(4, 4, 3, 3) / 4), b.const(normal(4))], pads=[1, 1, 1, 1])
        x = b.node("BatchNormalization", [x, b.const(normal(4)), b.const(normal(4)), b.const(normal(4)), b.const(abs(normal(4)) + 0.5)])
        x = b.node("Clip", [x, b.const(0), b.const(2.5)])
        scale, zero = b.const(0.0171), b.const(3, np.uint8)
        q = b.node("DequantizeLinear", [b.node("QuantizeLinear", [x, scale, zero]), scale, zero])
        pooled = b.node("AveragePool", [q], kernel_shape=[2, 2], strides=[2, 2])
        padded = b.node("Pad", [pooled, b.const([0, 0, 1, 0, 0, 0, 0, 1], np.int64)])
        b.out(padded, b.node("Resize", [pooled, b.const([]) if version < 13 else "", b.const([1, 1, 2, 2])], mode="nearest"))
        b.out(axes("ReduceSum", q, [2, 3], 13, keepdims=0), axes("ReduceMean", q, [1], 18), axes("ReduceMax", q, [-1], 18, keepdims=0))
        flat = b.node("Flatten", [pooled], axis=1)
        halves = b.node("Split", [flat], outputs=2, axis=1, **(dict(num_outputs=2) if version >= 18 else {}))
        wide = axes("Unsqueeze", halves[0], [1], 13)
        b.out(axes("Squeeze", wide, [1], 13), b.node("Softmax", [halves[1]], axis=1))
        b.out(b.node("Gemm", [flat, b.const(normal(36, 3)), b.const(normal(3))]))
        save(f"opset_{version}", b, own.normal(size=(3, 4, 6, 6)).astype(np.float32))


if __name__ == "__main__":
    for make in [convolutions, pools, moves, functions, external, rounding, minifloats, scales, trunc, qdq, reductions, odd_zero, odd_zeros, attention, groups, graphs, recurrent, uneven, opsets, normalizations, rms_normalization]:
        if len(sys.argv) < 3 or make.__name__ in sys.argv[2:]:
            make()
