"""da4ml's interpreter on a dense network of quantized layers, up to its logits. Prints one line of JSON last.

    da4ml_peer.py WEIGHTS.npz EVENTS

The archive has w0, b0, w1, … as the quantizers left them, and "bits": fraction bits of the rectified words, which are
below one. Its rounding is half up, da4ml having no ties to even; speed does not depend on it.
"""

import json
import sys
import time

import numpy as np
from da4ml.trace import FixedVariableArrayInput, comb_trace

weights = np.load(sys.argv[1])
x = np.load(sys.argv[2]).astype(np.float64)
depth = len([name for name in weights.files if name.startswith("w")])
bits = int(weights["bits"])

inputs = FixedVariableArrayInput((x.shape[1],))
value = inputs.quantize(1, 5, 10)
for layer in range(depth):
    value = value @ weights[f"w{layer}"].astype(np.float64) + weights[f"b{layer}"].astype(np.float64)
    if layer + 1 < depth:
        value = value.relu().quantize(0, 0, bits, overflow_mode="SAT", round_mode="RND")
logic = comb_trace(inputs, value)
x = np.ascontiguousarray(np.resize(x, (20000, x.shape[1])))
best = 1e9
for _ in range(5):
    start = time.process_time()
    logic.predict(x, n_threads=1)
    best = min(best, time.process_time() - start)
print("\n" + json.dumps({"events_per_s": len(x) / best}))
