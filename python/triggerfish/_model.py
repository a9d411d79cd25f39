import ctypes
import operator
import os
import weakref

from dataclasses import dataclass

import numpy as np

from ._library import Error, call, library

_INPUTS, _OUTPUTS, _LAYERS = 0, 1, 2
_NUMBERS = {np.dtype(np.float32): 0, np.dtype(np.float64): 1, np.dtype(np.int64): 2}


@dataclass(frozen=True)
class Tensor:
    """An input, output or layer of a model: its shape is without the batch axis, its format spelled as hls4ml does."""

    name: str
    shape: tuple
    format: str


def _whole(name, value, low, high):
    """The value as an int from low to high: C's conversion would cut off what does not fit, without a word."""
    try:
        number = operator.index(value)
    except TypeError:
        raise Error(f"{name} is {value!r}, not a whole number", 64) from None
    if not low <= number <= high:
        raise Error(f"{name} is {number}; it must be from {low} to {high}", 64)
    return number


def load(model, weights=None, config=None, numerics=None, word_length=16, calibrate=None, threads=0):
    """Loads a Keras or QKeras model (.json, .h5 or .keras).

    config: an hls4ml configuration file, YAML or JSON; implies the hls4ml numerics. numerics: "hls4ml" or "exact".
    word_length: bits per word of float models under exact. calibrate: event files, one per input. threads: 0 for all cores.
    """
    if calibrate is None:
        calibrate = []
    elif isinstance(calibrate, (str, os.PathLike)):
        calibrate = [calibrate]
    files = [os.fsencode(file) for file in calibrate]
    word_length = _whole("the word length", word_length, 2, 64)
    threads = _whole("the number of threads", threads, 0, 2**31 - 1)
    handle = ctypes.c_void_p()
    call(
        "tf_load", os.fsencode(model), None if weights is None else os.fsencode(weights),
        None if config is None else os.fsencode(config), None if numerics is None else numerics.encode(),
        word_length, (ctypes.c_char_p * len(files))(*files), len(files), threads, ctypes.byref(handle))
    return Model(handle)


class Model:
    """A loaded model. Threads may share it: calls run without Python's lock."""

    def __init__(self, handle):
        self._handle = handle
        weakref.finalize(self, library.tf_free, handle)
        self.inputs, self.outputs, self.layers = ([self._tensor(kind, i) for i in range(library.tf_count(handle, kind))]
                                                  for kind in (_INPUTS, _OUTPUTS, _LAYERS))
        self.notes = library.tf_notes(handle).decode().splitlines()

    def _tensor(self, kind, index):
        handle = self._handle
        shape = tuple(library.tf_dimension(handle, kind, index, axis) for axis in range(library.tf_rank(handle, kind, index)))
        return Tensor(library.tf_name(handle, kind, index).decode(), shape, library.tf_format(handle, kind, index).decode())

    def predict(self, x, raw=False):
        """The outputs of events: an array, or a list of them where the model has several outputs.

        x: an array, events first, or a list of them where the model has several inputs. raw: int64 words, not values.
        """
        results = self._run(x, _OUTPUTS, self.outputs, raw)
        return results[0] if len(results) == 1 else results

    def trace(self, x, raw=False):
        """The outputs, as `predict` gives them, and a dictionary of every layer's result by its name."""
        layers = self._run(x, _LAYERS, self.layers, raw)
        return self.predict(x, raw), {layer.name: result for layer, result in zip(self.layers, layers)}

    def _run(self, x, kind, tensors, raw):
        arrays = list(x) if isinstance(x, (list, tuple)) and len(self.inputs) > 1 else [x]
        if len(arrays) != len(self.inputs):
            names = ", ".join(f"{i.name} {list(i.shape)}" for i in self.inputs)
            raise Error(f"{len(arrays)} arrays for {len(self.inputs)} model inputs\nhint: the model's inputs, in order: {names}", 64)
        arrays = [np.asarray(array) for array in arrays]
        for array, tensor in zip(arrays, self.inputs):
            if array.dtype.kind not in "fiub":
                raise Error(f"{tensor.name}: the events are of dtype {array.dtype}, not numbers", 65)
            if array.shape[1:] != tensor.shape or array.ndim == 0:
                raise Error(f"{tensor.name}: the events are of shape {list(array.shape[1:])}, the input of {list(tensor.shape)}", 65)
        events = len(arrays[0])
        if any(len(array) != events for array in arrays):
            raise Error("the inputs have different numbers of events", 65)
        # One type for all inputs; float32 stays as it is.
        dtype = np.float32 if all(array.dtype == np.float32 for array in arrays) else np.float64
        arrays = [np.ascontiguousarray(array, dtype) for array in arrays]
        found = np.dtype(np.int64 if raw else np.float64)
        results = [np.empty((events,) + tensor.shape, found) for tensor in tensors]

        def pointers(list_of_arrays):
            return (ctypes.c_void_p * len(list_of_arrays))(*[array.ctypes.data for array in list_of_arrays])

        call("tf_run", self._handle, events, pointers(arrays), _NUMBERS[np.dtype(dtype)], kind, pointers(results),
             _NUMBERS[found])
        return results
