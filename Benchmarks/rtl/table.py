"""Writes the tables of docs/distributed-arithmetic.md from results.json (Benchmarks/rtl/run.sh table)."""
import json
import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent
PAGE = HERE.parent.parent / "docs/distributed-arithmetic.md"
BEGIN, END = "<!-- results.json -->", "<!-- end -->"


def best(peer):
    """The better of alkaid's own two netlists, if either was mapped."""
    found = [peer[name]["lut"] for name in ("binary", "ternary") if "lut" in peer[name]]
    return min(found) if found else None


def cells(values):
    return "| " + " | ".join("–" if value is None else str(value) for value in values) + " |"


def taggers(results):
    yield cells(["tagger", "alkaid LUT, FF, stages", "primitives LUT, FF", "Triggerfish LUT, FF, cycles", "counted LUT, FF", "of alkaid", "of primitives", "s"])
    yield "|---" * 8 + "|"
    for name, result in sorted(results.items(), key=lambda item: item[1]["alkaid"]["binary"]["lut"]):
        peer, ours = result["alkaid"], result["triggerfish"]
        better = min((peer["binary"], peer["ternary"]), key=lambda counts: counts["lut"])
        yield cells([
            name, f"{better['lut']:,}, {better['ff']:,}, {better['stages']}", f"{peer['primitives']['lut']:,}, {peer['primitives']['ff']:,}",
            f"{ours['lut']:,}, {ours['ff']:,}, {ours['stages']}", f"{ours['counted']['lut']:,}, {ours['counted']['ff']:,}",
            f"{ours['lut'] / better['lut']:.2f}", f"{ours['lut'] / peer['primitives']['lut']:.2f}", ours["seconds"]])


def matrices(results):
    def order(name):
        rows, columns, bits, positive = re.fullmatch(r"(\d+)x(\d+)w(\d+)(p?)", name).groups()
        return positive, int(rows) * int(columns), int(rows), int(bits)

    yield cells(["matrix", "alkaid LUT", "primitives LUT", "delay", "Triggerfish LUT", "row bits", "delay", "levels", "of alkaid", "of primitives", "s"])
    yield "|---" * 11 + "|"
    for name in sorted(results, key=order):
        peer, ours = results[name]["alkaid"], results[name]["triggerfish"]
        verilog = best(peer)
        yield cells([
            name, verilog and f"{verilog:,}", f"{peer['primitives']['lut']:,}", f"{peer['ternary']['delay']:.1f}", f"{ours['lut']:,}", f"{ours['cost']:,}",
            f"{ours['delay']:.1f}", ours["levels"], verilog and f"{ours['lut'] / verilog:.2f}", f"{ours['lut'] / peer['primitives']['lut']:.2f}",
            f"{ours['seconds']:.1f}"])


def main():
    results = json.loads((HERE / "results.json").read_text())
    text = PAGE.read_text()
    begin, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    lines = list(taggers(results.get("taggers", {}))) + [""] + list(matrices(results.get("matrices", {})))
    PAGE.write_text(text[:begin] + "\n" + "\n".join(lines) + "\n" + text[end:])


if __name__ == "__main__":
    main()
