"""Rates and efficiencies against numpy (models/jet_tagger/rates.py) on the words of hls4ml's csim, and the command line's `rates`,
`emulate --events` and `join`."""

import importlib.util
import json
import os
import signal
import subprocess
import tempfile
import time
import unittest

import numpy as np
import triggerfish
import triggerfish.events

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
JETS = os.path.join(ROOT, "models", "jet_tagger")
CSIM = os.path.join(ROOT, "Tests", "ConformanceTests", "Golden", "jet_tagger_hls", "outputs.npy")
COMMAND = os.environ.get("TRIGGERFISH_COMMAND", os.path.join(ROOT, ".build", "release", "triggerfish"))

_spec = importlib.util.spec_from_file_location("jet_rates", os.path.join(JETS, "rates.py"))
independent = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(independent)


def run(*arguments, status=0):
    done = subprocess.run([COMMAND, *arguments], capture_output=True, text=True)
    if done.returncode != status:
        raise AssertionError(f"{arguments}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout if status == 0 else done.stderr


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = triggerfish.load(os.path.join(JETS, "jet_tagger.json"), config=os.path.join(JETS, "hls.yml"))
        cls.events = np.load(os.path.join(JETS, "events.npy"))
        cls.labels = np.load(os.path.join(JETS, "labels.npy"))
        # hls4ml's csim, not ours.
        cls.words = np.round(np.load(CSIM) * 2.0**independent.FRACTION_BITS).astype(np.int64)
        cls.top = cls.labels == independent.TOP

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="triggerfish-rates-")
        self.addCleanup(scratch.cleanup)
        self.folder = scratch.name
        self.model_arguments = [os.path.join(JETS, "jet_tagger.json"), "--config", os.path.join(JETS, "hls.yml"), "--input",
                                os.path.join(JETS, "events.npy")]
        self.rate_arguments = self.model_arguments + ["--labels", os.path.join(JETS, "labels.npy"), "--signal", "4", "--score", "4"]

    def path(self, name):
        return os.path.join(self.folder, name)

    def rates(self, **options):
        return self.model.rates(self.events, self.labels, score=4, signal=4, crossing_rate="40MHz", **options)


