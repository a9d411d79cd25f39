"""ROOT, parquet, HDF5 and mappings: numbers against arrays made by hand, and one clear error for whatever is wrong with a file."""

import json
import os
import subprocess
import unittest
import warnings

import numpy as np
import triggerfish
import triggerfish.events

from common import COMMAND, JETS, MAPPING, OPTIONS, ROOT, Case, needs

TREES = os.path.join(ROOT, "Tests", "FrontendsTests", "Fixtures", "trees")


@needs("uproot", "awkward", "pyarrow", "h5py", "yaml")
class Formats(Case):
    def read(self, path, mapping, size=333):
        parts = [part.read() for part in triggerfish.events.open(path, mapping).partitions(size)]
        return np.concatenate([part.inputs[0] for part in parts]), parts

    def test_flat_branches(self):
        import h5py
        import pyarrow
        import pyarrow.parquet
        import uproot

        columns = {**{f"x{i}": self.events[:, i] for i in range(16)}, "label": self.labels, "weight": self.weights}
        self.write_root("jets.root")
        with uproot.recreate(self.path("ntuple.root")) as file:
            # What uproot makes of an assignment: RNTuple in new versions.
            file["Jets"] = columns
        pyarrow.parquet.write_table(pyarrow.table(columns), self.path("jets.parquet"), row_group_size=170)
        with h5py.File(self.path("jets.h5"), "w") as file:
            for name, column in columns.items():
                file[f"Jets/{name}"] = column
        np.savez(self.path("jets.npz"), **columns)
        for name in ("jets.root", "ntuple.root", "jets.parquet", "jets.h5", "jets.npz"):
            with self.subTest(name):
                found, parts = self.read(self.path(name), MAPPING)
                np.testing.assert_array_equal(found, self.events)
                self.assertEqual(found.dtype, np.float32)
                np.testing.assert_array_equal(np.concatenate([part.labels for part in parts]), self.labels)
                np.testing.assert_array_equal(np.concatenate([part.weights for part in parts]), self.weights)

    def test_lists_are_cut_and_padded(self):
        import awkward
        import pyarrow
        import pyarrow.parquet
        import uproot

        generator = np.random.default_rng(1)
        counts = generator.integers(0, 8, 500)
        pt = awkward.unflatten(generator.random(counts.sum()).astype(np.float32), counts)
        eta = awkward.unflatten(generator.normal(size=counts.sum()).astype(np.float32), counts)
        with uproot.recreate(self.path("lists.root")) as file:
            file.mktree("Events", {"jet": awkward.zip({"pt": pt, "eta": eta})})
        expected = np.full((500, 4, 2), -1.0)
        for event in range(500):
            for place in range(min(4, counts[event])):
                expected[event, place] = [pt[event, place], float(eta[event, place]) * 0.25 + 3]
        given = {"branches": ["jet_pt", {"branch": "jet_eta", "scale": 0.25, "offset": 3}], "objects": 4, "pad": -1}
        np.testing.assert_array_equal(self.read(self.path("lists.root"), {"inputs": [given]}, 170)[0], expected)
        found = self.read(self.path("lists.root"), {"inputs": [{**given, "order": "branches"}]})[0]
        np.testing.assert_array_equal(found, expected.transpose(0, 2, 1))
        found = self.read(self.path("lists.root"), {"inputs": {"jets": {**given, "flat": True}}})[0]
        np.testing.assert_array_equal(found, expected.reshape(500, 8))
        pyarrow.parquet.write_table(pyarrow.table({"jet_pt": awkward.to_list(pt), "jet_eta": awkward.to_list(eta)}),
                                    self.path("lists.parquet"), row_group_size=99)
        np.testing.assert_allclose(self.read(self.path("lists.parquet"), {"inputs": [given]}, 170)[0], expected, rtol=1e-12)

    def command(self, *arguments, code=0):
        """What the command line prints; its mappings are Python's."""
        if not os.path.exists(COMMAND):
            self.skipTest(f"no {COMMAND}: swift build")
        ran = subprocess.run([COMMAND, *arguments], capture_output=True, text=True)
        self.assertEqual(ran.returncode, code, ran.stderr)
        return ran.stderr if code else ran.stdout

    def test_objects_on_the_command_line(self):
        import h5py

        generator = np.random.default_rng(2)
        wide, narrow = generator.normal(size=(300, 11)), generator.normal(size=(300, 11)).astype(np.float32)
        for width, pad in ((11, 0.0), (8, 0.0), (5, -0.75)):
            with h5py.File(self.path(f"{width}.h5"), "w") as file:
                file["Events/pt"], file["Events/eta"] = wide[:, :width], narrow[:, :width]
            whole = np.full((300, 2, 8), pad)
            whole[:, 0, :width], whole[:, 1, :width] = wide[:, :min(8, width)], narrow[:, :min(8, width)] * np.float64(0.25) + 1
            for order, expected in (("objects", whole.transpose(0, 2, 1)), ("branches", whole)):
                with self.subTest(width=width, order=order):
                    given = {"tree": "Events", "inputs": [{"branches": ["pt", {"branch": "eta", "scale": 0.25, "offset": 1}],
                                                           "objects": 8, "pad": pad, "order": order, "flat": True}]}
                    with open(self.path("mapping.json"), "w") as file:
                        json.dump(given, file)
                    expected = expected.reshape(300, 16)
                    np.testing.assert_array_equal(self.read(self.path(f"{width}.h5"), self.path("mapping.json"))[0], expected)
                    self.command("emulate", os.path.join(JETS, "jet_tagger.json"), "--config", os.path.join(JETS, "hls.yml"), "--raw",
                                 "--mapping", self.path("mapping.json"), "-i", self.path(f"{width}.h5"), "-o", self.path("words.npy"))
                    np.testing.assert_array_equal(np.load(self.path("words.npy")), self.model.predict(expected, raw=True))

    def test_missing_numbers_of_trees(self):
        import awkward
        import h5py
        import pyarrow
        import pyarrow.parquet
        import uproot

        path = os.path.join(TREES, "xgb_missing.json")
        with open(os.path.join(TREES, "expected.json")) as file:
            events = np.array([[np.nan if x is None else x for x in event] for event in json.load(file)["xgb_missing"]["events"]])
        names = [f"x{i}" for i in range(events.shape[1])]
        columns = dict(zip(names, events.T))
        self.assertTrue(np.isnan(events).any())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", triggerfish.Note)
            model, strict = triggerfish.load(path, missing=True), triggerfish.load(path)
        expected = model.predict(events, raw=True)
        with uproot.recreate(self.path("a.root")) as file:
            file.mktree("Events", columns)
        # Parquet's own missing numbers.
        nulls = {name: pyarrow.array(column, mask=np.isnan(column)) for name, column in columns.items()}
        pyarrow.parquet.write_table(pyarrow.table(nulls), self.path("a.parquet"))
        lists = awkward.to_list(awkward.Array([[None if np.isnan(x) else x for x in event] for event in events]))
        pyarrow.parquet.write_table(pyarrow.table({"x": lists}), self.path("lists.parquet"))
        with h5py.File(self.path("a.h5"), "w") as file:
            for name, column in columns.items():
                file[name] = column
        np.savez(self.path("a.npz"), **columns)
        with open(self.path("a.csv"), "w") as file:
            file.write(",".join(names) + "\n" + "".join(",".join(map(repr, map(float, event))) + "\n" for event in events))
        flat = {"inputs": [{"branches": names}]}
        for name, mapping in [(f"a.{kind}", flat) for kind in ("root", "parquet", "h5", "npz", "csv")] \
                + [("lists.parquet", {"inputs": [{"branches": ["x"], "objects": len(names), "flat": True}]})]:
            with self.subTest(name):
                files = triggerfish.events.open(self.path(name), mapping, missing=True)
                found = np.concatenate([model.predict(part.read().inputs[0], raw=True) for part in files.partitions(7)])
                np.testing.assert_array_equal(found, expected)
                counted = model.rates(files, score=0)
                self.assertEqual(counted["words"], model.rates(events, score=0)["words"])
                # NaN only where it was asked for, and only for models that take it.
                with self.assertRaisesRegex(triggerfish.Error, "NaN or infinity|has missing numbers"):
                    next(triggerfish.events.open(self.path(name), mapping).partitions(1000)).read()
                with self.assertRaisesRegex(triggerfish.Error, "NaN or infinity"):
                    strict.rates(files, score=0)
                if name not in ("a.h5", "a.npz", "a.csv"):
                    continue
                with open(self.path("mapping.json"), "w") as file:
                    json.dump(mapping, file)
                options = ["--mapping", self.path("mapping.json"), "--input", self.path(name)]
                self.command("emulate", path, "--missing", *options, "--raw", "--output", self.path("words.npy"))
                np.testing.assert_array_equal(np.load(self.path("words.npy")), expected)
                self.command("rates", path, "--missing", *options, "--score", "0", "--output", self.path("rates.json"))
                with open(self.path("rates.json")) as file:
                    self.assertEqual(json.load(file)["words"], counted["words"])
                self.assertIn("NaN", self.command("emulate", path, *options, "--output", self.path("words.npy"), code=65))
        with self.assertRaisesRegex(triggerfish.Error, "x1, event 3: error: infinity is not a number"):
            columns["x1"][3] = np.inf
            np.savez(self.path("b.npz"), **columns)
            next(triggerfish.events.open(self.path("b.npz"), flat, missing=True).partitions(1000)).read()

    def test_a_mapping_is_a_file(self):
        self.write_root("jets.root")
        with open(self.path("mapping.yml"), "w") as file:
            file.write("tree: Jets\ninputs:\n" + "".join(f"  - x{i}\n" for i in range(16)) + "labels: label\n")
        files = triggerfish.events.open(self.path("*.root"), self.path("mapping.yml"))
        found = self.model.rates(files, **OPTIONS)
        self.assertEqual(found["words"], self.model.rates(self.events, self.labels, **OPTIONS)["words"])
        # The numbers are the same, so the digests are, whatever the file.
        self.assertEqual(found["provenance"]["sources"][0]["digests"],
                         self.model.rates(self.events, self.labels, **OPTIONS)["provenance"]["sources"][0]["digests"])

    def test_histograms(self):
        rates = self.model.rates(self.events, self.labels, **OPTIONS)
        for name in ("background", "signal"):
            found = rates.histogram()[:, name].values() if hasattr(rates.histogram(), "axes") else None
            self.assertEqual(int(found.sum()), sum(rates["words"][name]))
        weighted = self.model.rates(self.events, self.labels, self.weights, score=4, signal=4).histogram()
        self.assertAlmostEqual(weighted.values().sum(), self.weights.sum(), delta=1e-4)
        self.assertAlmostEqual(weighted.variances().sum(), (self.weights**2).sum(), delta=1e-2)


