"""The package against hls4ml's own vectors (Tests/ConformanceTests/Golden) and the command line's messages.

    PYTHONPATH=python python3 -m unittest discover python/tests
"""

import os
import subprocess
import sys
import threading
import unittest

import numpy as np
import triggerfish

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
        self.check(64, "unknown numerics", model=model, numerics="float")
        self.check(64, "word length", model=model, word_length=99)
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
