"""Which branches of a file become a model's inputs, labels and weights (docs/rates.md)."""

from __future__ import annotations

import difflib
import importlib
import os

from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Tuple, Union

import numpy as np

from ._library import Error


@dataclass
class Events:
    """Numbers of some events: an array per model input, and labels, weights and the float model's outputs where there are any."""

    inputs: List[np.ndarray]
    labels: Optional[np.ndarray] = None
    weights: Optional[np.ndarray] = None
    reference: Optional[np.ndarray] = None


@dataclass(frozen=True)
class Branch:
    """A column of a file: value · scale + offset becomes the input."""

    name: Union[str, int]
    scale: float = 1.0
    offset: float = 0.0

    @staticmethod
    def read(given, place):
        if isinstance(given, (str, int)) and not isinstance(given, bool):
            return Branch(given)
        if not isinstance(given, dict) or "branch" not in given:
            raise Error(f"{place}: error: a branch is a name, or {{branch: NAME, scale: S, offset: O}}, not {given!r}", 65)
        _keys(given, ("branch", "scale", "offset"), place)
        numbers = [given.get("scale", 1.0), given.get("offset", 0.0)]
        if any(isinstance(n, bool) or not isinstance(n, (int, float)) or not np.isfinite(n) for n in numbers):
            raise Error(f"{place}: error: scale and offset are numbers", 65)
        return Branch(given["branch"], *map(float, numbers))


@dataclass(frozen=True)
class Input:
    """A model's input: its branches beside each other; of lists the first `objects`, padded with `pad`."""

    branches: Tuple[Branch, ...]
    objects: Optional[int] = None
    pad: float = 0.0
    order: str = "objects"
    flat: bool = False

    @staticmethod
    def read(given, place):
        if isinstance(given, list):
            given = {"branches": given}
        if not isinstance(given, dict) or not isinstance(given.get("branches"), list) or not given["branches"]:
            raise Error(f"{place}: error: an input is a list of branches, or has one called branches", 65)
        _keys(given, ("branches", "objects", "pad", "order", "flat"), place)
        objects, pad = given.get("objects"), given.get("pad", 0.0)
        if objects is not None and (isinstance(objects, bool) or not isinstance(objects, int) or not 1 <= objects <= 1 << 20):
            raise Error(f"{place}.objects: error: a whole number of at least 1 is needed, not {objects!r}", 65)
        if isinstance(pad, bool) or not isinstance(pad, (int, float)) or not np.isfinite(pad):
            raise Error(f"{place}.pad: error: a number is needed, not {pad!r}", 65)
        order, flat = given.get("order", "objects"), given.get("flat", False)
        if order not in ("objects", "branches"):
            raise Error(f"{place}.order: error: objects or branches comes first, not {order!r}", 65)
        if not isinstance(flat, bool):
            raise Error(f"{place}.flat: error: true or false is needed, not {flat!r}", 65)
        branches = tuple(Branch.read(branch, f"{place}.branches[{i}]") for i, branch in enumerate(given["branches"]))
        return Input(branches, objects, float(pad), order, flat)


