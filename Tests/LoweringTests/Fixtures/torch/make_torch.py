#!/usr/bin/env python3
"""Writes small PyTorch programs (torch.export.save) with what PyTorch computes of them in float64: FOLDER/NAME.pt2 and
NAME.npz (in0, ..., out0, out1, ...). Needs requirements.txt beside it; the tests need none of this.

Every model is a bundle: many modules read the same input, and each of their results is an output. NAME_core.pt2 is the same
program decomposed into the core ATen operations, with the answers of NAME.npz."""

import copy
import os
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.export import Dim, export

FOLDER = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
torch.manual_seed(15)


class Function(nn.Module):
    def __init__(self, f):
        super().__init__()
        self.f = f

    def forward(self, *x):
        return self.f(*x)


class Bundle(nn.Module):
    """Modules and functions of the same inputs."""

    def __init__(self, *parts):
        super().__init__()
        self.parts = nn.ModuleList(p if isinstance(p, nn.Module) else Function(p) for p in parts)

    def forward(self, *x):
        results = [p(*x) for p in self.parts]
        return tuple(r for result in results for r in (result if isinstance(result, tuple) else (result,)))


def save(name, module, inputs, batch="one", core=True, double=False):
    """batch: "one", as exporters have it, "any" (not fixed), or "all" (as many as there are events)."""
    module = module.eval()
    for normalization in module.modules():
        if isinstance(normalization, (nn.BatchNorm1d, nn.BatchNorm2d)):
            with torch.no_grad():
                normalization.running_mean.normal_()
                normalization.running_var.uniform_(0.5, 2)
                if normalization.affine:
                    normalization.weight.normal_()
                    normalization.bias.normal_()
    if double:
        module, inputs = module.double(), [x.double() for x in inputs]
    example = [x[:1] for x in inputs] if batch == "one" else [x[:2] for x in inputs] if batch == "any" else inputs
    shapes = tuple({0: Dim.DYNAMIC} for _ in inputs) if batch == "any" else None
    program = export(module, tuple(example), dynamic_shapes=(shapes,) if shapes else None)
    programs = {name: program}
    if core:
        programs[f"{name}_core"] = program.run_decompositions()
    for each, program in programs.items():
        for node in program.graph.nodes:
            node.meta.pop("stack_trace", None)
        torch.export.save(program, f"{FOLDER}/{each}.pt2")
    exact = copy.deepcopy(module).double()
    wide = [x.double() if x.is_floating_point() else x for x in inputs]
    with torch.no_grad():
        if batch == "one":
            events = [exact(*[x[i : i + 1] for x in wide]) for i in range(len(inputs[0]))]
            outputs = [torch.cat(rows) for rows in zip(*events)]
        else:
            outputs = exact(*wide)
    arrays = {f"in{i}": x.numpy() for i, x in enumerate(inputs)}
    arrays |= {f"out{i}": y.numpy() for i, y in enumerate(outputs)}
    np.savez_compressed(f"{FOLDER}/{name}.npz", **arrays)


def normal(*shape, scale=1.0):
    return torch.randn(*shape) * scale


