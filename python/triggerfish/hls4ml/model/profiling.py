"""hls4ml.model.profiling: the numbers of a model beside the types that hold them."""

from __future__ import annotations

import re

from typing import Any, Dict

import numpy as np

from ..._library import Error


def get_ymodel_keras(keras_model: Any, X: Any) -> Dict[str, np.ndarray]:
    """Computes every layer's result of a Keras model on events, by hls4ml's names: an activation inside a layer is one of
    its own, called `<layer>_<activation>`."""
    layers = [layer for layer in keras_model.layers if type(layer).__name__ not in ("InputLayer", "Dropout")]
    import keras

    model = keras.Model(keras_model.inputs, [layer.output for layer in layers] + [layer.input for layer in layers])
    found = model.predict(X, verbose=0)
    results, sources = found[:len(layers)], found[len(layers):]
    traced: Dict[str, np.ndarray] = {}
    for layer, result, source in zip(layers, results, sources):
        activation = getattr(layer, "activation", None)
        name = getattr(activation, "__name__", None)
        if "Activation" in type(layer).__name__ or name in (None, "linear") or not hasattr(layer, "kernel"):
            traced[layer.name] = np.asarray(result)
            continue
        try:
            layer.activation = None
            traced[layer.name] = np.asarray(layer(source))
        finally:
            layer.activation = activation
        traced[f"{layer.name}_{name}"] = np.asarray(result)
    return traced


def numerical(model: Any = None, hls_model: Any = None, X: Any = None, plot: str = "boxplot") -> tuple:
    """Draws the sizes of a model's weights and, where there are events, of its layers' results, each beside the range of
    the type that holds it.

    Parameters
    ----------
    model : keras.Model, optional
        Whose weights are drawn.
    hls_model : HLSModel, optional
        Whose results and types are drawn.
    X : array, optional
        Events.
    plot : {"boxplot"}

    Returns
    -------
    tuple
        hls4ml's four figures. Those of a model before optimization are None: Triggerfish has no such model.
    """
    if plot != "boxplot":
        raise Error(f"the plot '{plot}' is not supported\nhint: plot='boxplot'", 64)
    from matplotlib import pyplot

    def draw(title, named, spans):
        figure, axes = pyplot.subplots(figsize=(8, 1.5 + 0.4 * len(named)))
        sizes = [np.log2(np.abs(values[values != 0])) if np.any(values) else np.zeros(1) for values in named.values()]
        axes.boxplot(sizes, vert=False, showfliers=False)
        axes.set_yticks(range(1, len(named) + 1), list(named))
        for row, name in enumerate(named):
            if name in spans:
                low, high = spans[name]
                axes.barh(row + 1, high - low, left=low, height=0.6, color="lightgrey", zorder=0)
        axes.set_xlabel("log2 of the absolute values")
        axes.set_title(title)
        figure.tight_layout()
        return figure

    weights = results = None
    if model is not None:
        arrays = {re.sub(r":\d+$", "", getattr(weight, "path", weight.name)): np.asarray(weight).ravel() for weight in model.weights}
        weights = draw("weights", arrays, {})
    if hls_model is not None and X is not None:
        _, layers = hls_model.model.trace(hls_model._arranged(X))
        spans = {layer.name: _span(layer.format) for layer in hls_model.model.layers}
        results = draw("results of layers", {name: values.ravel() for name, values in layers.items()}, spans)
    return None, weights, None, results


def _span(spelling):
    """The exponents of the smallest and largest value of a type."""
    kind, width, integer = re.match(r"(u?fixed|u?int)<(\d+)(?:,(-?\d+))?", spelling).groups()
    width = int(width)
    integer = width if integer is None else int(integer)
    return integer - width, integer - (0 if kind.startswith("u") else 1)
