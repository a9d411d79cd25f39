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


@model(SET, (5, 4))
def attention_scores(x, y):
    """Scores as results; sums of tanh as scores; a causal mask of the layer that lists its inputs."""
    def rows(scores):
        return ops.reshape(ops.transpose(scores, (0, 2, 1, 3)), (-1, 6, 10))

    a, s = L.MultiHeadAttention(2, 3, name="mha")(x, y, return_attention_scores=True)
    b, t = L.AdditiveAttention(name="additive")([x, y], return_attention_scores=True)
    c, u = L.Attention(score_mode="concat", use_scale=True, name="concat")([x, y], return_attention_scores=True)
    d = L.Attention(name="causal")([x, x], use_causal_mask=True)
    e = L.AdditiveAttention(use_scale=False, name="plain")([x, y, y])
    return ops.concatenate([a, rows(s), b, t, c, u, d, e], axis=-1)


@model(SET, (5, 4))
def attention_groups(x, y):
    """Heads that share keys and values, gates, sliding windows."""
    return ops.concatenate([
        L.GroupQueryAttention(3, 4, 2, name="grouped")(x, y),
        L.GroupQueryAttention(2, 2, 1, use_gate=True, sliding_window=3, name="window")(x, x, use_causal_mask=True),
        L.MultiHeadAttention(2, 3, use_gate=True, sliding_window=2, name="gated")(x, x)], axis=-1)


@model(SET)
def cells(x):
    return ops.concatenate([
        L.RNN(L.GRUCell(3), return_sequences=True, name="gru")(x), L.RNN(L.SimpleRNNCell(2, activation="relu"), return_sequences=True, go_backwards=True, name="simple")(x),
        L.RepeatVector(6, name="repeat")(L.RNN(L.LSTMCell(3, unit_forget_bias=False), name="lstm")(x))], axis=-1)


@model(SET)
def root_norms(x):
    """Normalizations that subtract no mean, or that of groups, as layers, as operations, and written out."""
    scaled = x * ops.rsqrt(ops.mean(ops.square(x), axis=-1, keepdims=True) + 1e-3)
    return ops.concatenate([
        L.RMSNormalization(name="rms")(x), L.RMSNormalization(axis=(1, 2), name="rms_all")(x), L.UnitNormalization(name="unit")(x),
        L.UnitNormalization(axis=1, name="unit_rows")(x), L.GroupNormalization(2, name="group")(x),
        L.GroupNormalization(-1, axis=1, scale=False, name="each")(x), ops.rms_normalization(x, np.arange(1, 5, dtype="f4") / 4, axis=-1),
        ops.normalize(x, axis=-1), ops.layer_normalization(x, np.arange(1, 5, dtype="f4") / 4), scaled], axis=-1)


@model(SET)
def roots(x):
    size = ops.abs(x) + 0.25
    return ops.concatenate([
        ops.sqrt(size), ops.rsqrt(size), ops.reciprocal(size), x / size, 1.5 / size, size**0.5, size**-0.5, size**-1,
        ops.std(x, axis=-1, keepdims=True), ops.var(x, axis=1, keepdims=True) * x, ops.expand_dims(ops.norm(x, axis=-1), -1),
        ops.log(size), ops.log1p(size), ops.full_like(x, 0.5) * x, x[:, :1] - np.arange(24, dtype="f4").reshape(6, 4) / 8], axis=-1)