@dataclass(frozen=True)
class Mapping:
    """Which branches of a file become the model's inputs, labels and weights."""

    inputs: Tuple[Input, ...]
    labels: Optional[Branch] = None
    weights: Optional[Branch] = None
    reference: Optional[Branch] = None
    tree: Optional[str] = None

    @staticmethod
    def read(given) -> Optional["Mapping"]:
        """Reads a mapping: a YAML file, or a dictionary."""
        if given is None or isinstance(given, Mapping):
            return given
        place = "mapping"
        if isinstance(given, (str, os.PathLike)):
            place = os.fspath(given)
            yaml = package("yaml", "PyYAML", place)
            try:
                with open(given, encoding="utf-8") as file:
                    given = yaml.safe_load(file)
            except OSError as error:
                raise Error(f"{place}: error: the file cannot be opened: {error.strerror}", 66) from None
            except (yaml.YAMLError, UnicodeDecodeError) as error:
                raise Error(f"{place}: error: is not YAML: {' '.join(str(error).split())}", 65) from None
        if not isinstance(given, dict) or not given.get("inputs") or not isinstance(given["inputs"], (list, dict)):
            raise Error(f"{place}: error: a mapping has inputs: a list of them in the model's order, or each by its name", 65)
        _keys(given, ("tree", "inputs", "labels", "weights", "reference"), place)
        inputs = given["inputs"]
        pairs = list(inputs.items()) if isinstance(inputs, dict) else [(f"[{i}]", one) for i, one in enumerate(inputs)]
        # A plain list of branches is one input.
        if isinstance(inputs, list) and all(isinstance(one, (str, int)) or (isinstance(one, dict) and "branch" in one) for one in inputs):
            pairs = [("", inputs)]
        one = {name: Branch.read(given[name], f"{place}:{name}") for name in ("labels", "weights", "reference") if name in given}
        tree = given.get("tree")
        if tree is not None and not isinstance(tree, str):
            raise Error(f"{place}:tree: error: a name is needed", 65)
        return Mapping(tuple(Input.read(value, f"{place}:inputs.{name}") for name, value in pairs), tree=tree, **one)

    @property
    def inputs_only(self) -> List[Union[str, int]]:
        """The branches of inputs, which may have missing numbers, without those that are labels, weights or references too."""
        others = [branch.name for branch in (self.labels, self.weights, self.reference) if branch]
        return [branch.name for one in self.inputs for branch in one.branches if branch.name not in others]

    @property
    def names(self) -> List[Union[str, int]]:
        """Every branch that is read, once, in order."""
        every = [branch.name for one in self.inputs for branch in one.branches]
        every += [branch.name for branch in (self.labels, self.weights, self.reference) if branch]
        return list(dict.fromkeys(every))


def _keys(given, known, place):
    wrong = [key for key in given if key not in known]
    if wrong:
        near = difflib.get_close_matches(str(wrong[0]), known, 1)
        raise Error(f"{place}: error: there is no key {wrong[0]!r}" + (f"\nhint: did you mean '{near[0]}'?" if near else
                    f"\nhint: the keys are {', '.join(known)}"), 65)


# MARK: From branches to inputs


def mapped(columns: Dict[Any, Any], mapping: Mapping, first: int, path: str, missing: bool = False) -> Events:
    """Puts columns together: numpy arrays [events, …], or awkward arrays of lists; `missing`: NaN in inputs is a missing number."""
    count = {len(column) for column in columns.values()}
    if len(count) > 1:
        lengths = ", ".join(f"{name} {len(column)}" for name, column in columns.items())
        raise Error(f"{path}: error: the branches have different numbers of events: {lengths}", 65)
    inputs = [_input(columns, one, first, path, missing) for one in mapping.inputs]

    def single(branch):
        if branch is None:
            return None
        values = _numbers(columns[branch.name], branch, path)
        if values.ndim > 1 and values[0].size == 1 if len(values) else False:
            values = values.reshape(-1)
        if values.ndim != 1:
            raise Error(f"{path}:{branch.name}: error: one number per event is needed, the branch has {list(values.shape[1:])}", 65)
        _finite(values, branch, first, path)
        return values

    labels = single(mapping.labels)
    if labels is not None and labels.dtype.kind == "f":
        if not np.all(labels == np.round(labels)):
            event = first + int(np.argmax(labels != np.round(labels)))
            raise Error(f"{path}:{mapping.labels.name}, event {event}: error: the label {labels[event - first]} is not a whole number", 65)
        labels = labels.astype(np.int64)
    return Events(inputs, labels, single(mapping.weights), single(mapping.reference))


