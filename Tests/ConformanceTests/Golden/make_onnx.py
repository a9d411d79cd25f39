#!/usr/bin/env python3
"""Makes the golden cases onnx_*: ONNX and QONNX models, cleaned by qonnx, through hls4ml's C simulation.

Usage: python make_onnx.py OUTPUT_FOLDER [case ...]

Needs hls4ml==1.3.0, onnx==1.17.0, qonnx==1.0.0 and g++. Every case becomes a folder of the form described in ../README.md:
`model.onnx` is what an exporter writes, or, in cases of the name `_clean`, what hls4ml got. Nothing here is needed to run the tests."""

import json
import os
import shutil
import sys
import tempfile
import zlib

import hls4ml
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.channels_last import ConvertToChannelsLastAndClean
from qonnx.transformation.gemm_to_matmul import GemmToMatMul
from qonnx.util.cleanup import cleanup_model

EVENTS = 40
CASES = {}


def case(**options):
    def register(function):
        CASES["onnx_" + function.__name__] = (function, options)
        return function

    return register


class Graph:
    """Nodes and constants of a graph with one input."""

    def __init__(self, seed, shape):
        self.rng = np.random.default_rng(seed)
        self.nodes, self.constants, self.count = [], [], 0
        self.shape = [1, *shape]

    def const(self, values):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values, np.float32), name))
        return name

    def random(self, *shape, scale=0.4):
        return self.const(self.rng.normal(0, scale, shape))

    def positive(self, *shape):
        return self.const(self.rng.uniform(0.5, 1.5, shape))

    def node(self, op, *inputs, domain="", **attributes):
        self.count += 1
        name = f"t{self.count}"
        self.nodes.append(helper.make_node(op, list(inputs), [name], name=f"{op}{self.count}", domain=domain, **attributes))
        return name

    def quant(self, x, scale, bits, signed=1, narrow=0, rounding="ROUND", zero=0):
        return self.node(
            "Quant", x, self.const(scale), self.const(zero), self.const(bits), domain="qonnx.custom_op.general",
            signed=signed, narrow=narrow, rounding_mode=rounding)

    def conv(self, x, w, *bias, kernel=3, pads=0, dimensions=2, group=1, strides=1):
        ones = [1] * dimensions
        return self.node(
            "Conv", x, w, *bias, kernel_shape=[kernel] * dimensions, pads=[pads] * 2 * dimensions,
            strides=[strides] * dimensions, dilations=ones, group=group)

    def model(self, output):
        graph = helper.make_graph(
            self.nodes, "net", [helper.make_tensor_value_info("x", TensorProto.FLOAT, self.shape)],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)], self.constants)
        opsets = [helper.make_opsetid("", 13), helper.make_opsetid("qonnx.custom_op.general", 1)]
        model = helper.make_model(graph, opset_imports=opsets)
        model.ir_version = 8
        return model


@case()
def dense(seed):
    """Gemm and MatMul with biases, normalization, functions."""
    g = Graph(seed, [8])
    x = g.node("Gemm", "x", g.random(10, 8), g.random(10), transB=1)
    x = g.node("BatchNormalization", x, g.positive(10), g.random(10), g.random(10), g.positive(10), epsilon=1e-3)
    x = g.node("LeakyRelu", x, alpha=0.125)
    x = g.node("MatMul", x, g.random(10, 6))
    x = g.node("Elu", x, alpha=0.5)
    return g.model(g.node("Softmax", g.node("Gemm", x, g.random(6, 4), g.random(4)), axis=-1))


CASES["onnx_dense_flat"] = (dense, dict(flat="ap_fixed<14,5,AP_RND,AP_SAT>"))
CASES["onnx_dense_reuse"] = (dense, dict(reuse=2, strategy="Resource"))


@case()
def arithmetic(seed):
    """Sums, differences, products and quotients with constants, before and behind matrices; merges of data."""
    g = Graph(seed, [6])
    x = g.node("Mul", "x", g.positive(6))
    y = g.node("MatMul", x, g.random(6, 5))
    y = g.node("Sub", g.random(5), y)
    z = g.node("Relu", g.node("Div", g.node("Sub", "x", g.random(6)), g.const([3.0])))
    z = g.node("Tanh", g.node("Add", g.node("MatMul", z, g.random(6, 5)), g.random(5)))
    both = g.node("Concat", g.node("Mul", y, z), g.node("Max", y, z), axis=1)
    return g.model(g.node("MatMul", g.node("Sigmoid", both), g.random(10, 3)))