@needs("uproot", "awkward", "pyarrow", "h5py", "yaml")
class BadFiles(Case):
    def refused(self, message, path, mapping=MAPPING, code=65):
        with self.assertRaisesRegex(triggerfish.Error, message) as caught:
            for part in triggerfish.events.open(path, mapping).partitions():
                part.read()
        self.assertEqual(caught.exception.code, code, str(caught.exception))

    def test_branches_and_trees_that_are_not_there(self):
        path = self.write_root("jets.root")
        with self.assertRaises(triggerfish.Error) as caught:
            triggerfish.events.open(path, {"inputs": ["x0", "x91", "X1"]})
        self.assertIn("there is no branch 'x91'", str(caught.exception))
        self.assertIn("there is no branch 'X1'\nhint: did you mean 'x1'?", str(caught.exception))
        self.refused("there is no tree 'Jet'\nhint: did you mean 'Jets'", path, {"tree": "Jet", "inputs": ["x0"]})
        self.refused("a mapping must say which branches", path, None, 64)

    def test_cut_off_files(self):
        import h5py
        import pyarrow
        import pyarrow.parquet

        whole = self.write_root("jets.root")
        pyarrow.parquet.write_table(pyarrow.table({"x": self.events[:, 0]}), self.path("a.parquet"))
        np.save(self.path("a.npy"), self.events)
        np.savez(self.path("a.npz"), inputs=self.events)
        with h5py.File(self.path("a.h5"), "w") as file:
            file["x"] = self.events[:, 0]
        for path, mapping in ((whole, MAPPING), (self.path("a.parquet"), {"inputs": ["x"]}), (self.path("a.npy"), None),
                              (self.path("a.npz"), None), (self.path("a.h5"), {"inputs": ["x"]})):
            size = os.path.getsize(path)
            for length in (size - 200, size // 2, 40):
                with self.subTest(path=path, length=length):
                    with open(path, "rb") as file:
                        start = file.read(length)
                    cut = self.path("cut" + os.path.splitext(path)[1])
                    with open(cut, "wb") as file:
                        file.write(start)
                    self.refused(f"{cut}: error: is (damaged or )?truncated", cut, mapping)
        open(self.path("empty.root"), "w").close()
        self.refused("the file is empty", self.path("empty.root"))
        self.refused("there is no such file", self.path("nothing.root"), code=66)

    def test_numbers_that_do_not_fit(self):
        import awkward
        import h5py
        import uproot

        events = self.events.copy()
        events[77, 3] = np.nan
        with uproot.recreate(self.path("nan.root")) as file:
            file.mktree("Jets", {f"x{i}": events[:, i] for i in range(16)})
        self.refused("nan.root:x3, event 77: error: NaN", self.path("nan.root"), {"inputs": MAPPING["inputs"]})
        with h5py.File(self.path("short.h5"), "w") as file:
            file["x"], file["y"] = self.events[:, 0], self.events[:500, 1]
        self.refused("different numbers of events: x 2000, y 500", self.path("short.h5"), {"inputs": ["x", "y"]})
        with uproot.recreate(self.path("lists.root")) as file:
            file.mktree("Jets", {"a": awkward.Array([[1.0], [2.0, 3.0]]), "b": awkward.Array([[1.0], [2.0]]), "c": np.array([0.5, 1.0])})
        self.refused("a: error: has lists of different lengths\nhint: say how many", self.path("lists.root"), {"inputs": ["a"]})
        self.refused("b, event 1: error: 1 objects, where a has 2", self.path("lists.root"),
                     {"inputs": [{"branches": ["a", "b"], "objects": 3}]})
        self.refused("c, event 0: error: the label 0.5 is not a whole number", self.path("lists.root"), {"inputs": ["c"], "labels": "c"})

    def test_mappings_that_say_nothing(self):
        path = self.write_root("jets.root")
        self.refused("there is no key 'label'\nhint: did you mean 'labels'", path, {"inputs": ["x0"], "label": "label"})
        self.refused("a mapping has inputs", path, {"labels": "label"})
        self.refused("a whole number of at least 1", path, {"inputs": [{"branches": ["x0"], "objects": 0}]})
        with open(self.path("bad.yml"), "w") as file:
            file.write("inputs: [x0\n")
        self.refused("is not YAML", path, self.path("bad.yml"))


if __name__ == "__main__":
    unittest.main()
