"""Simulate calorimeter clusters, train a GarNet that tells electrons from pions, and write everything in this folder that is not written
by hand.

    python -m calorimeter_clusters.train
"""

import argparse
import pathlib

import numpy as np
import tensorflow as tf
from hls4ml.contrib.garnet import GarNet
from sklearn.metrics import roc_auc_score, roc_curve
from tensorflow.keras.layers import Dense, Input

from simulation import clusters
from training import artifacts, numerics

HERE = pathlib.Path(__file__).resolve().parent
NAME = "calorimeter_clusters"
SAMPLE_PER_CLASS = 250


def network():
    """GarNet of four aggregators on up to 32 cells, then dense 8-16-2; before the softmax."""
    cells = Input((clusters.CELLS, 4), name="cells")
    number = Input((1,), name="number", dtype="int32")
    x = GarNet(
        4, 8, 8, simplified=True, collapse="mean", input_format="xn", output_activation=None, mean_by_nvert=False, name="garnet"
    )([cells, number])
    x = Dense(16, activation="relu", name="hidden")(x)
    return tf.keras.Model([cells, number], Dense(len(clusters.CLASSES), name="output")(x), name=NAME)


def hls_configuration():
    """What hls4ml needs to be told: its GarNet is Vivado's, the number of cells is a whole number."""
    layers = {"GarNet": {"ReuseFactor": 8, "Precision": {"default": "ap_fixed<16,6,AP_RND,AP_SAT>", "result": "ap_fixed<16,6>"}}}
    names = {"number": {"Precision": {"result": "ap_uint<6>"}}}
    return {
        "Backend": "Vivado", "Part": artifacts.PART, "ClockPeriod": artifacts.CLOCK_PERIOD, "IOType": "io_parallel",
        "ProjectName": NAME,
        "HLSConfig": {
            "Model": {"Precision": "ap_fixed<16,6>", "ReuseFactor": 1, "Strategy": "Resource"},
            "LayerType": layers, "LayerName": names,
        },
    }


def split(count, seed):
    made = clusters.simulate(count, seed)
    return [numerics.to_grid(made["cells"]), made["number"].astype("int32")], made["label"], made["energy"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clusters", type=int, default=900, help="of each class, to train on")
    parser.add_argument("--epochs", type=int, default=40, help="at most this many")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()

    artifacts.fix_seeds(options.seed)
    train, validation, test = (
        split(count, options.seed + index)
        for index, count in enumerate((options.clusters, options.clusters // 4, options.clusters // 3))
    )
    model = network()
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    splits = {"train": train[:2], "validation": validation[:2]}
    epochs = artifacts.fit_classifier(model, splits, options.epochs, loss, rate=5e-3, batch=128)
    artifacts.save_model(model, HERE, NAME)
    artifacts.write_hls_configuration(HERE / "hls.yml", hls_configuration())

    inputs, labels, energy = test
    chosen = np.sort(np.concatenate([np.flatnonzero(labels == label)[:SAMPLE_PER_CLASS] for label in (0, 1)]))
    np.save(HERE / "events.npy", inputs[0][chosen])
    np.save(HERE / "numbers.npy", inputs[1][chosen].astype("float32"))
    np.save(HERE / "labels.npy", labels[chosen].astype(np.int64))
    np.save(HERE / "outputs_float.npy", model.predict([array[chosen] for array in inputs], batch_size=500, verbose=0))

    logits = model.predict(inputs, batch_size=500, verbose=0)
    score, electron = logits[:, 0] - logits[:, 1], labels == 0
    passes_pions, passes_electrons, _ = roc_curve(electron, score)
    share = {goal: passes_pions[np.searchsorted(passes_electrons, goal)] for goal in (0.9, 0.95, 0.99)}
    # What a cut on the mean layer alone does.
    depth = (inputs[0][..., 2] * inputs[0][..., 3]).sum(1)
    print(f"epochs {epochs}, accuracy {(logits.argmax(1) == labels).mean():.4f}, AUC {roc_auc_score(electron, score):.4f}, "
          f"of the mean depth alone {roc_auc_score(electron, -depth):.4f}; pions left at electrons kept: {share}")


if __name__ == "__main__":
    main()
