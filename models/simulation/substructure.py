"""The sixteen expert features of a jet, and its image.

Energy correlation functions follow their published definitions, with z the share of transverse
momentum and theta the distance in the eta-phi plane:

    e2(b)    = sum over pairs    z z theta^b
    e3(b)    = sum over triples  z z z (theta theta theta)^b
    1e3, 2e3 = the same with only the smallest, or the two smallest, of the three distances

    C1 = e2      C2 = e3 / e2^2      D2(b) = e3(b) / e2(b)^3      D2(a,b) = e3(a) / e2(b)^(3a/b)
    M2 = 1e3 / e2                    N2 = 2e3 / e2^2

They and the mass are computed on the groomed jet (mMDT); zlogz and the multiplicity on the whole jet.
"""

import functools

import numpy as np

FEATURES = (
    "zlogz", "C1_b0", "C1_b1", "C1_b2", "C2_b1", "C2_b2", "D2_b1", "D2_b2", "D2_a1_b1", "D2_a1_b2",
    "M2_b1", "M2_b2", "N2_b1", "N2_b2", "mass", "multiplicity",
)
CONSTITUENTS = 16  # of a jet, for networks that read them one by one
MAX_TRIPLE_CONSTITUENTS = 50  # the hardest ones; pairs use all constituents
IMAGE_SIZE = 16
IMAGE_HALF_WIDTH = 0.4
_TINY = 1e-12


def wrap_phi(phi):
    """Bring angles into [-pi, pi)."""
    return (phi + np.pi) % (2 * np.pi) - np.pi


def jet_mass(constituents):
    """Invariant mass of massless [n, 3] pT, eta, phi."""
    pt, eta, phi = constituents.T
    px, py, pz = (pt * np.cos(phi)).sum(), (pt * np.sin(phi)).sum(), (pt * np.sinh(eta)).sum()
    energy = (pt * np.cosh(eta)).sum()
    return float(np.sqrt(max(energy**2 - px**2 - py**2 - pz**2, 0.0)))


@functools.lru_cache(maxsize=None)
def _triples(n):
    """Indices i < j < k of all triples out of n, as three arrays."""
    i, j, k = np.meshgrid(np.arange(n), np.arange(n), np.arange(n), indexing="ij")
    keep = (i < j) & (j < k)
    return i[keep], j[keep], k[keep]


def _distances(constituents):
    _, eta, phi = constituents.T
    return np.hypot(eta[:, None] - eta[None], wrap_phi(phi[:, None] - phi[None]))


def correlations(constituents):
    """e2 for b = 0, 1, 2 and (e3, 1e3, 2e3) for b = 1, 2 of [n, 3] pT, eta, phi sorted by falling pT."""
    z = constituents[:, 0] / constituents[:, 0].sum()
    theta = _distances(constituents)
    upper = np.triu_indices(len(z), 1)
    zz, pair = z[upper[0]] * z[upper[1]], theta[upper]
    e2 = {b: float((zz * pair**b).sum()) for b in (0, 1, 2)}

    i, j, k = _triples(min(len(z), MAX_TRIPLE_CONSTITUENTS))
    zzz = z[i] * z[j] * z[k]
    ij, ik, jk = theta[i, j], theta[i, k], theta[j, k]
    largest = np.maximum(np.maximum(ij, ik), jk)
    smallest = np.minimum(np.minimum(ij, ik), jk)
    product = ij * ik * jk
    two_smallest = product / np.maximum(largest, _TINY)
    e3 = {
        b: tuple(float((zzz * x**b).sum()) for x in (product, smallest, two_smallest)) for b in (1, 2)
    }
    return e2, e3


def features(whole, groomed):
    """The features in the order of FEATURES, from [n, 3] pT, eta, phi of the jet and of its groomed part."""
    z = whole[:, 0] / whole[:, 0].sum()
    groomed = groomed[np.argsort(-groomed[:, 0])]
    e2, e3 = correlations(groomed)
    s1, s2 = max(e2[1], _TINY), max(e2[2], _TINY)
    return np.array([
        (z * np.log(z)).sum(),
        e2[0], e2[1], e2[2],
        e3[1][0] / s1**2, e3[2][0] / s2**2,
        e3[1][0] / s1**3, e3[2][0] / s2**3,
        e3[1][0] / s1**3, e3[1][0] / s2**1.5,
        e3[1][1] / s1, e3[2][1] / s2,
        e3[1][2] / s1**2, e3[2][2] / s2**2,
        jet_mass(groomed),
        len(whole),
    ], dtype=np.float64)


def image(constituents, axis_eta, axis_phi):
    """Transverse momentum (GeV) per cell of a square grid centred on the jet axis: [eta, phi]."""
    edges = np.linspace(-IMAGE_HALF_WIDTH, IMAGE_HALF_WIDTH, IMAGE_SIZE + 1)
    pt, eta, phi = constituents.T
    return np.histogram2d(eta - axis_eta, wrap_phi(phi - axis_phi), bins=(edges, edges), weights=pt)[0]


def constituents(whole, axis_eta, axis_phi):
    """The hardest CONSTITUENTS objects of a jet, [n, 4] by falling pT: the share of the jet's pT, the logarithm of the pT in GeV, and
    the distances in eta and phi from the axis. Zeros where there are fewer."""
    hardest = whole[np.argsort(-whole[:, 0])][:CONSTITUENTS]
    rows = np.zeros((CONSTITUENTS, 4))
    rows[: len(hardest)] = np.stack(
        [
            hardest[:, 0] / whole[:, 0].sum(), np.log(np.maximum(hardest[:, 0], 0.5)),
            hardest[:, 1] - axis_eta, wrap_phi(hardest[:, 2] - axis_phi),
        ],
        axis=1,
    )
    return rows
