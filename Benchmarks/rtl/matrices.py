"""Constant matrices: mapped LUTs of alkaid's Verilog and of Triggerfish's adder graphs, by Yosys (make benchmark-rtl).

python matrices.py TOOL WORK [CASE…], with an interpreter that has alkaid 0.8.2; TOOL is the program triggerfish-matrix. A case is 16x16w8 (signed weights
of 8 bits) or 16x16w8p (all positive: 2^7 … 2^8 - 1). Every netlist of ours is simulated with Yosys's models of the
primitives on random vectors and compared with numpy.
"""
import json
import pathlib
import re
import subprocess
import sys

import numpy as np

HERE = pathlib.Path(__file__).parent
SIZES = ["8x8", "16x16", "32x32", "16x64", "64x32", "64x64"]
CASES = [f"{size}w{bits}" for size in SIZES for bits in (4, 6, 8)] + [f"16x16w{bits}p" for bits in (4, 8)]
LUTS = ("LUT1", "LUT2", "LUT3", "LUT4", "LUT5", "LUT6", "LUT6_2", "INV")


def matrix(case):
    rows, columns, bits, positive = re.fullmatch(r"(\d+)x(\d+)w(\d+)(p?)", case).groups()
    rows, columns, bits = int(rows), int(columns), int(bits)
    random = np.random.default_rng([rows, columns, bits, bool(positive)])
    half = 1 << bits - 1
    low, high = (half, 2 * half) if positive else (-half, half)
    return random.integers(low, high, (rows, columns))


def run(*command, cwd=None):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=cwd)
    if done.returncode:
        sys.exit(f"{command[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def luts(files, top):
    """Lookup tables after mapping: LUT1 to LUT6 and inverters; a LUT6_2 is one."""
    script = f"read_verilog -defer {' '.join(map(str, files))}; synth_xilinx -top {top} -family xcup -nodsp -flatten -noiopad -noclkbuf -nosrl; tee -o /dev/stdout stat"
    text = run("yosys", "-q", "-p", script)
    counts = dict((name, int(count)) for name, count in re.findall(r"^\s+(\S+)\s+(\d+)$", text, re.M))
    return sum(counts.get(name, 0) for name in LUTS)


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
    models = pathlib.Path("/usr/share/yosys/xilinx/cells_sim.v")
    run("iverilog", "-g2012", "-o", work / "bench", work / "bench.v", verilog, HERE / "row3.v", models)
    rows = [line for line in run("vvp", "-n", work / "bench").splitlines() if re.fullmatch(r"[\dx ]+", line)]
    got = np.array([[int(v) for v in line.split()] for line in rows], dtype=object)
    wanted = np.array([[int(v) & ((1 << w) - 1) for v, w in zip(row, widths)] for row in expected], dtype=object)
    if got.shape != wanted.shape or (got != wanted).any():
        sys.exit(f"{verilog}: simulation and numpy differ")


def case(tool, work, name, map_all):
    work = work / name
    work.mkdir(parents=True, exist_ok=True)
    weights = matrix(name)
    np.savetxt(work / "matrix.txt", weights, fmt="%d")
    peer = json.loads(run(sys.executable, HERE / "alkaid_peer.py", work / "matrix.txt", work / "alkaid", 0 if name.endswith("p") else 5).splitlines()[-1])
    folders = ("binary", "ternary", "primitives") if map_all else ("primitives",)
    for folder in folders:
        sources = sorted((work / "alkaid" / folder / "src").rglob("*.v"))
        sources = [source for source in sources if source.name != "model_wrapper.v"]
        peer[folder + "_luts"] = luts(sources + ([HERE / "row3.v"] if folder == "primitives" else []), "model")
    # The deepest graph that is no slower than alkaid's, by alkaid's own estimate of delays.
    ours = None
    for slack in (2, 1, 0):
        verilog = work / f"ours{slack}.v"
        ours = json.loads(run(tool, work / "matrix.txt", verilog, slack))
        if ours["delay"] <= peer["ternary"]["delay"]:
            break
    check(weights, verilog, work)
    ours["slack"] = slack
    ours["luts"] = luts([verilog, HERE / "row3.v"], "top")
    return {"case": name, "alkaid": peer, "triggerfish": ours}


def main():
    tool, work = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    map_all = "--primitives-only" not in sys.argv
    cases = [name for name in sys.argv[3:] if not name.startswith("--")] or CASES
    print("| matrix | alkaid binary | ternary | primitives | delay | Triggerfish | row bits | delay | slack | s | of Verilog | of primitives |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    results = []
    for name in cases:
        result = case(tool, work, name, map_all)
        results.append(result)
        peer, ours = result["alkaid"], result["triggerfish"]
        verilog = [peer[key] for key in ("binary_luts", "ternary_luts") if key in peer]
        print(
            f"| {name} | {peer.get('binary_luts', '–')} | {peer.get('ternary_luts', '–')} | {peer['primitives_luts']} | {peer['ternary']['delay']:.1f} "
            f"| {ours['luts']} | {ours['cost']} | {ours['delay']:.1f} | {ours['slack']} | {ours['seconds']:.1f} "
            f"| {ours['luts'] / min(verilog) if verilog else 0:.2f} | {ours['luts'] / peer['primitives_luts']:.2f} |",
            flush=True)
    (work / "results.json").write_text(json.dumps(results, indent=1))


main()