class Tagger(nn.Module):
    """Names of the owner's, modules of PyTorch's own and plain functions."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU(inplace=True), nn.MaxPool2d(2),
            nn.Conv2d(4, 6, 3, groups=2), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1))
        self.dropout = nn.Dropout(0.2)
        self.head = nn.Linear(6, 5)
        self.register_buffer("scale", torch.tensor([1.0, 0.5, 2.0, 1.0, 0.25]), persistent=False)

    def forward(self, image):
        x = torch.flatten(self.features(image), 1)
        x = self.head(self.dropout(x)) * self.scale + torch.tensor([0.0, 1, 2, 3, 4])
        return (torch.softmax(x, dim=-1),)


def convolutions():
    save("convolutions1d", Bundle(
        nn.Conv1d(4, 6, 3), nn.Conv1d(4, 6, 3, padding="same", dilation=2), nn.Conv1d(4, 8, 2, stride=2, groups=4),
        nn.Conv1d(4, 4, 3, padding=2, bias=False), nn.Conv1d(4, 4, 4, padding="same"), nn.Conv1d(4, 3, 1, padding="valid"),
        nn.ConvTranspose1d(4, 3, 3, stride=2, padding=1, output_padding=1), nn.BatchNorm1d(4), nn.BatchNorm1d(4, affine=False),
        nn.MaxPool1d(2), nn.MaxPool1d(3, stride=2, padding=1), nn.AvgPool1d(3, stride=2), nn.AvgPool1d(2, ceil_mode=False),
        nn.AvgPool1d(3, stride=1, padding=1), nn.AdaptiveAvgPool1d(1), nn.AdaptiveAvgPool1d(3), nn.AdaptiveMaxPool1d(1),
        lambda x: F.conv1d(x, torch.ones(2, 4, 2, dtype=x.dtype))), [normal(3, 4, 9)], batch="any")
    save("convolutions2d", Bundle(
        nn.Conv2d(3, 4, 3), nn.Conv2d(3, 4, (3, 2), padding=(1, 2), stride=(2, 1)), nn.Conv2d(3, 6, 3, groups=3, dilation=2),
        nn.Conv2d(3, 4, 3, padding="same"), nn.ConvTranspose2d(3, 2, 2, stride=2), nn.BatchNorm2d(3), nn.MaxPool2d(2),
        nn.MaxPool2d(3, stride=2, padding=1, ceil_mode=True), nn.AvgPool2d(2), nn.AvgPool2d(3, 2, padding=1),
        nn.AvgPool2d((2, 3), (1, 3)), nn.AdaptiveAvgPool2d(1), nn.AdaptiveAvgPool2d((4, 3)), nn.AdaptiveMaxPool2d((2, 1)),
        nn.Sequential(nn.Conv2d(3, 4, 1), nn.Upsample(scale_factor=2), nn.PixelShuffle(2)),
        lambda x: F.interpolate(x, size=(16, 18)), lambda x: torch.matmul(torch.ones(2, 8, dtype=x.dtype), x), lambda x: F.pad(x, (1, 2, 0, 1)), lambda x: F.pad(x, (1, 1), value=0.0),
        lambda x: F.pad(x, (2, 1, 1, 1), mode="reflect"), lambda x: F.pad(x, (1, 0, 2, 1), mode="replicate")),
        [normal(2, 3, 8, 6)], core=False)


def functions():
    save("functions", Bundle(
        nn.ReLU(), nn.ReLU6(), nn.LeakyReLU(0.1), nn.PReLU(), nn.PReLU(4), nn.ELU(0.7), nn.CELU(1.3), nn.SELU(), nn.GELU(),
        nn.GELU("tanh"), nn.SiLU(), nn.Mish(), nn.Sigmoid(), nn.Tanh(), nn.Hardsigmoid(), nn.Hardtanh(-2, 1.5), nn.Hardtanh(),
        nn.Hardswish(), nn.Softplus(), nn.Softplus(2.0), nn.Softsign(), nn.Threshold(0.3, 0.0), nn.Softmax(-1), nn.Softmax(1),
        torch.exp, torch.abs, torch.neg, torch.square, lambda x: x**2, lambda x: x**3, lambda x: x / 3, lambda x: 1 - x,
        lambda x: torch.rsub(x, 2, alpha=3), lambda x: torch.add(x, x, alpha=0.5), lambda x: x - 2, lambda x: x * 0.25,
        lambda x: x + torch.arange(6.0), lambda x: torch.clamp(x, -1, 1), lambda x: x.clamp(min=0), lambda x: x.clamp(max=0.5),
        lambda x: torch.maximum(x, 2 * x), lambda x: torch.minimum(x, torch.tensor(0.1)), lambda x: x * torch.sigmoid(x),
        lambda x: F.dropout(x, 0.5, training=False), lambda x: x.double().float(), nn.Identity(),
        lambda x: torch.mean(x, dim=(1, 2)), lambda x: x.mean(1, keepdim=True), lambda x: x.sum(-1), lambda x: x.amax(2),
        lambda x: x.max(dim=1).values, lambda x: x.sum((1, 2), keepdim=True)), [normal(4, 4, 6, scale=1.5)], batch="any")


def moves():
    save("moves", Bundle(
        lambda x: x.flatten(1), lambda x: x.view(x.shape[0], -1), lambda x: x.reshape(x.size(0), 3, 8), lambda x: x.transpose(1, 2),
        lambda x: x.permute(0, 2, 1), lambda x: x.swapaxes(-1, 1), lambda x: x.movedim(2, 1), lambda x: x.unsqueeze(1).squeeze(1),
        lambda x: x.unflatten(2, (2, -1)), lambda x: x[:, 1:3, ::2], lambda x: x[:, 2], lambda x: x[..., -1], lambda x: x[:, [2, 0]],
        lambda x: torch.cat([x, 2 * x], 1), lambda x: torch.stack([x, -x], 2), lambda x: torch.split(x, [1, 3], 1),
        lambda x: torch.split(x, 4, 2), lambda x: torch.chunk(x, 3, 2), lambda x: x.unbind(1), lambda x: x.flip(1),
        lambda x: x.repeat(1, 2, 1), lambda x: x.tile(1, 1, 2), lambda x: x[:, None].expand(-1, 3, 4, 6), lambda x: x.narrow(2, 1, 3),
        lambda x: torch.index_select(x, 2, torch.tensor([5, 0, 3])), lambda x: x.contiguous().clone() * 1.0,
        lambda x: x + torch.zeros(4, 6), lambda x: x.transpose(1, 2).flatten(1), lambda x: x[:, :, None, :2]),
        [normal(3, 4, 6)], batch="any")


def matrices():
    class Shared(nn.Module):
        """Weights that share memory, with strides and an offset."""

        def __init__(self):
            super().__init__()
            base = torch.randn(8, 12)
            self.a = nn.Parameter(base[1:7, ::2].t())
            self.b = nn.Parameter(base[2:8, 3:9])
            self.c = nn.Parameter(base)

        def forward(self, x):
            return x @ self.a, x @ self.b, F.linear(x, self.c[:, :6])

    class InPlace(nn.Module):
        def forward(self, x):
            y = x * 2
            z = y + 1
            F.relu_(y)
            y += z
            return y, z.clone().mul_(3)

    save("matrices", Bundle(
        nn.Linear(6, 5), nn.Linear(6, 3, bias=False), Shared(), InPlace(),
        nn.Sequential(nn.Linear(6, 4), nn.ReLU(inplace=True), nn.BatchNorm1d(4))), [normal(3, 4, 6)])
    save("rows", Bundle(
        nn.Linear(6, 5), nn.Sequential(nn.Linear(6, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2)),
        lambda x: torch.addmm(torch.ones(3, dtype=x.dtype), x, torch.full((6, 3), 0.5, dtype=x.dtype), beta=2, alpha=3), nn.Softmax(1)), [normal(5, 6)], batch="any")
    save("double", Bundle(nn.Linear(6, 5), nn.BatchNorm1d(6), nn.SELU()), [normal(5, 6)], batch="all", double=True)


def sequences():
    save("embedding", Bundle(
        nn.Embedding(10, 4), nn.Sequential(nn.Embedding(10, 3), nn.Flatten(), nn.Linear(15, 2))),
        [torch.randint(0, 10, (4, 5))], batch="any")
    save("attention", Bundle(
        nn.LayerNorm(6), nn.LayerNorm((4, 6)), nn.LayerNorm(6, elementwise_affine=False), nn.LayerNorm(6, bias=False),
        lambda x: x @ x.transpose(1, 2), lambda x: F.scaled_dot_product_attention(x, x, 2 * x),
        lambda x: F.log_softmax(x, -1), nn.TransformerEncoderLayer(6, 2, 8, batch_first=True, dropout=0)),
        [normal(3, 4, 6)], core=False)


class Neighbours(nn.Module):
    """ParticleNet's edges: the nearest neighbours of every particle, their features beside its own, the mean over them."""

    def __init__(self):
        super().__init__()
        self.edge = nn.Linear(8, 5)

    def forward(self, x):
        square = (x * x).sum(-1, keepdim=True)
        distance = square - 2 * torch.einsum("bij,bkj->bik", x, x) + square.transpose(1, 2)
        nearest = distance.topk(3, dim=-1, largest=False)[1][:, :, 1:]
        taken = torch.gather(x, 1, nearest.reshape(1, 12, 1).expand(-1, -1, 4)).reshape(1, 6, 2, 4)
        own = x.unsqueeze(2).expand(-1, -1, 2, -1)
        return F.relu(self.edge(torch.cat([own, taken - own], -1))).mean(2)


