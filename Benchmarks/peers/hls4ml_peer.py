"""hls4ml 1.3.0 on a Keras or QKeras model: conversion, C simulation. Prints one line of JSON last.

    hls4ml_peer.py write|first|inside|rate STEM CONFIG EVENTS FOLDER
"""

import json
import os
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
mode, stem, config, events, folder = sys.argv[1:]

import hls4ml  # noqa: E402
import numpy as np  # noqa: E402
import qkeras  # noqa: E402
import tensorflow as tf  # noqa: E402
import yaml  # noqa: E402

custom = {}
qkeras.utils._add_supported_quantized_objects(custom)
model = tf.keras.models.model_from_json(open(stem + ".json").read(), custom_objects=custom)
model.load_weights(stem + "_weights.h5")
settings = yaml.safe_load(open(config))


def convert():
    return hls4ml.converters.convert_from_keras_model(
        model, hls_config=settings["HLSConfig"], output_dir=folder, backend="Vitis", io_type=settings["IOType"]
    )


result = {}
if mode == "write":
    convert().write()
elif mode == "first":
    simulation = convert()
    simulation.compile()
    simulation.predict(np.ascontiguousarray(np.load(events)[:1]))
elif mode == "inside":
    best = 1e9
    for _ in range(5):
        start = time.perf_counter()
        convert().write()
        best = min(best, time.perf_counter() - start)
    result["project_s"] = best
else:
    simulation = convert()
    simulation.compile()
    x = np.ascontiguousarray(np.load(events).astype(np.float32))
    # As many events as take a second or so; the time is the processor's, so that others do not count.
    start = time.process_time()
    simulation.predict(x[:100])
    count = int(min(20000, max(100, 100 / (time.process_time() - start))))
    x = np.ascontiguousarray(np.resize(x, (count, *x.shape[1:])))
    best = 1e9
    for _ in range(3):
        start = time.process_time()
        simulation.predict(x)
        best = min(best, time.process_time() - start)
    result["events_per_s"] = count / best
print("\n" + json.dumps(result))
