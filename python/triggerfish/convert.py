"""Files with a mapping made into what the command line takes: `python -m triggerfish.convert MAPPING FILE… --output events.npz`."""

import argparse
import io
import sys
import zipfile

import numpy as np

from . import events
from ._library import Error
from ._rates import write_whole


def convert(files, output):
    """Writes the arrays of files as an .npz: `inputs` (or `inputs0`, `inputs1`, …), `labels`, `weights`, `reference`.

    Returns
    -------
    list of str
        What `triggerfish rates` takes: `--input`, `--labels`, … with the arrays' names.
    """
    parts = [part.read() for part in files.partitions()]
    if not parts:
        raise Error("there are no events", 65)
    count = len(parts[0].inputs)
    names = ["inputs"] if count == 1 else [f"inputs{place}" for place in range(count)]
    arrays = {name: np.concatenate([part.inputs[place] for part in parts]) for place, name in enumerate(names)}
    options = [text for name in names for text in ("--input", f"{output}:{name}")]
    for name in ("labels", "weights", "reference"):
        if getattr(parts[0], name) is not None:
            arrays[name] = np.concatenate([getattr(part, name) for part in parts])
            options += ["--event-weights" if name == "weights" else f"--{name}", f"{output}:{name}"]
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, array in arrays.items():
            one = io.BytesIO()
            np.save(one, array, allow_pickle=False)
            # Without times, so that equal events give equal bytes.
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), one.getvalue())
    write_whole(output, whole.getvalue())
    return options


def main():
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m triggerfish.convert", description=__doc__)
    parser.add_argument("mapping", help="which branches become the inputs (docs/rates.md)")
    parser.add_argument("files", nargs="+", help="ROOT, parquet, HDF5, .npy, .npz or CSV")
    parser.add_argument("--missing", action="store_true", help="NaN, and what a file calls missing, is a missing number of trees (NaN)")
    parser.add_argument("--output", required=True, help="the .npz to write")
    given = parser.parse_args()
    try:
        print(" ".join(convert(events.open(given.files, given.mapping, missing=given.missing), given.output)))
    except Error as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.code)


if __name__ == "__main__":
    main()
