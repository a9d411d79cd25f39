"""Trigger rates and efficiencies at exact output words; the counting is the library's (docs/rates.md)."""

from __future__ import annotations

import csv
import io
import json
import os

from ctypes import c_char_p
from typing import Any, Dict, List, Optional, Sequence, Union

import numpy as np

from ._library import Error, options, text


class Rates(dict):
    """Events by output word, as `triggerfish rates --output` writes them; printed, the table.

    Counts are integers, so that parts add up exactly: `a + b` of other events of the same model, `join(parts)` where all must be
    there.

    Attributes
    ----------
    json : str
        The file, the same bytes that the command line writes.
    """

    def __init__(self, text: str):
        super().__init__(json.loads(text))
        self.json = text

    def __reduce__(self):
        return Rates, (self.json,)

    def __add__(self, other: "Rates") -> "Rates":
        return _joined([self, other], complete=False)

    def __str__(self):
        return show(self)

    @property
    def events(self) -> int:
        """How many events were counted."""
        return sum(end - first for source in self["provenance"]["sources"] for first, end in source["ranges"])

    def at(self, rate: Union[None, str, Sequence[str]] = None,
           efficiency: Union[None, str, Sequence[str]] = None) -> List[Dict[str, Any]]:
        """The thresholds for wanted rates ("100kHz", not to be exceeded) and efficiencies ("80%", to be reached).

        Returns
        -------
        list of dict
            `threshold` (the raw word for the firmware), `value`, `rate`, `efficiency`, … with the ends of their intervals; first
            of the words' curve, then of the float model's. Where no threshold does it, there is none.
        """
        return json.loads(_shown([self], "json", rate, efficiency))["workingPoints"]

    def curve(self, which: str = "words") -> Dict[str, np.ndarray]:
        """Every threshold that tells events apart, the highest first: an array per column of `triggerfish rates --csv`.

        Parameters
        ----------
        which : {"words", "float"}
            The firmware's words or the float model's outputs.
        """
        rows = [row for row in csv.DictReader(io.StringIO(_shown([self], "csv"))) if row["curve"] == which]
        if not rows:
            raise Error(f"there is no curve '{which}'", 64)
        whole = ("threshold", "background", "signal")
        return {name: np.array([row[name] if name in whole else row[name] or "nan" for row in rows],
                               np.int64 if name in whole else np.float64)
                for name in rows[0] if name != "curve"}

    def histogram(self, which: str = "words"):
        """The counts as a histogram of boost-histogram (of hist, where that is installed): axes "score" (values of thresholds) and
        "class"; counts are int64, sums of weights have their variances."""
        try:
            import hist as package

            make, axis, storage = package.Hist, package.axis, package.storage
        except ImportError:
            import boost_histogram as package

            make, axis, storage = package.Histogram, package.axis, package.storage
        counts = self["words"] if which == "words" else self.get("float")
        if counts is None:
            raise Error(f"there is no curve '{which}'", 64)
        score = self["score"]
        unit = 2.0 ** -score["fractionBits"]
        words = np.array(counts["thresholds"], np.int64)
        # A bin for every threshold with events, and empty ones between: edges at the words themselves.
        step = 1 << score["stepBits"]
        edges = np.unique(np.concatenate([words, words + step])) * unit
        found = make(axis.Variable(edges, metadata="score", **_named(package, "score")),
                     axis.StrCategory(["background", "signal"], **_named(package, "class")),
                     storage=storage.Int64() if self.get("weightBits") is None else storage.Weight())
        places = found.axes[0].index(words * unit)
        view = found.view()
        for column, name in enumerate(("background", "signal")):
            if self.get("weightBits") is None:
                view[places, column] = counts[name]
            else:
                factor = 2.0 ** -self["weightBits"]
                sums = counts["weights"]
                view["value"][places, column] = [int(text) * factor for text in sums[name][:-1]]
                view["variance"][places, column] = [int(text) * factor * factor for text in sums[name + "Squares"][:-1]]
        return found

    def save(self, path: Union[str, os.PathLike]) -> None:
        """Writes the file whole or not at all, for `triggerfish join`, `--beside` and `report --rates`."""
        write_whole(path, self.json.encode())

    @classmethod
    def load(cls, path: Union[str, os.PathLike]) -> "Rates":
        """Reads a file that `save` or the command line wrote."""
        with open(path, encoding="utf-8") as file:
            found = file.read()
        try:
            return _joined([found], complete=False)
        except Error as error:
            raise Error(f"{os.fspath(path)}: {error}", error.code) from None


def join(parts: Sequence[Rates], expect_events: Optional[int] = None) -> Rates:
    """Adds up parts, which together must have every event of their files, each once.

    Raises
    ------
    Error
        With every gap, overlap, and part of another model or of other settings.
    """
    return _joined(parts, complete=True, expect_events=expect_events)


def show(*rates: Rates, rate=None, efficiency=None) -> str:
    """Rates of several models or configurations on the same events side by side, as text."""
    return _shown(rates, "table", rate, efficiency)


def _joined(parts, **given):
    return Rates(text("tf_join_rates", *_texts(parts), options(given)))


def _shown(parts, form, rate=None, efficiency=None):
    def many(wanted):
        return None if wanted is None else [wanted] if isinstance(wanted, str) else list(wanted)

    return text("tf_show_rates", *_texts(parts), options({"form": form, "rate": many(rate), "efficiency": many(efficiency)}))


def _texts(parts):
    encoded = [(part if isinstance(part, str) else part.json).encode() for part in parts]
    return (c_char_p * len(encoded))(*encoded), len(encoded)


def _named(package, name):
    return {"name": name} if package.__name__ == "hist" else {}


def write_whole(path, data: bytes) -> None:
    """Writes a file beside its place and renames it: it appears whole or not at all."""
    path = os.fspath(path)
    scratch = f"{path}.{os.getpid()}.{os.urandom(4).hex()}.tmp"
    try:
        with open(scratch, "wb") as file:
            file.write(data)
        os.replace(scratch, path)
    except BaseException:
        if os.path.exists(scratch):
            os.remove(scratch)
        raise
