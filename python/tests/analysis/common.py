"""What the tests of this folder share: the jet tagger's events as ROOT files, and what `make analysis` installs."""

import importlib.util
import os
import tempfile
import unittest

import numpy as np
import triggerfish
import triggerfish.events

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", ".."))
JETS = os.path.join(ROOT, "models", "jet_tagger")
COMMAND = os.environ.get("TRIGGERFISH_COMMAND", os.path.join(ROOT, ".build", "release", "triggerfish"))
OPTIONS = {"score": 4, "signal": 4, "crossing_rate": "40MHz"}
MAPPING = {"tree": "Jets", "inputs": [f"x{i}" for i in range(16)], "labels": "label", "weights": "weight"}


def needs(*packages):
    """Skips a test by name where packages are not installed."""
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    return unittest.skipIf(missing, f"{', '.join(missing)} not installed: make analysis, and .build/analysis in PYTHONPATH")


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = triggerfish.load(os.path.join(JETS, "jet_tagger.json"), config=os.path.join(JETS, "hls.yml"))
        cls.events = np.load(os.path.join(JETS, "events.npy"))
        cls.labels = np.load(os.path.join(JETS, "labels.npy"))
        cls.weights = np.random.default_rng(5).exponential(100.0, len(cls.events))

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="triggerfish-analysis-")
        self.addCleanup(scratch.cleanup)
        self.folder = scratch.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def write_root(self, name, rows=slice(None)):
        """A ROOT file with a tree of the jets, as experiments write them: one branch per variable."""
        import uproot

        with uproot.recreate(self.path(name)) as file:
            file.mktree("Jets", {**{f"x{i}": self.events[rows, i] for i in range(16)}, "label": self.labels[rows],
                                 "weight": self.weights[rows]})
        return self.path(name)

    def three_files(self):
        """The jets in three files, and them opened."""
        paths = [self.write_root(f"{name}.root", rows)
                 for name, rows in (("a", slice(0, 700)), ("b", slice(700, 1201)), ("c", slice(1201, 2000)))]
        return triggerfish.events.open(paths, MAPPING)
