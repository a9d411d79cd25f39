"""What users hand over, as the files the library reads: live Keras models, dictionaries, arrays."""

import json
import os
import shutil
import tempfile

import numpy as np

from ._library import Error


class Scratch:
    """A folder for files that the library reads at once; gone at the end of the `with`."""

    def __enter__(self):
        # Without symbolic links, so that messages that name its files are recognized.
        self.folder = os.path.realpath(tempfile.mkdtemp(prefix="triggerfish-"))
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def model(self, model):
        """The path of a model, and of its weights where those are a file of their own."""
        if isinstance(model, (str, os.PathLike)):
            return os.fspath(model), None
        version = _keras_version(model)
        if version is None or not hasattr(model, "save_weights"):
            raise Error(
                f"a model is a path or a Keras model, not {type(model).__module__}.{type(model).__qualname__}", 64)
        if not getattr(model, "built", True):
            raise Error("the Keras model has no weights yet\nhint: call it, or build it with an input shape", 65)
        if version >= 3:
            path = self.path("model.keras")
            model.save(path)
            return path, None
        path, weights = self.path("model.json"), self.path("model_weights.h5")
        with open(path, "w", encoding="utf-8") as file:
            file.write(model.to_json())
        model.save_weights(weights)
        return path, weights

    def configuration(self, config):
        """The path of a configuration: a file, or a dictionary as hls4ml's."""
        if config is None or isinstance(config, (str, os.PathLike)):
            return None if config is None else os.fspath(config)
        path = self.path("config.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(config, file, default=_plain)
        return path

    def events(self, name, given):
        """Paths of events: files or arrays, one per tensor, or a single one."""
        if given is None:
            return None
        many = list(given) if isinstance(given, (list, tuple)) else [given]
        paths = []
        for index, array in enumerate(many):
            if isinstance(array, (str, os.PathLike)):
                paths.append(os.fspath(array))
                continue
            array = np.asarray(array)
            if array.dtype.kind not in "fiub" or array.ndim == 0:
                raise Error(f"{name}: an array of numbers is needed, events first, not {array.dtype} of shape {array.shape}", 65)
            paths.append(self.path(f"{name}.npy" if len(many) == 1 else f"{name}{index}.npy"))
            np.save(paths[-1], np.ascontiguousarray(array), allow_pickle=False)
        return paths


def _plain(value):
    """numpy's numbers, and types of other packages that are written as text, in a configuration."""
    return value.item() if isinstance(value, np.generic) else str(value)


def _keras_version(model):
    """The major version of the Keras a model is of; None for what is no Keras model."""
    import sys

    for cls in type(model).__mro__:
        package = cls.__module__.split(".")[0]
        if package == "tf_keras":
            return 2
        if package == "keras" and "keras" in sys.modules:
            return int(sys.modules["keras"].__version__.split(".")[0])
        if package == "tensorflow":
            return 2
    # Anything that writes itself as Keras 2 does.
    return 2 if hasattr(model, "to_json") and hasattr(model, "save_weights") else None
