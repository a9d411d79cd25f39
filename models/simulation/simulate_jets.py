"""Write jets in chunks, one file per class and chunk; finished chunks are skipped, so a run resumes.

    python -m simulation.simulate_jets --output DATA
"""

import argparse
import pathlib
import time

import numpy as np

from . import jets


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=pathlib.Path, required=True, help="folder for the chunks")
    parser.add_argument("--jets-per-class", type=int, default=13000)
    parser.add_argument("--chunk", type=int, default=1000, help="jets per file")
    parser.add_argument("--seed", type=int, default=1, help="first seed; each chunk adds to it")
    parser.add_argument("--part", default="0/1", help="i/n: do every n-th chunk, from the i-th")
    return parser.parse_args()


def write_chunk(path, arrays):
    """Write under another name first, so that an interrupted run leaves no half file."""
    partial = path.with_suffix(".partial.npz")
    np.savez_compressed(partial, **arrays)
    partial.rename(path)


def main():
    options = parse_arguments()
    options.output.mkdir(parents=True, exist_ok=True)
    part, parts = map(int, options.part.split("/"))
    tasks = [
        (chunk, kind)
        for chunk in range(options.jets_per_class // options.chunk)
        for kind in range(len(jets.CLASSES))
    ]
    for number, (chunk, kind) in enumerate(tasks):
        name = jets.CLASSES[kind]
        path = options.output / f"jets_{name}_{chunk:03d}.npz"
        if number % parts != part or path.exists():
            continue
        start = time.time()
        write_chunk(path, jets.simulate(name, options.chunk, options.seed + 1000 * kind + chunk))
        print(f"{path.name}: {options.chunk} jets in {time.time() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
