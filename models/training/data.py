"""Read simulated jets; whole chunks go to one split, so no event has a jet in two of them."""

import pathlib

import numpy as np

from simulation.jets import CLASSES

VALIDATION_SHARE, TEST_SHARE = 1 / 16, 3 / 16


def load_jets(folder, columns):
    """{"train" | "validation" | "test": {column: array}}; the last chunks of every class are held out."""
    splits = {"train": [], "validation": [], "test": []}
    for name in CLASSES:
        paths = sorted(pathlib.Path(folder).glob(f"jets_{name}_[0-9][0-9][0-9].npz"))
        if len(paths) < 3:
            raise SystemExit(f"{folder}: class {name} has {len(paths)} chunks, at least 3 are needed")
        tests = max(1, round(len(paths) * TEST_SHARE))
        validations = max(1, round(len(paths) * VALIDATION_SHARE))
        splits["test"] += paths[-tests:]
        splits["validation"] += paths[-tests - validations : -tests]
        splits["train"] += paths[: -tests - validations]
    return {name: _join(paths, columns) for name, paths in splits.items()}


def _join(paths, columns):
    parts = [np.load(path) for path in paths]
    return {column: np.concatenate([part[column] for part in parts]) for column in columns}


def sample_per_class(labels, per_class, seed):
    """Indices of `per_class` events of every class, in shuffled order."""
    rng = np.random.default_rng(seed)
    chosen = [rng.choice(np.flatnonzero(labels == c), per_class, replace=False) for c in np.unique(labels)]
    return rng.permutation(np.concatenate(chosen))
