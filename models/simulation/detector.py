"""A toy particle-flow detector: tracks stay fine-grained, neutrals are summed into cells and smeared.

It exists so that the jets look roughly as a trigger would see them (finite mass resolution, merged
photons, lost neutrinos). It is not the simulation of any real detector.
"""

import numpy as np

NEUTRINOS = (12, 14, 16)
CHARGED = (11, 13, 211, 321, 2212, 3112, 3222, 3312, 3334)
MAX_ETA = 3.0
TRACK_MIN_PT = 0.5  # GeV
TOWER_MIN_PT = 0.5  # GeV
ECAL_CELL = 0.0174  # in eta and in phi
HCAL_CELL = 0.087


def _towers(eta, phi, energy, cell, stochastic, constant, rng):
    """Sum energies into square cells, smear each cell, return its centre and pT."""
    if len(eta) == 0:
        return np.zeros((0, 3))
    keys = np.stack([np.floor(eta / cell), np.floor(phi / cell)], axis=1).astype(np.int64)
    cells, inverse = np.unique(keys, axis=0, return_inverse=True)
    total = np.bincount(inverse.reshape(-1), weights=energy)
    sigma = np.sqrt(stochastic**2 * total + (constant * total) ** 2)
    smeared = np.maximum(total + sigma * rng.standard_normal(len(total)), 0.0)
    centre = (cells + 0.5) * cell
    return np.stack([smeared / np.cosh(centre[:, 0]), centre[:, 0], centre[:, 1]], axis=1)


def reconstruct(pdg, momentum, rng):
    """Turn final particles into detector objects.

    pdg: [n] identifiers; momentum: [n, 4] px, py, pz, E in GeV. Returns [m, 3]: pT, eta, phi,
    all treated as massless.
    """
    kind = np.abs(pdg)
    pt = np.hypot(momentum[:, 0], momentum[:, 1])
    eta = np.arcsinh(momentum[:, 2] / np.maximum(pt, 1e-9))
    phi = np.arctan2(momentum[:, 1], momentum[:, 0])
    energy = momentum[:, 3]
    visible = (np.abs(eta) < MAX_ETA) & ~np.isin(kind, NEUTRINOS)

    track = visible & np.isin(kind, CHARGED) & (pt > TRACK_MIN_PT)
    resolution = np.hypot(0.01, 1.5e-4 * pt[track])
    track_pt = pt[track] * np.maximum(1 + resolution * rng.standard_normal(track.sum()), 0.0)
    tracks = np.stack([track_pt, eta[track], phi[track]], axis=1)

    photon = visible & (kind == 22)
    neutral = visible & (kind != 22) & ~np.isin(kind, CHARGED)
    ecal = _towers(eta[photon], phi[photon], energy[photon], ECAL_CELL, 0.05, 0.01, rng)
    hcal = _towers(eta[neutral], phi[neutral], energy[neutral], HCAL_CELL, 0.60, 0.05, rng)
    towers = np.concatenate([ecal, hcal])
    return np.concatenate([tracks, towers[towers[:, 0] > TOWER_MIN_PT]])
