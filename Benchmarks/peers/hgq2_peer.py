"""hls4ml 1.3.0's C simulation of an HGQ2 model, and an HGQ2 model to read. Prints one line of JSON last.

    hgq2_peer.py rate MODEL EVENTS FOLDER
    hgq2_peer.py wide FILE                  writes a network of three dense layers of 180: about 1 MB
"""

import json
import os
import sys
import time

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import hgq  # noqa: E402, F401
import keras  # noqa: E402
import numpy as np  # noqa: E402

result = {}
if sys.argv[1] == "wide":
    from hgq.layers import QDense

    keras.utils.set_random_seed(1)
    layers = [keras.layers.Input((16,))]
    layers += [QDense(180, activation="relu") for _ in range(3)] + [QDense(5)]
    keras.Sequential(layers, name="wide_hgq").save(sys.argv[2])
else:
    import hls4ml

    model, events, folder = sys.argv[2:]
    network = keras.models.load_model(model, compile=False)
    settings = {"Model": {"Precision": "ap_fixed<1,0>", "ReuseFactor": 1, "Strategy": "latency"}}
    simulation = hls4ml.converters.convert_from_keras_model(
        network, hls_config=settings, output_dir=folder, backend="Vitis", io_type="io_parallel"
    )
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
