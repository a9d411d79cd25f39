"""Writes graphs/: small Keras 3 models of attention, normalizations over other axes, sorting and graphs, with Keras's answers.

Run it in this folder with keras 3.15.1 and tensorflow-cpu 2.21.0: python make_graphs.py [NAME ...]. Per model NAME.keras, and
NAME.npz with in<i> and out<i> (float32, 32 events). Inputs are multiples of 1/64. Weights are seeded.
"""

import os
import pathlib
import sys
import zipfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import keras
import numpy as np
from keras import ops

L = keras.layers
FOLDER = pathlib.Path(__file__).parent / "graphs"
FOLDER.mkdir(exist_ok=True)
EVENTS = 32
SET, IMAGE = (6, 4), (3, 4, 5)
MODELS = {}


def model(*shapes):
    def register(function):
        MODELS[function.__name__] = (shapes, function)
        return function

    return register


@model(SET)
def mha_self(x):
    y = L.MultiHeadAttention(2, 3, name="mha")(x, x)
    return L.LayerNormalization(name="norm")(x + y)


@model(SET, (5, 3))
def mha_cross(x, y):
    return L.MultiHeadAttention(3, 4, value_dim=2, output_shape=5, use_bias=False, name="mha")(x, y)


@model(SET, (5, 3), (5, 2))
def mha_three(x, y, z):
    return L.MultiHeadAttention(2, 4, name="mha")(query=x, key=z, value=y)


@model(SET)
def mha_causal(x):
    return L.MultiHeadAttention(2, 3, name="mha")(x, x, use_causal_mask=True)


@model(SET)
def mha_constant_mask(x):
    mask = np.eye(6, dtype=bool) | np.eye(6, k=1, dtype=bool) | np.eye(6, k=-2, dtype=bool)
    return L.MultiHeadAttention(2, 3, name="mha")(x, x, attention_mask=mask[None])


@model(SET, (6, 6))
def mha_mask(x, mask):
    return L.MultiHeadAttention(2, 3, name="mha")(x, x, attention_mask=mask)


@model(SET, (5, 3))
def mha_scores(x, y):
    result, scores = L.MultiHeadAttention(2, 3, name="mha")(x, y, return_attention_scores=True)
    return L.Concatenate(name="both")([L.Flatten(name="a")(result), L.Flatten(name="b")(scores)])


@model((3, 4, 5))
def mha_two_axes(x):
    return L.MultiHeadAttention(2, 3, attention_axes=(1, 2), name="mha")(x, x)


@model((3, 4, 5))
def mha_last_axis(x):
    return L.MultiHeadAttention(2, 3, attention_axes=(2,), output_shape=(2, 3), name="mha")(x, x)


@model(SET, (5, 4))
def dot_attention(x, y):
    return L.Attention(use_scale=True, name="attention")([x, y])


@model(SET)
def softmax_axes(x):
    return L.Softmax(axis=(1, 2), name="s")(x) + L.Softmax(axis=1, name="t")(x)


@model(SET)
def softmax_mask(x):
    return L.Softmax(name="s")(x, mask=np.arange(24).reshape(1, 6, 4) % 3 != 1)


@model(IMAGE)
def norm_axes(x):
    y = L.LayerNormalization(axis=1, name="a")(x)
    return L.LayerNormalization(axis=(3, 1), epsilon=1e-2, name="b")(y)


@model(SET)
def gelu(x):
    return L.Dense(3, activation="gelu", name="d")(x)


@model(SET)
def einsums(x):
    gram = ops.einsum("bij,bkj->bik", x, x)
    mixed = ops.einsum("es,bsf->bef", (np.arange(18).reshape(3, 6) % 5 - 2).astype("f4"), x)
    return ops.einsum("bef,bfi->bei", mixed, ops.transpose(ops.einsum("bij,bjk->bik", gram, x), (0, 2, 1)))


@model(SET)
def products(x):
    square = ops.matmul(x, ops.transpose(x, (0, 2, 1)))
    return ops.matmul(np.tril(np.ones((6, 6), "f4")), square) + ops.matmul(square, np.eye(6, k=2, dtype="f4"))


@model(SET)
def sorting(x):
    values, places = ops.top_k(x[:, :, 0], k=3)
    parts = [values, places, ops.argmax(x, axis=1), ops.argmin(x[:, :, 2], axis=1, keepdims=True)]
    return L.Concatenate(name="c")(parts + [ops.sort(x, axis=1)[:, :, 1], ops.argsort(x[:, :, 3], axis=1)])


