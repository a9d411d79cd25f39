"""The C library and its errors; include/triggerfish.h documents the functions."""

import ctypes
import glob
import json
import os

from ctypes import POINTER, byref, c_char_p, c_int32, c_size_t, c_uint64, c_void_p


class Error(Exception):
    """What the command line would print.

    Attributes
    ----------
    code : int
        The command line's exit code (docs/exit-codes.md).
    """

    def __init__(self, message, code):
        super().__init__(message)
        self.code = code


def _find():
    chosen = os.environ.get("TRIGGERFISH_LIBRARY")
    if chosen:
        # Another library instead of the one asked for would be a surprise.
        if not os.path.exists(chosen):
            raise ImportError(f"TRIGGERFISH_LIBRARY names {chosen}, which is not there")
        return chosen
    here = os.path.dirname(os.path.abspath(__file__))
    # A wheel's, one that setup.py copied, a working copy's.
    places = glob.glob(os.path.join(here, "_native", "lib", "libtriggerfish.so.*")) + [
        os.path.join(here, "libtriggerfish.so"),
        os.path.join(here, "..", "..", ".build", "lib", "libtriggerfish.so"),
    ]
    for place in places:
        if os.path.exists(place):
            return place
    raise ImportError(
        "libtriggerfish.so is not there: run 'make library' in Triggerfish's folder, then 'pip install ./python' again, "
        "or set TRIGGERFISH_LIBRARY to it")


library = ctypes.CDLL(_find())

_SIGNATURES = {
    "tf_version": (c_char_p, []),
    "tf_commit": (c_char_p, []),
    "tf_open": (c_int32, [c_char_p, POINTER(c_void_p), POINTER(c_void_p)]),
    "tf_configuration": (c_int32, [c_char_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)]),
    "tf_report": (c_int32, [c_void_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)]),
    "tf_explore": (c_int32, [c_void_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)]),
    "tf_page": (c_int32, [c_void_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)]),
    "tf_write": (c_int32, [c_void_p, c_char_p, c_char_p, c_int32, POINTER(c_void_p), POINTER(c_void_p)]),
    "tf_compare": (c_int32, [c_void_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p), POINTER(c_void_p)]),
    "tf_show_comparison": (c_int32, [c_char_p, POINTER(c_void_p), POINTER(c_void_p)]),
    "tf_check": (c_int32, [c_char_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)]),
    "tf_verify": (c_int32, [c_char_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)]),
    "tf_digest": (c_char_p, [c_void_p]),
    "tf_numerics": (c_char_p, [c_void_p]),
    "tf_model_name": (c_char_p, [c_void_p]),
    "tf_rates": (c_int32, [c_void_p, c_char_p, c_size_t, POINTER(c_void_p), c_int32, c_void_p, c_void_p, c_void_p,
                           POINTER(c_void_p), POINTER(c_void_p)]),
    "tf_join_rates": (c_int32, [POINTER(c_char_p), c_size_t, c_char_p, POINTER(c_void_p), POINTER(c_void_p)]),
    "tf_show_rates": (c_int32, [POINTER(c_char_p), c_size_t, c_char_p, POINTER(c_void_p), POINTER(c_void_p)]),
    "tf_join": (c_int32, [c_char_p, POINTER(c_size_t), POINTER(c_void_p)]),
    "tf_add_digest": (c_uint64, [c_void_p, c_size_t, c_int32, c_size_t]),
    "tf_free": (None, [c_void_p]),
    "tf_free_message": (None, [c_void_p]),
    "tf_notes": (c_char_p, [c_void_p]),
    "tf_count": (c_size_t, [c_void_p, c_int32]),
    "tf_name": (c_char_p, [c_void_p, c_int32, c_size_t]),
    "tf_format": (c_char_p, [c_void_p, c_int32, c_size_t]),
    "tf_rank": (c_size_t, [c_void_p, c_int32, c_size_t]),
    "tf_dimension": (c_size_t, [c_void_p, c_int32, c_size_t, c_size_t]),
    "tf_run": (c_int32, [c_void_p, c_size_t, POINTER(c_void_p), c_int32, c_int32, POINTER(c_void_p), c_int32,
                         POINTER(c_void_p)]),
}
for _name, (_result, _arguments) in _SIGNATURES.items():
    _function = getattr(library, _name)
    _function.restype = _result
    _function.argtypes = _arguments


def call(function, *arguments):
    """Calls a function whose last argument is the place for a message; raises `Error` where it fails."""
    message = c_void_p()
    code = getattr(library, function)(*arguments, byref(message))
    if code == 0:
        return
    raise Error(_taken(message) or "failed", code)


def text(function, *arguments):
    """Calls a function whose last arguments are the places for a text and a message; returns the text."""
    place = c_void_p()
    call(function, *arguments, byref(place))
    return _taken(place)


def texts(function, *arguments):
    """The same of a call that gives two texts."""
    places = c_void_p(), c_void_p()
    call(function, *arguments, *map(byref, places))
    return tuple(map(_taken, places))


def options(given):
    """The JSON of options by their Python names; those that are None are left out."""
    return json.dumps({name.replace("_", "-"): value for name, value in given.items() if value is not None}).encode()


def _taken(place):
    """The text at a place, which is freed."""
    if not place:
        return ""
    found = ctypes.string_at(place).decode()
    library.tf_free_message(place)
    return found
