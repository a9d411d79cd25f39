#!/usr/bin/env python3
"""Writes hgq/NAME@hgqVERSION.keras: models as older versions of HGQ2 saved them, events, and answers.

    PYTHONPATH=OLD python make_hgq_versions.py write 0.1.x    OLD: pip install --no-deps --target OLD hgq2==0.1.x keras==3.11.3
    python make_hgq_versions.py answer                    HGQ2 0.2.0 and Keras 3.15.1 answer for the files it can load

Answers are those of HGQ2 0.2.0 with every dtype float64, as make_hgq.py's. QDenseT of 0.1 does not load there (its shapes are
kept as tuples): its answers are the old version's own, which are exact. Softmaxes up to 0.1.6 had an input quantizer, which
0.2.0 loads without a word as if it were not there.
"""
import glob
import os
import sys

import make_hgq
import hgq.layers as Q
import numpy as np
from keras import Input, layers as L


def mixer():
    x = Input((8, 6), name="x")
    rows = lambda units, name: Q.QEinsumDenseBatchnorm(
        "bnc,cC->bnC", (8, units), bias_axes="C", activation="relu", name=name)
    y = rows(6, "first")(x)
    columns = Q.QEinsumDenseBatchnorm("bnc,nN->bNc", (8, 6), bias_axes="N", activation="relu", name="columns")
    y = rows(4, "second")(Q.QAdd(name="add")([y, columns(y)]))
    return x, Q.QDense(5, name="out")(L.Flatten()(y))


def attention():
    x = Input((6, 3), name="x")
    y = Q.QEinsumDenseBatchnorm("bnc,cC->bnC", (6, 8), bias_axes="C", activation="relu", name="embed")(x)
    y = Q.QAdd(name="add")([y, Q.QMultiHeadAttention(2, 4, name="mixed", fuse="qkv")(y, y)])
    return x, Q.QDense(5, name="out")(Q.QSum(axes=1, scale=0.125, name="pool")(y))


def tables():
    x = Input((6,), name="x")
    y = Q.QDenseT(6, n_hl=1, d_hl=4, name="first", subnn_activation="tanh", batch_norm=True)(x)
    return x, Q.QDenseT(5, n_hl=1, d_hl=4, name="second", subnn_activation="tanh")(y)


def recurrent():
    x = Input((6, 4), name="x")
    return x, Q.QDense(3, name="out")(Q.QGRU(5, name="gru")(x))


# Which version writes which model.
VERSIONS = {"0.1.0": [mixer], "0.1.2": [attention], "0.1.4": [recurrent], "0.1.9": [tables]}


def write(version):
    for function in VERSIONS[version]:
        name = f"{function.__name__}@hgq{version}"
        make_hgq.save(name, function, answering=lambda path, events: None)


def answer():
    for path in sorted(glob.glob(os.path.join(make_hgq.HERE, "*@hgq*.keras"))):
        arrays = dict(np.load(path[:-6] + ".npz"))
        try:
            answers = make_hgq.answers(path, [arrays["in0"]])
        except TypeError as error:
            print(path, "keeps its own answers:", str(error)[:100])
            continue
        print(path, int(np.sum(answers[0] != arrays["out0"])), "answers were other ones")
        arrays["out0"] = answers[0]
        np.savez_compressed(path[:-6] + ".npz", **arrays)


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(sys.argv[2])
    else:
        answer()
