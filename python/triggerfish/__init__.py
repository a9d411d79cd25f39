"""Triggerfish from Python: load a trained model, compute what its firmware will answer, bit for bit, and write the firmware.

    import triggerfish
    model = triggerfish.load("jet_tagger.json", config="hls.yml")    # or a live Keras model
    scores = model.predict(events)
    model.report()                                                   # latency and resources; in a notebook, a page
    model.check(budget="100ns", input=events, expect=words)
    print(model.compare(events))                                     # where and why accuracy is lost
    model.compile("firmware")                                        # a Vitis HLS project
    model.verify(input=events)                                       # its C++ compiled, its words compared

`triggerfish.hls4ml` has hls4ml's own names, so that its users' scripts run with the import changed.
"""

from ._library import Error, library as _library
from ._model import Model, Tensor, load
from ._rates import Rates, join, show
from ._report import CheckFailed, Comparison, Note, Report, Verdict

__all__ = ["CheckFailed", "Comparison", "Error", "Model", "Note", "Rates", "Report", "Tensor", "Verdict", "join", "load", "show"]
__version__ = _library.tf_version().decode()
