"""Networks of sequences, particles and graphs for the benchmark, in float and with random weights, as speed depends on shapes alone.

Sixteen particles of four numbers are what models/jet_particles has; the graph has eight, and all 56 ordered pairs of them.
"""

import os

import numpy as np
import tensorflow as tf
from tensorflow.keras import layers

PARTICLES, NUMBERS, CLASSES, NODES = 16, 4, 5, 8
EVENTS = 1000


def recurrent(name, layer):
    """A recurrent layer of 16 units and two dense layers."""
    return tf.keras.Sequential(
        [
            layers.Input((PARTICLES, NUMBERS), name="particles"), layer(16, name=name),
            layers.Dense(16, activation="relu", name="hidden"), layers.Dense(CLASSES, name="output"),
        ],
        name=name,
    )


def transformer():
    """One block: two heads of four, then dense layers particle by particle, each added to what it reads."""
    x = particles = layers.Input((PARTICLES, NUMBERS), name="particles")
    x = layers.Dense(8, activation="relu", name="embed")(x)
    x = layers.Add(name="after_attention")([x, layers.MultiHeadAttention(2, 4, name="attention")(x, x)])
    wide = layers.Dense(16, activation="relu", name="wide")(x)
    x = layers.Add(name="after_dense")([x, layers.Dense(8, name="narrow")(wide)])
    x = layers.GlobalAveragePooling1D(name="pool")(x)
    x = layers.Dense(16, activation="relu", name="hidden")(x)
    return tf.keras.Model(particles, layers.Dense(CLASSES, name="output")(x), name="transformer")


def jedi_linear():
    """What all particles together say is added to every one; no pair is looked at."""
    x = particles = layers.Input((PARTICLES, NUMBERS), name="particles")
    x = layers.Dense(16, activation="relu", name="embed")(x)
    own = layers.Dense(16, name="own")(x)
    others = layers.Dense(16, name="others")(layers.GlobalAveragePooling1D(name="mean")(x))
    others = layers.Reshape((1, 16), name="row")(others)
    x = layers.ReLU(name="relu")(layers.Add(name="interaction")([own, others]))
    x = layers.Dense(16, activation="relu", name="node")(x)
    x = layers.GlobalAveragePooling1D(name="pool")(x)
    x = layers.Dense(16, activation="relu", name="hidden")(x)
    return tf.keras.Model(particles, layers.Dense(CLASSES, name="output")(x), name="jedi_linear")


def interaction_network():
    """All ordered pairs of eight particles; who sends and who receives are matrices of zeros and ones, as dense layers."""
    pairs = [(i, j) for i in range(NODES) for j in range(NODES) if i != j]
    receive, send = (np.eye(NODES)[[pair[side] for pair in pairs]] for side in (0, 1))
    x = particles = layers.Input((NODES, NUMBERS), name="particles")

    def times(x, matrix, name):
        rows = layers.Permute((2, 1), name=f"{name}_columns")(x)
        fixed = tf.keras.initializers.Constant(matrix)
        rows = layers.Dense(matrix.shape[1], use_bias=False, kernel_initializer=fixed, name=name)(rows)
        return layers.Permute((2, 1), name=f"{name}_rows")(rows)

    ends = [times(x, receive.T, "receivers"), times(x, send.T, "senders")]
    edges = layers.Concatenate(name="edges")(ends)
    messages = layers.Dense(16, activation="relu", name="edge1")(edges)
    messages = layers.Dense(8, activation="relu", name="edge2")(messages)
    nodes = layers.Concatenate(name="nodes")([x, times(messages, receive, "gathered")])
    nodes = layers.Dense(16, activation="relu", name="node1")(nodes)
    nodes = layers.Dense(8, activation="relu", name="node2")(nodes)
    x = layers.GlobalAveragePooling1D(name="pool")(nodes)
    x = layers.Dense(16, activation="relu", name="hidden")(x)
    return tf.keras.Model(particles, layers.Dense(CLASSES, name="output")(x), name="interaction_network")


MODELS = {
    "gru": lambda: recurrent("gru", layers.GRU), "lstm": lambda: recurrent("lstm", layers.LSTM), "transformer": transformer,
    "jedi_linear": jedi_linear, "interaction_network": interaction_network,
}


def write(folder):
    """NAME.json, NAME_weights.h5 and NAME.npy, events of a normal distribution, of every model."""
    for name, make in MODELS.items():
        tf.keras.utils.set_random_seed(1)
        model = make()
        with open(os.path.join(folder, f"{name}.json"), "w") as file:
            file.write(model.to_json())
        model.save_weights(os.path.join(folder, f"{name}_weights.h5"))
        events = np.random.default_rng(1).normal(size=(EVENTS, *model.input_shape[1:]))
        np.save(os.path.join(folder, f"{name}.npy"), events.astype(np.float32))
