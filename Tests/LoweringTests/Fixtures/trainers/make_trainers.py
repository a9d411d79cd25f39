#!/usr/bin/env python3
"""Writes small networks as their trainers export them, with what the trainers' executors compute: NAME.onnx and NAME.npz (in0, out0).

    python make_trainers.py [NAME ...]        # needs requirements.txt beside it; the tests need none of this

Brevitas: QONNX (export_qonnx, run by QONNX's executor) and QCDQ (export_onnx_qcdq, run by ONNX Runtime without optimizations). ONNX
Runtime: quantize_static of a float network that torch.onnx exported, with its own calibration. Weights are seeded and not trained."""

import os
import pathlib
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime
import torch
import torch.nn as nn
from onnx import numpy_helper

HERE = pathlib.Path(__file__).parent
MODELS = {}


def model(function):
    MODELS[function.__name__] = function
    return function


def runtime(path, events):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return np.concatenate([session.run(None, {name: event[None]})[0] for event in events])


def executor(path, events):
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.core.onnx_exec import execute_onnx
    from qonnx.util.cleanup import cleanup_model

    wrapped = cleanup_model(ModelWrapper(str(path)))
    name, result = wrapped.graph.input[0].name, wrapped.graph.output[0].name
    return np.concatenate([execute_onnx(wrapped, {name: event[None]})[result] for event in events])


def save(name, path, events, run):
    out = run(path, events)
    content = onnx.load(path)
    for node in content.graph.node:
        node.doc_string = ""
    onnx.save(content, HERE / f"{name}.onnx")
    np.savez_compressed(HERE / f"{name}.npz", in0=events, out0=out.astype("float32"))
    print(name, os.path.getsize(HERE / f"{name}.onnx"), out.shape, np.unique(out).size)


def grid(rng, *shape):
    return (np.round(rng.normal(0, 1, shape) * 64) / 64).astype("float32")


# Brevitas ---------------------------------------------------------------------------------------------------


def brevitas(kind):
    """A residual block of convolutions and a dense layer: scales per tensor and per channel, signed and not, 3 to 8 bits."""
    import brevitas.nn as qnn
    from brevitas.quant import (
        Int8ActPerTensorFloat, Int8WeightPerChannelFloat, Int8WeightPerTensorFloat, Int8WeightPerTensorFixedPoint,
        ShiftedUint8ActPerTensorFloat, ShiftedUint8WeightPerChannelFloat, Uint8ActPerTensorFloat,
    )

    shifted = kind == "shifted"
    weight = ShiftedUint8WeightPerChannelFloat if shifted else Int8WeightPerChannelFloat
    data = ShiftedUint8ActPerTensorFloat if shifted else Int8ActPerTensorFloat

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.inp = qnn.QuantIdentity(data, bit_width=8, return_quant_tensor=False)
            self.first = qnn.QuantConv2d(2, 4, 3, padding=1, bias=True, weight_quant=weight, weight_bit_width=5)
            self.norm = nn.BatchNorm2d(4)
            self.relu = qnn.QuantReLU(act_quant=Uint8ActPerTensorFloat, bit_width=4, return_quant_tensor=False)
            self.second = qnn.QuantConv2d(4, 4, 3, padding=1, bias=False, weight_quant=weight, weight_bit_width=3)
            self.sum = qnn.QuantIdentity(data, bit_width=6, return_quant_tensor=False)
            self.out = qnn.QuantLinear(4, 3, bias=True, weight_quant=Int8WeightPerTensorFixedPoint if not shifted else Int8WeightPerTensorFloat, weight_bit_width=6)

        def forward(self, x):
            x = self.relu(self.norm(self.first(self.inp(x))))
            x = self.sum(x + self.second(x))
            return self.out(torch.mean(x, dim=(2, 3)))

    torch.manual_seed(len(kind))
    net = Net()
    net.train()
    for _ in range(20):
        net(torch.randn(16, 2, 5, 5))
    return net.eval()


@model
def brevitas_qonnx():
    from brevitas.export import export_qonnx

    rng = np.random.default_rng(1)
    path = tempfile.mktemp(suffix=".onnx")
    export_qonnx(brevitas("plain"), torch.zeros(1, 2, 5, 5), path, dynamo=False)
    save("brevitas_qonnx", path, grid(rng, 24, 2, 5, 5), executor)


@model
def brevitas_average():
    """Averages of quantized data cut to fewer bits: a Trunc whose scale is that of its input over the number of elements."""
    import brevitas.nn as qnn
    from brevitas.export import export_qonnx

    torch.manual_seed(7)
    net = nn.Sequential(
        qnn.QuantIdentity(bit_width=7, return_quant_tensor=True),
        qnn.TruncAvgPool2d(2, bit_width=6, return_quant_tensor=True),
        qnn.QuantConv2d(2, 4, 3, padding=1, bias=False, weight_bit_width=4),
        qnn.QuantReLU(bit_width=5, return_quant_tensor=True),
        qnn.TruncAvgPool2d(2, bit_width=4, return_quant_tensor=True),
        nn.Flatten(),
        qnn.QuantLinear(16, 3, bias=False, weight_bit_width=5),
    )
    net.train()
    for _ in range(20):
        net(torch.randn(16, 2, 8, 8))
    net.eval()
    path = tempfile.mktemp(suffix=".onnx")
    export_qonnx(net, torch.zeros(1, 2, 8, 8), path, dynamo=False)
    save("brevitas_average", path, grid(np.random.default_rng(6), 24, 2, 8, 8), executor)


