#!/usr/bin/env python3
"""Fits the parameters of the cost model (docs/cost-model.md) and prints its errors on held-out designs.

    scripts/fit-cost-model.py dense_csynth.csv [--write Sources/Scheduling/CostParameters.swift]

Reads C-synthesis results of single dense layers (README beside the data), fits on three models in four, and
prints for the rest the median absolute percentage error and sMAPE per strategy, layout and precision. Needs
Python 3.9 and numpy. Deterministic: the split is by the CRC-32 of the model's name, and the weights, which the
data does not hold, are drawn with SplitMix64 as Tests/SchedulingTests/HeldOutTests.swift draws them.

The data's models are untrained (the generator, gen_dense_models.py of ben-hawks/wa-hls4ml-search, Apache-2.0):
kernels are uniform in +-sqrt(3 / d_in) (lecun_uniform), stored in words of `prec` bits with one integer bit.
That words are truncated, not rounded, follows from the 2-bit layers, which would be all zero otherwise. Inputs and
accumulators are 16 bits wide, since flip-flops grow by 16 for every output and nothing depends on the
width of the exact sum.
"""

import argparse
import csv
import math
import zlib

import numpy as np

WIDTH = 16  # of inputs and accumulators in the data
PERIOD = 5.0 * (1 - 0.125)  # usable ns: no estimated clock of the data is above 4.375
MASK = (1 << 64) - 1


def read(path):
    """The successful rows, with numbers for numbers."""
    rows = []
    for row in csv.DictReader(open(path)):
        if row["hls_synth_success"] != "true":
            continue
        name = {"d_in": "n", "d_out": "m", "prec": "p", "rf": "rf"}
        rows.append(
            {short: int(row[long]) for long, short in name.items()}
            | {"model": row["model_name"], "strategy": row["strategy"]}
            | {k: float(row[k]) for k in ("LUT", "FF", "DSP", "BRAM_18K", "BestLatency", "IntervalMax")})
    return rows


def held_out(row):
    return zlib.crc32(row["model"].encode()) % 4 == 0


def weights(n, m, p):
    """Words of a layer, row by row, from SplitMix64 seeded with the layer's size and precision."""
    state = n << 32 | m << 16 | p
    words = np.zeros((n, m), dtype=np.int64)
    limit = math.sqrt(3 / n) * 2 ** (p - 1)
    for i in range(n):
        for j in range(m):
            state = (state + 0x9E3779B97F4A7C15) & MASK
            z = state
            z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
            z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
            z ^= z >> 31
            unit = (z >> 11) * 2.0**-53
            words[i, j] = math.floor((2 * unit - 1) * limit)
    return np.clip(words, -(2 ** (p - 1)), 2 ** (p - 1) - 1)


def digits(word):
    """Non-zero canonical signed digits."""
    word = abs(int(word))
    return bin(word ^ (3 * word)).count("1")


def count(words, precision):
    """What a matrix of constants is built from: adders of the sums and the bits they keep, shift-and-add operations,
    multipliers.

    The tool merges equal products of one input (they are the same expression), so that only distinct words of a
    row count; and it merges equal partial sums of balanced trees over the non-zero terms.
    """
    n, m = words.shape
    dsp = small = shifts = negations = 0
    for row in words:
        for word in np.unique(row):
            if word == 0:
                continue
            count = digits(word)
            if count < 3:
                negation = 1 if count == 1 and word < 0 else 0
                negations += negation
                shifts += count - 1 + negation
            elif 0 < word < 16:
                small += 1
            else:
                dsp += 1
    # The inputs' 10 fraction bits and the words' precision - 1 are cut to the sums' 10.
    width = lambda word: max(1, min(WIDTH, WIDTH + (abs(word) - 1).bit_length() - (precision - 1)))
    widths = {}
    depth = 0
    for column in words.T:
        terms = [(i, int(w)) for i, w in enumerate(column) if w]
        leaves = {term: width(term[1]) for term in terms}
        depth = max(depth, math.ceil(math.log2(max(1, len(terms)))))
        while len(terms) > 1:
            pairs = [(terms[k], terms[k + 1]) for k in range(0, len(terms) - 1, 2)]
            for pair in pairs:
                widest = max(leaves.get(t) or widths[t] for t in pair)
                widths[pair] = min(WIDTH, widest + 1)
            terms = pairs + ([terms[-1]] if len(terms) % 2 else [])
    return {
        "adders": len(widths), "bits": sum(widths.values()), "shifts": shifts, "small": small, "dsp": dsp, "depth": depth, "negations": negations}