class Counts(Case):
    def test_every_threshold_counts_what_numpy_counts_on_csims_words(self):
        curve = self.rates().curve()
        expected = independent.curve(self.words[:, independent.TOP], self.top)
        found = list(zip(curve["threshold"], curve["background"], curve["signal"]))
        # The first point is the threshold above all words, where nothing fires.
        self.assertEqual(found[0][1:], (0, 0))
        self.assertEqual([tuple(map(int, row)) for row in found[1:]], expected)
        background, top = np.sum(~self.top), np.sum(self.top)
        for row, (threshold, fired, signal) in enumerate(expected, 1):
            self.assertEqual(curve["value"][row], threshold / 2**10)
            self.assertAlmostEqual(curve["rate"][row], 40e6 * fired / background, delta=1e-6)
            low, high = independent.wilson(fired, background)
            self.assertAlmostEqual(curve["rate_low"][row], 40e6 * low, delta=0.1)
            self.assertAlmostEqual(curve["rate_high"][row], 40e6 * high, delta=0.1)
            low, high = independent.wilson(signal, top)
            self.assertAlmostEqual(curve["efficiency"][row], signal / top, delta=1e-12)
            self.assertAlmostEqual(curve["efficiency_low"][row], low, delta=1e-7)
            self.assertAlmostEqual(curve["efficiency_high"][row], high, delta=1e-7)

    def test_thresholds_for_rates_and_efficiencies(self):
        scores = self.words[:, independent.TOP]
        for rate, text in ((1e5, "100kHz"), (1e6, "1MHz"), (39e6, "39MHz")):
            point, = self.rates().at(rate=text)
            self.assertEqual(point["threshold"], independent.threshold_for_rate(scores, self.top, rate))
            self.assertLessEqual(point["rate"], rate)
        for efficiency in (0.5, 0.8, 1.0):
            point, = self.rates().at(efficiency=str(efficiency))
            self.assertEqual(point["threshold"], independent.threshold_for_efficiency(scores, self.top, efficiency))

    def test_float_beside_words(self):
        reference = np.load(os.path.join(JETS, "outputs_float.npy"))[:, independent.TOP].astype(np.float64)
        rates = self.rates(reference=reference)
        curve = rates.curve("float")
        for row in range(1, len(curve["threshold"])):
            fires = reference >= curve["value"][row]
            self.assertEqual(curve["signal"][row], np.sum(fires & self.top))
            self.assertEqual(curve["background"][row], np.sum(fires & ~self.top))
        self.assertEqual([point["curve"] for point in rates.at(rate="1MHz")], ["words", "float"])
        own = self.rates(float=True)
        self.assertEqual(own["floatSource"], "model")
        self.assertEqual(own["words"], rates["words"])

    def test_weights_are_summed_exactly(self):
        generator = np.random.default_rng(3)
        weights = generator.exponential(1000.0, len(self.events)) * generator.choice([1, -0.1], len(self.events), p=[0.9, 0.1])
        rates = self.model.rates(self.events, self.labels, weights, score=4, signal=4)
        units = [round(weight * 2**30) for weight in weights.tolist()]
        scores = self.words[:, independent.TOP]
        counts = rates["words"]
        for place, threshold in enumerate(counts["thresholds"]):
            chosen = [unit for unit, word, top in zip(units, scores, self.top) if word == threshold and not top]
            self.assertEqual(int(counts["weights"]["background"][place]), sum(chosen))
            self.assertEqual(int(counts["weights"]["backgroundSquares"][place]), sum(unit * unit for unit in chosen))
        curve = rates.curve()
        fires = ~self.top & (scores >= curve["threshold"][-1])
        self.assertAlmostEqual(curve["rate"][-1], weights[fires].sum(), delta=1e-4)
        self.assertAlmostEqual(curve["rate_high"][-1] - curve["rate"][-1], np.sqrt((weights[fires] ** 2).sum()), delta=1e-4)

    def test_parts_add_up_to_the_whole_in_any_order(self):
        whole = self.rates(file="events.npy")
        ends = [0, 1, 700, 1300, 2000]
        parts = [self.model.rates(self.events[a:b], self.labels[a:b], score=4, signal=4, crossing_rate="40MHz", file="events.npy",
                                  first=a, of=2000) for a, b in zip(ends, ends[1:])]
        self.assertEqual(triggerfish.join([parts[i] for i in (2, 0, 3, 1)]).json, whole.json)
        self.assertEqual((parts[3] + parts[0] + (parts[2] + parts[1])).json, whole.json)

    def test_the_command_line_gives_the_same_bytes(self):
        run(*self.rate_arguments[:0], "rates", *self.rate_arguments, "--crossing-rate", "40MHz", "--output", self.path("rates.json"))
        with open(self.path("rates.json"), encoding="utf-8") as file:
            self.assertEqual(file.read(), self.rates(file="events.npy").json)

    def test_results_name_what_they_are_of(self):
        provenance = self.rates(file="events.npy")["provenance"]
        listed = subprocess.run([COMMAND, "inspect", "--program", *self.model_arguments[:3]], capture_output=True)
        import hashlib

        self.assertEqual(provenance["modelDigest"], hashlib.sha256(listed.stdout).hexdigest())
        self.assertEqual(provenance["numerics"], "hls4ml")
        self.assertEqual(provenance["sources"][0]["digests"]["input fc1_input" if "input fc1_input" in
                         provenance["sources"][0]["digests"] else f"input {self.model.inputs[0].name}"],
                         self.digest(self.events.astype(np.float64)))
        self.assertEqual(provenance["sources"][0]["digests"]["labels"], self.digest(self.labels.astype(np.float64)))

    @staticmethod
    def digest(numbers):
        """The digest of docs/rates.md, by numpy."""
        bits = (numbers.reshape(-1) + 0.0).view(np.uint64)
        step = np.uint64(0x9E3779B97F4A7C15)
        with np.errstate(over="ignore"):
            word = bits + np.arange(len(bits), dtype=np.uint64) * step
            word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            return f"{int((word ^ (word >> np.uint64(31))).sum(dtype=np.uint64)):016x}"

    def test_side_by_side_needs_the_same_events(self):
        exact = triggerfish.load(os.path.join(JETS, "jet_tagger.json"))
        other = exact.rates(self.events, self.labels, score=4, signal=4, crossing_rate="40MHz")
        table = triggerfish.show(self.rates(), other, rate="1MHz")
        self.assertIn("hls4ml words", table)
        self.assertIn("exact words", table)
        fewer = exact.rates(self.events[:100], self.labels[:100], score=4, signal=4, crossing_rate="40MHz")
        with self.assertRaisesRegex(triggerfish.Error, "counted on other events"):
            triggerfish.show(self.rates(), fewer)


