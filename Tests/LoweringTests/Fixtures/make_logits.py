#!/usr/bin/env python3
"""Writes logits/: what QKeras computes before the softmax of the golden QKeras models.

Run with a Python that has tensorflow==2.15.1 and qkeras==0.9.0:  python make_logits.py GOLDEN_FOLDER

`<case>.npz` holds `logits` for the case's inputs, rounded to multiples of 2^-10 where the model does not
quantize its input: on those QKeras's float32 sums are exact, so the logits are the one right answer.
"""
import os
import sys

os.environ["CUDA_VISIBLE_DEVICES"] = ""
import numpy as np
import tensorflow as tf
from qkeras.utils import _add_supported_quantized_objects

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "logits")


def main(golden):
    os.makedirs(HERE, exist_ok=True)
    objects = {}
    _add_supported_quantized_objects(objects)
    for case, grid in (("qkeras_3layer", 1024), ("qkeras_mnist_dense", None)):
        folder = os.path.join(golden, case)
        with open(os.path.join(folder, "model.json")) as file:
            net = tf.keras.models.model_from_json(file.read(), custom_objects=objects)
        net.load_weights(os.path.join(folder, "model_weights.h5"))
        assert "softmax" in str(net.layers[-1].get_config()), net.layers[-1].name
        x = np.load(os.path.join(folder, "inputs.npy"))
        if grid:
            x = (np.round(x.astype(np.float64) * grid) / grid).astype(np.float32)
        logits = tf.keras.Model(net.input, net.layers[-2].output).predict(x, verbose=0)
        np.savez_compressed(os.path.join(HERE, case + ".npz"), logits=logits.astype(np.float32))
        print(case, net.layers[-2].name, logits.shape)


main(sys.argv[1])
