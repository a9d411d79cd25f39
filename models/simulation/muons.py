"""Muons through the endcap of a toy spectrometer: a solenoid, then disks of magnetized iron between four stations of chambers.

Steps of 5 cm along the beam: the Lorentz force, in matter the mean loss of energy and multiple scattering (Highland's formula).
What comes out is what a trigger has: whole numbers of the chambers' units.
"""

import numpy as np

# Along the beam, in metres.
STATIONS = [7.0, 8.3, 9.3, 10.2]
SOLENOID_END = 6.0
CALORIMETER = (3.2, 5.6)
DISKS = [(7.1, 7.7), (8.4, 9.0), (9.4, 9.8)]
STEP = 0.05
# Tesla; the iron's field is that of the returning flux, radial.
SOLENOID_FIELD = 3.8
IRON_FIELD = 1.6
# GeV per metre, and radiation lengths per metre.
LOSS = {"iron": 1.3, "calorimeter": 0.75}
LENGTHS = {"iron": 57.0, "calorimeter": 40.0}
MUON_MASS = 0.10566

# The chambers' units and resolutions: azimuth, polar angle, and the local angle in the first station.
PHI_UNIT, PHI_SIGMA = 0.0003, 0.0004
THETA_UNIT, THETA_SIGMA = 0.005, 0.003
BEND_UNIT, BEND_SIGMA = 0.004, 0.006
HIT_EFFICIENCY = 0.93

FEATURES = [
    "dphi12", "dphi23", "dphi34", "dphi13", "dphi14", "dphi24", "dtheta12", "dtheta14", "theta", "bend1", "stations",
]


def simulate(count, seed):
    """Features [muons, 11] as whole numbers, and the transverse momentum at the vertex in GeV. Flat in log of it, 2 to 500 GeV."""
    rng = np.random.default_rng(seed)
    pt = np.exp(rng.uniform(np.log(2), np.log(500), count))
    charge = rng.choice([-1.0, 1.0], count)
    eta = rng.uniform(1.25, 2.35, count)
    phi = rng.uniform(-np.pi, np.pi, count)
    p = np.stack([pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)], axis=1)
    r = np.zeros((count, 3))
    angle, polar, local = [], [], None
    edges = np.arange(0, STATIONS[-1] + STEP, STEP)
    for z in edges:
        for station in STATIONS:
            if abs(z - station) < STEP / 2:
                angle.append(np.arctan2(r[:, 1], r[:, 0]))
                polar.append(np.arctan2(np.hypot(r[:, 0], r[:, 1]), station))
                if local is None:
                    direction = np.arctan2(p[:, 1], p[:, 0])
                    local = wrapped(direction - angle[0])
        p, r = step(p, r, charge, z, rng)
    alive = p[:, 2] > 0.5
    hits = rng.random((count, 4)) < HIT_EFFICIENCY
    alive &= hits[:, 0] & (hits.sum(axis=1) >= 2) & np.all(np.isfinite(p), axis=1)
    angle = np.stack(angle, axis=1) + rng.normal(0, PHI_SIGMA, (count, 4))
    polar = np.stack(polar, axis=1) + rng.normal(0, THETA_SIGMA, (count, 4))
    columns = []
    for a, b in [(0, 1), (1, 2), (2, 3), (0, 2), (0, 3), (1, 3)]:
        difference = np.round(wrapped(angle[:, b] - angle[:, a]) / PHI_UNIT)
        columns.append(np.where(hits[:, a] & hits[:, b], difference, 0))
    for a, b in [(0, 1), (0, 3)]:
        difference = np.round((polar[:, b] - polar[:, a]) / THETA_UNIT)
        columns.append(np.where(hits[:, a] & hits[:, b], difference, 0))
    columns.append(np.round(polar[:, 0] / THETA_UNIT))
    columns.append(np.round((local + rng.normal(0, BEND_SIGMA, count)) / BEND_UNIT))
    columns.append(hits @ [1, 2, 4, 8])
    features = np.clip(np.stack(columns, axis=1), -2048, 2047).astype("f4")
    # A charge and its mirror image bend alike: the sign of the largest bend is taken off.
    sign = np.where(features[:, 9] < 0, -1, 1)
    features[:, :6] *= sign[:, None]
    features[:, 9] *= sign
    return features[alive], pt[alive].astype("f4")


def step(p, r, charge, z, rng):
    """Momenta and places behind the next 5 cm."""
    size = np.linalg.norm(p, axis=1)
    direction = p / size[:, None]
    length = STEP / np.maximum(direction[:, 2], 0.05)
    field = np.zeros_like(p)
    if z < SOLENOID_END:
        field[:, 2] = SOLENOID_FIELD
    material = None
    if any(a <= z < b for a, b in DISKS):
        radius = np.hypot(r[:, 0], r[:, 1]) + 1e-9
        field[:, 0], field[:, 1] = -IRON_FIELD * r[:, 0] / radius, -IRON_FIELD * r[:, 1] / radius
        material = "iron"
    elif CALORIMETER[0] <= z < CALORIMETER[1]:
        material = "calorimeter"
    p = p + 0.29979 * charge[:, None] * np.cross(direction, field) * length[:, None]
    if material:
        lost = LOSS[material] * length
        energy = np.sqrt(size**2 + MUON_MASS**2) - lost
        after = np.sqrt(np.maximum(energy**2 - MUON_MASS**2, 1e-4))
        p = p * (after / np.linalg.norm(p, axis=1))[:, None]
        lengths = LENGTHS[material] * length
        sigma = 0.0136 / np.maximum(after, 0.1) * np.sqrt(lengths) * (1 + 0.038 * np.log(lengths))
        kick = rng.normal(size=p.shape)
        direction = p / np.linalg.norm(p, axis=1)[:, None]
        kick -= direction * np.sum(kick * direction, axis=1)[:, None]
        p = p + kick * (np.maximum(sigma, 0) * np.linalg.norm(p, axis=1))[:, None]
    return p, r + p / np.linalg.norm(p, axis=1)[:, None] * length[:, None]


def wrapped(angle):
    """An angle between -pi and pi."""
    return (angle + np.pi) % (2 * np.pi) - np.pi