class Refusals(Case):
    def refused(self, message, call, code=None):
        with self.assertRaisesRegex(triggerfish.Error, message) as caught:
            call()
        if code is not None:
            self.assertEqual(caught.exception.code, code)

    def test_bad_events(self):
        events = self.events.copy()
        events[3, 2] = np.nan
        self.refused("NaN or infinity", lambda: self.model.rates(events, self.labels, score=4), 65)
        self.refused("1999 labels, where there are 2000 events", lambda: self.model.rates(self.events, self.labels[1:], score=4), 65)
        weights = np.ones(2000)
        weights[7] = np.inf
        self.refused("event 7: the weights hold NaN", lambda: self.model.rates(self.events, weights=weights, score=4), 65)
        weights[7] = 1e-9
        self.refused("event 7.*the weight 1e-09", lambda: self.model.rates(self.events, weights=weights, score=4), 65)

    def test_bad_options(self):
        self.refused("has 5 numbers, and no --score says which", lambda: self.model.rates(self.events), 64)
        self.refused("has no number 5", lambda: self.model.rates(self.events, score=5), 64)
        self.refused("no such output", lambda: self.model.rates(self.events, score="nothing:1"), 64)
        self.refused("need --labels", lambda: self.model.rates(self.events, score=4, signal=1), 64)
        self.refused("label 4 is signal and background",
                     lambda: self.model.rates(self.events, self.labels, score=4, signal=4, background=[4, 1]), 64)
        self.refused("nothing says how many Hz", lambda: self.model.rates(self.events, self.labels, score=4).at(rate="1kHz"), 64)
        self.refused("power of two", lambda: self.model.rates(self.events, score=4, threshold_step=3), 64)

    def test_parts_that_do_not_fit(self):
        def part(a, b, model=self.model, **options):
            return model.rates(self.events[a:b], self.labels[a:b], score=4, file="events.npy", first=a, of=2000, **options)

        self.refused("events 500:600 of events.npy are in another part already", lambda: triggerfish.join([part(0, 600), part(500, 2000)]))
        self.refused("events 600:700 of events.npy are in no part", lambda: triggerfish.join([part(0, 600), part(700, 2000)]))
        exact = triggerfish.load(os.path.join(JETS, "jet_tagger.json"))
        self.refused("a part of another model", lambda: triggerfish.join([part(0, 600), part(600, 2000, exact)]))
        self.refused("other labels of signal", lambda: triggerfish.join([part(0, 600), part(600, 2000, signal=4)]))
        self.refused("the parts have 2000 events, not 3000", lambda: triggerfish.join([part(0, 2000)], expect_events=3000))
        damaged = part(0, 2000).json.replace('"ignored" : 0', '"ignored" : 1')
        self.refused("is damaged", lambda: triggerfish.join([triggerfish.Rates(damaged)]))


