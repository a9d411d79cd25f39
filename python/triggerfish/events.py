"""Events of files, as physicists have them: ROOT, parquet, HDF5, .npy, .npz and CSV, read in parts (docs/rates.md).

    import triggerfish
    files = triggerfish.events.open("data/*.root", "mapping.yml")
    model.rates(files, score=0, crossing_rate="40MHz")
    for part in files.partitions(250_000):
        words = model.predict(part.read().inputs[0], raw=True)

ROOT needs uproot and awkward, parquet pyarrow (and awkward for lists), HDF5 h5py, mappings PyYAML: `pip install triggerfish[files]`.
"""

from __future__ import annotations

import glob
import os

from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Sequence, Union

from ._files import opened, reading
from ._library import Error
from ._mapping import Events, Mapping

# Events read at once unless told otherwise: flat memory, and far more than a task costs to start.
PARTITION = 250_000


@dataclass(frozen=True)
class Part:
    """Some events of a file: from number `first` up to, not with, `end`, of `of`."""

    files: Sequence[str]
    first: int
    end: int
    of: int


@dataclass(frozen=True)
class FilePart(Part):
    """A part that can be read, here or in another process that sees the same files."""

    path: str = ""
    mapping: Any = None
    missing: bool = False

    def read(self) -> Events:
        """Reads the part.

        Raises
        ------
        Error
            With the file, and what is wrong in it: branches that are not there, lengths that differ, NaN, a truncated file.
        """
        return reading(self.path, lambda: opened(self.path).read(self.first, self.end, self.mapping, self.missing))


@dataclass(frozen=True)
class Files:
    """Files that were opened, with the number of events of each."""

    paths: Sequence[str]
    counts: Sequence[int]
    mapping: Any = None
    missing: bool = False

    @property
    def events(self) -> int:
        """How many events there are in all."""
        return sum(self.counts)

    def partitions(self, size: int = PARTITION) -> Iterator[FilePart]:
        """The events in parts of at most `size`, file by file."""
        if size < 1:
            raise Error(f"partitions of {size} events: at least 1 is needed", 64)
        # Files of the same name in several folders are told apart by as much of their paths as that takes.
        for path, name, count in zip(self.paths, _distinct(self.paths), self.counts):
            for first in range(0, count, size):
                yield FilePart((name,), first, min(count, first + size), count, path, self.mapping, self.missing)


def open(files: Union[str, os.PathLike, Sequence[Any]], mapping: Union[None, str, os.PathLike, Dict[str, Any]] = None, *,
         missing: bool = False) -> Files:
    """Opens files, and counts their events.

    Parameters
    ----------
    files : path, pattern with `*`, or a list of them
        All read by the same mapping.
    mapping : path or dict, optional
        Which branches become the inputs (docs/rates.md). Without one a file is one array, or has arrays called by `inputs`,
        `labels` and `weights`; ROOT and parquet need one.
    missing : bool
        Whether NaN in inputs, and what a file calls missing, is a missing number (as NaN), for trees that were loaded with
        `missing=True`. Otherwise both are errors with their place.

    Raises
    ------
    Error
        With everything that is wrong with any of the files.
    """
    paths: List[str] = []
    for pattern in [files] if isinstance(files, (str, os.PathLike)) else list(files):
        pattern = os.fspath(pattern)
        found = sorted(glob.glob(pattern)) if glob.has_magic(pattern) and not os.path.exists(pattern) else [pattern]
        if not found:
            raise Error(f"{pattern}: error: there is no such file", 66)
        paths += [os.path.abspath(path) for path in found]
    twice = sorted({path for path in paths if paths.count(path) > 1}) if len(set(paths)) < len(paths) else []
    if twice:
        raise Error(f"{twice[0]}: error: named twice: its events would count twice", 64)
    read = Mapping.read(mapping)
    counts, problems = [], []
    for path in paths:
        try:
            counts.append(reading(path, lambda: opened(path).count(read)))
        except Error as error:
            problems.append(error)
    if problems:
        raise Error("\n".join(str(problem) for problem in problems), problems[0].code)
    return Files(tuple(paths), tuple(counts), read, bool(missing))


def _distinct(paths):
    names = [path.split(os.sep) for path in paths]
    depth = 1
    while len({tuple(name[-depth:]) for name in names}) < len(names):
        depth += 1
    return ["/".join(name[-depth:]) for name in names]


__all__ = ["Events", "FilePart", "Files", "Mapping", "PARTITION", "Part", "open"]