def graphs():
    mask = torch.tensor(np.random.default_rng(3).random((6, 6)) < 0.6) | torch.eye(6, dtype=torch.bool)
    scores = lambda x: torch.matmul(x, x.transpose(1, 2))
    heads = lambda x: x.reshape(1, 6, 2, 2).transpose(1, 2)
    attend = lambda x, **more: F.scaled_dot_product_attention(heads(x), heads(x), heads(x), **more)
    save(
        "graphs",
        Bundle(
            nn.GroupNorm(3, 6), nn.GroupNorm(2, 6, affine=False), nn.InstanceNorm1d(6, affine=True),
            lambda x: torch.einsum("bij,bkj->bik", x, x), lambda x: torch.einsum("...i,ij", x, torch.arange(8.0, dtype=x.dtype).reshape(4, 2)),
            lambda x: x.topk(2, dim=1)[0], lambda x: torch.sort(x, dim=-1, descending=True)[0],
            lambda x: torch.gather(x, 2, torch.argsort(x, dim=2)[:, :, :2]), lambda x: torch.gather(x, 1, x.argmax(1, keepdim=True)),
            lambda x: x.unfold(1, 3, 2), lambda x: F.unfold(x.reshape(1, 2, 3, 4), (2, 3), padding=1, stride=(1, 2)),
            lambda x: torch.softmax(scores(x).masked_fill(~mask, float("-inf")), -1),
            lambda x: attend(x, is_causal=True), lambda x: attend(x, attn_mask=mask),
            Neighbours()),
        [normal(4, 6, 4)], core=False)


