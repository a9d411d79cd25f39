"""Train a GRU and an LSTM on the sixteen hardest particles of a jet, float and quantized with QKeras, and write their files.

    python -m jet_particles.train_recurrent --data DATA

With the packages of ../requirements.txt (Keras 2), unlike train.py, whose sample events it reads.
"""

import argparse
import pathlib

import numpy as np
import scipy.special
import tensorflow as tf
from qkeras import QGRU, QLSTM, QActivation, QDense, quantized_bits, quantized_sigmoid, quantized_tanh
from tensorflow.keras.layers import GRU, LSTM, Activation, Dense, Input
from tensorflow.python.ops import array_ops
from tensorflow.python.util import nest

from simulation.jets import CLASSES
from training import artifacts, data, numerics, report

# QKeras 0.9 calls these by the places they had in older TensorFlow.
nest.is_sequence = nest.is_nested
array_ops.unstack = tf.unstack

HERE = pathlib.Path(__file__).resolve().parent
PARTICLES, NUMBERS = 16, 4
UNITS = 16
BITS = 6  # of the weights
STATE_BITS = 8  # of gates, states and what the dense layers read
SCALE = np.array([8, 0.25, 4, 4])  # as in train.py


def float_model(name, layer):
    """The recurrent layer on the particles from the hardest on, and two dense ones; before the softmax."""
    return tf.keras.Sequential(
        [
            Input((PARTICLES, NUMBERS), name="particles"),
            layer(UNITS, name=name),
            Dense(UNITS, name="hidden"),
            Activation("relu", name="relu"),
            Dense(len(CLASSES), name="output"),
        ],
        name=f"{name}_float",
    )


def quantized_model(name, layer, **options):
    """The same with words: gates are the straight lines that QKeras calls sigmoid and tanh, so nothing needs a table."""
    def weights():
        return quantized_bits(BITS, 0, alpha=1)

    quantizers = dict(kernel_quantizer=weights(), bias_quantizer=weights())
    return tf.keras.Sequential(
        [
            Input((PARTICLES, NUMBERS), name="particles"),
            QActivation("quantized_bits(10,3,alpha=1)", name="words"),
            layer(
                UNITS, activation=quantized_tanh(STATE_BITS), recurrent_activation=quantized_sigmoid(STATE_BITS),
                recurrent_quantizer=weights(), state_quantizer=quantized_bits(STATE_BITS, 0, alpha=1), name=name,
                **quantizers, **options,
            ),
            QActivation(f"quantized_bits({STATE_BITS},0,alpha=1)", name="last"),
            QDense(UNITS, name="hidden", **quantizers),
            QActivation(f"quantized_relu({STATE_BITS},2)", name="relu"),
            QDense(len(CLASSES), name="output", **quantizers),
        ],
        name=name,
    )


MODELS = {
    "gru": (lambda: float_model("gru", GRU), lambda: quantized_model("gru", QGRU, reset_after=True)),
    "lstm": (lambda: float_model("lstm", LSTM), lambda: quantized_model("lstm", QLSTM)),
}


def sixteen_bits(name, model):
    """hls4ml's configuration of the float model: ap_fixed<16,6> everywhere but in the tables."""
    configuration = artifacts.hls_configuration(model, f"{name}_float")
    configuration["HLSConfig"] = {"Model": {"Precision": "fixed<16,6>", "ReuseFactor": 1, "Strategy": "Latency"}}
    artifacts.write_hls_configuration(HERE / f"hls_{name}.yml", configuration)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder of simulate_jets")
    parser.add_argument("--epochs", type=int, default=60, help="at most this many")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()

    splits = {
        name: (numerics.to_grid(columns["constituents"] * SCALE), columns["label"])
        for name, columns in data.load_jets(options.data, ("constituents", "label")).items()
    }
    print({name: len(y) for name, (_, y) in splits.items()})
    events, labels = np.load(HERE / "events.npy"), np.load(HERE / "labels.npy")
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    rows = {}
    for name, makers in MODELS.items():
        for kind, maker in zip(("float", "quantized"), makers):
            artifacts.fix_seeds(options.seed)
            model = maker()
            epochs = artifacts.fit_classifier(model, splits, options.epochs, loss, rate=5e-3)
            artifacts.save_model(model, HERE, model.name)
            sample = model.predict(events, batch_size=500, verbose=0)
            np.save(HERE / f"outputs_{model.name}.npy", sample)
            if kind == "float":
                sixteen_bits(name, model)
            logits = model.predict(splits["test"][0], batch_size=500, verbose=0)
            rows[model.name] = {
                **report.classification(scipy.special.softmax(logits, 1), splits["test"][1], CLASSES),
                "sample": float((sample.argmax(1) == labels).mean()), "epochs": epochs,
            }
            print(report.markdown(rows), flush=True)


if __name__ == "__main__":
    main()
