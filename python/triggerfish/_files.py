"""Files of events by their first bytes: ROOT, parquet, HDF5, .npy, .npz and text, read in parts."""

from __future__ import annotations

import difflib
import os

from typing import Any, Dict, List

import numpy as np

from ._library import Error
from ._mapping import Branch, Input, Mapping, mapped, package


def reading(path, body):
    """Runs what reads a file; whatever a library says of a damaged one is one clear error."""
    try:
        return body()
    except Error:
        raise
    except FileNotFoundError:
        raise Error(f"{path}: error: there is no such file", 66) from None
    except MemoryError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            # The system's word, not the file's contents: a retry may find it well.
            raise Error(f"{path}: error: cannot be read: {_line(error)}", 74) from error
        raise Error(f"{path}: error: is damaged or truncated: {_line(error)}", 65) from error


def _line(error):
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:200]


def _missing(path, names, known):
    problems = []
    for name in names:
        # Case is what names are most often wrong in.
        lower = {str(one).lower(): one for one in known}
        near = difflib.get_close_matches(str(name).lower(), list(lower), 1)
        problems.append(f"{path}: error: there is no branch '{name}'" + (f"\nhint: did you mean '{lower[near[0]]}'?" if near else ""))
    raise Error("\n".join(problems), 65)


def opened(path):
    """The reader of a file, by its first bytes."""
    if os.path.isdir(path):
        raise Error(f"{path}: error: this is a folder, not a file", 65)
    with open(path, "rb") as file:
        start = file.read(8)
    if not start:
        raise Error(f"{path}: error: the file is empty", 65)
    for magic, kind in ((b"root", _Root), (b"PAR1", _Parquet), (b"\x93NUMPY", _Npy), (b"PK", _Npz), (b"\x89HDF\r\n\x1a\n", _HDF5)):
        if start.startswith(magic):
            return kind(path)
    if b"\0" in start:
        raise Error(f"{path}: error: neither ROOT, parquet, .npy, .npz, HDF5 nor text", 65)
    return _Text(path)


class _Columns:
    """A file of named columns: subclasses have `names`, `length` and `column`."""

    needs_mapping = False

    def __init__(self, path):
        self.path = path

    def names(self, mapping):
        raise NotImplementedError

    def count(self, mapping):
        self.check(mapping)
        lengths = {name: self.length(name, mapping) for name in (mapping.names if mapping else self.plain())}
        if len(set(lengths.values())) > 1:
            raise Error(f"{self.path}: error: the branches have different numbers of events: "
                        + ", ".join(f"{name} {length}" for name, length in lengths.items()), 65)
        return next(iter(lengths.values()))

    def check(self, mapping):
        if mapping is None:
            if self.needs_mapping:
                raise Error(f"{self.path}: error: a mapping must say which branches are the model's inputs", 64)
            return
        known = self.names(mapping)
        missing = [name for name in mapping.names if name not in known and not self.has(name, mapping)]
        if missing:
            _missing(self.path, missing, known)

    def has(self, name, mapping):
        return False

    def plain(self):
        """Without a mapping: the arrays that are read, by what they are."""
        names = self.names(None)
        inputs = [name for name in names if name not in ("labels", "weights", "reference")]
        if len(inputs) > 1 and "inputs" in inputs:
            inputs = ["inputs"]
        if len(inputs) != 1:
            raise Error(f"{self.path}: error: has the arrays {', '.join(map(str, names))}: a mapping must say which is the model's input", 64)
        return inputs + [name for name in ("labels", "weights", "reference") if name in names]

    def read(self, first, end, mapping, missing=False):
        self.check(mapping)
        if mapping is None:
            names = self.plain()
            mapping = Mapping((Input((Branch(names[0]),)),), **{name: Branch(name) for name in names[1:]})
        columns = self.columns(mapping.names, first, end, mapping, mapping.inputs_only if missing else ())
        for name, column in columns.items():
            if len(column) != end - first:
                raise Error(f"{self.path}:{name}: error: {len(column)} events, where {first}:{end} were asked for: the file changed", 74)
        return mapped(columns, mapping, first, self.path, missing)


