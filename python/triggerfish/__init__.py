"""Triggerfish from Python: load a trained model, and compute what its firmware will answer, bit for bit.

    import triggerfish
    model = triggerfish.load("jet_tagger.json", config="hls.yml")
    scores = model.predict(events)
"""

from ._library import Error, library as _library
from ._model import Model, Tensor, load

__all__ = ["Error", "Model", "Tensor", "load"]
__version__ = _library.tf_version().decode()
