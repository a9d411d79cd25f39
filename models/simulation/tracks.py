"""Charged tracks of single proton collisions with Pythia 8, and their mixing into bunch crossings."""

import numpy as np
import pythia8mc

from .detector import CHARGED

MIN_PT, MAX_ETA = 2.0, 2.4  # what a level-1 track finder delivers (GeV)
HARD_PROCESSES = ("top", "higgs", "z")
EFFICIENCY = 0.95
FAKE_SHARE = 0.03  # fakes per real track; their pT spectrum is hard, which is what makes them a nuisance
FAKE_MAX_PT = 100.0
BEAM_SPOT = 4.5  # cm, along the beam
MEAN_PILE_UP = 200

_SETTINGS = {
    "minimum_bias": ["SoftQCD:inelastic = on"],
    "top": ["Top:gg2ttbar = on", "Top:qqbar2ttbar = on"],
    "higgs": ["HiggsSM:gg2H = on", "25:onMode = off", "25:onIfMatch = 5 -5"],
    "z": [
        "WeakSingleBoson:ffbar2gmZ = on", "WeakZ0:gmZmode = 2", "23:onMode = off", "23:onIfMatch = 13 -13",
    ],
}


def generator(process, seed):
    """A Pythia instance at 14 TeV."""
    pythia = pythia8mc.Pythia("", False)
    settings = ["Print:quiet = on", "Beams:eCM = 14000", "Random:setSeed = on", f"Random:seed = {seed}"]
    for line in settings + _SETTINGS[process]:
        if not pythia.readString(line):
            raise ValueError(f"Pythia does not accept: {line}")
    if not pythia.init():
        raise RuntimeError(f"Pythia did not start for {process}")
    return pythia


def collisions(process, count, seed):
    """Tracks of `count` collisions: {"pt", "eta": flat arrays; "offsets": [count + 1]}."""
    pythia = generator(process, seed)
    tracks, offsets = [], [0]
    while len(offsets) <= count:
        if not pythia.next():
            continue
        for p in pythia.event:
            if p.status() > 0 and abs(p.id()) in CHARGED and p.pT() > MIN_PT and abs(p.eta()) < MAX_ETA:
                tracks.append((p.pT(), p.eta()))
        offsets.append(len(tracks))
    table = np.array(tracks, dtype=np.float32).reshape(-1, 2)
    return {"pt": table[:, 0], "eta": table[:, 1], "offsets": np.array(offsets)}


def z_resolution(pt, eta):
    """Toy resolution of z0 in cm: better for stiff and for central tracks."""
    return np.hypot(0.06, 0.12 / pt) * np.cosh(eta) ** 0.9


def _gather(library, chosen):
    """Tracks of the chosen collisions, and the position of each track's collision in `chosen`."""
    start, stop = library["offsets"][chosen], library["offsets"][chosen + 1]
    owner = np.repeat(np.arange(len(chosen)), stop - start)
    indices = np.arange(len(owner)) - np.repeat(np.cumsum(stop - start) - (stop - start), stop - start)
    indices += np.repeat(start, stop - start)
    return library["pt"][indices], library["eta"][indices], owner


def bunch_crossing(hard, hard_index, pile_up, rng):
    """One crossing: the hard collision at a random place among pile-up.

    Returns the true z of the hard collision and the measured pT and z0 of all tracks (cm, GeV).
    """
    count = rng.poisson(MEAN_PILE_UP)
    vertices = rng.normal(0.0, BEAM_SPOT, count + 1)
    soft = _gather(pile_up, rng.integers(len(pile_up["offsets"]) - 1, size=count))
    signal = _gather(hard, np.array([hard_index]))
    pt = np.concatenate([signal[0], soft[0]])
    eta = np.concatenate([signal[1], soft[1]])
    z = vertices[np.concatenate([signal[2], soft[2] + 1])]

    found = rng.random(len(pt)) < EFFICIENCY
    pt, eta, z = pt[found], eta[found], z[found]
    z = z + rng.standard_normal(len(z)) * z_resolution(pt, eta)
    pt = pt * np.maximum(1 + 0.02 * rng.standard_normal(len(pt)), 0.1)

    fakes = rng.poisson(FAKE_SHARE * len(pt))
    fake_pt = 1 / rng.uniform(1 / FAKE_MAX_PT, 1 / MIN_PT, fakes)  # falls as 1/pT^2
    fake_z = rng.normal(0.0, BEAM_SPOT, fakes)
    return vertices[0], np.concatenate([pt, fake_pt]), np.concatenate([z, fake_z])