class _Root(_Columns):
    needs_mapping = True

    def tree(self, mapping):
        self.check_length()
        uproot = package("uproot", "uproot", self.path)
        package("awkward", "awkward", self.path)
        file = uproot.open(self.path)
        trees = [key for key, kind in file.classnames().items() if kind in ("TTree", "TNtuple", "TNtupleD") or "RNTuple" in kind]
        names = list(dict.fromkeys(key.split(";")[0] for key in trees))
        wanted = mapping.tree
        if wanted is None:
            if len(names) != 1:
                raise Error(f"{self.path}: error: has the trees {', '.join(names) or '(none)'}\nhint: name one in the mapping: tree: NAME", 65)
            wanted = names[0]
        if wanted not in names:
            near = difflib.get_close_matches(wanted, names, 1)
            raise Error(f"{self.path}: error: there is no tree '{wanted}'\nhint: " + (f"did you mean '{near[0]}'?" if near else
                        f"there is {', '.join(names) or 'none'}"), 65)
        return file[wanted]

    def check_length(self):
        """Refuses a file that is shorter than its header says: what is missing may be a branch that is not read today."""
        with open(self.path, "rb") as file:
            head = file.read(20)
        # TFile's header: "root", fVersion, fBEGIN, fEND, the latter of 8 bytes in files of over 2 GB (version 1000000 and above).
        size = 8 if int.from_bytes(head[4:8], "big") >= 1_000_000 else 4
        end = int.from_bytes(head[12:12 + size], "big")
        actual = os.path.getsize(self.path)
        if actual < end:
            raise Error(f"{self.path}: error: is truncated: {actual} bytes of {end}", 65)

    def names(self, mapping):
        return [str(name) for name in self.tree(mapping).keys()]

    def length(self, name, mapping):
        return int(self.tree(mapping).num_entries)

    def columns(self, names, first, end, mapping, missing):
        import awkward

        arrays = self.tree(mapping).arrays(list(names), entry_start=first, entry_stop=end, library="ak")
        return {name: _plain_or_lists(_field(arrays, name), self.path, name, name in missing) for name in names}


def _field(arrays, name):
    """A branch; RNTuple's fields of fields (`jet.pt`) come inside each other."""
    if name in arrays.fields:
        return arrays[name]
    for piece in name.split("."):
        arrays = arrays[piece]
    return arrays


def _plain_or_lists(array, path, name, missing):
    """numpy where every event has the same shape by type, awkward for lists; with `missing`, NaN for numbers that are not there."""
    import awkward

    if missing and "?" in str(array.type):
        if awkward.any(awkward.is_none(array)) and array.ndim > 1:
            raise Error(f"{path}:{name}: error: has events without a list: a list may lack numbers, not be missing", 65)
        array = awkward.fill_none(array, np.nan, axis=-1)
    kind = str(array.type)
    if " * var * " in kind:
        if kind.count(" var * ") > 1:
            raise Error(f"{path}:{name}: error: has lists of lists; one axis of lists is what can be padded", 65)
        if "?" in kind and bool(awkward.any(awkward.is_none(array, axis=1))):
            raise Error(f"{path}:{name}: error: has missing numbers", 65)
        return array
    if awkward.any(awkward.is_none(array)):
        raise Error(f"{path}:{name}: error: has missing numbers", 65)
    return awkward.to_numpy(array, allow_missing=False)


