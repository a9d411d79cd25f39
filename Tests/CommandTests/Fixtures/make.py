"""Writes settings.keras, the model on which SettingsTests tries every setting of docs/configuration.md, and normalization.keras.

Run it in this folder with keras 3.15.1 and tensorflow-cpu 2.21.0.
"""

import os
import zipfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np

L = keras.layers
keras.utils.set_random_seed(3)
x = inp = keras.Input((6, 6, 2), name="inp")
x = L.Conv2D(4, 3, name="conv")(x)
x = L.BatchNormalization(name="bn")(x)
x = L.Flatten(name="flat")(x)
x = L.Dense(8, activation="tanh", name="fc")(x)
x = L.Dense(5, activation="softmax", name="out")(x)
settings = keras.Model(inp, x, name="settings")
x = inp = keras.Input((16,), name="inp")
x = L.BatchNormalization(name="bn")(x)
x = L.Dense(2, name="d")(x)
normalization = keras.Model(inp, x, name="normalization")
rng = np.random.default_rng(3)
for model in (settings, normalization):
  model.set_weights([(np.abs(rng.normal(0, 0.4, w.shape)) + 0.1).astype("f4") if "variance" in v.path
                     else rng.normal(0, 0.4, w.shape).astype("f4") for v, w in zip(model.weights, model.get_weights())])
  path = f"{model.name}.keras"
  model.save(path)
  with zipfile.ZipFile(path) as archive:
    entries = {n: archive.read(n) for n in archive.namelist()}
  with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
    for n, contents in entries.items():
      archive.writestr(zipfile.ZipInfo(n), contents, zipfile.ZIP_DEFLATED)