class States(nn.Module):
    """A recurrent layer's steps and last states, the batch first; from a state of the owner's where there is one."""

    def __init__(self, layer, state=None, **more):
        super().__init__()
        self.layer = layer(4, 3, **more)
        self.first = more.get("batch_first", False)
        self.state = None if state is None else nn.Parameter(state)

    def forward(self, x):
        x = x if self.first else x.transpose(0, 1)
        steps, last = self.layer(x, *(() if self.state is None else (self.state,)))
        steps = steps if self.first else steps.transpose(0, 1)
        return (steps, *(s.transpose(0, 1) for s in (last if isinstance(last, tuple) else (last,))))


class Cells(nn.Module):
    """Steps written by hand, from states that are the event's own."""

    def __init__(self):
        super().__init__()
        self.lstm, self.gru, self.rnn = nn.LSTMCell(4, 4), nn.GRUCell(4, 4, bias=False), nn.RNNCell(4, 4, nonlinearity="relu")

    def forward(self, x):
        h, c = x[:, 0], x[:, 1]
        g = r = torch.zeros(1, 4, dtype=x.dtype)
        for step in range(3):
            h, c = self.lstm(x[:, step], (h, c))
            g, r = self.gru(x[:, step], g), self.rnn(x[:, step], r)
        return h, c, g, r


