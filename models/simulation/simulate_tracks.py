"""Write libraries of collisions for the vertex finder, one file per process; finished files are skipped.

    python -m simulation.simulate_tracks --output DATA
"""

import argparse
import pathlib
import time

from . import tracks
from .simulate_jets import write_chunk


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--minimum-bias", type=int, default=30000, help="collisions")
    parser.add_argument("--hard", type=int, default=5000, help="collisions per hard process")
    parser.add_argument("--seed", type=int, default=100)
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)

    counts = {"minimum_bias": options.minimum_bias} | dict.fromkeys(tracks.HARD_PROCESSES, options.hard)
    for index, (process, count) in enumerate(counts.items()):
        path = options.output / f"tracks_{process}.npz"
        if path.exists():
            continue
        start = time.time()
        library = tracks.collisions(process, count, options.seed + index)
        write_chunk(path, library)
        mean = len(library["pt"]) / count
        print(f"{path.name}: {mean:.2f} tracks each, {time.time() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
