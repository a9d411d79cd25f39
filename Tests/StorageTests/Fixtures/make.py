"""Writes the fixtures of StorageTests: HDF5 and zip files as h5py, numpy and zipfile make them.

    python make.py        (needs h5py and numpy; run in this folder)
"""

import json
import zipfile

import h5py
import numpy as np

rng = np.random.default_rng(1)


def described(array):
    return {"shape": list(array.shape), "values": [float(v) for v in array.ravel()]}


arrays = {
    "float16": rng.normal(size=(3, 2)).astype("f2"),
    "float32": rng.normal(size=(2, 3, 2)).astype("f4"),
    "float64": rng.normal(size=5),
    "big endian": rng.normal(size=3).astype(">f4"),
    "int8": np.array([-128, 0, 127], "i1"),
    "uint8": np.array([0, 255], "u1"),
    "int64": np.array([-(2**53), 2**53, 3], "i8"),
    "uint16": np.array([[0, 65535]], "u2"),
    "bool": np.array([True, False, True]),
    "scalar": np.float32(2.5),
    "empty": np.zeros((0, 4), "f4"),
    "not finite": np.array([np.inf, -np.inf], "f4"),
}

with h5py.File("data.h5", "w") as file:
    for name, array in arrays.items():
        file[f"plain/{name}"] = array
    arrays["compressed"] = np.arange(4000.0).reshape(100, 40) % 7
    file.create_dataset("plain/compressed", data=arrays["compressed"], chunks=(10, 40), compression="gzip")
    file["link"] = h5py.SoftLink("/plain/float64")
    file["dangling"] = h5py.SoftLink("/nowhere")
    file["outside"] = h5py.ExternalLink("other.h5", "/data")
    file.create_dataset("claims/contiguous", shape=(100_000, 100_000), dtype="f4")
    file.create_dataset("claims/chunked", shape=(10**10,), dtype="f4", chunks=(1000,))
    file.create_dataset(
        "claims/compressed", shape=(2**62, 2**62), dtype="f4", chunks=(10, 10), compression="gzip"
    )
    half = file.create_dataset("claims/written in part", shape=(10**7,), dtype="f4", chunks=(10,))
    half[3:5] = 1
    file.create_dataset("external", shape=(4,), dtype="f4", external=[("other.bin", 0, 16)])
    file["text"] = np.array([b"one", b"two"])
    layout = h5py.VirtualLayout((3,), "f8")
    layout[:] = h5py.VirtualSource("other.h5", "data", (3,))
    file.create_virtual_dataset("virtual", layout)

    file.attrs["variable"] = "naïve ✓"
    file.attrs["long"] = "x" * 100_000
    file.attrs["fixed"] = np.bytes_("fixed")
    file.attrs["many"] = np.array([b"a", b"bcd", b""])
    file.attrs.create("many variable", ["uno", "due"], dtype=h5py.string_dtype())
    file.attrs["none"] = []
    file.attrs["number"] = 3
    file["plain"].attrs["owner"] = "plain"

with h5py.File("other.h5", "w") as file:
    file["data"] = np.ones(3)

json.dump({k: described(v) for k, v in arrays.items() if k != "not finite"}, open("data.json", "w"))

with zipfile.ZipFile("data.zip", "w") as archive:
    archive.writestr("stored", "stored text", zipfile.ZIP_STORED)
    archive.writestr("deflated", "abc" * 1000, zipfile.ZIP_DEFLATED)
    archive.writestr("empty", "")
    archive.writestr("folder/../../name", "x")