def recurrent():
    save("recurrent", Bundle(
        States(nn.LSTM, batch_first=True), States(nn.GRU, batch_first=True, bias=False), States(nn.RNN, batch_first=True),
        States(nn.RNN, nonlinearity="relu", bidirectional=True), States(nn.LSTM, num_layers=2, bidirectional=True, batch_first=True, dropout=0.2),
        States(nn.GRU, num_layers=2), States(nn.GRU, normal(2, 1, 3), batch_first=True, bidirectional=True), Cells()),
        [normal(3, 5, 4)], core=False)
    save("unrolled", Bundle(States(nn.LSTM, batch_first=True), States(nn.GRU), States(nn.RNN)), [normal(3, 3, 4)])


class Queries(nn.Module):
    """Attention of learned queries, and its weights."""

    def __init__(self):
        super().__init__()
        self.queries = nn.Parameter(normal(1, 2, 6))
        self.attention = nn.MultiheadAttention(6, 2, batch_first=True, dropout=0.1)

    def forward(self, x):
        return self.attention(self.queries.expand(x.shape[0], -1, -1), x, x)


class Masked(nn.Module):
    def __init__(self):
        super().__init__()
        layer = nn.TransformerEncoderLayer(6, 3, 8, activation="gelu", batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)

    def forward(self, x):
        return self.encoder(x, mask=torch.full((4, 4), float("-inf"), dtype=x.dtype).triu(1), is_causal=True)


def transformers():
    save("transformers", Bundle(
        Queries(), Masked(), nn.TransformerEncoderLayer(6, 2, 8, batch_first=True),
        lambda x: F.scaled_dot_product_attention(x, x, x, scale=0.3)), [normal(3, 4, 6)])


def masks():
    """Comparisons of data, whose halves and zeros make some equal, and what is made of them."""
    def averaged(x):
        kept = (x[:, :, :1] != 0) & (x[:, :, 1:2] < 1)
        return (x * kept).sum(1) / kept.sum(1).clamp(min=1)

    def attended(x):
        scores = (x @ x.transpose(1, 2)).masked_fill(~(x[:, :, 0] > -2).unsqueeze(1), float("-inf"))
        return torch.softmax(scores, -1) @ x

    x = torch.round(2 * normal(8, 5, 4)) / 2
    x[:, 4] = 3
    save("masks", Bundle(
        lambda x: (x > 0.5).float(), lambda x: (x >= 0.5).float(), lambda x: (x < 0.5).float(),
        lambda x: (x <= 0.5).float(), lambda x: (x == 0.5).float(), lambda x: (x != 0.5).float(),
        lambda x: (x[:, :, :1] > x[:, :, 1:]).float(), torch.sign, lambda x: ((x > 0) & (x < 1)).float(),
        lambda x: torch.logical_or(x > 1, torch.logical_not(x >= -1)).float(), lambda x: (x.bool() | (x == 0)).float(),
        lambda x: torch.where(x > 0, x * x, 3 * x), lambda x: torch.where(x[:, :, :1] > 0, x, torch.zeros_like(x)),
        lambda x: torch.where(x <= 0, 1.5, x),
        lambda x: torch.logical_not(x).float(), lambda x: torch.logical_and(x, x - 3).float(), averaged, attended), [x], batch="any")


def sums():
    """Differences as losses, running sums, halves that gate each other."""
    save("sums", Bundle(
        lambda x: F.mse_loss(x, 2 * x.relu(), reduction="none").mean((1, 2)),
        lambda x: F.l1_loss(x.tanh(), x, reduction="none"), lambda x: x.cumsum(1), lambda x: x.cumsum(-1), F.glu,
        lambda x: F.glu(x, 1), lambda x: x * x[:, :1].expand_as(x)), [normal(3, 6, 4)], batch="any")


