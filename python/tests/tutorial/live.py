#!/usr/bin/env python3
"""Live Keras objects, of whichever Keras is there: the same bits as from the files they are saved in, and Keras's own
numbers layer by layer.

    KERAS_BACKEND=jax PYTHONPATH=python python live.py
"""

import importlib.util
import os
import tempfile

os.environ.setdefault("MPLBACKEND", "agg")

import keras  # noqa: E402
import numpy as np
import triggerfish
import triggerfish.hls4ml

from keras import layers


def models():
    keras.utils.set_random_seed(7)
    x = layers.Input((6,), name="x")
    y = layers.Dense(8, activation="relu", name="d1")(x)
    y = layers.BatchNormalization(name="bn")(y)
    yield keras.Model(x, layers.Dense(3, activation="softmax", name="d2")(y)), (6,)
    yield keras.Sequential([layers.Input((5, 5, 1)), layers.Conv2D(4, 3, activation="relu", name="c"), layers.MaxPooling2D(name="p"),
                            layers.Flatten(name="f"), layers.Dense(2, name="d")]), (5, 5, 1)


events = np.random.default_rng(3)
for model, shape in models():
    x = events.normal(0, 1, (50, *shape)).astype(np.float32)
    suffix = ".keras" if keras.__version__ >= "3" else ".h5"
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model" + suffix)
        model.save(path)
        by_file = triggerfish.load(path, calibrate=x, word_length=24)
        by_object = triggerfish.load(model, calibrate=x, word_length=24)
        np.testing.assert_array_equal(by_object.predict(x), by_file.predict(x))
        np.testing.assert_allclose(by_object.predict(x), model.predict(x, verbose=0), atol=2e-3)
        config = triggerfish.hls4ml.utils.config_from_keras_model(model, granularity="name", backend="Vitis")
        for layer in config["LayerName"].values():
            layer["Trace"] = True
        hls_model = triggerfish.hls4ml.converters.convert_from_keras_model(
            model, hls_config=config, backend="Vitis", output_dir=os.path.join(folder, "project"))
        hls_model.compile()
        outputs, trace = hls_model.trace(x)
        np.testing.assert_array_equal(outputs, hls_model.predict(x))
        theirs = triggerfish.hls4ml.model.profiling.get_ymodel_keras(model, x)
        shared = set(trace) & set(theirs)
        assert len(shared) >= 3, (set(trace), set(theirs))
        for name in shared - {"d2", "d2_softmax"}:
            np.testing.assert_allclose(trace[name].reshape(theirs[name].shape), theirs[name], atol=0.05, err_msg=name)
        page = os.path.join(folder, "graph.html")
        triggerfish.hls4ml.utils.plot_model(hls_model, show_shapes=True, show_precision=True, to_file=page)
        assert os.path.getsize(page) > 10000
        triggerfish.hls4ml.utils.plot_model(hls_model, to_file=None)
        if importlib.util.find_spec("matplotlib"):
            _, weights, _, results = triggerfish.hls4ml.model.profiling.numerical(model=model, hls_model=hls_model, X=x)
            assert len(weights.axes[0].get_yticklabels()) == len(model.weights)
            assert {label.get_text() for label in results.axes[0].get_yticklabels()} == {t.name for t in hls_model.model.layers}
            weights.savefig(os.path.join(folder, "weights.png"))
print(f"Keras {keras.__version__}: live models give the bits of their files")
