"""Loaded models."""

from __future__ import annotations

import ctypes
import json
import os
import threading
import warnings
import weakref

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Sequence, Tuple, Union

import numpy as np

from ._counting import NUMBERS, Counting, whole
from ._library import Error, call, library, options, text, texts
from ._report import CheckFailed, Comparison, Note, Report, Verdict
from ._sources import Scratch

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Events = Union["ArrayLike", Sequence["ArrayLike"]]
Files = Union[str, "os.PathLike[str]", "ArrayLike", Sequence[Any]]

_INPUTS, _OUTPUTS, _LAYERS = 0, 1, 2
_DESIGN = ("part", "parts", "clock", "io", "mul_impl", "table_impl", "strategy", "reuse_factor",
           "parallelization_factor", "effort", "keep")
_LIMITS = ("budget", "ii", "max_dsp", "max_lut", "max_ff", "max_bram", "max_uram")


@dataclass(frozen=True)
class Tensor:
    """An input, output or layer of a model.

    Attributes
    ----------
    name : str
        Its name; a layer's is hls4ml's.
    shape : tuple of int
        Without the batch axis.
    format : str
        As hls4ml spells it.
    """

    name: str
    shape: Tuple[int, ...]
    format: str


def load(
    model: Any, weights: Optional[Union[str, os.PathLike]] = None,
    config: Optional[Union[str, os.PathLike, Dict[str, Any]]] = None, numerics: Optional[str] = None,
    word_length: Optional[int] = None, calibrate: Optional[Files] = None, threads: int = 0,
    transform: Optional[str] = None, missing: bool = False,
) -> Model:
    """Loads a trained model and lowers it to the arithmetic of its firmware.

    Parameters
    ----------
    model : path or keras.Model
        A model's file, whatever `triggerfish compile` reads (Keras, ONNX, PyTorch, XGBoost, LightGBM, conifer, …), or the live
        object of Keras 2 or 3.
    weights : path, optional
        The weights of a .json, where they are not found beside it.
    config : path or dict, optional
        An hls4ml configuration: a YAML or JSON file, or a dictionary as `triggerfish.hls4ml.utils.config_from_keras_model`
        makes it. Implies the hls4ml numerics.
    numerics : {"hls4ml", "exact"}, optional
        The arithmetic: hls4ml 1.3.0's bits, or formats by range analysis.
    word_length : int, optional
        Bits per word of float models under exact; 16 unless told otherwise.
    calibrate : array, path, or a list of them, one per input, optional
        Events whose ranges choose the formats of float models under exact.
    threads : int
        How many run events; 0 for all cores.
    transform : {"logistic", "softmax"}, optional
        Trees under exact: what is computed behind the margins; nothing unless told otherwise.
    missing : bool
        Trees under exact: whether NaN in events is a missing number, for which the input's lowest word stands.

    Returns
    -------
    Model

    Raises
    ------
    Error
        With the command line's message and exit code.

    Warns
    -----
    Note
        For everything the command line prints as a note.
    """
    with Scratch() as scratch:
        path, found = scratch.model(model)
        if found is not None and weights is not None:
            raise Error("a live model has its weights: leave weights out", 64)
        given = options({
            "model": path, "weights": found or (None if weights is None else os.fspath(weights)),
            "config": scratch.configuration(config), "numerics": numerics,
            "word_length": None if word_length is None else whole("word_length", word_length),
            "transform": transform, "missing": bool(missing) or None,
            "calibrate": scratch.events("calibrate", calibrate), "threads": whole("threads", threads), "hidden_folder": scratch.folder})
        loaded = _opened(given, None if os.listdir(scratch.folder) else _absolute(given))
    for note in loaded.notes:
        warnings.warn(note, Note, stacklevel=2)
    return loaded


def _absolute(given):
    """Options with whole paths, for processes of other working folders."""
    found = json.loads(given)
    for name in ("model", "weights", "config"):
        if name in found:
            found[name] = os.path.abspath(found[name])
    if "calibrate" in found:
        found["calibrate"] = [os.path.abspath(path) for path in found["calibrate"]]
    return json.dumps({name: value for name, value in found.items() if name != "hidden-folder"}).encode()


def _opened(given, reloadable):
    """The model of options; `reloadable`: the same where another process could load it by them, else None."""
    handle = ctypes.c_void_p()
    call("tf_open", given, ctypes.byref(handle))
    return Model(handle, reloadable)


