"""The package against hls4ml's own vectors (Tests/ConformanceTests/Golden) and the command line's messages.

    PYTHONPATH=python python3 -m unittest discover python/tests
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
import warnings

import numpy as np
import triggerfish
import triggerfish.hls4ml

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
JETS = os.path.join(ROOT, "models", "jet_tagger")
GOLDEN = os.path.join(ROOT, "Tests", "ConformanceTests", "Golden")
COMMAND = os.path.join(ROOT, ".build", "release", "triggerfish")


def case(name):
    folder = os.path.join(GOLDEN, name)
    model = triggerfish.load(os.path.join(folder, "model.json"), config=os.path.join(folder, "config.json"))
    return model, np.load(os.path.join(folder, "inputs.npy")), np.load(os.path.join(folder, "outputs.npy")), folder


class Library(unittest.TestCase):
    def test_a_library_that_is_not_there_is_refused(self):
        environment = dict(os.environ, TRIGGERFISH_LIBRARY="/nowhere/libtriggerfish.so")
        done = subprocess.run(
            [sys.executable, "-c", "import triggerfish"], env=environment, cwd=os.path.join(ROOT, "python"),
            capture_output=True, text=True)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("TRIGGERFISH_LIBRARY names /nowhere/libtriggerfish.so, which is not there", done.stderr)


class Predictions(unittest.TestCase):
    def setUp(self):
        self.model = triggerfish.load(os.path.join(JETS, "jet_tagger.json"), config=os.path.join(JETS, "hls.yml"))
        self.events = np.load(os.path.join(JETS, "events.npy"))
        self.expected = np.load(os.path.join(GOLDEN, "jet_tagger_hls", "outputs.npy"))

    def test_equals_hls4ml(self):
        np.testing.assert_array_equal(self.model.predict(self.events), self.expected)
        np.testing.assert_array_equal(self.model.predict(self.events.astype(np.float64)), self.expected)
        strided = np.repeat(self.events, 2, axis=0)[::2]
        np.testing.assert_array_equal(self.model.predict(strided), self.expected)

    def test_words_are_values_times_the_step(self):
        fraction = {"fixed<16,6,TRN,WRAP,0>": 10}[self.model.outputs[0].format]
        words = self.model.predict(self.events, raw=True)
        self.assertEqual(words.dtype, np.int64)
        np.testing.assert_array_equal(words / 2.0**fraction, self.expected)

    def test_no_events(self):
        self.assertEqual(self.model.predict(self.events[:0]).shape, (0, 5))

    def test_describes_itself(self):
        self.assertEqual([tensor.shape for tensor in self.model.inputs + self.model.outputs], [(16,), (5,)])
        self.assertIn("softmax", [layer.name for layer in self.model.layers])

    def test_trace_equals_hls4mls(self):
        model, events, expected, folder = case("q6")
        traced = np.load(os.path.join(folder, "trace.npz"))
        outputs, layers = model.trace(events)
        np.testing.assert_array_equal(outputs.reshape(expected.shape), expected)
        self.assertGreater(len(traced.files), 3)
        for name in traced.files:
            count = len(traced[name])
            np.testing.assert_array_equal(layers[name][:count].reshape(traced[name].shape), traced[name], name)

    def test_threads_share_models(self):
        other, events, expected, _ = case("q6")
        wrong = []

        def work(index):
            for _ in range(20):
                model, x, y = (self.model, self.events, self.expected) if index % 2 else (other, events, expected)
                if not np.array_equal(model.predict(x).reshape(y.shape), y):
                    wrong.append(index)

        threads = [threading.Thread(target=work, args=(index,)) for index in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])


class Stored:
    """A live Keras 2 model, as far as Triggerfish asks one."""

    def __init__(self, name):
        self.path = os.path.join(JETS, name)

    def to_json(self):
        with open(self.path + ".json") as file:
            return file.read()

    def save_weights(self, path):
        shutil.copyfile(self.path + "_weights.h5", path)


class Designs(unittest.TestCase):
    def setUp(self):
        self.model = triggerfish.load(os.path.join(JETS, "jet_tagger.json"), config=os.path.join(JETS, "hls.yml"))
        self.events = np.load(os.path.join(JETS, "events.npy"))
        self.expected = np.load(os.path.join(GOLDEN, "jet_tagger_hls", "outputs.npy"))

    def test_live_models_and_dictionaries(self):
        config = triggerfish.hls4ml.utils.config_from_keras_model(Stored("jet_tagger"), granularity="name", backend="Vitis")
        live = triggerfish.load(Stored("jet_tagger"), config=config)
        np.testing.assert_array_equal(live.predict(self.events), self.expected)
        config["LayerName"]["fc1"]["Precision"]["weigth"] = "fixed<8,2>"
        with self.assertRaises(triggerfish.Error) as caught:
            triggerfish.load(Stored("jet_tagger"), config=config)
        self.assertEqual(caught.exception.code, 65)
        self.assertTrue(str(caught.exception).startswith("config.json:"), str(caught.exception))
        with self.assertRaises(triggerfish.Error) as caught:
            triggerfish.load(object())
        self.assertEqual(caught.exception.code, 64)

    def test_calibration_by_arrays_equals_files(self):
        path = os.path.join(JETS, "jet_tagger_float.json")
        events = os.path.join(JETS, "events.npy")
        by_file = triggerfish.load(path, calibrate=events, word_length=10)
        by_array = triggerfish.load(path, calibrate=self.events, word_length=10)
        self.assertEqual(by_array.layers, by_file.layers)
        self.assertNotEqual(by_array.layers, triggerfish.load(path, word_length=10).layers)
        self.assertGreater(by_array.report()["agreement"]["argmax"], 0.5)

    def test_notes_are_warnings(self):
        config = {"Model": {"Precision": "fixed<16,6>", "ReuseFactor": 1}, "LayerName": {"fc9": {"ReuseFactor": 2}}}
        with self.assertWarns(triggerfish.Note) as caught:
            model = triggerfish.load(Stored("jet_tagger"), config=config)
        self.assertTrue(any("fc9" in note and "did you mean" in note for note in model.notes), model.notes)
        self.assertNotIn("/tmp", "".join(model.notes))
        self.assertIn(caught.filename, (__file__,))

    def test_report_is_the_command_lines(self):
        report = self.model.report()
        with open(os.path.join(ROOT, "hls-output", "jet_tagger", "report.json")) as file:
            self.assertEqual(report, json.load(file))
        self.assertIn("<iframe sandbox srcdoc=", report._repr_html_())
        self.assertIn("<title>jet_tagger", report.page)
        self.assertEqual(self.model.report(clock="200MHz"), report)
        self.assertEqual(self.model.report(clock="2.5ns")["clockPeriod"], 2.5)
        self.assertLessEqual(self.model.report(budget="100ns", max_lut="10%")["latency"], 100)
        for code, options in [(1, dict(budget="1ns")), (64, dict(clock="5")), (64, dict(reuse_factor=0)), (64, dict(keep="fc1"))]:
            with self.assertRaises(triggerfish.Error) as caught:
                self.model.report(**options)
            self.assertEqual(caught.exception.code, code, options)
        with self.assertRaises(TypeError):
            self.model.report(max_luts=5)
        self.assertNotIn('id="accuracy"', report.page)
        self.assertIn('id="accuracy"', self.model.report(input=self.events).page)

    def test_parts(self):
        full = "xcvu9p-flga2104-2L-e"
        report = self.model.report(part="xcvu9p")
        self.assertEqual(report["part"], full)
        self.assertTrue(any("'xcvu9p' is taken for " + full in note for note in report["notes"]))
        for part, code in [("xcvu5p", 64), ("xc;foo", 64)]:
            with self.assertRaises(triggerfish.Error) as caught:
                self.model.report(part=part)
            self.assertEqual(caught.exception.code, code)
        with tempfile.TemporaryDirectory() as folder:
            parts = pathlib.Path(folder) / "parts.yml"
            parts.write_text("xcvu9p: {DSP: 5000, LUT: 900000, FF: 1800000, BRAM36: 1700}\n")
            self.assertEqual(self.model.report(part=full, parts=parts)["available"]["dsp"], 5000)
            self.model.write(folder + "/project", part=full, parts=str(parts))
            with open(folder + "/project/report.json") as file:
                self.assertEqual(json.load(file)["available"]["lut"], 900000)
            parts.write_text("xcvu9p: {DSP: 5000}\n")
            with self.assertRaises(triggerfish.Error) as caught:
                self.model.report(part=full, parts=parts)
            self.assertEqual(caught.exception.code, 65)
            self.assertIn("parts.yml:line 1, xcvu9p: error: xcvu9p has no LUT, FF, BRAM36", str(caught.exception))

    def test_compare_names_the_layer_at_fault(self):
        config = triggerfish.hls4ml.utils.config_from_keras_model(Stored("jet_tagger_float"), granularity="name", backend="Vitis")
        names = [name for name, layer in config["LayerName"].items() if "weight" in layer["Precision"]]
        config["LayerName"][names[1]]["Precision"]["weight"] = "fixed<8,7>"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", triggerfish.Note)
            model = triggerfish.load(Stored("jet_tagger_float"), config=config)
        comparison = model.compare(self.events)
        self.assertEqual(comparison["faults"][0]["layer"], names[1])
        self.assertIn(names[1], str(comparison))
        with self.assertRaises(triggerfish.Error) as caught:
            model.compare(self.events[:, :3])
        self.assertEqual(caught.exception.code, 65)

    def test_compile_is_the_command_lines(self):
        with tempfile.TemporaryDirectory() as folder:
            self.model.compile(folder + "/project")
            for name in ("report.json", "program.tf", os.path.join("firmware", "weights", "fc2.h")):
                with open(os.path.join(folder, "project", name), "rb") as ours, \
                        open(os.path.join(ROOT, "hls-output", "jet_tagger", name), "rb") as reference:
                    self.assertEqual(ours.read(), reference.read(), name)
            self.model.compile(folder + "/project", test_events=self.events[:3])
            with open(folder + "/project/tb_data/inputs.dat") as file:
                first = [float(word) for word in file.readline().split()]
            self.assertEqual(len(first), 16)
            os.mkdir(folder + "/mine")
            open(folder + "/mine/thesis.tex", "w").close()
            with self.assertRaises(triggerfish.Error) as caught:
                self.model.compile(folder + "/mine")
            self.assertEqual(caught.exception.code, 73)
            self.model.compile(folder + "/named", backend="hls")
            with self.assertRaises(triggerfish.Error) as caught:
                self.model.compile(folder + "/other", backend="vhdl")
            self.assertEqual(caught.exception.code, 64)
            self.assertIn("--backend vhdl: there is no such backend\nhint: there are hls (a Vitis HLS project in C++), verilog (",
                          str(caught.exception))
            self.assertFalse(os.path.exists(folder + "/other"))

    def test_explore(self):
        points = self.model.explore(ii=4, max_dsp=200)["points"]
        self.assertTrue(points)
        self.assertTrue(all(point["interval"] <= 4 for point in points))
        self.assertGreater(len(self.model.explore(strategy="resource")["points"]), 1)
        with self.assertRaises(TypeError):
            self.model.explore(word_lengths="8-16")

    def test_verify(self):
        found = self.model.verify(input=self.events[:50], trace=True)
        self.assertEqual((found["events"], found["layers"]), (50, True))
        self.assertGreater(found["words"], 50 * 5)
        with self.assertRaises(triggerfish.Error) as caught:
            self.model.verify(input=self.events[:5], ap_types="/nowhere")
        self.assertEqual(caught.exception.code, 69)
        self.assertNotIn("triggerfish-", str(caught.exception))

    def test_check(self):
        words = self.model.predict(self.events, raw=True)
        verdicts = self.model.check(budget="100ns", max_lut="10%", input=self.events, expect=words)
        self.assertEqual([verdict.name for verdict in verdicts[:2]], ["latency", "LUT"])
        self.model.check(input=self.events, expect=self.expected)
        labels = np.load(os.path.join(JETS, "labels.npy"))
        self.model.check(input=self.events, min_agreement="60%", reference=labels)
        words[7, 3] += 1
        with self.assertRaises(triggerfish.CheckFailed) as caught:
            self.model.check(budget="100ns", input=self.events, expect=words)
        self.assertEqual(caught.exception.code, 1)
        self.assertIn("event 7, element 3", str(caught.exception))
        self.assertEqual([verdict.passed for verdict in caught.exception.verdicts], [True, False])
        with self.assertRaises(triggerfish.Error) as caught:
            self.model.check(input=self.events[:5], expect=words)
        self.assertEqual(caught.exception.code, 65)
        self.assertNotIn("/tmp", str(caught.exception))


class Errors(unittest.TestCase):
    def check(self, code, *texts, **options):
        with self.assertRaises(triggerfish.Error) as caught:
            triggerfish.load(**options)
        self.assertEqual(caught.exception.code, code)
        for text in texts:
            self.assertIn(text, str(caught.exception))
        return str(caught.exception)

    def test_messages_are_the_command_lines(self):
        message = self.check(66, "nowhere.json", model="nowhere.json")
        if not os.path.exists(COMMAND):
            self.skipTest("the command is not built")
        command = subprocess.run([COMMAND, "inspect", "nowhere.json"], capture_output=True, text=True)
        self.assertEqual((command.returncode, command.stderr.strip()), (66, message.strip()))

    def test_options(self):
        model = os.path.join(JETS, "jet_tagger.json")
        self.check(64, "numerics", "hls4ml or exact", model=model, numerics="float")
        for length in (99, 1, 2**40):
            self.check(64, "--word-length", model=model, word_length=length)
        self.check(64, "no effect", model=model, word_length=8, config=os.path.join(JETS, "hls.yml"))
        # Python's int() would cut the fraction off.
        self.check(64, "word_length is 8.5, not a whole number", model=model, word_length=8.5)
        self.check(64, "threads is 1.5, not a whole number", model=model, threads=1.5)
        self.check(66, "nowhere.yml", model=model, config="nowhere.yml")

    def test_events(self):
        model = triggerfish.load(os.path.join(JETS, "jet_tagger.json"))
        for x, text in [(np.zeros((3, 15)), "[15]"), (np.zeros(()), "shape"), ([np.zeros((1, 16))] * 2, "shape"),
                        (np.full((2, 16), np.nan), "NaN"), (np.array([["a"] * 16]), "dtype")]:
            with self.assertRaises(triggerfish.Error) as caught:
                model.predict(x)
            self.assertEqual(caught.exception.code, 65)
            self.assertIn(text, str(caught.exception))


if __name__ == "__main__":
    unittest.main()