def products(count):
    """Products that are neither wires nor negations nor DSPs."""
    return count["shifts"] + count["small"] - count["negations"]


def solve(rows, target, features):
    """Least squares of relative errors."""
    a = np.array([features(r) for r in rows], dtype=float)
    b = np.array([target(r) for r in rows])
    return np.linalg.lstsq(a / b[:, None], np.ones(len(b)), rcond=None)[0]


def layout(row):
    return row["strategy"] + (" unrolled" if row["rf"] == 1 else " shared")


def multiplexer_class(m):
    return max(1, math.ceil(math.log2(m)))


def fit(rows):
    """The parameters, by the name CostParameters.swift gives them."""
    p = {}
    unrolled = [r for r in rows if r["count"]]
    kinds = ["latency unrolled", "latency shared", "resource unrolled"]
    solution = solve(
        unrolled, lambda r: r["LUT"],
        lambda r: [r["count"]["bits"] + 7 * r["count"]["adders"], (r["count"]["shifts"] + r["count"]["small"]) * (WIDTH + 7)]
        + [r["count"]["dsp"] * (layout(r) == k) for k in kinds])
    p["adder"], p["shiftAdd"], p["dspLUT"], p["sharedDspLUT"], p["resourceDspLUT"] = solution

    def registers(kind, busy):
        chosen = [
            r for r in unrolled
            if layout(r) == kind and r["BestLatency"] > 0 and (r["count"]["dsp"] > 0) == busy]
        form = (lambda r: [r["count"]["adders"] * WIDTH, r["count"]["dsp"] * WIDTH]) if busy else (
            lambda r: [r["count"]["adders"] * WIDTH])
        output = WIDTH if kind == "latency unrolled" else 0
        # The output registers are known; only what the pipeline's cut holds is fitted.
        cut = [r | {"cut": r["FF"] - output * r["m"]} for r in chosen]
        return list(solve(cut, lambda r: r["cut"], form))

    p["cutAdder"], p["cutDSP"] = registers("latency unrolled", True)
    (p["cutAdderOnly"],) = registers("latency unrolled", False)
    p["sharedCutAdder"], p["sharedCutDSP"] = registers("latency shared", True)
    p["resourceCutAdder"], p["resourceCutDSP"] = registers("resource unrolled", True)
    # Without multipliers the cut lies behind the shift-and-add products where there are any, else late in the sums.
    late = [r for r in unrolled if not r["count"]["dsp"] and layout(r) == "resource unrolled" and r["BestLatency"] > 0]
    for name, has in [("resourceCutShift", True), ("resourceCutWire", False)]:
        chosen = [r for r in late if (products(r["count"]) > 0) == has]
        (p[name],) = solve(chosen, lambda r: r["FF"], lambda r: [r["count"]["adders"] * WIDTH])

    # Arrays of multipliers: what each input, output and multiplier costs. Multiplexers over the sums by size.
    shared = [r for r in rows if layout(r) == "resource shared"]
    block = lambda r: r["n"] * r["m"] // r["rf"]
    sizes = [5, 6, 7, 8]

    def features(r):
        wide = r["rf"] // r["n"] > 2
        return (
            [1, r["n"] * WIDTH, r["m"] * WIDTH, block(r) * WIDTH]
            + [block(r) * WIDTH * (wide and multiplexer_class(r["m"]) == s) for s in sizes])

    solution = solve(shared, lambda r: r["LUT"], features)
    p["arrayControl"], p["arrayInput"], p["arrayOutput"], p["arrayMultiplier"] = solution[:4]
    p["multiplexer"] = dict(zip(sizes, solution[4:]))
    narrow = [r for r in shared if r["p"] <= 4]
    p["arrayControlFF"] = float(np.median([r["FF"] - WIDTH * r["m"] - block(r) * r["p"] for r in narrow]))
    return p


def memory_blocks(width, depth):
    """18 kbit block RAMs of a read-only memory: the whole power of two of its rows, then what is left."""
    if depth <= 512:
        return math.ceil(width / 36)
    if depth <= 1024:
        return math.ceil(width / 18)
    rest = depth - 1024
    return math.ceil(width / 18) + memory_blocks(width, rest)


