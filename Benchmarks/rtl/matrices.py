"""Constant matrices: mapped LUTs of alkaid's Verilog and of Triggerfish's adder graphs, by Yosys (make benchmark-rtl).

python matrices.py TOOL WORK [--primitives-only] [CASE…], with an interpreter that has alkaid 0.8.2; TOOL is the program triggerfish-matrix. A case is
16x16w8 (signed weights of 8 bits) or 16x16w8p (all positive: 2^7 … 2^8 - 1). Every netlist of ours is simulated with Yosys's models of the
primitives on random vectors and compared with numpy.
"""
import json
import pathlib
import re
import shutil
import sys

import numpy as np

from common import HERE, each, kept, netlist, peer_netlist, record, run, tool

SIZES = ["8x8", "16x16", "32x32", "16x64", "64x32", "64x64"]
CASES = [f"{size}w{bits}" for size in SIZES for bits in (4, 6, 8)] + [f"16x16w{bits}p" for bits in (4, 8)]


def matrix(case):
    found = re.fullmatch(r"(\d+)x(\d+)w(\d+)(p?)", case)
    if not found:
        sys.exit(f"no matrix {case!r}: a case is 16x16w8, or 16x16w8p")
    rows, columns, bits, positive = found.groups()
    rows, columns, bits = int(rows), int(columns), int(bits)
    random = np.random.default_rng([rows, columns, bits, bool(positive)])
    half = 1 << bits - 1
    low, high = (half, 2 * half) if positive else (-half, half)
    return random.integers(low, high, (rows, columns))


def check(weights, verilog, work):
    """Simulates a netlist with Yosys's models of LUT6_2 and CARRY8 on 64 vectors."""
    random = np.random.default_rng(1)
    vectors = random.integers(-128, 128, (64, weights.shape[0]))
    vectors[0], vectors[1] = -128, 127
    expected = vectors @ weights
    widths = [int(w) + 1 for w in re.findall(r"output \[(\d+):0\] y\d+", verilog.read_text())]
    ports = [f".x{i}(x[{i}])" for i in range(weights.shape[0])] + [f".y{i}(y{i})" for i in range(weights.shape[1])]
    bench = ["module bench;", f"  reg [7:0] x [0:{weights.shape[0] - 1}];"]
    bench += [f"  wire [{w - 1}:0] y{i};" for i, w in enumerate(widths)]
    bench += [f"  top top({', '.join(ports)});", "  initial begin"]
    for vector in vectors:
        bench.append(" ".join(f"x[{i}] = {int(v) & 255};" for i, v in enumerate(vector)) + " #1;")
        bench.append('    $display("' + " ".join("%0d" for _ in widths) + '", ' + ", ".join(f"y{i}" for i in range(len(widths))) + ");")
    (work / "bench.v").write_text("\n".join(bench + ["  end", "endmodule", ""]))
    models = pathlib.Path(shutil.which("yosys")).resolve().parent.parent / "share/yosys/xilinx/cells_sim.v"
    run("iverilog", "-g2012", "-o", work / "bench", work / "bench.v", verilog, HERE / "row3.v", models)
    rows = [line for line in run("vvp", "-n", work / "bench").splitlines() if re.fullmatch(r"[\dx ]+", line)]
    got = np.array([[int(v) for v in line.split()] for line in rows], dtype=object)
    wanted = np.array([[int(v) & ((1 << w) - 1) for v, w in zip(row, widths)] for row in expected], dtype=object)
    if got.shape != wanted.shape or (got != wanted).any():
        sys.exit(f"{verilog}: simulation and numpy differ")


def case(program, work, name, folders):
    work = work / name
    work.mkdir(parents=True, exist_ok=True)
    weights = matrix(name)
    np.savetxt(work / "matrix.txt", weights, fmt="%d")
    hard_dc = 0 if name.endswith("p") else 5
    command = [sys.executable, HERE / "alkaid_peer.py", work / "matrix.txt", work / "alkaid", hard_dc]
    peer = kept(work / "alkaid.json", lambda: json.loads(run(*command).splitlines()[-1]))
    for folder in folders:
        counts = kept(work / f"alkaid_{folder}.json", lambda: peer_netlist(work / "alkaid" / folder))
        peer[folder] |= {"lut": counts["lut"], "inv": counts["inv"]}
    # Of three depths the cheapest graph that is no slower than alkaid's, by alkaid's own estimate of delays.
    found = []
    for slack in (2, 1, 0):
        verilog = work / f"ours{slack}.v"
        ours = json.loads(run(program, work / "matrix.txt", verilog, slack))
        found.append((ours["delay"] > peer["ternary"]["delay"], ours["cost"], slack, ours, verilog))
    _, _, slack, ours, verilog = min(found, key=lambda one: one[:3])
    check(weights, verilog, work)
    ours["slack"] = slack
    counts = netlist([verilog, HERE / "row3.v"], "top")
    ours |= {"lut": counts["lut"], "inv": counts["inv"]}
    result = {"alkaid": peer, "triggerfish": ours}
    # Small ones are tests, too (Tests/AdderGraphTests/RecordedTests.swift).
    return result | ({"weights": " ".join(map(str, weights.flat))} if weights.size <= 256 else {})


def main():
    program, work = tool(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
    folders = ["primitives"] if "--primitives-only" in sys.argv else ["binary", "ternary", "primitives"]

    def one(name):
        result = case(program, work, name, folders)
        record("matrices", name, result)
        peer, ours = result["alkaid"], result["triggerfish"]
        return (
            f"{name}: alkaid {', '.join(str(peer[folder]['lut']) + ' ' + folder for folder in folders)} LUT, delay {peer['ternary']['delay']}; "
            f"Triggerfish {ours['lut']} LUT ({ours['cost']} row bits), delay {ours['delay']:.1f}, {ours['seconds']:.1f} s: "
            f"{ours['lut'] / peer['primitives']['lut']:.3f} of primitives")

    each([name for name in sys.argv[3:] if not name.startswith("--")] or CASES, one)


if __name__ == "__main__":
    main()