# Models that this process was sent: each is loaded once, however many tasks use it.
_sent: Dict[Any, Any] = {}
_sending = threading.Lock()


def _received(given, digest):
    """A model that another process has: loaded from the same files, which must still give the same arithmetic."""
    with _sending:
        if (given, digest) not in _sent:
            model = _opened(given, given)
            if model.digest != digest:
                raise Error(f"{json.loads(given)['model']} is another model than where it was loaded first: digest {model.digest}, "
                            f"there {digest}", 65)
            _sent[given, digest] = model
        return _sent[given, digest]


class Model(Counting):
    """A loaded model. Several threads may use it at once: calls release the global interpreter lock.

    Attributes
    ----------
    inputs, outputs, layers : list of Tensor
        In the model's order.
    notes : list of str
        What the command line prints as notes.
    digest : str
        SHA-256 of its arithmetic: what `triggerfish inspect --program MODEL | sha256sum` prints.
    numerics : str
        "hls4ml" or "exact".
    name : str
        The model's name.
    """

    def __init__(self, handle: ctypes.c_void_p, reloadable: Optional[bytes] = None):
        self._handle = handle
        self._reloadable = reloadable
        self.digest: str = library.tf_digest(handle).decode()
        self.numerics: str = library.tf_numerics(handle).decode()
        self.name: str = library.tf_model_name(handle).decode()
        weakref.finalize(self, library.tf_free, handle)
        self.inputs, self.outputs, self.layers = ([self._tensor(kind, i) for i in range(library.tf_count(handle, kind))]
                                                  for kind in (_INPUTS, _OUTPUTS, _LAYERS))
        self.notes: List[str] = _notes(library.tf_notes(handle).decode())

    def __reduce__(self):
        # To another process it goes as its files, which that process reads.
        if self._reloadable is None:
            raise Error("this model was made in memory, so that no other process can load it\n"
                        "hint: save it, and load the file with triggerfish.load", 64)
        return _received, (self._reloadable, self.digest)

    def with_threads(self, threads: int) -> Model:
        """The same model with another number of threads, as `load(…, threads=…)` has it; models of files only."""
        function, (given, digest) = self.__reduce__()
        return function(json.dumps({**json.loads(given), "threads": whole("threads", threads)}).encode(), digest)

    def _tensor(self, kind, index):
        handle = self._handle
        shape = tuple(library.tf_dimension(handle, kind, index, axis) for axis in range(library.tf_rank(handle, kind, index)))
        return Tensor(library.tf_name(handle, kind, index).decode(), shape, library.tf_format(handle, kind, index).decode())

    # Events

    def predict(self, x: Events, raw: bool = False) -> Union[np.ndarray, List[np.ndarray]]:
        """Computes what the firmware will answer.

        Parameters
        ----------
        x : array, or a list of them where the model has several inputs
            Events first. Arrays of float32 are the fastest.
        raw : bool
            Whether the int64 words are wanted, not their values.

        Returns
        -------
        array, or a list of them where the model has several outputs
        """
        results = self._run(x, _OUTPUTS, self.outputs, raw)
        return results[0] if len(results) == 1 else results

    def trace(self, x: Events, raw: bool = False) -> Tuple[Union[np.ndarray, List[np.ndarray]], Dict[str, np.ndarray]]:
        """Computes the outputs, and the result of every layer.

        Parameters
        ----------
        x, raw
            As for `predict`.

        Returns
        -------
        outputs
            As `predict` gives them.
        layers : dict of str to array
            By hls4ml's names, in the model's order.
        """
        layers = self._run(x, _LAYERS, self.layers, raw)
        return self.predict(x, raw), {layer.name: result for layer, result in zip(self.layers, layers)}

    def _run(self, x, kind, tensors, raw):
        arrays = self._arrays(x)
        events = len(arrays[0])
        found = np.dtype(np.int64 if raw else np.float64)
        results = [np.empty((events,) + tensor.shape, found) for tensor in tensors]

        def pointers(list_of_arrays):
            return (ctypes.c_void_p * len(list_of_arrays))(*[array.ctypes.data for array in list_of_arrays])

        call("tf_run", self._handle, events, pointers(arrays), NUMBERS[arrays[0].dtype], kind, pointers(results),
             NUMBERS[found])
        return results

    def _arrays(self, x):
        """Events as the library takes them: one array per input, all float32 or all float64."""
        arrays = list(x) if isinstance(x, (list, tuple)) and len(self.inputs) > 1 else [x]
        if len(arrays) != len(self.inputs):
            names = ", ".join(f"{i.name} {list(i.shape)}" for i in self.inputs)
            raise Error(f"{len(arrays)} arrays for {len(self.inputs)} model inputs\nhint: the model's inputs, in order: {names}", 64)
        arrays = [np.asarray(array) for array in arrays]
        for array, tensor in zip(arrays, self.inputs):
            if array.dtype.kind not in "fiub":
                raise Error(f"{tensor.name}: the events are of dtype {array.dtype}, not numbers", 65)
            if array.shape[1:] != tensor.shape or array.ndim == 0:
                raise Error(f"{tensor.name}: the events are of shape {list(array.shape[1:])}, the input of {list(tensor.shape)}", 65)
        events = len(arrays[0])
        if any(len(array) != events for array in arrays):
            raise Error("the inputs have different numbers of events", 65)
        # One type for all inputs; float32 stays as it is.
        dtype = np.float32 if all(array.dtype == np.float32 for array in arrays) else np.float64
        return [np.ascontiguousarray(array, dtype) for array in arrays]

    # Designs

    def report(self, input: Optional[Files] = None, **design: Any) -> Report:
        """Schedules the model, and estimates its latency and resources.

        Parameters
        ----------
        input : array, path, or a list of them, one per input, optional
            Events: the page shows how the answers to them compare with the float model's, and every layer's range.
        **design
            What `triggerfish compile` takes, by its options' names: `part`, `parts` (the path of a file of your own parts),
            `clock` ("5ns", "200MHz"), `io`, `strategy`, `effort`,
            `reuse_factor`, `mul_impl`, `table_impl`, `parallelization_factor`, `keep`; with `budget` ("100ns", "4BX"), `ii`, `max_dsp`, `max_lut`
            (numbers, or shares as "15%"), `max_ff`, `max_bram`, `max_uram` the best design within the limits is searched.

        Returns
        -------
        Report
            A dictionary; notebooks show the page.

        Raises
        ------
        Error
            Of code 1 where no design keeps the limits; it names the nearest.
        """
        design = _known(design, _DESIGN + _LIMITS)

        def page():
            with Scratch() as scratch:
                return text("tf_page", self._handle, options({**design, "input": scratch.events("input", input)}))

        return Report(json.loads(text("tf_report", self._handle, options(design))), page)

    def explore(self, **design: Any) -> Dict[str, Any]:
        """Lists the designs worth having, as `triggerfish explore` does: those of which none is beaten by another.

        Parameters
        ----------
        **design
            See `report`; and `backend`: "verilog" for designs in Verilog, which are counted.

        Returns
        -------
        dict
            What `triggerfish explore --json` prints; its `points` are the designs.
        """
        return json.loads(text("tf_explore", self._handle, options(_known(design, _DESIGN + _LIMITS + ("backend",)))))

    def compile(self, folder: Union[str, os.PathLike], backend: Optional[str] = None, force: bool = False,
                test_events: Optional[Files] = None, **design: Any) -> Report:
        """Writes the project, as `triggerfish compile --output FOLDER` does.

        Parameters
        ----------
        folder : path
            The folder to write; one that Triggerfish wrote is replaced.
        backend : str, optional
            What is written: "hls", a Vitis HLS project, unless told otherwise.
        force : bool
            Whether files of it that were changed since are replaced too.
        test_events : array, path, or a list of them, one per input, optional
            Events for the test bench, the first 100 of them; random words unless given.
        **design
            See `report`.

        Returns
        -------
        Report
            A dictionary; notebooks show the page.

        Raises
        ------
        Error
            With the command line's message and exit code: 64 for a backend that there is not, 73 for a folder of somebody else's.
        """
        given = options(_known(design, _DESIGN + _LIMITS))
        with Scratch() as scratch:
            events = scratch.events("test_events", test_events)
            with_events = options({**_known(design, _DESIGN + _LIMITS), "backend": backend, "test_events": events})
            figures = text("tf_write", self._handle, with_events, os.fsencode(folder), 1 if force else 0)
        return Report(json.loads(figures), lambda: text("tf_page", self._handle, given))

    # Its name before there was more than one backend.
    write = compile

    def compare(self, input: Optional[Files] = None) -> Comparison:
        """Shows where and why the numbers part from the float model's, layer by layer, as `triggerfish compare` does.

        Parameters
        ----------
        input : array, path, or a list of them, one per input, optional
            Events; without them, some are made up from the formats of the inputs.

        Returns
        -------
        Comparison
            A dictionary; printed, the table.
        """
        with Scratch() as scratch:
            found, table = texts("tf_compare", self._handle, options({"input": scratch.events("input", input)}))
        return Comparison(json.loads(found), table)

    def check(self, **checks: Any) -> List[Verdict]:
        """Holds the design against limits, its outputs against known ones, and its C++ against the emulator.

        Parameters
        ----------
        **checks
            What `triggerfish check` takes, by its options' names: `budget`, `ii`, `max_dsp`, …, `sigma`; `input`, `expect`,
            `reference` (arrays or files, or lists of them); `min_agreement`; `bit_exact`, `ap_types`; `baseline`, `allow`.
            Besides, what chooses the design: `part`, `clock`, … (see `report`).

        Returns
        -------
        list of Verdict
            All passed.

        Raises
        ------
        CheckFailed
            Where one did not pass.
        Error
            Where something could not be checked.
        """
        arrays = ("input", "expect", "reference")
        others = ("sigma", "min_agreement", "bit_exact", "ap_types", "baseline", "allow")
        checks = _known(checks, _DESIGN + _LIMITS + arrays + others)
        design = {name: checks.pop(name) for name in _DESIGN if name in checks}
        with Scratch() as scratch:
            for name in arrays:
                if name in checks:
                    checks[name] = scratch.events(name, checks[name])
            for name in ("baseline", "ap_types"):
                if checks.get(name) is not None:
                    checks[name] = os.fspath(checks[name])
            project = scratch.path("project")
            self.compile(project, **design)
            found = json.loads(_shown(scratch, "tf_check", os.fsencode(project), options(checks)))
        verdicts = [Verdict(**verdict) for verdict in found]
        if not all(verdict.passed for verdict in verdicts):
            raise CheckFailed(verdicts)
        return verdicts

    def verify(self, input: Optional[Files] = None, trace: bool = False, backend: Optional[str] = None,
               ap_types: Optional[Union[str, os.PathLike]] = None, **design: Any) -> Dict[str, Any]:
        """Builds what `compile` writes, runs it, and compares every word with the emulator's, as `triggerfish verify` does.

        Parameters
        ----------
        input : array, path, or a list of them, one per input, optional
            Events; random words unless given.
        trace : bool
            Whether every layer is compared, not only the outputs.
        backend : str, optional
            See `compile`.
        ap_types : path, optional
            The folder of the vendor's ap_fixed.h.
        **design
            See `report`.

        Returns
        -------
        dict
            How many `words` of how many `events` were equal, and whether those of all `layers` were among them.

        Raises
        ------
        Error
            Of code 1 where a word differs, with the first one; of code 69 where a tool is missing.
        """
        with Scratch() as scratch:
            given = options({"input": scratch.events("input", input), "trace": bool(trace),
                             "ap_types": None if ap_types is None else os.fspath(ap_types)})
            project = scratch.path("project")
            self.compile(project, backend=backend, **design)
            return json.loads(_shown(scratch, "tf_verify", os.fsencode(project), given))


def _shown(scratch, function, *arguments):
    """The text a call gives; what it raises calls files of the scratch folder by their names alone."""
    try:
        return text(function, *arguments)
    except Error as error:
        raise Error(str(error).replace(scratch.folder + "/", ""), error.code) from None


def _notes(joined):
    """Notes, a hint with the note it belongs to."""
    notes: List[str] = []
    for line in joined.splitlines():
        if line.startswith("hint: ") and notes:
            notes[-1] += "\n" + line
        else:
            notes.append(line)
    return notes


def _known(given, names):
    """Refuses options that there are not, as Python does for arguments."""
    for name in given:
        if name not in names:
            raise TypeError(f"there is no option '{name}'; the options are {', '.join(names)}")
    return {name: os.fspath(value) if isinstance(value, os.PathLike) else value for name, value in given.items()}
