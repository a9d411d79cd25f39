#!/usr/bin/env python3
"""Writes hgq/: small models of HGQ2 with random weights and random bits per element, events, and Keras's answers.

Run with a Python that has hgq2==0.2.0, keras==3.15.1 and tensorflow-cpu==2.21.0:  python make_hgq.py [NAME...]
(an older Keras writes older files: NAME@VERSION, as keras==3.9.2 made dense@3.9.2.keras).

Per model NAME.keras (some NAME.h5 too), and NAME.npz with in<i> and out<i>, 64 events. The answers are those of the same
file loaded with every dtype float64, so that sums are exact; the script says where float32 answers differ.
"""
import os
import sys
import tempfile
import zipfile

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import hgq.layers as Q
import keras
import numpy as np
from hgq.config import QuantizerConfig, QuantizerConfigScope
from hgq.quantizer import Quantizer
from hgq.quantizer.internal import FixedPointQuantizerBase
from keras import Input, ops
from keras import layers as L

EVENTS = 64
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "hgq")
MODELS = {}
LEGACY = ["dense", "merge", "attention", "table_dense", "normalized", "nested"]


def model(function):
    MODELS[function.__name__] = function
    return function


def quantizers(layer):
    return [l for l in layer._flatten_layers() if isinstance(l, FixedPointQuantizerBase)]


def randomize(net, rng):
    seen = set()
    for layer in net._flatten_layers():
        if isinstance(layer, FixedPointQuantizerBase):
            if id(layer) in seen:
                continue
            seen.add(id(layer))
            shape = layer._k.shape
            signed = rng.integers(0, 4, shape) > 0 if np.ptp(np.asarray(layer._k)) == 0 and np.all(layer._k) else np.asarray(layer._k)
            jitter = lambda: rng.uniform(-0.4, 0.4, shape)
            i, f = rng.integers(0, 4, shape) + jitter(), rng.integers(1, 6, shape) + jitter()
            if "_table" in layer.path:
                # Of a softmax: no sign, and results that differ.
                signed = np.zeros(shape, "u1")
                i = (3 if "_iq/" in layer.path else 1) + jitter()
                f = (3 if "_iq/" in layer.path else 6) + jitter()
            elif getattr(layer, "keep_integers", False):
                i = np.asarray(layer._i)
            elif len(shape) and np.prod(shape) > 4:
                # Pruned elements.
                f = np.where(rng.random(shape) < 0.1, -i - 2, f)
            layer._k.assign(signed.astype("u1"))
            layer._i.assign(i)
            if hasattr(layer, "_f"):
                layer._f.assign(f)
            else:
                layer._b.assign(np.round(i) + np.round(f) + rng.uniform(-0.4, 0.4, shape))
            continue
        for weight in layer._trainable_variables + layer._non_trainable_variables:
            name = weight.name
            if name in ("beta", "ebops", "seed_generator_state") and weight.shape == ():
                continue
            if weight.dtype not in ("float32", "float64"):
                continue
            value = rng.normal(0, 0.6, weight.shape)
            if "variance" in name:
                value = rng.uniform(0.3, 2, weight.shape)
            elif "gamma" in name or name == "scale":
                value = rng.uniform(0.5, 1.5, weight.shape)
            if not type(layer).__module__.startswith("hgq") and not layer.path.startswith("sequential"):
                # Plain layers: sums that are exact.
                value = np.round(value * 16) / 16
            weight.assign(value)


def answers(path, events):
    """The same file with every dtype float64."""
    with tempfile.TemporaryDirectory() as folder:
        other = os.path.join(folder, "model.keras")
        with zipfile.ZipFile(path) as source, zipfile.ZipFile(other, "w") as target:
            for entry in source.namelist():
                data = source.read(entry)
                if entry == "config.json":
                    data = data.replace(b'"float32"', b'"float64"')
                target.writestr(entry, data)
        keras.config.set_floatx("float64")
        keras.config.set_dtype_policy("float64")
        try:
            net = keras.models.load_model(other, compile=False)
            result = net([x.astype("f8") for x in events] if len(events) > 1 else events[0].astype("f8"))
        finally:
            keras.config.set_floatx("float32")
            keras.config.set_dtype_policy("float32")
    return [np.asarray(y) for y in (result if isinstance(result, (list, tuple)) else [result])]