@model(SET)
def parts(x):
    a, b, c = ops.split(x, [1, 4], axis=1)
    return ops.concatenate([c, a, ops.take(b, [2, 0, -2], axis=1)], axis=1)


@model((6, 4))
def edge_conv(x):
    """ParticleNet's: the two nearest neighbours of every particle, found among its first two features."""
    position = x[:, :, :2]
    square = ops.sum(position * position, axis=2, keepdims=True)
    distance = square - 2 * ops.matmul(position, ops.transpose(position, (0, 2, 1))) + ops.transpose(square, (0, 2, 1))
    _, nearest = ops.top_k(-distance, k=3)
    nearest = nearest[:, :, 1:]
    neighbours = ops.take_along_axis(ops.expand_dims(x, 1), ops.expand_dims(nearest, -1), axis=2)
    own = ops.repeat(ops.expand_dims(x, 2), 2, axis=2)
    edges = ops.concatenate([own, neighbours - own], axis=-1)
    y = L.Dense(5, activation="relu", name="edge")(edges)
    return L.Dense(3, name="out")(ops.mean(y, axis=2))


@model((5, 4))
def interaction_network(x):
    """All ordered pairs: senders and receivers by constant matrices, messages summed at the receivers."""
    pairs = [(i, j) for i in range(5) for j in range(5) if i != j]
    receive, send = np.zeros((20, 5), "f4"), np.zeros((20, 5), "f4")
    for row, (i, j) in enumerate(pairs):
        receive[row, i], send[row, j] = 1, 1
    edges = ops.concatenate([ops.matmul(receive, x), ops.matmul(send, x)], axis=-1)
    message = L.Dense(3, activation="relu", name="message")(edges)
    gathered = ops.matmul(receive.T.copy(), message)
    node = L.Dense(4, activation="relu", name="node")(ops.concatenate([x, gathered], axis=-1))
    return L.Dense(2, name="out")(ops.sum(node, axis=1))


@model((6, 3))
def deep_sets(x):
    y = L.Dense(4, activation="relu", name="phi")(x)
    return L.Dense(2, name="rho")(L.GlobalAveragePooling1D(name="pool")(y))


@model((6, 4), (8, 1, "int32"), (8, 1, "int32"))
def edges_as_inputs(x, senders, receivers):
    y = ops.take_along_axis(x, senders, axis=1) - ops.take_along_axis(x, receivers, axis=1)
    return L.Dense(3, activation="relu", name="edge")(y)


def write(name, shapes, function):
    keras.utils.clear_session()
    seed = sum(ord(c) * 31**i for i, c in enumerate(name)) % 2**31
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    inputs, events = [], []
    for number, shape in enumerate(shapes):
        dtype = shape[-1] if isinstance(shape[-1], str) else "float32"
        shape = tuple(s for s in shape if not isinstance(s, str))
        inputs.append(keras.Input(shape, dtype=dtype, name="xyz"[number]))
        if dtype == "int32":
            events.append(rng.integers(0, 6, (EVENTS, *shape)).astype("i4"))
        elif name == "mha_mask" and number == 1:
            events.append(np.maximum(rng.integers(0, 2, (EVENTS, *shape)), np.eye(6) * (rng.random((EVENTS, 1, 1)) < 0.7)).astype("f4"))
        else:
            events.append((np.round(rng.normal(0, 1, (EVENTS, *shape)) * 64) / 64).astype("f4"))
    net = keras.Model(inputs, function(*inputs), name=name)
    net.set_weights([rng.normal(0, 0.5, w.shape) + (1 if "gamma" in v.path else 0) for v, w in zip(net.weights, net.get_weights())])
    path = FOLDER / f"{name}.keras"
    net.save(path)
    with zipfile.ZipFile(path) as archive:
        entries = {n: archive.read(n) for n in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for n, contents in entries.items():
            archive.writestr(zipfile.ZipInfo(n), contents, zipfile.ZIP_DEFLATED)
    answers = net(events if len(events) > 1 else events[0])
    arrays = {f"in{i}": x for i, x in enumerate(events)}
    arrays["out0"] = np.asarray(answers, dtype="f4")
    np.savez_compressed(FOLDER / f"{name}.npz", **arrays)


for name, (shapes, function) in MODELS.items():
    if len(sys.argv) < 2 or name in sys.argv[1:]:
        write(name, shapes, function)
        print(name, flush=True)
