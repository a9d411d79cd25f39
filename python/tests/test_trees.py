"""Models of trees: margins of the libraries that trained them (Tests/FrontendsTests/Fixtures/trees), and the command line's messages."""

import json
import os
import shutil
import tempfile
import unittest
import warnings

import numpy as np
import triggerfish

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
TREES = os.path.join(ROOT, "Tests", "FrontendsTests", "Fixtures", "trees")
MUONS = os.path.join(ROOT, "models", "muon_momentum")
HEADERS = os.path.join(ROOT, ".build", "ap_types")


def load(path, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", triggerfish.Note)
        return triggerfish.load(path, **options)


def expected(name):
    with open(os.path.join(TREES, "expected.json")) as file:
        case = json.load(file)[name]
    events = np.array([[np.nan if x is None else x for x in event] for event in case["events"]])
    return events, np.array(case["margins"])


class Trees(unittest.TestCase):
    def test_margins_are_the_librarys(self):
        for name, file in [("muon_momentum.json", "outputs_xgboost.npy"), ("muon_selection.txt", "outputs_lightgbm.npy")]:
            events = np.load(os.path.join(MUONS, "events.npy"))
            model = load(os.path.join(MUONS, name), calibrate=events, word_length=24)
            margins = np.load(os.path.join(MUONS, file)).reshape(-1, 1)
            np.testing.assert_allclose(model.predict(events), margins, atol=1e-4)

    def test_missing_numbers(self):
        events, margins = expected("xgb_missing")
        path = os.path.join(TREES, "xgb_missing.json")
        model = load(path, missing=True, word_length=32)
        np.testing.assert_allclose(model.predict(events), margins, atol=1e-5)
        np.testing.assert_array_equal(model.predict(events.astype("f4")), model.predict(events))
        with self.assertRaisesRegex(triggerfish.Error, "input 0 holds NaN or infinity"):
            load(path).predict(events)
        with self.assertRaisesRegex(triggerfish.Error, "input 0 holds infinity"):
            model.predict(np.where(np.isnan(events), np.inf, events))

    def test_probabilities(self):
        events, margins = expected("xgb_softprob")
        path, options = os.path.join(TREES, "xgb_softprob.json"), dict(word_length=24, calibrate=events)
        model = load(path, transform="softmax", **options)
        self.assertEqual(model.outputs[0].name, "softmax")
        # Numbers beside thresholds may go the other way in 24 bits.
        same = np.abs(load(path, **options).predict(events) - margins).max(axis=1) < 1e-4
        self.assertGreater(same.mean(), 0.8)
        wanted = np.exp(margins) / np.exp(margins).sum(axis=1, keepdims=True)
        np.testing.assert_allclose(model.predict(events)[same], wanted[same], atol=1e-3)

    def test_refused(self):
        path = os.path.join(TREES, "xgb_softprob.json")
        for options, message in [
            (dict(transform="logistic"), "training put the softmax behind the margins"),
            (dict(transform="probit"), "--transform: 'probit' is not logistic or softmax"),
            (dict(numerics="hls4ml", missing=True), "conifer's numerics give margins"),
        ]:
            with self.assertRaises(triggerfish.Error) as caught:
                load(path, **options)
            self.assertIn(message, str(caught.exception))
            self.assertEqual(caught.exception.code, 64)
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        with open(path) as file:
            broken = json.load(file)
        broken["learner"]["gradient_booster"]["model"]["trees"][0]["left_children"][0] = 1000
        damaged = os.path.join(folder, "damaged.json")
        with open(damaged, "w") as file:
            json.dump(broken, file)
        with self.assertRaises(triggerfish.Error) as caught:
            load(damaged)
        self.assertIn("trees[0] node 0: error: child 1000 of a tree of", str(caught.exception))
        self.assertEqual(caught.exception.code, 65)
        with self.assertRaisesRegex(triggerfish.Error, "no output is the sum of more than"):
            load(path).report(reuse_factor=400)
        with self.assertRaisesRegex(triggerfish.Error, "trees have no multipliers to arrange"):
            load(path).report(strategy="resource")

    def test_report_compile_and_verify(self):
        events, _ = expected("xgb_logistic")
        model = load(os.path.join(TREES, "xgb_logistic.json"), word_length=12)
        report = model.report(clock="5ns")
        self.assertEqual((report["numerics"], report["interval"]), ("exact", 1))
        shared = model.report(clock="5ns", reuse_factor=4)
        self.assertEqual((shared["interval"], shared["layers"][-1]["reuseFactor"]), (4, 4))
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        model.compile(os.path.join(folder, "p"), test_events=events)
        self.assertTrue(os.path.exists(os.path.join(folder, "p", "program.tf")))
        if not os.path.exists(HEADERS):
            self.skipTest("no ap_types headers: make ap-types")
        found = model.verify(input=events)
        self.assertEqual(found["events"], len(events))
        self.assertEqual(model.verify(input=events, reuse_factor=4)["events"], len(events))


if __name__ == "__main__":
    unittest.main()