def save(name, function, answering=answers):
    seed = sum(ord(c) * 31**i for i, c in enumerate(name)) % 2**31
    keras.utils.set_random_seed(seed)
    keras.backend.clear_session()
    rng = np.random.default_rng(seed)
    made = function()
    net = made if isinstance(made, keras.Model) else keras.Model(*made, name=name.split("@")[0])
    randomize(net, rng)
    getattr(function, "after", lambda net, rng: None)(net, rng)
    version = "" if keras.__version__ == "3.15.1" or "@" in name else f"@{keras.__version__}"
    path = os.path.join(HERE, f"{name}{version}.keras")
    net.save(path)
    events = [np.round(rng.normal(0, 1.5, (EVENTS,) + tuple(x.shape[1:])) * 64) / 64 for x in net.inputs]
    events = [x.astype("f4") for x in events]
    single = net(events if len(events) > 1 else events[0])
    single = [np.asarray(y) for y in (single if isinstance(single, (list, tuple)) else [single])]
    results = answering(path, events) or single
    differ = [int(np.sum(a != b)) for a, b in zip(single, results)]
    if name in LEGACY:
        net.save(os.path.join(HERE, f"{name}{version}.h5"))
    # Keras stores its archives without compression; HDF5's groups are mostly empty space.
    entries = {}
    with zipfile.ZipFile(path) as archive:
        entries = {entry: archive.read(entry) for entry in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, data in entries.items():
            info = zipfile.ZipInfo(entry, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    arrays = {f"in{i}": x for i, x in enumerate(events)} | {f"out{i}": y for i, y in enumerate(results)}
    np.savez_compressed(os.path.join(HERE, f"{name}{version}.npz"), **arrays)
    distinct = [len(np.unique(y)) for y in results]
    print(f"{name}: {os.path.getsize(path)} bytes, {differ} float32 answers differ, distinct values {distinct}")


@model
def dense():
    x = Input((6,), name="x")
    y = Q.QDense(5, activation="relu", name="a")(x)
    y = Q.QDense(4, enable_oq=True, name="b")(y)
    return x, [Q.QDense(3, enable_iq=False, enable_ebops=False, use_bias=False, name="c")(y), y]


@model
def features():
    """Formats by feature, the same for all positions, and weights of more than a byte."""
    inputs = QuantizerConfig(
        "default", "datalane", overflow_mode="SAT_SYM", homogeneous_axis=(0, 1), heterogeneous_axis=None
    )
    x = Input((4, 6), name="x")
    return x, Q.QDense(6, iq_conf=inputs, kq_conf=QuantizerConfig("default", "weight", overflow_mode="SAT_SYM"), name="a")(x)


def bits_of_features(net, rng):
    for layer in quantizers(net):
        shape = layer._k.shape
        if "_iq" in layer.path:
            layer._k.assign(np.ones(shape))
            # Bytes each, in steps of their own; together they would be none.
            i = np.resize([1, 3, 0, 2], shape)
            layer._i.assign(i)
            layer._f.assign(np.where(i == 3, 4, 5))
        elif hasattr(layer, "_b"):
            layer._b.assign(rng.integers(8, 11, shape))
            layer._i.assign(rng.integers(0, 2, shape))


features.after = bits_of_features


@model
def modes():
    x = Input((12,), name="x")
    results = []
    rounds = ["TRN", "RND", "RND_CONV", "TRN_ZERO", "RND_ZERO", "RND_MIN_INF", "RND_INF", "S_RND", "S_RND_CONV"]
    for i, (rounding, overflow) in enumerate((r, o) for r in rounds for o in ("WRAP", "SAT", "SAT_SYM")):
        q_type = ["kif", "kbi"][i % 2]
        conf = QuantizerConfig(q_type, "datalane", round_mode=rounding, overflow_mode=overflow)
        results.append(Quantizer(conf, name=f"q_{rounding}_{overflow}")(x))
    weights = []
    for rounding in ("TRN", "RND", "RND_CONV"):
        for overflow in ("WRAP", "SAT", "SAT_SYM"):
            for q_type in ("kif", "kbi"):
                kq = QuantizerConfig(q_type, "weight", round_mode=rounding, overflow_mode=overflow)
                bq = QuantizerConfig(q_type, "bias", round_mode=rounding, overflow_mode=overflow)
                weights.append(Q.QDense(2, kq_conf=kq, bq_conf=bq, name=f"w_{rounding}_{overflow}_{q_type}")(x))
    return x, [L.Concatenate(name="all")(results), L.Concatenate(name="sums")(weights)]


@model
def hard():
    from hgq.quantizer.config import HardSigmoidConfig, HardTanhConfig  # HGQ2 0.2's

    x = Input((8,), name="x")
    y = Quantizer(name="in")(x)
    scaled = Quantizer(QuantizerConfig("kif", "datalane", scaler=0.5), name="scaled")(y)
    affine = Quantizer(QuantizerConfig("kbi", "datalane", affine=(-1.5, 0.375)), name="affine")(y)
    dummy = Quantizer(QuantizerConfig("dummy"), name="dummy")(y)
    hard = [
        Quantizer(HardTanhConfig(), name="tanh"),
        Quantizer(HardTanhConfig(symmetric=True), name="tanh_symmetric"),
        Quantizer(HardSigmoidConfig(), name="sigmoid"),
    ]
    results = [layer(y) for layer in hard]
    for layer in hard:
        layer.quantizer.keep_integers = True
    return x, [scaled, affine, dummy, *results]


@model
def einsum():
    x = Input((4, 6), name="x")
    z = Input((3, 2, 4), name="z")
    e = lambda equation, shape, bias=None, **more: Q.QEinsumDense(equation, shape, bias_axes=bias, **more)
    return [x, z], [
        e("bnc,cC->bnC", (4, 5), "C", name="rows")(x),
        e("bnc,nN->bNc", (3, 6), "N", name="columns")(x),
        e("bnc,ncC->bC", 5, "C", name="both", activation="relu")(x),
        e("bnc,ncC->bnC", (4, 3), "nC", name="groups")(x),
        e("bnc,ncC->bCn", (3, 4), "C", name="groups_turned")(x),
        e("bnc,cC->bnC", (4, 3), "nC", name="bias_per_position")(x),
        e("...c,cC->...C", (3, 2, 3), "C", name="ellipsis")(z),
        e("bxyc,ycd->bdxc", (3, 3, 4), "d", name="middle", enable_oq=True)(z),
        e("bxyc,xc->byc", (2, 4), name="product")(z),
        e("bxyc,cd->bxd", (3, 2), name="summed")(z),
        L.EinsumDense("bnc,cC->bnC", (4, 3), bias_axes="C", name="plain", activation="relu")(Quantizer(name="pq")(x)),
    ]


@model
def normalized():
    x = Input((4, 6), name="x")
    return x, [
        Q.QEinsumDenseBatchnorm("bnc,cC->bnC", (4, 5), bias_axes="C", activation="relu", name="rows")(x),
        Q.QEinsumDenseBatchnorm("bnc,nN->bNc", (3, 6), bias_axes="N", name="columns", enable_ebops=False)(x),
        Q.QBatchNormDense(3, name="before", activation="relu")(x),
        Q.QBatchNormDense(3, scale=False, enable_ebops=False, name="before_unscaled")(x),
        Q.QBatchNormalization(name="norm")(x),
        Q.QBatchNormalization(axis=1, center=False, epsilon=0.01, enable_oq=True, name="norm_axis")(x),
        Q.QBatchNormalization(scale=False, name="norm_unscaled")(x),
    ]


@model
def conv():
    s = Input((9, 4), name="s")
    x = Input((6, 5, 2), name="x")
    homogeneous = dict(homogeneous_axis=None, heterogeneous_axis=(2,))
    causal = QuantizerConfig("kif", "datalane", **homogeneous)
    return [s, x], [
        Q.QConv1D(3, 3, activation="relu", name="valid")(s),
        Q.QConv1D(3, 2, padding="causal", dilation_rate=2, iq_conf=causal, name="causal")(s),
        Q.QConv1D(4, 3, padding="same", strides=2, groups=2, enable_oq=True, name="groups")(s),
        Q.QConv2D(3, (3, 2), padding="same", activation="relu", name="same")(x),
        Q.QConv2D(2, 2, strides=(2, 1), use_bias=False, name="strided")(x),
        L.Conv2D(2, 2, name="plain")(Quantizer(name="quantizer")(x)),
    ]


@model
def merge():
    x, y, z = Input((4, 5), name="x"), Input((4, 5), name="y"), Input((1, 5), name="z")
    a, b = Input((4, 3), name="a"), Input((6, 3), name="b")
    return [x, y, z, a, b], [
        Q.QAdd(name="add")([x, y, z]), Q.QSubtract(name="sub")([x, y]), Q.QMultiply(name="mul")([x, y, z]),
        Q.QMaximum(name="max")([x, y]), Q.QMinimum(name="min")([x, y, y]),
        Q.QAveragePow2(name="average3")([x, y, x]), Q.QAveragePow2(name="average2")([x, y]),
        Q.QDot(axes=(2, 2), name="dot")([a, b]),
        Q.QEinsum("bnc,bmc->bnm", name="rows")([a, b]),
        Q.QEinsum("bnc,bnd->bcdn", name="outer")([x, a]),
        Q.QEinsum("bnc,bmd->bnc", name="alone")([a, b]),
    ]


@model
def sums():
    x = Input((4, 3, 6), name="x")
    return x, [
        Q.QSum(name="last")(x), Q.QSum(axes=(1, 3), scale=0.25, name="two")(x),
        Q.QSum(axes=2, keepdims=True, name="kept")(x), Q.QMeanPow2(axes=(1, 2), name="mean")(x),
        Q.QMeanPow2(axes=-1, keepdims=True, name="mean_kept")(x), Q.QSum(axes=(1, 2, 3), name="all")(x),
    ]


@model
def pools():
    s = Input((8, 3), name="s")
    x = Input((6, 4, 2), name="x")
    return [s, x], [
        Q.QMaxPooling1D(2, name="max1")(s), Q.QAveragePooling1D(4, strides=2, name="average1")(s),
        Q.QMaxPooling2D((3, 2), padding="same", strides=1, name="max2", enable_oq=True)(x),
        Q.QAveragePooling2D(2, name="average2")(x), Q.QGlobalMaxPooling1D(name="global_max1")(s),
        Q.QGlobalAveragePooling1D(keepdims=True, name="global_average1")(s),
        Q.QGlobalMaxPooling2D(name="global_max2")(x),
        Q.QGlobalAveragePooling2D(name="global_average2", enable_oq=True)(x),
    ]


@model
def tables():
    x = Input((4, 5), name="x")
    lut = lambda f, **more: Q.QUnaryFunctionLUT(f, **more)
    return x, [
        lut("tanh", name="tanh")(x), lut("sigmoid", name="sigmoid", allow_heterogeneous_input=False)(x),
        lut("relu", name="relu")(x), lut("exponential", name="exp", oq_conf=QuantizerConfig("kif", "datalane"))(x),
        lut("softplus", name="softplus", oq_conf=QuantizerConfig("kif", "datalane", round_mode="RND_CONV"))(x),
        Q.QAffinedUnaryFunctionLUT("tanh", name="affine")(x),
        lut("gelu", name="gelu")(Q.QDense(3, name="d")(x)),
    ]


@model
def states():
    x = Input((6, 4), name="x")
    sequence, state = Q.QGRU(5, return_sequences=True, return_state=True, name="gru")(x)
    last, same = Q.QSimpleRNN(3, return_state=True, name="simple")(x)
    return x, [Q.QDense(3, name="out")(sequence), state, L.Concatenate(name="both")([last, same])]


@model
def softmax():
    x = Input((4, 6), name="x")
    q = Quantizer(name="q")(x)
    return x, [
        Q.QSoftmax(name="stable")(q), Q.QSoftmax(axis=1, name="columns", input_scaler=0.5)(q),
        Q.QSoftmax(stable=False, enable_iq=True, name="unstable")(x),
        Q.QSoftmax(axis=(1, 2), name="both", enable_oq=True, allow_heterogeneous_table=True)(q),
        Q.QSoftmax(stable=False, name="unquantized", input_scaler=0.25)(q),
    ]


@model
def attention():
    x = Input((5, 6), name="x")
    y = Input((3, 4), name="y")
    return [x, y], [
        Q.QMultiHeadAttention(2, 3, name="self")(x),
        Q.QMultiHeadAttention(2, 3, fuse="qkv", name="fused")(x, x),
        Q.QMultiHeadAttention(1, 4, value_dim=2, fuse="kv", name="cross", use_bias=False)(x, value=y),
        Q.QMultiHeadAttention(2, 2, output_shape=(3,), name="three", stable_softmax=False)(x, y, key=y),
        Q.QLinformerAttention(2, 3, 4, name="linformer")(x),
        Q.QLinformerAttention(1, 2, 3, share_kv_proj=True, name="shared")(x, y),
    ]


@model
def table_dense():
    x = Input((4,), name="x")
    s = Input((3, 4), name="s")
    return [x, s], [
        Q.QDenseT(3, name="plain")(x), Q.QDenseT(2, n_hl=2, d_hl=4, batch_norm=True, name="normalized", activation="relu")(s),
        Q.QDenseT(2, n_hl=0, use_bias=False, name="linear")(x),
        Q.QEinsumDenseT("bnc,cC->bnC", (3, 2), bias_axes="C", d_hl=1, name="einsum")(s),
        Q.QEinsumDenseT("bnc,ncC->bC", 2, n_hl=0, batch_norm=True, name="einsum_both")(s),
    ]


@model
def table_conv():
    s = Input((6, 2), name="s")
    x = Input((4, 5, 2), name="x")
    return [s, x], [
        Q.QConvT1D(2, 3, name="valid", d_hl=3, subnn_activation="tanh")(s),
        Q.QConvT1D(2, 2, strides=2, padding="same", d_hl=2, name="same", subnn_activation="relu")(s),
        Q.QConvT2D(2, (2, 3), padding="same", d_hl=2, name="image", subnn_activation="sigmoid")(x),
    ]


@model
def nested():
    x = Input((4, 5), name="x")
    shared = Q.QDense(5, activation="relu", name="shared")
    i = Input((4, 5), name="i")
    inner = keras.Model(i, Q.QAdd(name="sum")([Q.QDense(5, name="shared_too")(i), i]), name="inner")
    y = shared(shared(x))
    y = inner(y)
    chain = keras.Sequential([Input((4, 5)), Q.QDense(3, name="last"), L.Flatten(), Q.QDense(2)], name="chain")
    return x, [chain(y), y]


@model
def operations():
    x = Input((4, 5), name="x")
    y = Q.QDense(5, activation="relu", name="d")(x)
    parts = [ops.transpose(y, (0, 2, 1))[:, :4], L.Permute((2, 1))(y)[:, 1:, 1:]]
    return x, [y[:, 1:3, ::2] * 0.5, ops.concatenate(parts, axis=2), Q.QDense(2, name="e")(ops.reshape(y, (-1, 20)))]


if __name__ == "__main__":
    os.makedirs(HERE, exist_ok=True)
    for wanted in sys.argv[1:] or MODELS:
        try:
            save(wanted, MODELS[wanted])
        except Exception as error:
            print(wanted, "FAILED", str(error)[:1500])
