"""ONNX Runtime in float32 on a Keras model, on one thread and on all. Prints one line of JSON last.

    onnx_peer.py STEM EVENTS FOLDER
"""

import json
import os
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
stem, events, folder = sys.argv[1:]

import numpy as np  # noqa: E402
import onnxruntime  # noqa: E402
import tensorflow as tf  # noqa: E402
import tf2onnx  # noqa: E402

model = tf.keras.models.model_from_json(open(stem + ".json").read())
model.load_weights(stem + "_weights.h5")
# tf2onnx 1.17 wants the names Keras 2 gives its outputs.
model.output_names = [tensor.name.split(":")[0].split("/")[0] for tensor in model.outputs]
path = os.path.join(folder, "model.onnx")
tf2onnx.convert.from_keras(model, output_path=path)
x = np.load(events).astype(np.float32)


def rate(threads, clock):
    """Events per second at the best batch size; the fastest of several runs."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    best = 0
    for size in (128, 1024, 8192):
        batch = np.resize(x, (size, *x.shape[1:]))
        session.run(None, {name: batch})
        start = clock()
        session.run(None, {name: batch})
        repeats = max(1, int(0.1 / max(1e-6, clock() - start)))
        for _ in range(5):
            start = clock()
            for _ in range(repeats):
                session.run(None, {name: batch})
            best = max(best, size * repeats / (clock() - start))
    return best


result = {
    # The processor's time, so that others do not count; with all threads, the wall clock's.
    "events_per_s": rate(1, time.process_time),
    "events_per_s_all": rate(os.cpu_count(), time.perf_counter),
    "threads": os.cpu_count(),
}
print("\n" + json.dumps(result))
