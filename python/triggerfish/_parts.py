"""Outputs of parts as files with records, which `triggerfish join` puts together (docs/rates.md)."""

import json
import os

import numpy as np

from ctypes import byref, c_size_t

from ._counting import NUMBERS
from ._library import Error, call, library, options
from ._rates import write_whole


def digest(array, position):
    """The digest of numbers (EventDigest), of which the first has a position among all."""
    array = np.ascontiguousarray(array)
    if array.dtype not in NUMBERS:
        array = array.astype(np.float64)
    return f"{library.tf_add_digest(array.ctypes.data, array.size, NUMBERS[array.dtype], position):016x}"


def record(model, part, inputs, outputs, files):
    """What `emulate --record` says of the outputs of a part.

    Parameters
    ----------
    inputs, outputs : list of array
        By the model's inputs and outputs.
    files : list of str
        The outputs' files, beside the record.
    """
    width = [int(np.prod(tensor.shape)) for tensor in model.inputs]
    return {
        "kind": "outputs", "version": 1,
        "provenance": {
            "model": model.name, "modelDigest": model.digest, "numerics": model.numerics, "versions": [_version()],
            "sources": [{
                "files": list(part.files), "of": part.of, "ranges": [[part.first, part.end]],
                "digests": {f"input {tensor.name}": digest(array, part.first * size)
                            for tensor, array, size in zip(model.inputs, inputs, width)}}]},
        "outputs": [{
            "name": tensor.name, "file": file, "words": array.dtype == np.int64, "shape": list(tensor.shape), "format": tensor.format,
            "digest": digest(array, part.first * int(np.prod(tensor.shape)))}
            for tensor, array, file in zip(model.outputs, outputs, files)]}


def write(model, part, raw, folder):
    """Computes the outputs of a part and writes them with their record, each whole or not at all; again gives the same bytes.

    Returns
    -------
    str
        The record's path.
    """
    tag = f"{'-'.join(part.files)}-{part.first}-{part.end}".replace("/", "_")
    path = os.path.join(folder, f"{tag}.json")
    events = part.read()
    outputs = model.predict(events.inputs if len(events.inputs) > 1 else events.inputs[0], raw)
    outputs = outputs if isinstance(outputs, list) else [outputs]
    files = [f"{tag}-{index}.npy" for index in range(len(outputs))]
    for array, file in zip(outputs, files):
        _save(os.path.join(folder, file), array)
    # The last to appear: where it is, the outputs are.
    write_whole(path, (json.dumps(record(model, part, events.inputs, outputs, files), indent=2, sort_keys=True) + "\n").encode())
    return path


def remove(record):
    """Removes what `write` wrote."""
    with open(record, encoding="utf-8") as file:
        outputs = [output["file"] for output in json.load(file)["outputs"]]
    for path in [record] + [os.path.join(os.path.dirname(record), name) for name in outputs]:
        os.remove(path)


def join_files(parts, outputs=(), record=None, expect_events=None):
    """Puts files of parts together, as `triggerfish join` does.

    Parameters
    ----------
    parts : list of path
        What `rates --output`, `Rates.save` or `emulate --record` wrote.
    outputs : list of path
        For outputs: where they go, one .npy per model output.
    record : path, optional
        Where the record of the whole goes, or the sum of rates.
    expect_events : int, optional
        How many events there must be in all.

    Returns
    -------
    int
        How many events there are.
    """
    events = c_size_t()
    call("tf_join", options({"part": [os.fspath(path) for path in parts], "output": [os.fspath(path) for path in outputs],
                             "record": None if record is None else os.fspath(record), "expect_events": expect_events}), byref(events))
    return events.value


def _save(path, array):
    import io

    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    write_whole(path, buffer.getbuffer())


def _version():
    return f"{library.tf_version().decode()} (commit {library.tf_commit().decode()})"


__all__ = ["Error", "digest", "join_files", "record", "write"]
