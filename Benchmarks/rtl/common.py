"""What matrices.py and taggers.py share: commands, Yosys's counts, and the file of results."""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
RESULTS = HERE / "results.json"
SYNTHESIS = "synth_xilinx -top {top} -family xcup -nodsp -flatten -noiopad -noclkbuf -nosrl"
LUTS = ("LUT1", "LUT2", "LUT3", "LUT4", "LUT5", "LUT6", "LUT6_2", "INV")
FFS = ("FDRE", "FDSE", "FDCE", "FDPE")


def run(*command, cwd=None):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=cwd)
    if done.returncode:
        sys.exit(f"{command[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def mapped(script, cwd=None):
    """Lookup tables (LUT1 to LUT6 and inverters; a LUT6_2 is one), the inverters among them, and registers after a Yosys script."""
    text = run("yosys", "-q", "-p", script + "; tee -o /dev/stdout stat", cwd=cwd)
    counts = dict((name, int(count)) for name, count in re.findall(r"^\s+(\S+)\s+(\d+)$", text, re.M))
    return {
        "lut": sum(counts.get(name, 0) for name in LUTS),
        "inv": counts.get("INV", 0),
        "ff": sum(counts.get(name, 0) for name in FFS),
    }


def netlist(files, top):
    """The same of Verilog files."""
    return mapped(f"read_verilog -defer {' '.join(map(str, files))}; {SYNTHESIS.format(top=top)}")


def peer_netlist(project):
    """The same of one of alkaid's projects."""
    sources = [path for path in sorted((project / "src").rglob("*.v")) if path.name != "model_wrapper.v"]
    return netlist(sources + ([HERE / "row3.v"] if project.name == "primitives" else []), "model")


def with_primitives(folder):
    """A copy of alkaid's ternary project with its template of a three-operand adder replaced by the primitives of row3.v."""
    shutil.copytree(folder / "ternary", folder / "primitives", dirs_exist_ok=True)
    shutil.copy(HERE / "alkaid_ternary_adder.v", folder / "primitives/src/static/ternary_adder.v")


def kept(path, make):
    """What is in a file, or what `make` gives, which is put there: peers' numbers do not change."""
    if not path.exists():
        value = make()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value))
    return json.loads(path.read_text())


def record(kind, name, result):
    """Puts a result in its place in results.json."""
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results.setdefault(kind, {})[name] = result
    RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")


def each(names, run_one):
    """Runs cases one after the other, each with the time it took; ends with 1, all failures named, where some failed: the others count."""
    failed = []
    for number, name in enumerate(names, 1):
        begin = time.monotonic()
        try:
            said = run_one(name)
        except (Exception, SystemExit) as error:
            failed.append(name)
            said = f"{name}: failed: {error}"
        print(f"[{number}/{len(names)}] {said} ({time.monotonic() - begin:.0f} s)", flush=True)
    if failed:
        sys.exit(f"failed: {', '.join(map(str, failed))}")


def tool(path):
    """A program that is named by a path; one of $PATH stays as it is."""
    return str(pathlib.Path(path).resolve()) if "/" in path else path
