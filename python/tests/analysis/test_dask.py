"""Many processes give the bits of one: words, counts and thresholds, also where a worker is killed and a file is tried again."""

import os
import signal
import unittest

from dataclasses import dataclass

import numpy as np
import triggerfish
import triggerfish.events

from common import JETS, OPTIONS, Case, needs


@dataclass(frozen=True)
class Faulty:
    """Files of which one part kills its worker, or cannot be read, the first time."""

    files: object
    marker: str
    kill: bool

    def partitions(self, size):
        for number, part in enumerate(self.files.partitions(size)):
            yield FaultyPart(part.files, part.first, part.end, part.of, part, self.marker if number == 3 else None, self.kill)


@dataclass(frozen=True)
class FaultyPart(triggerfish.events.Part):
    part: object
    marker: object
    kill: bool

    def read(self):
        if self.marker is not None and not os.path.exists(self.marker):
            open(self.marker, "w").close()
            if self.kill:
                os.kill(os.getpid(), signal.SIGKILL)
            raise triggerfish.Error("this file cannot be read now", 74)
        return self.part.read()


@needs("dask", "distributed", "uproot", "awkward")
class Cluster(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        import triggerfish.dask
        from dask.distributed import Client, LocalCluster

        here = os.path.dirname(os.path.abspath(__file__))
        # Workers are processes of their own and unpickle this file's classes.
        os.environ["PYTHONPATH"] = os.pathsep.join([here, os.environ.get("PYTHONPATH", "")])
        cls.cluster = LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=50)
        cls.client = Client(cls.cluster)

    @classmethod
    def tearDownClass(cls):
        cls.client.close()
        cls.cluster.close()

    def test_rates(self):
        files = self.three_files()
        single = self.model.rates(files, **OPTIONS)
        exact = triggerfish.load(os.path.join(JETS, "jet_tagger.json"))
        found = triggerfish.dask.rates(self.client, [self.model, exact], files, partition=60, **OPTIONS)
        self.assertEqual(found[0].json, single.json)
        self.assertEqual(found[1].json, exact.rates(files, **OPTIONS).json)
        self.assertEqual(found[0].at(rate="1MHz", efficiency="80%"), single.at(rate="1MHz", efficiency="80%"))

    def test_a_killed_worker_and_a_file_tried_again(self):
        files = self.three_files()
        single = self.model.rates(files, **OPTIONS)
        for kill in (True, False):
            with self.subTest(kill=kill):
                faulty = Faulty(files, self.path(f"tried-{kill}"), kill)
                found = triggerfish.dask.rates(self.client, self.model, faulty, partition=300, **OPTIONS)
                self.assertTrue(os.path.exists(faulty.marker))
                self.assertEqual(found.json, single.json)

    def test_a_file_that_stays_bad_is_one_clear_error(self):
        files = self.three_files()
        os.truncate(self.path("b.root"), 3000)
        with self.assertRaisesRegex(triggerfish.Error, "b.root: error: is truncated: 3000 bytes") as caught:
            triggerfish.dask.rates(self.client, self.model, files, retries=1, **OPTIONS)
        self.assertEqual(caught.exception.code, 65)

    def test_predictions(self):
        files = self.three_files()
        words = self.model.predict(self.events, raw=True)
        np.testing.assert_array_equal(triggerfish.dask.predict(self.client, self.model, files, raw=True, partition=300), words)
        faulty = Faulty(files, self.path("tried"), True)
        events = triggerfish.dask.predict(self.client, self.model, faulty, self.path("words.npy"), raw=True, partition=300)
        self.assertEqual(events, 2000)
        np.testing.assert_array_equal(np.load(self.path("words.npy")), words)
        self.assertFalse(os.path.exists(self.path("words.npy.parts")))
        first = open(self.path("words.npy.json"), "rb").read()
        # A repeated one changes nothing.
        triggerfish.dask.predict(self.client, self.model, files, self.path("words.npy"), raw=True, partition=450)
        self.assertEqual(open(self.path("words.npy.json"), "rb").read(), first)

    def test_statistics_of_layers(self):
        files = self.three_files()
        found = triggerfish.dask.trace_statistics(self.client, self.model, files, partition=300)
        _, layers = self.model.trace(self.events, raw=True)
        self.assertEqual(set(found), set(layers))
        for name, words in layers.items():
            flat = [int(word) for word in words.reshape(-1)]
            self.assertEqual(found[name], {
                "words": len(flat), "least": min(flat), "largest": max(flat), "sum": sum(flat), "zeros": flat.count(0),
                "lowest": flat.count(min(flat)), "highest": flat.count(max(flat))})

    def test_comparisons_and_designs(self):
        files = self.three_files()
        found = triggerfish.dask.compare(self.client, self.model, files, partition=450)
        whole = self.model.compare(self.events)
        # Counts, shares of events and largest errors are those of a single run.
        self.assertEqual({key: found[key] for key in ("events", "model", "numerics", "inputs", "isSynthetic")},
                         {key: whole[key] for key in ("events", "model", "numerics", "inputs", "isSynthetic")})
        exact = ("name", "format", "words", "saturated", "wrapped", "underflowed", "largestError", "weights")
        for one, single in zip(found["layers"], whole["layers"], strict=True):
            self.assertEqual({key: one[key] for key in exact}, {key: single[key] for key in exact})
            self.assertEqual(one["output"]["argmax"], single["output"]["argmax"])
            # The others are means over the parts.
            np.testing.assert_allclose(one["meanError"], single["meanError"], rtol=1e-9)
            np.testing.assert_allclose(one["relativeError"], single["relativeError"], rtol=0.1)
        self.assertEqual(found["output"]["argmax"], whole["output"]["argmax"])
        self.assertEqual(found["output"]["largestError"], whole["output"]["largestError"])
        self.assertIn("2000 events", str(found))
        # One part is itself, and parts of another model are none.
        self.assertEqual(triggerfish.Comparison.joined([whole]), whole)
        other = triggerfish.load(os.path.join(JETS, "jet_tagger.json"))
        with self.assertRaises(triggerfish.Error) as caught:
            triggerfish.Comparison.joined([whole, other.compare(self.events[:10])])
        self.assertIn("not of one model", str(caught.exception))

    def test_designs(self):
        found = triggerfish.dask.explore(self.client, self.model, [{"ii": 1}, {"ii": 4}])
        self.assertEqual(found, [self.model.explore(ii=1), self.model.explore(ii=4)])

    def test_models_go_as_their_files(self):
        import pickle

        again = pickle.loads(pickle.dumps(self.model))
        self.assertEqual(again.digest, self.model.digest)
        self.assertIs(pickle.loads(pickle.dumps(self.model)), again)
        config = {"Model": {"Precision": "ap_fixed<16,6>", "ReuseFactor": 1}}
        made = triggerfish.load(os.path.join(JETS, "jet_tagger.json"), config=config)
        with self.assertRaisesRegex(triggerfish.Error, "no other process can load it"):
            pickle.dumps(made)


if __name__ == "__main__":
    unittest.main()
