"""Jets of five kinds with Pythia 8 and FastJet."""

import fastjet
import numpy as np
import pythia8mc

from . import detector, substructure

CLASSES = ("g", "q", "W", "Z", "t")
RADIUS = 0.8
JET_PT = (850.0, 1150.0)  # GeV
JET_MAX_ETA = 2.0
MATCH_RADIUS = 0.4
GROOMING_Z_CUT = 0.1
_HADRONIC = "1 2 3 4 5"
_HARD = (-22, -23)  # status codes of what the hard process made

_PT_HAT = ["PhaseSpace:pTHatMin = 880", "PhaseSpace:pTHatMax = 1200"]
# W and Z come from a heavy scalar, hence longitudinally polarized: their decays share the momentum
# evenly enough to survive grooming. (A quarter of the transverse ones of q qbar -> WW do not.)
_SCALAR = [
    "HiggsSM:gg2H = on", "25:m0 = 2000", "25:doForceWidth = on", "25:mWidth = 100", "25:mMin = 1700",
    "25:mMax = 2400", "25:onMode = off",
]
_PROCESSES = {
    "g": _PT_HAT + ["HardQCD:gg2gg = on", "HardQCD:qqbar2gg = on"],
    "q": _PT_HAT + ["HardQCD:qq2qq = on", "HardQCD:gg2qqbar = on", "HardQCD:qqbar2qqbarNew = on"],
    "W": _SCALAR + ["25:onIfMatch = 24 24", "24:onMode = off", f"24:onIfAny = {_HADRONIC}"],
    "Z": _SCALAR + ["25:onIfMatch = 23 23", "23:onMode = off", f"23:onIfAny = {_HADRONIC}"],
    "t": _PT_HAT + [
        "Top:gg2ttbar = on", "Top:qqbar2ttbar = on", "24:onMode = off", f"24:onIfAny = {_HADRONIC}",
    ],
}
_ORIGIN = {"g": (21,), "q": (1, 2, 3), "W": (24,), "Z": (23,), "t": (6,)}


def generator(kind, seed):
    """A Pythia instance for one jet class: 13 TeV, default tune, underlying event on."""
    pythia = pythia8mc.Pythia("", False)
    settings = [
        "Print:quiet = on", "Beams:eCM = 13000", "Random:setSeed = on", f"Random:seed = {seed}",
    ]
    for line in settings + _PROCESSES[kind]:
        if not pythia.readString(line):
            raise ValueError(f"Pythia does not accept: {line}")
    if not pythia.init():
        raise RuntimeError(f"Pythia did not start for class {kind}")
    return pythia


def event_arrays(pythia):
    """Identifiers, status codes and [n, 4] px, py, pz, E of final particles and hard-process partons."""
    rows = [
        (p.id(), status, p.px(), p.py(), p.pz(), p.e())
        for p in pythia.event
        if (status := p.status()) > 0 or status in _HARD
    ]
    table = np.array(rows)
    return table[:, 0].astype(int), table[:, 1].astype(int), table[:, 2:]


def _directions(momentum):
    pt = np.hypot(momentum[:, 0], momentum[:, 1])
    return np.arcsinh(momentum[:, 2] / np.maximum(pt, 1e-9)), np.arctan2(momentum[:, 1], momentum[:, 0])


def _pseudojets(objects):
    pt, eta, phi = objects.T
    columns = np.stack([pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta), pt * np.cosh(eta)], axis=1)
    made = []
    for index, row in enumerate(columns.tolist()):
        jet = fastjet.PseudoJet(*row)
        jet.set_user_index(index)
        made.append(jet)
    return made


def _indices(jet):
    return np.array([c.user_index() for c in jet.constituents()], dtype=int)


def groom(constituents):
    """Modified mass-drop: undo Cambridge/Aachen steps, dropping the softer branch until z > z_cut."""
    sequence = fastjet.ClusterSequence(
        list(constituents), fastjet.JetDefinition(fastjet.cambridge_algorithm, 100.0)
    )
    jet = fastjet.sorted_by_pt(sequence.inclusive_jets())[0]
    first, second = fastjet.PseudoJet(), fastjet.PseudoJet()
    while jet.has_parents(first, second):
        soft, hard = sorted((first.pt(), second.pt()))
        if soft > GROOMING_Z_CUT * (soft + hard):
            break
        harder = first if first.pt() >= second.pt() else second
        jet = fastjet.PseudoJet(harder)
    return _indices(jet)


def jets_of_event(kind, ids, status, momentum, rng):
    """Yield (features, image, constituents, pT, eta, phi) of the jets that match a hard parton of the wanted kind."""
    hard = np.isin(status, _HARD) & np.isin(np.abs(ids), _ORIGIN[kind])
    origin_eta, origin_phi = _directions(momentum[hard])
    final = status > 0
    objects = detector.reconstruct(ids[final], momentum[final], rng)
    sequence = fastjet.ClusterSequence(
        _pseudojets(objects), fastjet.JetDefinition(fastjet.antikt_algorithm, RADIUS)
    )
    for jet in sequence.inclusive_jets(JET_PT[0]):
        eta, phi = jet.eta(), float(substructure.wrap_phi(jet.phi()))
        distance = np.hypot(origin_eta - eta, substructure.wrap_phi(origin_phi - phi))
        matched = len(distance) > 0 and distance.min() < MATCH_RADIUS
        if not matched or jet.pt() > JET_PT[1] or abs(eta) > JET_MAX_ETA:
            continue
        constituents = jet.constituents()
        whole, groomed = objects[_indices(jet)], objects[groom(constituents)]
        if len(groomed) < 3:
            continue
        yield (
            substructure.features(whole, groomed), substructure.image(whole, eta, phi),
            substructure.constituents(whole, eta, phi), jet.pt(), eta, phi,
        )


def simulate(kind, count, seed):
    """Simulate `count` jets of one class; a dictionary of arrays."""
    rng = np.random.default_rng(seed)
    pythia = generator(kind, seed)
    rows = []
    while len(rows) < count:
        if pythia.next():
            rows.extend(jets_of_event(kind, *event_arrays(pythia), rng))
    feats, images, constituents, pt, eta, phi = zip(*rows[:count])
    return {
        "features": np.array(feats, dtype=np.float32),
        "images": np.array(images, dtype=np.float16),
        "constituents": np.array(constituents, dtype=np.float32),
        "pt": np.array(pt, dtype=np.float32),
        "eta": np.array(eta, dtype=np.float32),
        "phi": np.array(phi, dtype=np.float32),
        "label": np.full(count, CLASSES.index(kind), dtype=np.int64),
    }