class _Parquet(_Columns):
    needs_mapping = True

    def file(self):
        return package("pyarrow.parquet", "pyarrow", self.path).ParquetFile(self.path)

    def names(self, mapping):
        return list(self.file().schema_arrow.names)

    def length(self, name, mapping):
        return self.file().metadata.num_rows

    def columns(self, names, first, end, mapping, missing):
        import pyarrow

        file, tables, start = self.file(), [], 0
        for group in range(file.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            if start < end and first < start + rows:
                table = file.read_row_group(group, columns=list(names))
                low = max(0, first - start)
                tables.append(table.slice(low, min(rows, end - start) - low))
            start += rows
        whole = pyarrow.concat_tables(tables)
        found = {}
        for name in names:
            column = whole.column(name)
            if column.null_count and name not in missing:
                raise Error(f"{self.path}:{name}: error: has missing numbers", 65)
            if pyarrow.types.is_list(column.type) or pyarrow.types.is_large_list(column.type) \
                    or pyarrow.types.is_fixed_size_list(column.type):
                awkward = package("awkward", "awkward", self.path)
                found[name] = _plain_or_lists(awkward.from_arrow(column), self.path, name, name in missing)
            else:
                found[name] = column.to_numpy()
        return found


class _Arrays(_Columns):
    """Files of arrays, of which a branch may be a column by its number."""

    def array(self, name, mapping):
        raise NotImplementedError

    def length(self, name, mapping):
        array = self.array(name, mapping)
        if array.ndim == 0:
            raise Error(f"{self.path}:{name}: error: is a single number, without an axis for events", 65)
        return array.shape[0]

    def columns(self, names, first, end, mapping, missing):
        return {name: np.asarray(self.array(name, mapping)[first:end]) for name in names}


class _Npy(_Arrays):
    def whole(self):
        return np.load(self.path, mmap_mode="r", allow_pickle=False)

    def names(self, mapping):
        array = self.whole()
        if array.dtype.names:
            return list(array.dtype.names)
        return ["inputs"] + (list(range(array.shape[1])) if array.ndim == 2 else [])

    def plain(self):
        return ["inputs"]

    def array(self, name, mapping):
        array = self.whole()
        if name == "inputs" and not array.dtype.names:
            return array
        return array[name] if array.dtype.names else array[:, name]


class _Npz(_Arrays):
    def names(self, mapping):
        with open(self.path, "rb") as file, np.load(file, allow_pickle=False) as archive:
            return list(archive.files)

    def array(self, name, mapping):
        with open(self.path, "rb") as file, np.load(file, allow_pickle=False) as archive:
            return archive[name]


class _HDF5(_Arrays):
    def file(self):
        return package("h5py", "h5py", self.path).File(self.path, "r")

    def names(self, mapping):
        h5py = package("h5py", "h5py", self.path)
        found: List[str] = []
        with self.file() as file:
            group = file
            if mapping is not None and mapping.tree is not None:
                if mapping.tree not in file:
                    raise Error(f"{self.path}: error: there is no group '{mapping.tree}'", 65)
                group = file[mapping.tree]
            if isinstance(group, h5py.Dataset):
                return list(group.dtype.names or ())
            group.visititems(lambda name, one: found.append(name) if isinstance(one, h5py.Dataset) else None)
        return found

    def length(self, name, mapping):
        with self.file() as file:
            array = self.dataset(file, name, mapping)
            if not array.shape:
                raise Error(f"{self.path}:{name}: error: is a single number, without an axis for events", 65)
            return array.shape[0]

    def dataset(self, file, name, mapping):
        h5py = package("h5py", "h5py", self.path)
        group = file[mapping.tree] if mapping is not None and mapping.tree is not None else file
        # A table has its columns as fields.
        return group if isinstance(group, h5py.Dataset) else group[name]

    def columns(self, names, first, end, mapping, missing):
        with self.file() as file:
            found = {}
            for name in names:
                part = self.dataset(file, name, mapping)[first:end]
                found[name] = part[name] if part.dtype.names else part
            return found


_texts: Dict[Any, Any] = {}


class _Text(_Arrays):
    """Numbers as text: commas, semicolons or spaces; `#` comments; the first line may name the columns."""

    def table(self):
        status = os.stat(self.path)
        key = (self.path, status.st_mtime_ns, status.st_size)
        # Text is read whole: once for all parts of a file.
        if key not in _texts:
            _texts.clear()
            _texts[key] = self.parsed()
        return _texts[key]

    def parsed(self):
        with open(self.path, encoding="utf-8-sig") as file:
            lines = [(number, line.strip()) for number, line in enumerate(file, 1)]
        lines = [(number, line) for number, line in lines if line and not line.startswith("#")]
        if not lines:
            raise Error(f"{self.path}: error: the file holds no events", 65)
        divider = "," if "," in lines[0][1] else ";" if ";" in lines[0][1] else None
        rows = [(number, [field.strip().strip('"') for field in line.split(divider)]) for number, line in lines]
        names = None
        if not any(_is_number(field) for field in rows[0][1]):
            names = rows.pop(0)[1]
        width = len(names or rows[0][1]) if rows else 0
        for number, fields in rows:
            if len(fields) != width:
                raise Error(f"{self.path}:line {number}: error: {len(fields)} numbers, where the lines before have {width}", 65)
            for column, text in enumerate(fields):
                if not _is_number(text):
                    raise Error(f"{self.path}:line {number}: error: '{text[:32]}' in column {column + 1} is not a number", 65)
        if not rows:
            raise Error(f"{self.path}: error: the file holds no events", 65)
        return names, np.array([[float(field) for field in fields] for _, fields in rows])

    def names(self, mapping):
        names, table = self.table()
        return ["inputs"] + (names or []) + list(range(table.shape[1]))

    def plain(self):
        return ["inputs"]

    def array(self, name, mapping):
        names, table = self.table()
        if name == "inputs" and name not in (names or []):
            return table
        return table[:, name if isinstance(name, int) else names.index(name)]


def _is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True