def estimate(row, p):
    """LUT, FF, DSP, BRAM, cycles, interval of one row."""
    n, m, w, rf = row["n"], row["m"], row["p"], row["rf"]
    if layout(row) == "resource shared":
        block = n * m // rf
        has_dsp = w > 4
        selects = rf // n > 2
        lut = (
            p["arrayControl"] + WIDTH * (n * p["arrayInput"] + m * p["arrayOutput"] + block * p["arrayMultiplier"])
            + (block * WIDTH * p["multiplexer"][multiplexer_class(m)] if selects else 0))
        ff = p["arrayControlFF"] + WIDTH * m
        ff += block * (WIDTH if selects else w) if has_dsp else (block * w if selects else 0)
        index = rf * max(1, math.ceil(math.log2(max(1, rf // n))))
        bram = memory_blocks(block * w, rf) + (1 if rf // n > 2 and index >= 1024 else 0)
        return lut, ff, block if has_dsp else 0, bram, rf + (1 if has_dsp or selects else 0), rf
    c = row["count"]
    product = 3.3 if c["dsp"] else (ADDER_DELAY if products(c) else 0)
    cycles = int((c["depth"] * ADDER_DELAY + product) / PERIOD)
    lut = (c["bits"] + 7 * c["adders"]) * p["adder"] + (WIDTH + 7) * (c["shifts"] + c["small"]) * p["shiftAdd"]
    if layout(row) == "resource unrolled":
        lut += c["dsp"] * p["resourceDspLUT"]
        if cycles == 0:
            ff = WIDTH * m + 2
        elif c["dsp"]:
            ff = WIDTH * (c["adders"] * p["resourceCutAdder"] + c["dsp"] * p["resourceCutDSP"])
        else:
            ff = WIDTH * c["adders"] * p["resourceCutShift" if products(c) else "resourceCutWire"]
        return lut, ff, c["dsp"], 0, cycles, cycles + 1
    cut = WIDTH * (
        c["adders"] * p["cutAdder"] + c["dsp"] * p["cutDSP"] if c["dsp"] else c["adders"] * p["cutAdderOnly"])
    if rf == 1:
        ff = WIDTH * m + cut if cycles else WIDTH * n + 2
        return lut + c["dsp"] * p["dspLUT"], ff, c["dsp"], 0, cycles, 1
    if c["dsp"] == 0:
        ff = cut if cycles else WIDTH * n + 2
        cycles += 1 if cycles else 0
        return lut, ff, 0, 0, cycles, min(rf, cycles + 1)
    instances = math.ceil(n * m / min(rf, 1023))
    cycles = math.ceil((c["dsp"] + c["small"]) / instances) + 1
    ff = WIDTH * (c["adders"] * p["sharedCutAdder"] + c["dsp"] * p["sharedCutDSP"])
    return lut + c["dsp"] * p["sharedDspLUT"], ff, instances, 0, cycles, min(rf, cycles + 1)


ADDER_DELAY = 0.763  # ns, 16 bits: the 2-bit layers' estimated clock of 3.815 ns is five of them
NAMES = ["LUT", "FF", "DSP", "BRAM_18K", "BestLatency", "IntervalMax"]


def errors(rows, p):
    """Absolute percentage errors and symmetric ones, [rows, 6]; of zero the error is that of one."""
    y = np.array([[r[k] for k in NAMES] for r in rows])
    e = np.array([estimate(r, p) for r in rows])
    relative = np.abs(e - y) / np.maximum(y, 1)
    total = np.abs(e) + np.abs(y)
    symmetric = np.where(total > 0, 2 * np.abs(e - y) / np.where(total > 0, total, 1), 0)
    return relative, symmetric, (np.round(e[:, 5]) == y[:, 5])


def table(rows, p, title):
    print(f"\n{title}: median APE % / sMAPE %")
    print(f"{'':26}{'rows':>5}" + "".join(f"{k:>14}" for k in ["LUT", "FF", "DSP", "BRAM18", "cycles", "II"])
          + f"{'II exact':>10}")
    groups = {"all": rows}
    for r in sorted(rows, key=lambda r: (layout(r), r["p"])):
        groups.setdefault(layout(r), []).append(r)
    for r in sorted(rows, key=lambda r: (layout(r), r["p"])):
        groups.setdefault(f"  {layout(r)} {r['p']} bits", []).append(r)
    for name, group in groups.items():
        a, s, exact = errors(group, p)
        cells = "".join(
            f"{100 * np.median(a[:, k]):>7.1f}/{100 * np.mean(s[:, k]):<6.1f}" for k in range(6))
        print(f"{name:26}{len(group):>5}{cells}{100 * exact.mean():>9.1f}%")


LAYOUTS = ["latency unrolled", "latency shared", "resource unrolled", "resource shared"]


MEANINGS = {
    "adder": "LUTs of an adder of the sums' trees, per bit (and seven).",
    "shiftAdd": "LUTs of a shift-and-add operation of a product, per bit (and seven).",
    "dspLUT": "LUTs beside a DSP, fully pipelined.",
    "sharedDspLUT": "LUTs for each product that takes its turn on a shared DSP.",
    "resourceDspLUT": "LUTs beside a DSP, resource strategy: below zero, since DSPs take over adders.",
    "cutAdder": "Registers where the pipeline is cut, per adder bit; latency strategy with DSPs.",
    "cutDSP": "The same per product bit.",
    "cutAdderOnly": "The same per adder bit without any DSP.",
    "sharedCutAdder": "Registers of a layer whose DSPs are shared, per adder bit.",
    "sharedCutDSP": "The same per product bit.",
    "resourceCutAdder": "Registers of an unrolled layer of the resource strategy, per adder bit.",
    "resourceCutDSP": "The same per product bit.",
    "resourceCutShift": "The same per adder bit without DSPs, with shift-and-add products.",
    "resourceCutWire": "The same per adder bit where every product is a wire.",
    "arrayControl": "LUTs of an array of multipliers, whatever its size.",
    "arrayInput": "LUTs per input bit.",
    "arrayOutput": "LUTs per accumulator bit.",
    "arrayMultiplier": "LUTs per multiplier and accumulator bit.",
    "arrayControlFF": "Flip-flops of an array of multipliers, whatever its size.",
}


def swift(p, factors, rows):
    """CostParameters.swift."""
    flat = {k: v for k, v in p.items() if k != "multiplexer"}
    lines = [
        "// Made by scripts/fit-cost-model.py; do not edit.",
        "",
        "/// Parameters of the cost model, fitted on three quarters of the models of `dense_csynth.csv` (Vitis HLS",
        "/// C-synthesis of dense layers, Apache-2.0, Dendendelen/wa-hls4ml-search): " + f"{len(rows)} designs.",
        "/// What each stands for: docs/cost-model.md.",
        "enum CostParameters {",
    ]
    for key, value in flat.items():
        lines += [f"  /// {MEANINGS[key]}", f"  static let {key} = {value:.4f}"]
    sizes = ", ".join(f"{v:.4f}" for v in p["multiplexer"].values())
    lines += [
        "  /// LUTs per bit of a multiplexer of 32, 64, 128 and 256 inputs.",
        f"  static let multiplexer = [{sizes}]",
        "",
        "  // Factors that 68% of the held-out designs are within.",
        "",
    ]
    for name, values in factors.items():
        first, second = name.split()
        label = first + second.capitalize()
        lines.append(f"  /// {first.capitalize()} strategy, {second}.")
        lines.append(f"  static let {label} = Uncertainty(")
        lines.append("    lut: {:.3f}, ff: {:.3f}, dsp: {:.3f}, bram: {:.3f}, cycles: {:.3f})".format(*values))
    return "\n".join(lines + ["}", ""])


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("data")
    arguments.add_argument("--write", help="the Swift file to write")
    options = arguments.parse_args()
    rows = read(options.data)
    counts = {}
    for r in rows:
        r["count"] = None
        if layout(r) != "resource shared":
            key = r["n"], r["m"], r["p"]
            if key not in counts:
                counts[key] = count(weights(*key), key[2])
            r["count"] = counts[key]
    train = [r for r in rows if not held_out(r)]
    test = [r for r in rows if held_out(r)]
    p = fit(train)
    for key, value in p.items():
        print(key, value)
    table(train, p, f"fitted on ({len(train)} designs)")
    table(test, p, f"held out ({len(test)} designs)")
    factors = {}
    for name in LAYOUTS:
        chosen = [r for r in test if layout(r) == name]
        y = np.array([[max(1, r[k]) for k in NAMES] for r in chosen])
        e = np.array([np.maximum(1, estimate(r, p)) for r in chosen])
        # A sixth-decimal match says more about the data's regularity than about other networks: at least 2%.
        within = np.quantile(np.abs(np.log(e / y))[:, :5], 0.68, axis=0, method="higher")
        factors[name] = np.maximum(1.02, np.ceil(1000 * np.exp(within)) / 1000)
    if options.write:
        open(options.write, "w").write(swift(p, factors, train))


if __name__ == "__main__":
    main()
