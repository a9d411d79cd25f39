"""Clusters of calorimeter cells: electrons among charged pions, with longitudinal and lateral shower shapes from textbooks.

A toy of a high-granularity calorimeter at a trigger: 14 layers of cells 2.5 cm wide, eight electromagnetic ones of 3 radiation lengths
(together one interaction length) and six hadronic ones of 0.8 interaction lengths. An electron's shower has the depth profile of Longo
and Sestili and a core of under a centimetre with a Molière halo. A pion crosses as a minimum-ionizing track until it interacts, then
a share of its energy, which fluctuates from event to event, is an electromagnetic shower from there and the rest is wide, deep and
seen at 70%. Pions that give nearly everything to neutral pions in the first layers are what a trigger cannot tell from electrons.
Cells of pile-up lie under both.
"""

import numpy as np

CLASSES = ("electron", "pion")
LAYERS_EM, LAYERS_HAD = 8, 6
LAYER_X0, LAYER_LAMBDA = 3.0, 0.8
X0_PER_LAMBDA = LAYERS_EM * LAYER_X0  # of the electromagnetic part: one interaction length
CELL = 2.5  # cm
GRID = 16  # cells along each side of the window
CELLS = 32  # the most energetic ones are the cluster
THRESHOLD = 0.2  # GeV, of a cell
MAX_HADRONIC = 0.15  # of the energy: what a trigger's first cut leaves
CLUSTER_ENERGY = (20.0, 60.0)  # GeV, seen
CRITICAL_ENERGY = 0.010  # GeV
SPOTS_PER_GEV = 12
MIP = 0.03  # GeV in a layer


def _layer(depth):
    """The layer at a depth in radiation lengths of the electromagnetic part; behind it in the same unit."""
    hadronic = LAYERS_EM + (depth / X0_PER_LAMBDA - 1) / LAYER_LAMBDA
    return np.where(depth < X0_PER_LAMBDA, depth / LAYER_X0, hadronic).astype(int)


def _spots(energy, depth, radius, rng):
    """Rows of energy, depth and two distances from the axis."""
    angle = rng.uniform(0, 2 * np.pi, len(depth))
    share = np.full(len(depth), energy / max(1, len(depth)))
    return np.stack([share, depth, radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def _electromagnetic(energy, start, rng):
    """A shower of an electron or photon that begins at a depth."""
    count = max(4, rng.poisson(SPOTS_PER_GEV * energy))
    slope = 0.5 * rng.normal(1, 0.06)
    maximum = max(1.0, np.log(energy / CRITICAL_ENERGY) - 0.5 + rng.normal(0, 0.5))
    depth = start + rng.gamma(1 + slope * maximum, 1 / slope, count)
    halo = rng.random(count) < 0.15
    radius = np.where(halo, rng.exponential(2.5, count), rng.exponential(0.7, count))
    return _spots(energy * rng.normal(1, 0.1 / np.sqrt(energy)), depth, radius, rng)


def _pion(energy, rng):
    start = rng.exponential(X0_PER_LAMBDA)
    crossed = np.arange(0, start, LAYER_X0)
    track = _spots(MIP * len(crossed), crossed, np.zeros(len(crossed)), rng)
    electromagnetic = rng.beta(1.2, 1.6) * energy
    parts = [track]
    for share in rng.dirichlet(np.ones(3)) * electromagnetic:
        if share > 0.2:
            shower = _electromagnetic(share, start + rng.exponential(2.0), rng)
            shower[:, 2:] += rng.normal(0, 1.5, 2)
            parts.append(shower)
    rest = 0.7 * (energy - electromagnetic) * max(0.1, rng.normal(1, 0.25))
    count = max(3, rng.poisson(0.5 * SPOTS_PER_GEV * rest))
    depth = start + X0_PER_LAMBDA * rng.gamma(1.5, 0.8, count)
    parts.append(_spots(rest, depth, rng.exponential(5.0, count), rng))
    return np.concatenate(parts)


def _pile_up(rng):
    count = rng.poisson(14)
    side = GRID * CELL / 2
    return np.stack(
        [rng.exponential(0.12, count), rng.exponential(8.0, count), *rng.uniform(-side, side, (2, count))], axis=1
    )


def cells(spots, rng):
    """Energies per cell, [layer, GRID, GRID], of spots about an axis that meets the middle cell somewhere."""
    offset = rng.uniform(-CELL / 2, CELL / 2, 2)
    place = np.floor((spots[:, 2:] + offset) / CELL + GRID / 2).astype(int)
    layer = _layer(spots[:, 1])
    inside = (layer < LAYERS_EM + LAYERS_HAD) & ((place >= 0) & (place < GRID)).all(1)
    deposits = np.zeros((LAYERS_EM + LAYERS_HAD, GRID, GRID))
    np.add.at(deposits, (layer[inside], place[inside, 0], place[inside, 1]), spots[inside, 0])
    return deposits


def vertices(deposits):
    """The cluster as [CELLS, 4] by falling energy, how many cells it has, its energy and the share in hadronic layers.

    Columns: distances from its centre in the layer's plane and the layer, all in units of eight, and four times the share of the energy.
    Zeros behind the last cell.
    """
    order = np.argsort(-deposits, axis=None, kind="stable")[:CELLS]
    layer, x, y = (axis.astype(float) for axis in np.unravel_index(order, deposits.shape))
    energy = deposits.ravel()[order]
    keep = energy > THRESHOLD
    layer, x, y, energy = layer[keep], x[keep], y[keep], energy[keep]
    rows = np.zeros((CELLS, 4))
    hadronic = 1.0
    if energy.size:
        share = energy / energy.sum()
        hadronic = share[layer >= LAYERS_EM].sum()
        columns = ((x - (share * x).sum()) / 8, (y - (share * y).sum()) / 8, layer / 8, 4 * share)
        rows[: len(energy)] = np.stack(columns, axis=1)
    return rows, len(energy), energy.sum(), hadronic


def simulate(count, seed):
    """`count` clusters of each class with 20 to 60 GeV seen, less than 15% of it in hadronic layers, shuffled.

    Cells, their numbers, labels, energies.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for label in range(len(CLASSES)):
        made = 0
        while made < count:
            energy = np.exp(rng.uniform(np.log(15), np.log(120)))
            shower = _electromagnetic(energy, 0.0, rng) if label == 0 else _pion(energy, rng)
            vertex, number, seen, hadronic = vertices(cells(np.concatenate([shower, _pile_up(rng)]), rng))
            if CLUSTER_ENERGY[0] < seen < CLUSTER_ENERGY[1] and hadronic < MAX_HADRONIC:
                rows.append((vertex, number, label, seen))
                made += 1
    order = rng.permutation(len(rows))
    vertex, number, label, seen = (np.array(column)[order] for column in zip(*rows))
    return {"cells": vertex, "number": number[:, None], "label": label, "energy": seen}
