"""Makes the projects `1.3.0_torch_*` beside this file: recurrent networks of PyTorch as hls4ml writes them, whose GRU has its gates in
another order than Keras's, and whose states can begin with an input. As make.py: inputs, and what the project's own C++ answers.

    python3 -m venv venv && venv/bin/pip install torch==2.15.0 numpy h5py pyyaml onnx quantizers hls4ml==1.3.0
    venv/bin/python make_torch.py
"""

import os
import shutil
import tempfile

import hls4ml
import numpy as np
import torch
import torch.nn as nn

HERE = os.path.dirname(os.path.abspath(__file__))
EVENTS = 40


class Gates(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(5, 4, batch_first=True)
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        x, state = self.gru(x)
        return self.fc(x)


class States(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(5, 4, batch_first=True)

    def forward(self, x, h, c):
        x, state = self.lstm(x, (h, c))
        return x


def make(name, network, shapes):
    torch.manual_seed(len(name))
    rng = np.random.default_rng(len(name))
    network = network.eval()
    config = hls4ml.utils.config_from_pytorch_model(
        network, shapes if len(shapes) > 1 else shapes[0], granularity="name", channels_last_conversion="off",
        transpose_outputs=False, default_precision="ap_fixed<16,6>", backend="Vivado")
    for layer in config["LayerName"].values():
        if isinstance(layer.get("Precision"), dict):
            for tensor in layer["Precision"]:
                layer["Precision"][tensor] = "ap_fixed<16,6>"
    folder = os.path.join(HERE, f"1.3.0_torch_{name}")
    shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as build:
        hls = hls4ml.converters.convert_from_pytorch_model(
            network, hls_config=config, output_dir=build, backend="Vivado", io_type="io_parallel", project_name="myproject")
        hls.compile()
        inputs = [rng.normal(0, 1.2, (EVENTS, *shape)).astype(np.float32) for shape in shapes]
        inputs[0][0].fill(40)
        exact = [np.ascontiguousarray(x, np.float64) for x in inputs]
        output = hls.predict(exact if len(exact) > 1 else exact[0])
        shutil.copytree(
            os.path.join(build, "firmware"), os.path.join(folder, "firmware"),
            ignore=shutil.ignore_patterns("ap_types", "nnet_utils", "*.so", "ac_types", "tcl", "*.txt"))
        for index, array in enumerate(inputs):
            np.save(os.path.join(folder, f"inputs{index if len(inputs) > 1 else ''}.npy"), array)
        np.save(os.path.join(folder, "outputs.npy"), np.asarray(output, np.float64).reshape(EVENTS, -1))
    print(name)


make("gates", Gates(), [(4, 5)])
make("states", States(), [(4, 5), (1, 4), (1, 4)])
