"""Writes ops/: small functional models whose nodes are operations of keras.ops, with what Keras computes of two events.

Run it in this folder with keras 3.15.1 and tensorflow-cpu 2.21.0. ops/expected.json has, by file, the two events, the
outputs and their shape. Weights and inputs are small multiples of powers of two, so that most answers are exact.
"""

import json
import os
import pathlib
import zipfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
from keras import ops

L = keras.layers
FOLDER = pathlib.Path("ops")
FOLDER.mkdir(exist_ok=True)
ROW, IMAGE, CUBE = (6,), (4, 6), (4, 4, 3)
constant = lambda *shape: (np.arange(np.prod(shape)).reshape(shape) % 7 / 4 - 0.5).astype("f4")
MODELS = {
    "scale": (ROW, lambda x: 2 * L.Dense(3, name="d")(x)),
    "divide": (ROW, lambda x: x / 4),
    "one_minus": (ROW, lambda x: 1 - x),
    "shifted": (ROW, lambda x: x - 0.25 + constant(6)),
    "channels": (IMAGE, lambda x: x * constant(6) + constant(1, 6)),
    "elements": (IMAGE, lambda x: ops.subtract(constant(4, 6), x)),
    "rows": (IMAGE, lambda x: x * constant(4, 1)),
    "negative": (ROW, lambda x: -x),
    "absolute": (ROW, lambda x: ops.abs(x)),
    "square": (ROW, lambda x: ops.square(x) + x**2),
    "rectified": (ROW, lambda x: ops.maximum(x, 0)),
    "clipped": (ROW, lambda x: ops.clip(x, 0, 1) + ops.clip(x, -1, 1)),
    "two": (ROW, lambda x: ops.maximum(x, 2 * x) - ops.minimum(x, 1 - x)),
    "average": (IMAGE, lambda x: ops.average(x, axis=1)),
    "mean_last": (IMAGE, lambda x: ops.mean(x, axis=-1, keepdims=True)),
    "mean_all": (CUBE, lambda x: ops.mean(x, axis=(1, 2))),
    "sum": (IMAGE, lambda x: ops.sum(x, axis=1)),
    "sum_middle": (CUBE, lambda x: ops.sum(x, axis=(1, 3))),
    "max": (CUBE, lambda x: ops.max(x, axis=2)),
    "min": (IMAGE, lambda x: ops.min(x, axis=1, keepdims=True)),
    "reshape": (IMAGE, lambda x: ops.reshape(x, (-1, 3, 8))),
    "transpose": (CUBE, lambda x: ops.transpose(x, (0, 3, 1, 2))),
    "axes": (CUBE, lambda x: ops.moveaxis(ops.swapaxes(x, 1, 3), -1, 1)),
    "dims": (IMAGE, lambda x: ops.squeeze(ops.expand_dims(ops.expand_dims(x, 1), -1), 1)),
    "slices": (CUBE, lambda x: x[:, 1:3, ::2, -1]),
    "reversed": (IMAGE, lambda x: x[:, ::-1, 1:] - ops.flip(x, axis=1)[..., :5]),
    "element": (IMAGE, lambda x: x[:, 0]),
    "joined": (IMAGE, lambda x: ops.concatenate([x, x[:, :2]], axis=1)),
    "stacked": (ROW, lambda x: ops.stack([x, 2 * x], axis=1)),
    "repeated": (IMAGE, lambda x: ops.repeat(x, 2, axis=1)),
    "functions": (ROW, lambda x: ops.relu(x) + ops.leaky_relu(x, 0.25) + ops.relu6(4 * x)),
    # The layers of the same names, which are other things.
    "layers": (IMAGE, lambda x: L.Average()([x, L.Multiply()([x, L.Reshape((4, 6))(x)])])),
}
REFUSED = {
    "batch": (IMAGE, lambda x: ops.reshape(x, (-1, 4))),
    "over_all": (IMAGE, lambda x: x - ops.mean(x)),
    "sine": (ROW, lambda x: ops.sin(x)),
}


def write(name, shape, function):
    keras.utils.clear_session()
    keras.utils.set_random_seed(len(name))
    rng = np.random.default_rng(len(name))
    x = keras.Input(shape, name="x")
    model = keras.Model(x, function(x), name=name)
    model.set_weights([rng.integers(-8, 9, w.shape) / 8 for w in model.get_weights()])
    path = FOLDER / f"{name}.keras"
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        entries = {n: archive.read(n) for n in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for n, contents in entries.items():
            archive.writestr(zipfile.ZipInfo(n), contents, zipfile.ZIP_DEFLATED)
    return model, rng.integers(-32, 33, (2, *shape)) / 16


expected = {}
for name, (shape, function) in MODELS.items():
    model, events = write(name, shape, function)
    outputs = np.asarray(model(events.astype("f4")))
    expected[name] = {
        "input": events.ravel().tolist(), "output": outputs.ravel().tolist(), "shape": list(outputs.shape[1:]),
    }
for name, (shape, function) in REFUSED.items():
    write(name, shape, function)
(FOLDER / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