class CommandLine(Case):
    def test_outputs_of_parts_join_to_those_of_a_single_run(self):
        run("emulate", *self.model_arguments, "--raw", "--output", self.path("whole.npy"), "--record", self.path("whole.json"))
        parts = []
        for first, end in ((0, 300), (300, 1999), (1999, 2000)):
            parts.append(self.path(f"{first}.json"))
            for _ in range(2):
                # A repeated job changes nothing.
                run("emulate", *self.model_arguments, "--raw", "--events", f"{first}:{end}", "--output", self.path(f"{first}.npy"),
                    "--record", parts[-1])
                with open(parts[-1], "rb") as file:
                    once = file.read()
            self.assertEqual(once, open(parts[-1], "rb").read())
        self.assertEqual(run("join", *reversed(parts), "--output", self.path("joined.npy"), "--record", self.path("joined.json")),
                         "joined 2000 events\n")
        whole, joined = (open(self.path(name), "rb").read() for name in ("whole.npy", "joined.npy"))
        self.assertEqual(whole, joined)
        np.testing.assert_array_equal(np.load(self.path("joined.npy")), self.words)
        whole, joined = (json.load(open(self.path(name))) for name in ("whole.json", "joined.json"))
        self.assertEqual(joined["provenance"], whole["provenance"])
        self.assertEqual(joined["outputs"][0]["digest"], whole["outputs"][0]["digest"])

        # A part that is missing, one twice, one that was changed, one that is cut off: refused, and nothing is written.
        error = run("join", *parts[1:], "--output", self.path("no.npy"), status=65)
        self.assertIn("events 0:300 of events.npy are in no part", error)
        error = run("join", *parts, parts[0], "--output", self.path("no.npy"), status=65)
        self.assertIn("events 0:300 of events.npy are in another part already", error)
        array = np.load(self.path("0.npy"))
        array[5, 1] += 1
        np.save(self.path("0.npy"), array)
        self.assertIn("is not what its record says", run("join", *parts, "--output", self.path("no.npy"), status=65))
        os.truncate(self.path("0.npy"), 5000)
        run("join", *parts, "--output", self.path("no.npy"), status=65)
        self.assertFalse(os.path.exists(self.path("no.npy")))
        self.assertEqual([name for name in os.listdir(self.folder) if name.startswith(".")], [])

    def test_a_killed_job_leaves_nothing_under_the_name(self):
        np.save(self.path("many.npy"), np.tile(self.events, (400, 1)))
        arguments = [*self.model_arguments[:3], "--input", self.path("many.npy")]
        process = subprocess.Popen([COMMAND, "emulate", *arguments, "--raw", "--output", self.path("w.npy"), "--record",
                                    self.path("w.json"), "--threads", "1"])
        for _ in range(1000):
            if any(name.startswith(".w.npy") for name in os.listdir(self.folder)):
                break
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.assertFalse(os.path.exists(self.path("w.npy")) or os.path.exists(self.path("w.json")))
        run("emulate", *arguments, "--raw", "--output", self.path("w.npy"), "--record", self.path("w.json"))
        np.testing.assert_array_equal(np.load(self.path("w.npy"))[-2000:], self.words)
        self.assertEqual([name for name in os.listdir(self.folder) if name.startswith(".")], [])

    def test_rates_of_parts_join(self):
        arguments = self.rate_arguments + ["--crossing-rate", "40MHz"]
        run("rates", *arguments, "--output", self.path("whole.json"))
        for first, end in ((0, 999), (999, 2000)):
            run("rates", *arguments, "--events", f"{first}:{end}", "--output", self.path(f"p{first}.json"))
        table = run("join", self.path("p999.json"), self.path("p0.json"), "--output", self.path("joined.json"), "--rate", "1MHz")
        self.assertEqual(open(self.path("joined.json")).read(), open(self.path("whole.json")).read())
        self.assertIn("rate at most 1 MHz", table)
        error = run("join", self.path("p0.json"), "--output", self.path("no.json"), status=65)
        self.assertIn("events 999:2000 of events.npy are in no part", error)
        with open(self.path("cut.json"), "w") as file:
            file.write(open(self.path("p0.json")).read()[:2000])
        self.assertIn("damaged", run("join", self.path("cut.json"), self.path("p999.json"), status=65))

    def test_bad_ranges(self):
        error = run("rates", *self.rate_arguments, "--events", "1500:2500", status=64)
        self.assertIn("has 2000 events, not the events 1500:2500", error)
        run("rates", *self.rate_arguments, "--events", "5:5", status=64)
        np.save(self.path("labels.npy"), self.labels[:10])
        error = run("rates", *self.model_arguments, "--score", "4", "--labels", self.path("labels.npy"), status=65)
        self.assertIn("10 labels, where there are 2000 events", error)

    def test_the_page_shows_the_curves(self):
        run("compile", *self.model_arguments[:3], "--output", self.path("project"))
        run("rates", *self.rate_arguments, "--crossing-rate", "40MHz", "--rate", "1MHz", "--float", "--output", self.path("rates.json"))
        run("report", self.path("project"), "--html", self.path("page.html"), "--rates", self.path("rates.json"))
        page = open(self.path("page.html"), encoding="utf-8").read()
        self.assertIn("Trigger rates and efficiencies", page)
        self.assertEqual(page.count("<polyline"), 4)
        point = [p for p in json.load(open(self.path("rates.json")))["workingPoints"] if p["curve"] == "words"][0]
        self.assertIn(f"<td>{point['threshold']}</td>", page)


