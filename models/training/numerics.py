"""The number grid on which sample events are stored, so that the framework sees what firmware sees."""

import numpy as np

INPUT_WIDTH, INPUT_INTEGER = 16, 6  # ap_fixed<16,6>, hls4ml's default


def to_grid(values, width=INPUT_WIDTH, integer=INPUT_INTEGER, signed=True):
    """Round to the nearest value of an ap_(u)fixed<width, integer>, clipped to its range, as float32."""
    step = 2.0 ** (integer - width)
    low = -(2.0 ** (integer - 1)) if signed else 0.0
    high = 2.0 ** (integer - 1 if signed else integer) - step
    rounded = np.round(np.asarray(values, dtype=np.float64) / step) * step
    return np.clip(rounded, low, high).astype(np.float32)
