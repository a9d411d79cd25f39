"""Train the vertex finder, float and 8-bit, and write what this folder holds besides the card.

    python -m vertex_finder.train --data DATA
"""

import argparse
import pathlib

import numpy as np
import tensorflow as tf
from qkeras import QActivation, QConv1D, quantized_bits
from tensorflow.keras.layers import Activation, Conv1D, Flatten, Input

from simulation import tracks
from training import artifacts, numerics, report

HERE = pathlib.Path(__file__).resolve().parent
BINS, HALF_LENGTH = 128, 15.0  # bins along the beam; cm
TRACK_MAX_PT = 50.0  # a stiffer track counts as this much: most of those are fakes
PT_SCALE, COUNT_SCALE = 1 / 8, 1 / 4
BITS, INTEGER = 8, 1
FILTERS, KERNELS = (8, 8), (7, 5)
SPLIT_SHARES = {"train": 0.7, "validation": 0.1, "test": 0.2}
SAMPLES = 1000
TOLERANCE = 0.35  # cm: 1.5 bins


def bin_of(z):
    """The bin that holds each z; ends of the range included."""
    index = np.floor((np.asarray(z) + HALF_LENGTH) / (2 * HALF_LENGTH) * BINS).astype(int)
    return np.clip(index, 0, BINS - 1)


def centre_of(index):
    return (np.asarray(index) + 0.5) / BINS * 2 * HALF_LENGTH - HALF_LENGTH


def histogram(pt, z):
    """[BINS, 2]: sum of pT and number of tracks per bin, unscaled."""
    inside = np.abs(z) < HALF_LENGTH
    index, weight = bin_of(z[inside]), np.minimum(pt[inside], TRACK_MAX_PT)
    sums = np.bincount(index, weights=weight, minlength=BINS)
    return np.stack([sums, np.bincount(index, minlength=BINS)], axis=1)


def _slice(library, first, last):
    """The collisions [first, last) of a library."""
    low, high = library["offsets"][first], library["offsets"][last]
    return {
        "pt": library["pt"][low:high], "eta": library["eta"][low:high],
        "offsets": library["offsets"][first : last + 1] - low,
    }


def _part(library, split):
    """The share of a library that belongs to one split: no collision serves in two of them."""
    names, count = list(SPLIT_SHARES), len(library["offsets"]) - 1
    before = sum(SPLIT_SHARES[name] for name in names[: names.index(split)])
    return _slice(library, round(before * count), round((before + SPLIT_SHARES[split]) * count))


def crossings(libraries, split, count, seed):
    """Inputs on the grid, true z, process number; hard collisions and pile-up are drawn with repetition."""
    rng = np.random.default_rng([seed, list(SPLIT_SHARES).index(split)])
    pile_up = _part(libraries["minimum_bias"], split)
    hard = [_part(libraries[process], split) for process in tracks.HARD_PROCESSES]
    inputs, truth = np.empty((count, BINS, 2)), np.empty(count)
    process = rng.integers(len(hard), size=count)
    for event in range(count):
        library = hard[process[event]]
        chosen = rng.integers(len(library["offsets"]) - 1)
        truth[event], pt, z = tracks.bunch_crossing(library, chosen, pile_up, rng)
        inputs[event] = histogram(pt, z)
    return numerics.to_grid(inputs * [PT_SCALE, COUNT_SCALE]), truth, process


def _network(name, convolution, activation):
    layers = [Input((BINS, 2), name="tracks")]
    for index, (filters, kernel) in enumerate(zip(FILTERS, KERNELS), 1):
        layers += [convolution(filters, kernel, f"conv{index}"), activation(f"relu{index}")]
    layers += [convolution(1, 1, "score"), Flatten(name="scores")]
    return tf.keras.Sequential(layers, name=name)


def float_model():
    """Three convolutions to one score per bin; the vertex is where the score is highest."""
    return _network(
        "vertex_finder_float",
        lambda filters, kernel, name: Conv1D(filters, kernel, padding="same", name=name),
        lambda name: Activation("relu", name=name),
    )


def quantized_model():
    def convolution(filters, kernel, name):
        return QConv1D(
            filters, kernel, padding="same", name=name,
            kernel_quantizer=quantized_bits(BITS, INTEGER, alpha=1),
            bias_quantizer=quantized_bits(BITS, INTEGER, alpha=1),
        )

    return _network(
        "vertex_finder", convolution, lambda name: QActivation(f"quantized_relu({BITS},4)", name=name)
    )


def fit(model, splits, epochs):
    """Cross-entropy over the bins, on unnormalized scores."""
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return artifacts.fit_classifier(model, splits, epochs, loss=loss)


def peak_finder(inputs):
    """The usual algorithm: the mean z of the three neighbouring bins with the largest sum of pT."""
    padded = np.pad(inputs[:, :, 0].astype(np.float64), ((0, 0), (1, 1)))
    triples = np.stack([padded[:, :-2], padded[:, 1:-1], padded[:, 2:]], axis=2)
    best = triples.sum(2).argmax(1)
    weights = triples[np.arange(len(best)), best]
    shift = (weights[:, 2] - weights[:, 0]) / np.maximum(weights.sum(1), 1e-9)
    return centre_of(best + shift)


def summary(answers, truth, process):
    """Share of events within the tolerance, in all and per process, and the width of the core in cm."""
    residual = answers - truth
    good = np.abs(residual) < TOLERANCE
    result = {"all": good.mean()}
    for index, name in enumerate(tracks.HARD_PROCESSES):
        result[name] = good[process == index].mean()
    result["core (cm)"] = residual[good].std()
    return {name: float(value) for name, value in result.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder of simulate_tracks")
    parser.add_argument("--epochs", type=int, default=30, help="at most this many")
    parser.add_argument("--events", type=int, default=60000, help="crossings in all")
    parser.add_argument("--seed", type=int, default=13)
    options = parser.parse_args()

    artifacts.fix_seeds(options.seed)
    libraries = {
        name: dict(np.load(options.data / f"tracks_{name}.npz"))
        for name in ("minimum_bias", *tracks.HARD_PROCESSES)
    }
    sets = {
        split: crossings(libraries, split, round(share * options.events), options.seed)
        for split, share in SPLIT_SHARES.items()
    }
    splits = {name: (inputs, bin_of(truth)) for name, (inputs, truth, _) in sets.items()}

    network, quantized = float_model(), quantized_model()
    epochs = {
        name: fit(model, splits, options.epochs)
        for name, model in (("float", network), ("8 bits", quantized))
    }
    artifacts.save_model(network, HERE, "vertex_finder_float")
    artifacts.save_model(quantized, HERE, "vertex_finder")
    for file, io_type in (("hls.yml", "io_parallel"), ("hls_stream.yml", "io_stream")):
        artifacts.write_hls_configuration(
            HERE / file, artifacts.hls_configuration(quantized, "vertex_finder", io_type)
        )

    inputs, truth, process = sets["test"]
    artifacts.write_samples(
        HERE, inputs[:SAMPLES], bin_of(truth[:SAMPLES]), network, quantized, logits=False
    )
    np.save(HERE / "truth_z.npy", truth[:SAMPLES].astype(np.float32))
    print("parameters", quantized.count_params(), "epochs", epochs)
    answers = {
        "peak finder": peak_finder(inputs),
        "float": centre_of(network.predict(inputs, verbose=0).argmax(1)),
        "8 bits": centre_of(quantized.predict(inputs, verbose=0).argmax(1)),
    }
    print(report.markdown({name: summary(z, truth, process) for name, z in answers.items()}))


if __name__ == "__main__":
    main()
