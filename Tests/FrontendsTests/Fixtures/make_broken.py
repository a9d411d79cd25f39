"""Writes the weights files of BadInputTests: one good, the others broken in one way each.

    python make_broken.py        (needs h5py and numpy; run in this folder)
"""

import pathlib

import h5py
import numpy as np

FOLDER = pathlib.Path("broken")
FOLDER.mkdir(exist_ok=True)


def weights():
    """The weights of the model in BadInputTests: 4 inputs, fc (3), norm, conv (3 × 3 × 1 × 2)."""
    rng = np.random.default_rng(3)
    return {
        "fc/kernel": rng.normal(size=(4, 3)).astype("f4"),
        "fc/bias": np.zeros(3, "f4"),
        "norm/gamma": np.ones(3, "f4"),
        "norm/beta": np.zeros(3, "f4"),
        "norm/moving_mean": np.zeros(3, "f4"),
        "norm/moving_variance": np.ones(3, "f4"),
        "conv/kernel": rng.normal(size=(3, 3, 1, 2)).astype("f4"),
        "conv/bias": np.zeros(2, "f4"),
    }


def write(name, arrays, edit=None):
    layers = {}
    for path in arrays:
        layers.setdefault(path.split("/")[0], []).append(path)
    with h5py.File(FOLDER / name, "w") as file:
        file.attrs["layer_names"] = [layer.encode() for layer in layers]
        for layer, paths in layers.items():
            group = file.create_group(layer)
            group.attrs["weight_names"] = [f"{path}:0".encode() for path in paths]
            for path in paths:
                group[f"{path}:0"] = arrays[path]
        if edit:
            edit(file)


def changed(**changes):
    arrays = weights()
    for key, value in changes.items():
        path = key.replace("__", "/")
        if value is None:
            del arrays[path]
        else:
            arrays[path] = value
    return arrays


write("good.h5", weights())
bad = weights()["fc/kernel"]
bad[1, 2] = np.nan
bad[3, 0] = np.inf
write("not_finite.h5", changed(fc__kernel=bad, norm__moving_mean=np.array([0, -np.inf, 0], "f4")))
write("missing_bias.h5", changed(fc__bias=None))
write("missing_layer.h5", changed(conv__kernel=None, conv__bias=None))
write("shapes.h5", changed(fc__kernel=np.zeros((3, 4), "f4"), norm__beta=np.zeros((3, 1), "f4")))
write("text.h5", changed(fc__kernel=np.array([[b"a"] * 3] * 4)))
write("variance.h5", changed(norm__moving_variance=np.array([1, -1, 1], "f4")))


def claim(file):
    del file["fc/fc/kernel:0"]
    file.create_dataset("fc/fc/kernel:0", shape=(10**9, 10**9), dtype="f4", chunks=(10, 10))


write("claim.h5", weights(), claim)


def outside(file):
    del file["fc/fc/bias:0"]
    file["fc/fc/bias:0"] = h5py.ExternalLink("good.h5", "/fc/fc/bias:0")


write("outside.h5", weights(), outside)


def unlisted(file):
    del file["fc"].attrs["weight_names"]


write("unlisted.h5", weights(), unlisted)
with h5py.File(FOLDER / "other.h5", "w") as file:
    file["data"] = np.zeros(3)
with h5py.File(FOLDER / "numbered.weights.h5", "w") as file:
    file["layers/dense/vars/0"] = weights()["fc/kernel"]

# Sound files in forms no installed Keras writes any more: Keras 2.12's name of the groups and its gaps in their numbers,
# and weight_names in pieces, as Keras writes long lists.
SMALL = weights()
with h5py.File(FOLDER / "keras_2_12.weights.h5", "w") as file:
    root = "_layer_checkpoint_dependencies"
    for layer, group in [("fc", "dense"), ("norm", "batch_normalization"), ("conv", "conv2d_4")]:
        names = [path for path in SMALL if path.startswith(layer + "/")]
        for position, name in enumerate(names):
            file[f"{root}/{group}/vars/{position}"] = SMALL[name]


def pieces(file):
    names = list(file["norm"].attrs["weight_names"])
    del file["norm"].attrs["weight_names"]
    file["norm"].attrs["weight_names0"] = names[:3]
    file["norm"].attrs["weight_names1"] = names[3:]
    layers = list(file.attrs["layer_names"])
    del file.attrs["layer_names"]
    file.attrs["layer_names0"] = layers


write("pieces.h5", SMALL, pieces)