def average_of_nine():
    """Averages whose number of elements is no power of two, with ties: integers of 11 bits cut to 6."""
    import brevitas.nn as qnn

    torch.manual_seed(7)
    net = nn.Sequential(
        qnn.QuantIdentity(bit_width=7, return_quant_tensor=True),
        qnn.TruncAvgPool2d(3, bit_width=6, return_quant_tensor=True),
        qnn.QuantConv2d(2, 4, 2, bias=False, weight_bit_width=4),
        qnn.QuantReLU(bit_width=5, return_quant_tensor=False),
        nn.Flatten(),
        qnn.QuantLinear(4, 3, bias=False, weight_bit_width=5),
    )
    net.train()
    for _ in range(20):
        net(torch.randn(16, 2, 6, 6))
    return net.eval()


@model
def brevitas_average_of_nine():
    from brevitas.export import export_qonnx

    path = tempfile.mktemp(suffix=".onnx")
    export_qonnx(average_of_nine(), torch.zeros(1, 2, 6, 6), path, dynamo=False)
    save("brevitas_average_of_nine", path, grid(np.random.default_rng(8), 60, 2, 6, 6), executor)


@model
def brevitas_average_of_nine_qcdq():
    """With Brevitas's own answers: ONNX Runtime divides in float32, and rounds some of the ties to the other side."""
    from brevitas.export import export_onnx_qcdq

    net = average_of_nine()

    def own(path, events):
        with torch.no_grad():
            out = net(torch.tensor(events)).numpy()
        print("differ in ONNX Runtime:", (np.abs(runtime(path, events) - out).max(1) > 1e-5).sum())
        return out

    path = tempfile.mktemp(suffix=".onnx")
    export_onnx_qcdq(net, torch.zeros(1, 2, 6, 6), path, opset_version=13, dynamo=False)
    save("brevitas_average_of_nine_qcdq", path, grid(np.random.default_rng(8), 60, 2, 6, 6), own)


@model
def brevitas_shifted_qonnx():
    from brevitas.export import export_qonnx

    rng = np.random.default_rng(2)
    path = tempfile.mktemp(suffix=".onnx")
    export_qonnx(brevitas("shifted"), torch.zeros(1, 2, 5, 5), path, dynamo=False)
    save("brevitas_shifted_qonnx", path, grid(rng, 24, 2, 5, 5), executor)


@model
def brevitas_qcdq():
    from brevitas.export import export_onnx_qcdq

    rng = np.random.default_rng(3)
    path = tempfile.mktemp(suffix=".onnx")
    export_onnx_qcdq(brevitas("plain"), torch.zeros(1, 2, 5, 5), path, opset_version=13, dynamo=False)
    save("brevitas_qcdq", path, grid(rng, 24, 2, 5, 5), runtime)


# ONNX Runtime -----------------------------------------------------------------------------------------------


def static(name, seed, **options):
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, quantize_static

    torch.manual_seed(seed)
    net = nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 6, 2), nn.Sigmoid(), nn.Flatten(),
        nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3)).eval()
    rng = np.random.default_rng(seed)
    events = grid(rng, 24, 2, 4, 4)
    plain, path = tempfile.mktemp(suffix=".onnx"), tempfile.mktemp(suffix=".onnx")
    torch.onnx.export(net, torch.zeros(1, 2, 4, 4), plain, opset_version=options.pop("opset", 17), dynamo=False)

    class Reader(CalibrationDataReader):
        def __init__(self):
            self.left = [{onnx.load(plain).graph.input[0].name: event[None]} for event in grid(rng, 64, 2, 4, 4)]

        def get_next(self):
            return self.left.pop() if self.left else None

    quantize_static(plain, path, Reader(), quant_format=QuantFormat.QDQ, **options)
    save(name, path, events, runtime)


@model
def static_per_channel():
    from onnxruntime.quantization import QuantType

    static("static_per_channel", 4, per_channel=True, activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)


@model
def static_symmetric():
    from onnxruntime.quantization import QuantType

    static(
        "static_symmetric", 5, activation_type=QuantType.QInt8, weight_type=QuantType.QInt8,
        extra_options={"ActivationSymmetric": True, "WeightSymmetric": True})


@model
def static_asymmetric_weights():
    from onnxruntime.quantization import QuantType

    static(
        "static_asymmetric_weights", 6, per_channel=True, activation_type=QuantType.QUInt8, weight_type=QuantType.QUInt8,
        extra_options={"WeightSymmetric": False})


@model
def static_16_bits():
    from onnxruntime.quantization import QuantType

    static("static_16_bits", 7, opset=21, activation_type=QuantType.QUInt16, weight_type=QuantType.QInt8)


for name, make in MODELS.items():
    if len(sys.argv) < 2 or name in sys.argv[1:]:
        make()