class Files(Case):
    def mapping(self, text):
        with open(self.path("mapping.yml"), "w") as file:
            file.write(text)
        return ["--mapping", self.path("mapping.yml"), "--input"]

    def rows(self):
        """The jets as rows of text or records: 16 numbers and the label."""
        np.savetxt(self.path("jets.csv"), np.column_stack([self.events, self.labels]), delimiter=",", fmt="%.17g",
                   header=",".join([f"x{i}" for i in range(16)] + ["label"]), comments="")
        np.save(self.path("jets.npy"), np.column_stack([self.events, self.labels]).astype(np.float64))
        np.savez(self.path("jets.npz"), label=self.labels, rest=self.events[:, 4:], **{f"x{i}": self.events[:, i] for i in range(4)})

    def test_the_command_line_takes_the_same_mapping(self):
        self.rows()
        counting = ["--signal", "4", "--score", "4", "--crossing-rate", "40MHz"]
        names = "inputs: [" + ", ".join(f"x{i}" for i in range(16)) + "]\nlabels: label\n"
        numbers = "inputs: [" + ", ".join(map(str, range(16))) + "]\nlabels: 16\n"
        for file, text in (("jets.csv", names), ("jets.csv", numbers), ("jets.npy", numbers),
                           ("jets.npz", "inputs: [x0, x1, x2, x3, rest]\nlabels: label\n")):
            with self.subTest(file=file, text=text):
                arguments = self.model_arguments[:3] + self.mapping(text) + [self.path(file)] + counting
                run("rates", *arguments, "--output", self.path("rates.json"))
                found = triggerfish.Rates.load(self.path("rates.json"))
                self.assertEqual(found["words"], self.rates()["words"])
                same = self.model.rates(triggerfish.events.open(self.path(file), self.parsed()), score=4, signal=4, crossing_rate="40MHz")
                self.assertEqual(found.json, same.json)
        # Scaled, as Python does it.
        scaled = names.replace("x3,", "{branch: x3, scale: 0.25, offset: 1.5},")
        run("emulate", *self.model_arguments[:3], *self.mapping(scaled), self.path("jets.csv"), "--raw", "--output", self.path("w.npy"))
        events = self.events.astype(np.float64)
        events[:, 3] = events[:, 3] * 0.25 + 1.5
        np.testing.assert_array_equal(np.load(self.path("w.npy")), self.model.predict(events, raw=True))

    def parsed(self):
        """The mapping's file without PyYAML."""
        with open(self.path("mapping.yml")) as file:
            lines = dict(line.strip().split(": ", 1) for line in file)

        def name(text):
            return int(text) if text.isdigit() else text

        return {"inputs": [name(text) for text in lines["inputs"].strip("[]").split(", ")], "labels": name(lines["labels"])}

    def test_bad_mappings(self):
        self.rows()

        def error(text, file="jets.csv", status=65):
            return run("rates", *self.model_arguments[:3], *self.mapping(text), self.path(file), "--score", "4", status=status)

        self.assertIn("there is no branch 'y0'\nhint: did you mean 'x0'?", error("inputs: [y0, x1]\n"))
        self.assertIn("there is no key 'label'\nhint: did you mean 'labels'?", error("inputs: [x0]\nlabel: label\n"))
        self.assertIn("does not fit the input", error("inputs: [x0, x1]\n"))
        self.assertIn("has one number per event, in an input of 3 objects", error("inputs:\n  - {branches: [x0], objects: 3}\n"))
        self.assertIn("objects cannot be a number", error("inputs:\n  - {branches: [x0], objects: 0}\n"))
        with open(self.path("jets.root"), "wb") as file:
            file.write(b"root" + bytes(100))
        self.assertIn("python -m triggerfish.convert", error("inputs: [x0]\n", "jets.root"))

    def test_converted_files_are_the_command_lines(self):
        self.rows()
        import triggerfish.convert

        files = triggerfish.events.open(self.path("jets.csv"), {"inputs": [f"x{i}" for i in range(16)], "labels": "label"})
        options = triggerfish.convert.convert(files, self.path("made.npz"))
        run("rates", *self.model_arguments[:3], *options, "--signal", "4", "--score", "4", "--output", self.path("rates.json"))
        self.assertEqual(triggerfish.Rates.load(self.path("rates.json"))["words"], self.rates()["words"])

    def test_files_without_other_packages(self):
        np.savez(self.path("jets.npz"), inputs=self.events, labels=self.labels)
        files = triggerfish.events.open(self.path("jets.npz"))
        rates = self.model.rates(files, score=4, signal=4, crossing_rate="40MHz")
        self.assertEqual(rates["words"], self.rates()["words"])
        np.savetxt(self.path("jets.csv"), np.column_stack([self.events, self.labels]), delimiter=",", fmt="%.17g",
                   header=",".join([f"x{i}" for i in range(16)] + ["label"]), comments="")
        files = triggerfish.events.open(self.path("jets.csv"), {"inputs": [f"x{i}" for i in range(16)], "labels": "label"})
        self.assertEqual(self.model.rates(files, score=4, signal=4, crossing_rate="40MHz")["words"], self.rates()["words"])


if __name__ == "__main__":
    unittest.main()