@case()
def convolution(seed):
    """Two dimensions: padding, strides, normalization, pooling, a flattening that orders channels first."""
    g = Graph(seed, [2, 7, 7])
    x = g.conv("x", g.random(4, 2, 3, 3), g.random(4), pads=1)
    x = g.node("BatchNormalization", x, g.positive(4), g.random(4), g.random(4), g.positive(4))
    x = g.node("MaxPool", g.node("Relu", x), kernel_shape=[2, 2], strides=[2, 2], pads=[0] * 4)
    x = g.node("Relu", g.conv(x, g.random(4, 1, 2, 2), g.random(4), kernel=2, group=4))
    x = g.node("Flatten", x, axis=1)
    return g.model(g.node("Gemm", x, g.random(16, 3), g.random(3)))


@case()
def convolution1d(seed):
    g = Graph(seed, [3, 9])
    x = g.node("Relu", g.conv("x", g.random(4, 3, 3), g.random(4), pads=1, dimensions=1))
    x = g.node("Relu", g.conv(x, g.random(2, 4, 2), kernel=2, strides=2, dimensions=1))
    return g.model(g.node("MatMul", g.node("Flatten", x, axis=1), g.random(8, 3)))


@case()
def quant_dense(seed):
    """Powers of two as scales: types; FLOOR, narrow, unsigned, quantized bias."""
    g = Graph(seed, [8])
    x = g.quant("x", 0.0625, 7, rounding="FLOOR")
    x = g.node("MatMul", x, g.quant(g.random(8, 6), 0.125, 4, narrow=1))
    x = g.node("Add", x, g.quant(g.random(6), 0.015625, 6))
    x = g.quant(g.node("Relu", x), 0.125, 5, signed=0)
    x = g.node("MatMul", x, g.quant(g.random(6, 4), 0.25, 3))
    return g.model(g.quant(x, 0.25, 6))


@case()
def quant_scales(seed):
    """Other scales, of data and of weights: factors in layers of their own."""
    g = Graph(seed, [8])
    x = g.quant("x", 0.0371, 8)
    x = g.node("MatMul", x, g.quant(g.random(8, 6), 0.0613, 5, narrow=1))
    x = g.node("Relu", g.node("Add", x, g.random(6)))
    x = g.quant(x, 0.081, 5, signed=0)
    return g.model(g.node("MatMul", x, g.quant(g.random(6, 4), 0.11, 4)))


CASES["onnx_quant_scales_flat"] = (quant_scales, dict(flat="ap_fixed<18,8>"))


@case()
def quant_convolution(seed):
    """Scales per tensor and per channel, normalization behind them."""
    g = Graph(seed, [2, 6, 6])
    x = g.quant("x", 0.0625, 8)
    scale = np.array([0.11, 0.13, 0.071, 0.093], np.float32).reshape(4, 1, 1, 1)
    x = g.conv(x, g.quant(g.random(4, 2, 3, 3), scale, 4, narrow=1))
    x = g.node("BatchNormalization", x, g.positive(4), g.random(4), g.random(4), g.positive(4))
    x = g.quant(g.node("Relu", x), 0.125, 4, signed=0)
    x = g.conv(x, g.quant(g.random(3, 4, 2, 2), 0.125, 4), kernel=2)
    x = g.quant(g.node("Relu", x), 0.25, 4, signed=0)
    return g.model(g.node("MatMul", g.node("Flatten", x, axis=1), g.quant(g.random(27, 3), 0.0625, 5)))


@case()
def quant_convolution_scaled(seed):
    """Data and weights of a convolution with a bias, both scaled."""
    g = Graph(seed, [2, 5, 5])
    x = g.quant("x", 0.0371, 8)
    x = g.conv(x, g.quant(g.random(3, 2, 3, 3), 0.0613, 5), g.random(3))
    x = g.quant(g.node("Relu", x), 0.125, 5, signed=0)
    return g.model(g.node("MatMul", g.node("Flatten", x, axis=1), g.random(27, 3)))


