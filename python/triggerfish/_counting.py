"""Models that count events by output word."""

from __future__ import annotations

import ctypes
import operator

from typing import TYPE_CHECKING, Any, Optional, Sequence, Union

import numpy as np

from ._library import Error, options, text
from ._rates import Rates, join

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

# The library's numbers of types.
NUMBERS = {np.dtype(np.float32): 0, np.dtype(np.float64): 1, np.dtype(np.int64): 2}


class Counting:
    """What `Model` has for rates."""

    def rates(
        self, x: Any, labels: Optional["ArrayLike"] = None, weights: Optional["ArrayLike"] = None,
        reference: Optional["ArrayLike"] = None, *, score: Union[None, int, str] = None, signal: Union[None, int, Sequence[int]] = None,
        background: Union[None, int, Sequence[int]] = None, crossing_rate: Optional[str] = None, weight_bits: Optional[int] = None,
        threshold_step: Optional[int] = None, float: bool = False, file: Union[str, Sequence[str]] = "memory", first: int = 0,
        of: Optional[int] = None,
    ) -> Rates:
        """Counts events by output word, for trigger rates and efficiencies, as `triggerfish rates` does.

        Parameters
        ----------
        x : array, a list of them, or `triggerfish.events.Files`
            Events; those of files come with their labels and weights, a part at a time.
        labels, weights, reference : array, optional
            One per event: whole numbers; Hz, or relative where there is a crossing rate; the float model's outputs.
        score : int or str, optional
            The output that the trigger looks at: its number, its name, or both ("output:4").
        signal, background : int or list of int, optional
            Labels of signal (all but 0 unless told) and of background (all others unless told).
        crossing_rate : str, optional
            How often a second an event is looked at, as "40MHz".
        weight_bits, threshold_step, float
            As the command line's.
        file, first, of
            Which events these are: the files they are from, the number of the first, and how many there are in them.

        Returns
        -------
        Rates
        """
        counted = self._counting(score=score, signal=signal, background=background, crossing_rate=crossing_rate,
                                 weight_bits=weight_bits, threshold_step=threshold_step, float=float)
        if hasattr(x, "partitions"):
            if labels is not None or weights is not None or reference is not None:
                raise Error("files have their labels and weights by their mapping: leave labels, weights and reference out", 64)
            found = [self._rates(part.read(), counted, part) for part in x.partitions()]
            return join(found)
        from .events import Events as Given, Part

        arrays = self._arrays(x)
        part = Part([file] if isinstance(file, str) else list(file), first, first + len(arrays[0]),
                    first + len(arrays[0]) if of is None else of)
        return self._rates(Given(arrays, labels, weights, reference), counted, part)

    @staticmethod
    def _counting(score=None, signal=None, background=None, crossing_rate=None, weight_bits=None, threshold_step=None, float=False):
        """What is counted, as the library's options have it."""
        return {"score": None if score is None else str(score), "signal": _labels(signal), "background": _labels(background),
                "crossing_rate": crossing_rate, "weight_bits": weight_bits, "threshold_step": threshold_step, "float": bool(float)}

    def _rates(self, events, counted, part):
        arrays = self._arrays(events.inputs if len(events.inputs) > 1 else events.inputs[0])
        count = len(arrays[0])

        def column(name, given, dtype):
            if given is None:
                return None
            array = np.asarray(given)
            if array.dtype.kind not in "iub" + ("f" if dtype != np.int64 or np.all(array == np.round(array)) else ""):
                raise Error(f"the {name} are of dtype {array.dtype}, not {'whole ' if dtype == np.int64 else ''}numbers", 65)
            if array.size != count:
                raise Error(f"{array.size} {name}, where there are {count} events", 65)
            array = np.ascontiguousarray(array.reshape(-1), dtype)
            if array.dtype.kind == "f" and not np.isfinite(array).all():
                raise Error(f"event {part.first + int(np.argmin(np.isfinite(array)))}: the {name} hold NaN or infinity", 65)
            return array

        columns = [column("labels", events.labels, np.int64), column("weights", events.weights, np.float64),
                   column("reference", events.reference, np.float64)]
        place = {"file": list(part.files), "first": part.first, "of": part.of}
        return Rates(text("tf_rates", self._handle, options({**counted, **place}), count,
                          (ctypes.c_void_p * len(arrays))(*[array.ctypes.data for array in arrays]), NUMBERS[arrays[0].dtype],
                          *[None if array is None else array.ctypes.data for array in columns]))


def _labels(given):
    """Labels as the library's options have them."""
    return None if given is None else [str(whole("a label", label)) for label in np.atleast_1d(np.asarray(given)).tolist()]


def whole(name: str, value: Any) -> int:
    """The value as an int: int() would cut a fraction off without a word."""
    try:
        return operator.index(value)
    except TypeError:
        raise Error(f"{name} is {value!r}, not a whole number", 64) from None
