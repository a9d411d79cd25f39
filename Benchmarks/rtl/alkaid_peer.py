"""alkaid's Verilog of constant matrices: python alkaid_peer.py MATRIX FOLDER [hard_dc]. Prints what it estimates, as JSON.

FOLDER gets binary/ and ternary/, two Verilog projects of the same graph, and primitives/: the ternary one with its
template of a three-operand adder replaced by the primitives of row3.v.
"""
import json
import pathlib
import shutil
import sys
import time

import numpy as np
from alkaid.codegen import RTLModel
from alkaid.trace import FVArray, HWConfig, trace
from alkaid.trace.passes import add_surrogate, dead_code_elimin, fuse_ternary_adders

matrix = np.loadtxt(sys.argv[1], dtype=np.int64, ndmin=2)
folder = pathlib.Path(sys.argv[2])
options = {"hard_dc": int(sys.argv[3]) if len(sys.argv) > 3 else 5}
start = time.perf_counter()
n = matrix.shape[0]
words = FVArray.from_kif(np.ones(n, bool), np.full(n, 7), np.zeros(n, int), HWConfig(1, 1, -1), 0.0, options)
comb = trace(words, words @ matrix.astype(np.float64))
seconds = time.perf_counter() - start
result = {"seconds": seconds}
for name, ternary in (("binary", False), ("ternary", True)):
    model = RTLModel(comb, folder / name, "model", flavor="verilog", latency_cutoff=-1, ternary_fuse=ternary)
    model.write()
    graph = add_surrogate(dead_code_elimin(fuse_ternary_adders(comb))) if ternary else comb
    result[name] = {"cost": float(graph.cost), "delay": float(max(graph.out_latency))}
shutil.copytree(folder / "ternary", folder / "primitives", dirs_exist_ok=True)
here = pathlib.Path(__file__).parent
shutil.copy(here / "alkaid_ternary_adder.v", folder / "primitives/src/static/ternary_adder.v")
print(json.dumps(result))