CASES["onnx_convolution_clean"] = (convolution, dict(cleaned=True))
CASES["onnx_quant_convolution_clean"] = (quant_convolution, dict(cleaned=True))


def clean(model):
    model = cleanup_model(ModelWrapper(model))
    if any(n.op_type in ("Conv", "MaxPool") for n in model.graph.node):
        model = model.transform(ConvertToChannelsLastAndClean(make_input_channels_last=True))
    model = model.transform(GemmToMatMul())
    return cleanup_model(model)


def configuration(model, options):
    config = hls4ml.utils.config_from_onnx_model(model, granularity="name", backend="Vitis")
    config["Model"]["Strategy"] = options.get("strategy", "Latency")
    config["Model"]["ReuseFactor"] = options.get("reuse", 1)
    for layer in config["LayerName"].values():
        if "ReuseFactor" in layer:
            layer["ReuseFactor"] = options.get("reuse", 1)
        for tensor in layer["Precision"] if "flat" in options else []:
            if tensor in ("result", "accum"):
                layer["Precision"][tensor] = options["flat"]
    return config


def make(folder, name):
    function, options = CASES[name]
    seed = zlib.crc32(function.__name__.encode())
    folder = os.path.join(folder, name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    model = function(seed)
    cleaned = clean(model)
    # As the exporter wrote it, or as the user of hls4ml has it.
    onnx.save(cleaned.model if "cleaned" in options else model, os.path.join(folder, "model.onnx"))
    config = configuration(cleaned.model, options)
    case = {"model": "model.onnx", "config": "config.json", "hls4ml": hls4ml.__version__}
    whole = {
        "Backend": "Vitis", "Part": "xcvu13p-flga2577-2-e", "ClockPeriod": 5, "IOType": "io_parallel", "HLSConfig": config}
    with open(os.path.join(folder, "config.json"), "w") as file:
        json.dump(whole, file, indent=1, default=str)
    rng = np.random.default_rng(seed + 1)
    with tempfile.TemporaryDirectory() as build:
        hls = hls4ml.converters.convert_from_onnx_model(
            cleaned.model, hls_config=config, output_dir=build, backend="Vitis", io_type="io_parallel")
        hls.compile()
        shape = [d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim][1:]
        for kind in ["", "stress_"]:
            scale = 6 if kind else 1.2
            inputs = rng.normal(0, scale, (EVENTS // (4 if kind else 1), *shape)).astype(np.float32)
            moved = np.moveaxis(inputs, 1, -1) if inputs.ndim > 2 else inputs
            outputs = hls.predict(np.ascontiguousarray(moved, np.float64))
            suffix = "_stress" if kind else ""
            np.save(os.path.join(folder, f"inputs{suffix}.npy"), moved if "cleaned" in options else inputs)
            np.save(os.path.join(folder, f"outputs{suffix}.npy"), np.asarray(outputs, np.float64).reshape(len(inputs), -1))
            case[kind + "inputs"], case[kind + "outputs"] = [f"inputs{suffix}.npy"], [f"outputs{suffix}.npy"]
    case["io_type"] = "io_parallel"
    case["layers"] = [f"{layer.name}: {layer.class_name}" for layer in hls.get_layers()]
    if len(shape) == 1:  # images have transpositions under names of the tool's own
        types = [
            {"name": layer.name, "class": layer.class_name, "attrs": {"reuse_factor": layer.get_attr("reuse_factor", 1)},
             "types": {key: {"str": str(value.precision)} for key, value in layer.types.items()}}
            for layer in hls.get_layers()]
        with open(os.path.join(folder, "resolved_types.json"), "w") as file:
            json.dump(types, file, indent=1)
            file.write("\n")
    with open(os.path.join(folder, "case.json"), "w") as file:
        json.dump(case, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    for name in sys.argv[2:] or list(CASES):
        print(name, flush=True)
        try:
            make(sys.argv[1], name)
        except Exception as error:  # hls4ml refuses some networks; the case is left out and named
            print(f"  left out: {type(error).__name__}: {error}", flush=True)
            shutil.rmtree(os.path.join(sys.argv[1], name), ignore_errors=True)