@model(SET)
def masked(x):
    """Masks beside the data, which Keras 3 writes as operations and named arguments."""
    y, z = L.Masking(name="zeros")(x), L.Masking(mask_value=-1.0, name="ones")(x)
    deep = L.LSTM(3, return_sequences=True, name="deep")(L.Dropout(0.1)(L.Dense(4, activation="relu", name="dense")(y)))
    average, own = L.GlobalAveragePooling1D(name="average"), L.Masking(name="own")(x)  # A MultiHeadAttention takes the masks off what it reads.
    both = L.Bidirectional(L.GRU(3, return_sequences=True), name="both")(z)
    chosen = L.SimpleRNN(3, return_sequences=True, name="chosen")(x, mask=ops.any(x > 0.5, axis=-1))
    sequences = [
        deep, both, chosen, L.SimpleRNN(3, return_sequences=True, zero_output_for_mask=True, name="simple")(y),
        L.LSTM(2, return_sequences=True, return_state=True, name="states")(z)[0],
        L.MultiHeadAttention(2, 3, name="heads")(L.Masking()(x), L.Masking(mask_value=-1.0)(x)), L.Attention(name="dots")([y, z]), L.AdditiveAttention(name="sums")([x, z], use_causal_mask=True)]
    vectors = [
        L.GRU(3, name="gru")(L.LayerNormalization(name="norm")(deep)), L.RNN(L.LSTMCell(2), name="cell")(z), L.Bidirectional(L.LSTM(2), name="last")(y),
        average(L.TimeDistributed(L.Dense(3, name="inner"), name="each")(z)), average(L.Add(name="add")([y, L.Dense(4, name="change")(y)])),
        average(L.Add(name="half")([x, y])), average(L.Concatenate(name="joined")([z, L.Dense(2, name="part")(z)])), average(L.BatchNormalization(name="norms")(both)),
        average(L.MultiHeadAttention(2, 3, name="self")(own, own)), average(L.Conv1D(3, 2, name="conv")(y)), L.GlobalMaxPooling1D(name="most")(y)]
    return ops.concatenate([ops.reshape(s, (-1, s.shape[1] * s.shape[2])) for s in sequences] + vectors, axis=-1)


@model(SET)
def masked_chain(x):
    """A chain, whose file says nothing of its masks."""
    return keras.Sequential([
        L.Masking(name="masking"), L.Dense(4, activation="tanh", name="dense"), L.LSTM(4, return_sequences=True, name="lstm"), L.Dropout(0.2),
        L.Bidirectional(L.GRU(3, return_sequences=True), name="both"), L.GlobalAveragePooling1D(name="average")], name="chain")(x)


@model((3, 4, 4))
def distributed(x):
    """Layers, chains and models for every step."""
    a = keras.Input((4, 4), name="a")
    inside = keras.Model(a, ops.mean(L.MultiHeadAttention(2, 2, name="heads")(a, a), axis=1), name="inside")
    chain = keras.Sequential([keras.Input((4, 4)), L.Conv1D(3, 2, name="taps"), L.GlobalMaxPooling1D(name="most"), L.Dense(2, name="last")], name="chain")
    layers = [inside, chain, L.GRU(3, name="gru"), L.Flatten(name="flat"), L.EinsumDense("abc,cd->ad", 3, name="einsum"), L.UnitNormalization(name="unit")]
    parts = [L.TimeDistributed(layer, name="each_" + layer.name)(x) for layer in layers]
    return ops.concatenate([ops.reshape(p, (-1, 3, p.shape[2] * (p.shape[3] if len(p.shape) > 3 else 1))) for p in parts], axis=-1)


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
    if name.startswith("masked"):
        # Steps of zeros, others of -1, and at least one of neither.
        kind = rng.choice(3, p=[0.45, 0.35, 0.2], size=events[0].shape[:2])
        kind[np.arange(EVENTS), rng.integers(0, kind.shape[1], EVENTS)] = 0
        events[0] = np.choose(kind[:, :, None], [events[0], np.zeros_like(events[0]), -np.ones_like(events[0])])
    net = keras.Model(inputs, function(*inputs), name=name)
    net.set_weights([rng.uniform(0.5, 2, w.shape) if "variance" in v.path else rng.normal(0, 0.5, w.shape) + (1 if "gamma" in v.path else 0) for v, w in zip(net.weights, net.get_weights())])
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