def _input(columns, one, first, path, missing):
    parts = []
    kinds = {branch.name: _is_jagged(columns[branch.name]) for branch in one.branches}
    if any(kinds.values()) and one.objects is None:
        name = next(name for name, jagged in kinds.items() if jagged)
        raise Error(f"{path}:{name}: error: has lists of different lengths\nhint: say how many are taken with objects: N; shorter "
                    "lists are padded, longer ones cut", 65)
    if one.objects is not None and len({(columns[b.name].ndim > 1) for b in one.branches}) > 1:
        raise Error(f"{path}: error: an input with objects has branches of one number per event beside lists: "
                    f"{', '.join(str(b.name) for b in one.branches if columns[b.name].ndim == 1)}", 65)
    lengths = None
    for branch in one.branches:
        column = columns[branch.name]
        if kinds[branch.name]:
            import awkward

            counts = awkward.to_numpy(awkward.num(column, axis=1))
            if lengths is not None and not np.array_equal(lengths[1], counts):
                event = int(np.argmax(lengths[1] != counts))
                raise Error(f"{path}:{branch.name}, event {first + event}: error: {counts[event]} objects, where {lengths[0]} has "
                            f"{lengths[1][event]}", 65)
            lengths = (branch.name, counts)
            flat = _numbers(awkward.to_numpy(awkward.flatten(column, axis=1)), branch, path)
            starts = np.concatenate([[0], np.cumsum(counts)])
            wrong = _wrong(flat, missing)
            if wrong.any():
                event = int(np.searchsorted(starts, int(np.argmax(wrong)), "right")) - 1
                raise Error(f"{path}:{branch.name}, event {first + event}: error: {_refusal(missing)}", 65)
            values = np.full((len(counts), one.objects), one.pad, flat.dtype)
            kept = np.minimum(counts, one.objects)
            rows = np.repeat(np.arange(len(counts)), kept)
            places = np.arange(len(rows)) - np.repeat(np.cumsum(kept) - kept, kept)
            values[rows, places] = flat[starts[rows] + places]
        else:
            values = _numbers(column, branch, path)
            _finite(values, branch, first, path, missing)
            if one.objects is not None:
                kept = values[:, :one.objects]
                values = np.full((len(kept), one.objects) + kept.shape[2:], one.pad, values.dtype)
                values[:, :kept.shape[1]] = kept
        parts.append(values)
    if one.objects is not None:
        # [events, objects, branches], or the branches first.
        array = np.stack(parts, axis=2 if one.order == "objects" else 1)
        return array.reshape(len(array), -1) if one.flat else array
    if len(parts) == 1 and parts[0].ndim > 1:
        return parts[0].reshape(len(parts[0]), -1) if one.flat else parts[0]
    if any(part.ndim > 2 for part in parts):
        raise Error(f"{path}: error: branches beside each other have at most one axis per event", 65)
    return np.concatenate([part.reshape(len(part), -1) for part in parts], axis=1)


def _is_jagged(column):
    if isinstance(column, np.ndarray):
        return False
    return True


def _numbers(values, branch, path):
    array = np.asarray(values)
    if array.dtype.kind not in "fiub":
        raise Error(f"{path}:{branch.name}: error: holds {array.dtype}, not numbers", 65)
    if branch.scale != 1.0 or branch.offset != 0.0:
        # In double precision, so that the mapping is the same whatever the file's type.
        array = array.astype(np.float64) * branch.scale + branch.offset
    return array


def _finite(values, branch, first, path, missing=False):
    if values.dtype.kind != "f":
        return
    wrong = _wrong(values, missing)
    if wrong.any():
        event = int(np.argmax(wrong.reshape(len(values), -1).any(axis=1)))
        raise Error(f"{path}:{branch.name}, event {first + event}: error: {_refusal(missing)}", 65)


def _wrong(values, missing):
    return np.isinf(values) if missing else ~np.isfinite(values)


def _refusal(missing):
    return "infinity is not a number hardware can be given" if missing else "NaN or infinity is not a number hardware can be given"


def package(module, name, path):
    """A package that only some files need."""
    try:
        return importlib.import_module(module)
    except ImportError:
        raise Error(f"{path}: error: reading it needs {name}\nhint: pip install triggerfish[files]", 69) from None
