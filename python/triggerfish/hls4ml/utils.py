"""hls4ml.utils: configurations to start from, and pictures of models."""

from __future__ import annotations

import json
import os

from typing import Any, Dict, Optional

from .._library import Error, text
from .._sources import Scratch


def config_from_keras_model(
    model: Any, granularity: str = "model", backend: Optional[str] = None, default_precision: str = "fixed<16,6>",
    default_reuse_factor: int = 1, max_precision: Optional[str] = None,
) -> Dict[str, Any]:
    """Makes the configuration hls4ml 1.3.0 makes of a Keras model.

    Parameters
    ----------
    model : keras.Model or path
        Of Keras 2 or 3, or QKeras.
    granularity : {"model", "type", "name"}
        Whether layers are configured all at once, by class, or by name.
    backend : str, optional
        "Vitis", "Vivado" or "VivadoAccelerator", for which Triggerfish computes the same bits; with None, settings that only
        these backends have are left out.
    default_precision : str
        The type of everything that nothing else sets.
    default_reuse_factor : int
        How many times each multiplier is used.
    max_precision : str, optional
        The largest type that inference of `auto` may choose.

    Returns
    -------
    dict
        To be edited, and given to `convert_from_keras_model` as `hls_config`.
    """
    granularity = granularity.lower()
    if granularity not in ("model", "type", "name"):
        raise Error(f"the granularity is 'model', 'type' or 'name', not '{granularity}'", 64)
    check_backend(backend)
    precision = {"default": default_precision}
    if max_precision is not None:
        precision["maximum"] = max_precision
    config: Dict[str, Any] = {"Model": {
        "Precision": precision, "ReuseFactor": default_reuse_factor, "Strategy": "Latency", "BramFactor": 1_000_000_000,
        "TraceOutput": False}}
    with Scratch() as scratch:
        path, weights = scratch.model(model)
        try:
            found = json.loads(text("tf_configuration", os.fsencode(path), None if weights is None else os.fsencode(weights)))
        except Error as error:
            raise Error(str(error).replace(scratch.folder + "/", ""), error.code) from None
    if granularity == "model":
        return config
    by_name = granularity == "name"
    layers = config["LayerName" if by_name else "LayerType"] = {}
    for layer in found:
        key = layer["name"] if by_name else layer["className"]
        if key in layers:
            continue
        settings = {name: value for name, value in layer["settings"].items() if backend or name in _OF_ALL_BACKENDS}
        for name in settings:
            if name.endswith("ReuseFactor"):
                settings[name] = default_reuse_factor
        types = {tensor["name"]: tensor["type"] for tensor in layer["precision"] if backend or tensor["name"] not in _OF_BACKENDS}
        layers[key] = {"Trace": False, "Precision": types, **settings}
    return config


# What hls4ml's layers have before a backend adds to them.
_OF_ALL_BACKENDS = {"Algorithm", "TimeStepLoopParallelism"}
_OF_BACKENDS = {"accum", "table", "exp_table", "inv_table", "inv_inp", "depthwise_accum", "pointwise_accum", "depthwise_result"}


def check_backend(backend: Optional[str]) -> None:
    """Refuses backends whose bits are others than the Vitis backend's."""
    if backend is not None and backend.lower() not in ("vitis", "vivado", "vivadoaccelerator"):
        raise Error(f"the backend '{backend}' computes other bits than the Vitis backend, and Triggerfish computes Vitis's\n"
                    "hint: backend='Vitis'", 65)


def plot_model(model: Any, to_file: Optional[str] = "model.png", show_shapes: bool = False, show_layer_names: bool = True,
               show_precision: bool = False, rankdir: str = "TB", dpi: int = 96) -> Any:
    """Shows a model's graph: the report's page, which always has names, shapes and types.

    Parameters
    ----------
    model : HLSModel
    to_file : path, optional
        Where the page is written, as .html; pictures of other kinds are refused.

    Returns
    -------
    IPython.display.HTML or None
        In a notebook, what it shows.
    """
    if to_file is not None:
        if not os.fspath(to_file).endswith(".html"):
            raise Error(f"{to_file}: the picture is a page\nhint: to_file=None, or a name that ends in .html", 64)
        with open(to_file, "w", encoding="utf-8") as file:
            file.write(model.report().page)
    try:
        from IPython.display import HTML
    except ImportError:
        return None
    return HTML(model.report()._repr_html_())
