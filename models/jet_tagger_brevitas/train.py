"""Train the jet tagger with Brevitas, 6 bits, export it to QONNX, and write everything in this folder that is not written by hand.

    python -m jet_tagger_brevitas.train --data DATA
"""

import argparse
import copy
import json
import pathlib

import brevitas.nn as qnn
import numpy as np
import scipy.special
import torch
from brevitas.export import export_qonnx
from brevitas.quant import (
    Int8ActPerTensorFixedPoint, Int8WeightPerTensorFixedPoint, Int16Bias, Uint8ActPerTensorFixedPoint,
)
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_onnx
from qonnx.util.cleanup import cleanup_model

from simulation.jets import CLASSES
from training import data, numerics, report

HERE = pathlib.Path(__file__).resolve().parent
TAGGER = HERE.parent / "jet_tagger"  # its sample events and its standardization are used
HIDDEN = (64, 32, 32)
BITS = 6


def network():
    """Dense 16-64-32-32-5 with relu; weights and values of 6 bits, inputs of 10, scales that are powers of two."""
    layers = [qnn.QuantIdentity(Int8ActPerTensorFixedPoint, bit_width=10, return_quant_tensor=True)]
    width = 16
    for units in (*HIDDEN, len(CLASSES)):
        layers.append(
            qnn.QuantLinear(
                width, units, bias=True, weight_quant=Int8WeightPerTensorFixedPoint, weight_bit_width=BITS,
                bias_quant=Int16Bias, return_quant_tensor=units != len(CLASSES),
            )
        )
        if units != len(CLASSES):
            layers.append(
                qnn.QuantReLU(act_quant=Uint8ActPerTensorFixedPoint, bit_width=BITS, return_quant_tensor=True)
            )
        width = units
    return torch.nn.Sequential(*layers)


def values(result):
    """The numbers of a result that may carry its scale."""
    return getattr(result, "value", result)


def standardized(jets):
    """Events as the other jet taggers see them, with their labels, per split."""
    content = json.loads((TAGGER / "standardization.json").read_text())
    mean, deviation = np.array(content["mean"]), np.array(content["std"])
    return {
        name: (numerics.to_grid((columns["features"] - mean) / deviation), columns["label"].astype("int64"))
        for name, columns in jets.items()
    }


def train(model, splits, epochs):
    """Adam with a cosine from 2e-3 to nothing; the weights of the best epoch on the validation jets are kept."""
    events, labels = (torch.from_numpy(x) for x in splits["train"])
    held, truth = (torch.from_numpy(x) for x in splits["validation"])
    optimizer = torch.optim.Adam(model.parameters(), 2e-3)
    rate = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    best, kept = 0.0, copy.deepcopy(model.state_dict())
    for epoch in range(epochs):
        model.train()
        for batch in torch.randperm(len(events)).split(256):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(values(model(events[batch])), labels[batch]).backward()
            optimizer.step()
        rate.step()
        model.eval()
        with torch.no_grad():
            accuracy = float((values(model(held)).argmax(1) == truth).float().mean())
        if accuracy > best:
            best, kept = accuracy, copy.deepcopy(model.state_dict())
        print(f"epoch {epoch + 1}: {accuracy:.4f}", flush=True)
    model.load_state_dict(kept)
    model.eval()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder of simulate_jets")
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()

    torch.manual_seed(options.seed)
    torch.set_num_threads(1)
    splits = standardized(data.load_jets(options.data, ("features", "label")))
    model = network()
    train(model, splits, options.epochs)

    events, labels = np.load(TAGGER / "events.npy"), np.load(TAGGER / "labels.npy")
    path = HERE / "jet_tagger_brevitas.onnx"
    export_qonnx(model, torch.from_numpy(events[:1]), str(path), dynamo=False)
    with torch.no_grad():
        answers = values(model(torch.from_numpy(events))).numpy()
        scores = values(model(torch.from_numpy(splits["test"][0]))).numpy()
    np.save(HERE / "outputs.npy", answers)
    # QONNX's own executor on the exported file: the same numbers.
    graph = cleanup_model(ModelWrapper(str(path)))
    name, result = graph.graph.input[0].name, graph.graph.output[0].name
    executed = np.concatenate([execute_onnx(graph, {name: x[None]})[result] for x in events[:200]])
    print("first 200 jets, QONNX's executor:", int((executed != answers[:200]).sum()), "numbers differ")
    rows = {"6 bits": report.classification(scipy.special.softmax(scores, 1), splits["test"][1], CLASSES)}
    rows["6 bits"]["sample"] = float((answers.argmax(1) == labels).mean())
    print(report.markdown(rows))


if __name__ == "__main__":
    main()
