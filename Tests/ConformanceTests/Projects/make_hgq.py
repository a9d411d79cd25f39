"""Makes the projects 1.3.0_hgq_*: models of HGQ2 as hls4ml 1.3.0 writes them, with what their own C++ computes.

Usage: python make_hgq.py [CASE…], with hls4ml==1.3.0, da4ml==0.6.0, hgq2==0.2.0, keras==3.15.1, tensorflow-cpu==2.21.0 and g++. The models are those that
Tests/LoweringTests/Fixtures/make_hgq.py makes, with formats of their own for elements, and one with tables; the form is that of make.py's cases.
"""

import os
import shutil
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["KERAS_BACKEND"] = "tensorflow"
import hgq.layers as Q
import hls4ml
import keras
import numpy as np
from hgq.config import QuantizerConfigScope

HERE = os.path.dirname(os.path.abspath(__file__))
FIXTURES = os.path.join(HERE, "..", "..", "LoweringTests", "Fixtures", "hgq")
EVENTS = 40


def tables():
    """A function as a table of all words."""
    keras.utils.set_random_seed(5)
    with QuantizerConfigScope(place="datalane", default_q_type="kif", i0=2, f0=3):
        x = keras.Input((8,), name="in1")
        y = Q.QDense(6, name="fc1")(x)
        y = Q.QUnaryFunctionLUT("tanh", allow_heterogeneous_table=False, name="curve")(y)
        return keras.Model(x, Q.QDense(3, name="fc2")(y))


def products():
    """Sums of products of two tensors of data."""
    keras.utils.set_random_seed(6)
    with QuantizerConfigScope(place="datalane", default_q_type="kif", i0=2, f0=3):
        x = keras.Input((3, 4), name="in1")
        y = Q.QEinsumDense("bnc,cd->bnd", output_shape=(3, 4), bias_axes="d", name="fc1")(x)
        return keras.Model(x, Q.QEinsum("bnc,bmc->bnm", name="scores")([x, y]))


def einsums():
    """A matrix for all rows, a bias for each; then a matrix for each row."""
    keras.utils.set_random_seed(9)
    with QuantizerConfigScope(place="datalane", default_q_type="kif", i0=2, f0=3):
        x = keras.Input((3, 4), name="in1")
        y = Q.QEinsumDense(
            "bnc,cd->bnd", output_shape=(3, 5), bias_axes="nd", bias_initializer="random_normal", activation="relu",
            name="fc1")(x)
        y = Q.QEinsumDense("bnc,ncd->bnd", output_shape=(3, 2), name="fc2")(y)
        return keras.Model(x, y)


def convolutions(padding):
    """Two convolutions, the second over what a ReLU leaves."""
    keras.utils.set_random_seed(8)
    with QuantizerConfigScope(place="datalane", default_q_type="kif", i0=2, f0=3):
        x = keras.Input((10, 3), name="in1")
        y = Q.QConv1D(4, 3, strides=2, padding=padding, activation="relu", name="c1")(x)
        return keras.Model(x, Q.QConv1D(2, 2, name="c2")(y))


def streamed():
    """The same where words of a tensor have one format."""
    with QuantizerConfigScope(place="datalane", heterogeneous_axis=()):
        return convolutions("valid")


def fixture(name):
    return lambda: keras.models.load_model(f"{FIXTURES}/{name}.keras", compile=False)


def case(model, io="io_parallel", strategy="latency", **more):
    return model, io, strategy, more


CASES = {
    "dense": case(fixture("dense")),
    "namespace": case(fixture("dense"), namespace="trigger"),
    "tables": case(tables),
    "products": case(products),
    "adders": case(fixture("dense"), strategy="distributed_arithmetic"),
    "adders_einsum": case(einsums, strategy="distributed_arithmetic"),
    "adders_conv": case(lambda: convolutions("same"), strategy="distributed_arithmetic"),
    "adders_conv_stream": case(streamed, "io_stream", "distributed_arithmetic"),
}

for name in sys.argv[1:] or CASES:
    build_model, io, strategy, more = CASES[name]
    net = build_model()
    folder = f"{HERE}/1.3.0_hgq_{name}"
    rng = np.random.default_rng(7)
    with tempfile.TemporaryDirectory() as build:
        config = {"Model": {"Precision": "ap_fixed<1,0>", "ReuseFactor": 1, "Strategy": strategy}}
        hls = hls4ml.converters.convert_from_keras_model(
            net, hls_config=config, output_dir=build, io_type=io, project_name="myproject", backend="Vitis", **more)
        hls.compile()
        events = [rng.normal(0, 1.5, (EVENTS, *x.shape[1:])).astype("f4") for x in net.inputs]
        for x in events:
            x[0], x[1] = 40, -33
        words = [np.ascontiguousarray(x.astype("f8")) for x in events]
        answers = hls.predict(words if len(words) > 1 else words[0])
        answers = [np.asarray(y, "f8").reshape(EVENTS, -1) for y in (answers if isinstance(answers, list) else [answers])]
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(
            f"{build}/firmware", f"{folder}/firmware",
            ignore=shutil.ignore_patterns("ap_types", "nnet_utils", "*.so", "ac_types", "tcl", "*.txt"))
        code = f"{build}/firmware/nnet_utils/nnet_code_gen.h"
        os.makedirs(f"{folder}/firmware/nnet_utils")
        shutil.copy(code, f"{folder}/firmware/nnet_utils")
        shutil.copy(f"{build}/project.tcl", folder)
    wanted = [np.asarray(y).reshape(EVENTS, -1) for y in keras.tree.flatten(net(events if len(events) > 1 else events[0]))]
    for number, (y, keras_y) in enumerate(zip(answers, wanted)):
        print(name, y.shape, f"equal to Keras: {(y == keras_y).mean():.3f}, {len(np.unique(y))} values")
        np.save(f"{folder}/outputs{number if len(answers) > 1 else ''}.npy", y)
    for number, x in enumerate(events):
        np.save(f"{folder}/inputs{number if len(events) > 1 else ''}.npy", x)
