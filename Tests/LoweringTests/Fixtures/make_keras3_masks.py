#!/usr/bin/env python3
"""Writes exact/k3_masks.keras and .npz: comparisons of keras.ops, what is made of them, and layers that prepare inputs, as Keras 3
saves and computes them.

Run with a Python that has keras==3.15.1 and tensorflow:  python make_keras3_masks.py
"""
import os
import zipfile

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import keras
import numpy as np
from keras import layers as L
from keras import ops

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "exact", "k3_masks")

keras.utils.set_random_seed(6)
rng = np.random.default_rng(6)
x = L.Input((5, 4), name="x")


def real(mask):
    return ops.cast(mask, "float32")


adapted = L.Normalization(axis=-1, name="adapted")
adapted.adapt(rng.normal(1, 2, (50, 5, 4)))
kept = real(ops.logical_and(ops.not_equal(x[:, :, :1], 0), x[:, :, 1:2] < 1))
outputs = [
    real(x > 0.5), real(x >= 0.5), real(x < 0.5), real(x <= 0.5), real(ops.equal(x, 0.5)), real(ops.not_equal(x, 0.5)),
    real(x[:, :, :1] > x[:, :, 1:]), ops.sign(x), real(ops.logical_or(x > 1, ops.logical_not(x >= -1))),
    ops.where(x > 0, x * x, 3 * x), ops.where(x <= 0, 1.5, x), ops.where(x[:, :, :1] > 0, 0.0, x),
    real(ops.logical_not(x)), real(ops.logical_and(x, x - 3)), ops.where(x, x, 2), ops.maximum(x, 0.5), ops.minimum(x, 1), L.Rescaling(0.25, offset=-0.5, name="scale")(x),
    # Not exact on words.
    ops.sum(x * kept, axis=1) / ops.maximum(ops.sum(kept, axis=1), 1),
    L.Normalization(mean=[0.5, 1, 0, -1], variance=[2.0, 1, 0.5, 3], name="given")(x), adapted(x),
    L.Rescaling([0.1, 0.2, 0.3, 0.4], name="scales")(x),
]
model = keras.Model(x, outputs, name="k3_masks")
model.save(PATH + ".keras")
with zipfile.ZipFile(PATH + ".keras") as archive:
    entries = {name: archive.read(name) for name in archive.namelist()}
with zipfile.ZipFile(PATH + ".keras", "w", zipfile.ZIP_DEFLATED) as archive:
    for name, content in sorted(entries.items()):
        archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
events = (np.round(2 * rng.normal(0, 1, (20, 5, 4))) / 2).astype("f4")
events[:, 4] = 3
arrays = {"in0": events} | {f"out{i}": np.asarray(y, "f4") for i, y in enumerate(model(events))}
np.savez_compressed(PATH + ".npz", **arrays)
