#!/usr/bin/env python3
"""Writes exact/k3_recurrent.keras, .h5 and .npz: recurrent layers as Keras 3 saves and computes them.

Run with a Python that has keras==3.15.1 and tensorflow:  python make_keras3.py
"""
import os
import zipfile

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import keras
import numpy as np
from keras import layers as L

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "exact", "k3_recurrent")
EVENTS = 40

keras.utils.set_random_seed(5)
rng = np.random.default_rng(5)
x, h, c = L.Input((5, 3), name="x"), L.Input((4,), name="h"), L.Input((4,), name="c")
outputs = list(L.LSTM(4, return_sequences=True, return_state=True, name="lstm")(x, initial_state=[h, c]))
outputs += [
    L.GRU(4, name="gru")(x, initial_state=h),
    L.Bidirectional(L.GRU(3, return_sequences=True), name="both")(x),
    L.Bidirectional(L.LSTM(2), merge_mode="ave", name="average")(x),
    L.SimpleRNN(3, activation="hard_sigmoid", go_backwards=True, return_sequences=True, name="simple")(x),
]
model = keras.Model([x, h, c], outputs, name="k3_recurrent")
for layer in model.layers:
    if layer.weights:
        layer.set_weights([rng.normal(0, 0.5, weight.shape) for weight in layer.get_weights()])
model.save(PATH + ".h5")
model.save(PATH + ".keras")
with zipfile.ZipFile(PATH + ".keras") as archive:
    entries = {name: archive.read(name) for name in archive.namelist()}
with zipfile.ZipFile(PATH + ".keras", "w", zipfile.ZIP_DEFLATED) as archive:
    for name, content in sorted(entries.items()):
        archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
events = [np.round(rng.normal(0, 1.2, (EVENTS,) + tuple(i.shape[1:])) * 64) / 64 for i in model.inputs]
events = [e.astype(np.float32) for e in events]
arrays = {f"in{i}": e for i, e in enumerate(events)}
arrays |= {f"out{i}": y.astype(np.float32) for i, y in enumerate(model.predict(events, verbose=0))}
np.savez_compressed(PATH + ".npz", **arrays)