class WeightNorms(nn.Module):
    """Weights that are trained as lengths and directions."""

    def __init__(self):
        super().__init__()
        self.matrix = nn.utils.parametrizations.weight_norm(nn.Linear(4, 3), dim=None)
        self.rows = nn.utils.parametrizations.weight_norm(nn.Conv1d(6, 5, 2))

    def forward(self, x):
        return self.matrix(x), self.rows(x)


def norms():
    """Normalizations that subtract no mean, deviations, lengths, roots."""
    class Written(nn.Module):
        def forward(self, x):
            return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-4)

    save("norms", Bundle(
        nn.RMSNorm(4), nn.RMSNorm((6, 4), eps=1e-3), lambda x: F.rms_norm(x, (4,)), Written(), F.normalize,
        lambda x: F.normalize(x, dim=-1, eps=0.5), lambda x: F.normalize(x, p=1, dim=1), WeightNorms(),
        lambda x: x.std(-1), lambda x: x.var((1, 2), keepdim=True), lambda x: x.std(1, unbiased=False), lambda x: torch.var_mean(x, -1),
        lambda x: x.norm(dim=1), lambda x: torch.linalg.vector_norm(x, 1, dim=-1), lambda x: torch.linalg.vector_norm(x, float("inf"), dim=(1, 2)),
        lambda x: (x.abs() + 0.1).rsqrt(), lambda x: (x.abs() + 0.1).reciprocal(), lambda x: x.abs().sqrt(), lambda x: (x - x.mean(-1, keepdim=True)) / (x.std(-1, keepdim=True) + 1e-5),
        lambda x: F.cosine_similarity(x, x.flip(1), dim=-1), lambda x: torch.log1p(x.abs()), lambda x: torch.expm1(-x.abs()), lambda x: (x.abs() + 0.1).log(),
        lambda x: x.repeat_interleave(2, 1) * torch.cos(torch.arange(4).to(x.dtype)), nn.InstanceNorm1d(6, affine=True)),
        [normal(3, 6, 4)])


class Stacked(nn.Module):
    """Several recurrent layers, of which the last states are read."""

    def __init__(self, cell, directions):
        super().__init__()
        self.cell = cell(4, 3, num_layers=2, batch_first=True, bidirectional=directions == 2)

    def forward(self, x):
        states = self.cell(x)[1]
        states = states if isinstance(states, torch.Tensor) else states[0]
        return torch.cat([states[-1], states[-2], states[0]], 1)


def stacked():
    save("stacked", Bundle(
        Stacked(nn.LSTM, 1), Stacked(nn.GRU, 2), lambda x: x.roll(1, 1), lambda x: x.roll((-2, 3), (1, 2))),
        [normal(3, 5, 4)], batch="any", core=False)


if len(sys.argv) > 2:
    globals()[sys.argv[2]]()
    sys.exit()
convolutions()
functions()
moves()
matrices()
save("tagger", Tagger(), [normal(4, 1, 8, 8)])
sequences()
graphs()
recurrent()
transformers()
masks()
sums()
stacked()
norms()


def swapped():
    """tagger.pt2 as a big-endian machine writes it, in ZIP64 under another name of its folder."""
    import zipfile

    source = zipfile.ZipFile(f"{FOLDER}/tagger.pt2")
    with zipfile.ZipFile(f"{FOLDER}/tagger_swapped.pt2", "w") as target:
        for entry in source.namelist():
            data = source.read(entry)
            if entry.endswith("byteorder"):
                data = b"big"
            elif "/weight_" in entry or "/tensor_" in entry:
                # float32 but for num_batches_tracked, an int64 that nothing reads.
                data = np.frombuffer(data, np.uint8).reshape(-1, 8 if len(data) == 8 else 4)[:, ::-1].tobytes()
            with target.open(zipfile.ZipInfo("other/" + entry.split("/", 1)[1]), "w", force_zip64=True) as file:
                file.write(data)


swapped()
