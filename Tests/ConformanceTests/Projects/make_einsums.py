"""Makes the project 1.3.0_einsums: EinsumDense of Keras 3 as hls4ml 1.3.0 writes it, with what its own C++ computes.

Usage: python make_einsums.py, with hls4ml==1.3.0, keras==3.15.1, tensorflow-cpu==2.21.0 and g++. The form is that of make.py's cases.
"""

import os
import shutil
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import hls4ml
import keras
import numpy as np
from keras import layers

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "1.3.0_einsums")
EVENTS = 40


def network():
    """Rows by a matrix; the rows mixed; a matrix for every row."""
    x = keras.Input((4, 6), name="in1")
    y = layers.EinsumDense("bnc,cd->bnd", output_shape=(4, 5), bias_axes="d", name="first")(x)
    y = layers.Activation("relu", name="relu1")(y)
    y = layers.EinsumDense("bnd,nm->bmd", output_shape=(3, 5), name="second")(y)
    return keras.Model(x, layers.EinsumDense("bmd,mde->bme", output_shape=(3, 4), name="third")(y))


net = network()
rng = np.random.default_rng(3)
net.set_weights([rng.normal(0, 0.5, w.shape).astype("f4") for w in net.get_weights()])
config = hls4ml.utils.config_from_keras_model(net, granularity="name", backend="Vitis")
with tempfile.TemporaryDirectory() as build:
    hls = hls4ml.converters.convert_from_keras_model(
        net, hls_config=config, output_dir=build, io_type="io_parallel", project_name="myproject", backend="Vitis")
    hls.compile()
    events = rng.normal(0, 1.2, (EVENTS, 4, 6)).astype("f4")
    events[0], events[1] = 40, -33
    answers = hls.predict(np.ascontiguousarray(events.astype("f8")))
    shutil.rmtree(FOLDER, ignore_errors=True)
    shutil.copytree(
        f"{build}/firmware", f"{FOLDER}/firmware",
        ignore=shutil.ignore_patterns("ap_types", "nnet_utils", "*.so", "ac_types", "tcl", "*.txt"))
    shutil.copy(f"{build}/project.tcl", FOLDER)
np.save(f"{FOLDER}/inputs.npy", events)
np.save(f"{FOLDER}/outputs.npy", np.asarray(answers, "f8").reshape(EVENTS, -1))
