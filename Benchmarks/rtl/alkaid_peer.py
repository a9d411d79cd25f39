"""alkaid's Verilog of constant matrices: python alkaid_peer.py MATRIX FOLDER [hard_dc]. Prints what it estimates, as JSON.

FOLDER gets binary/ and ternary/, two Verilog projects of the same graph, and primitives/ (common.with_primitives).
"""
import json
import pathlib
import sys
import time

import numpy as np
from alkaid.codegen import RTLModel
from alkaid.trace import FVArray, HWConfig, trace
from alkaid.trace.passes import add_surrogate, dead_code_elimin, fuse_ternary_adders

from common import with_primitives

matrix = np.loadtxt(sys.argv[1], dtype=np.int64, ndmin=2)
folder = pathlib.Path(sys.argv[2])
options = {"hard_dc": int(sys.argv[3]) if len(sys.argv) > 3 else 5}
start = time.process_time()
n = matrix.shape[0]
words = FVArray.from_kif(np.ones(n, bool), np.full(n, 7), np.zeros(n, int), HWConfig(1, 1, -1), 0.0, options)
comb = trace(words, words @ matrix.astype(np.float64))
result = {"seconds": round(time.process_time() - start, 2)}
for name, ternary in (("binary", False), ("ternary", True)):
    RTLModel(comb, folder / name, "model", flavor="verilog", latency_cutoff=-1, ternary_fuse=ternary).write()
    graph = add_surrogate(dead_code_elimin(fuse_ternary_adders(comb))) if ternary else comb
    result[name] = {"cost": float(graph.cost), "delay": round(float(max(graph.out_latency)), 2)}
with_primitives(folder)
result["primitives"] = dict(result["ternary"])
print(json.dumps(result))
