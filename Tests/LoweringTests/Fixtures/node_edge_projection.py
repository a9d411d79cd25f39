"""The layer of the interaction networks published with alkaid, for the scripts that make models of it."""

import numpy as np
import tensorflow as tf


def adjacency(rows, receiving, node_to_edge):
    """What the rows are multiplied by: [edges, nodes], or [nodes, edges] where edges are given. An edge is a pair of different nodes."""
    nodes = rows if node_to_edge else int(round((1 + (1 + 4 * rows) ** 0.5) / 2))
    pairs = [(receiver, sender) for receiver in range(nodes) for sender in range(nodes) if receiver != sender]
    matrix = np.zeros((len(pairs), nodes))
    for edge, (receiver, sender) in enumerate(pairs):
        matrix[edge, receiver if receiving else sender] = 1
    return matrix if node_to_edge else matrix.T


class NodeEdgeProjection(tf.keras.layers.Layer):
    """Rows of nodes become rows of edges, or rows of edges are added up by node."""

    def __init__(self, receiving=True, node_to_edge=True, **kwargs):
        super().__init__(**kwargs)
        self.receiving, self.node_to_edge = receiving, node_to_edge

    def build(self, shape):
        matrix = adjacency(shape[-2], self.receiving, self.node_to_edge)
        self.adjacency = tf.Variable(matrix[None], name="adjacency_matrix", dtype="float32", trainable=False)

    def call(self, x):
        return tf.matmul(self.adjacency, x)

    def get_config(self):
        return super().get_config() | {"receiving": self.receiving, "node_to_edge": self.node_to_edge}


def as_einsum_dense(layer, input_names, input_shapes, _):
    """What its authors' handler makes of it for hls4ml: hls4ml's layer_handlers["NodeEdgeProjection"]."""
    config, shape = layer["config"], list(input_shapes[0])
    matrix = adjacency(shape[1], config["receiving"], config["node_to_edge"])
    result = [shape[0], matrix.shape[0], shape[2]]
    parsed = dict(
        class_name="EinsumDense", name=config["name"], equation="...ij,ki->...kj", weight_data=matrix, bias_data=None,
        inp_shape=tuple(shape[1:]), out_shape=tuple(result[1:]))
    return parsed | ({} if input_names is None else {"inputs": input_names}), result
