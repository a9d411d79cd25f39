"""hls4ml's names on Triggerfish: scripts written for hls4ml run with the import changed.

    import triggerfish.hls4ml as hls4ml

What the calls compute is what hls4ml 1.3.0 computes with its Vitis backend, bit for bit, without a C++ compiler.
docs/library.md says what is there and what differs.
"""

from . import converters, model, report, utils

__all__ = ["converters", "model", "report", "utils"]
