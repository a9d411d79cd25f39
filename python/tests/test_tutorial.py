"""triggerfish.hls4ml against what hls4ml 1.3.0 gave in its tutorial's parts 1 to 4 (python/tests/tutorial/steps.py)."""

import contextlib
import glob
import io
import json
import os
import sys
import tempfile
import unittest
import warnings

import numpy as np
import triggerfish
import triggerfish.hls4ml

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "tutorial"))
import steps  # noqa: E402

GOLDEN = os.path.join(steps.ROOT, "Tests", "ConformanceTests", "Golden")


class Tutorial(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore", triggerfish.Note)
            cls.numbers, cls.configurations = steps.run(triggerfish.hls4ml, steps.stored(), folder)

    def test_numbers_equal_hls4mls(self):
        expected = np.load(os.path.join(HERE, "tutorial", "expected.npz"))
        self.assertEqual(set(self.numbers), set(expected.files))
        for name in expected.files:
            self.assertEqual(self.numbers[name].dtype, expected[name].dtype, name)
            np.testing.assert_array_equal(self.numbers[name], expected[name], name)

    def test_configurations_equal_hls4mls(self):
        self.maxDiff = None
        with open(os.path.join(HERE, "tutorial", "expected.json")) as file:
            expected = json.load(file)
        self.assertEqual(set(self.configurations), set(expected))
        for name, config in expected.items():
            self.assertEqual(self.configurations[name], config, name)


class Configurations(unittest.TestCase):
    # Those whose configuration is hls4ml's own, but for tracing, strategy and reuse factor.
    CASES = ["q6", "q4_resource", "q8_integer", "q6_auto_po2", "q6_auto", "q6_tanh", "binary", "ternary", "bn_auto",
             "act_tanh_auto", "merge_subtract_auto"]

    def test_equal_hls4mls_in_the_golden_cases(self):
        for name in self.CASES:
            folder = os.path.join(GOLDEN, name)
            with open(os.path.join(folder, "config.json")) as file:
                expected = json.load(file)["HLSConfig"]["LayerName"]
            found = triggerfish.hls4ml.utils.config_from_keras_model(
                os.path.join(folder, "model.json"), granularity="name", backend="Vitis")["LayerName"]
            # Layers that a pass made, which wrote itself into the configuration.
            expected = {key: layer for key, layer in expected.items() if not key.endswith("_alpha")}
            for layers in (expected, found):
                for layer in layers.values():
                    layer.pop("Trace", None)
                    layer.pop("ReuseFactor", None)
            self.assertEqual(found, expected, name)

    def test_every_layer_has_hls4mls_settings(self):
        """All golden models: the same layers with the same keys, whatever the case set them to."""
        for path in sorted(glob.glob(os.path.join(GOLDEN, "*", "config.json"))):
            folder = os.path.dirname(path)
            with open(path) as file:
                config = json.load(file).get("HLSConfig", {})
            if not config.get("LayerName") or not os.path.exists(os.path.join(folder, "model.json")):
                continue
            # Those of GarNet are written by hand.
            if os.path.basename(folder).startswith("garnet_"):
                continue
            try:
                found = triggerfish.hls4ml.utils.config_from_keras_model(
                    os.path.join(folder, "model.json"), granularity="name", backend="Vitis")["LayerName"]
            except triggerfish.Error as error:
                self.assertIn("hls4ml", str(error), folder)
                continue
            for name, layer in found.items():
                if name not in config["LayerName"]:
                    continue
                expected = set(config["LayerName"][name].get("Precision", {})) - {"beta", "gamma", "mean", "variance"}
                self.assertEqual(set(layer["Precision"]), expected, f"{folder}: {name}")


class Names(unittest.TestCase):
    def setUp(self):
        self.models = steps.stored()
        warnings.simplefilter("ignore", triggerfish.Note)
        self.addCleanup(warnings.resetwarnings)

    def convert(self, folder, **options):
        config = triggerfish.hls4ml.utils.config_from_keras_model(self.models["float"])
        return triggerfish.hls4ml.converters.convert_from_keras_model(
            self.models["float"], hls_config=config, backend="Vitis", output_dir=folder, **options)

    def test_build_without_vitis_says_so(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.environ["PATH"]
            os.environ["PATH"] = folder
            try:
                model = self.convert(folder + "/project")
                with self.assertWarns(triggerfish.Note) as caught:
                    report = model.build(csim=False)
            finally:
                os.environ["PATH"] = path
            self.assertIn("estimates", str(caught.warning))
            self.assertIn("estimate", report["EstimateReport"]["Source"])
            self.assertEqual(int(report["CSynthesisReport"]["DSP"]), model.report()["resources"]["dsp"])
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                triggerfish.hls4ml.report.read_vivado_report(folder + "/project")
            self.assertIn("BestLatency", printed.getvalue())

    def test_build_runs_vitis(self):
        """A stand-in for vitis-run: the options reach it, its report comes back, its failure is told."""
        with tempfile.TemporaryDirectory() as folder:
            tool = os.path.join(folder, "vitis-run")
            with open(tool, "w") as file:
                file.write("#!/bin/sh\n[ \"$*\" = '--mode hls --tcl build_prj.tcl' ] || exit 3\n"
                           "/bin/grep -q 'csim 0' build_opt.tcl || exit 4\n/bin/grep -q 'export 1' build_opt.tcl || exit 5\n"
                           "/bin/mkdir -p p/solution1/syn/report\n"
                           "echo '<profile><AreaEstimates><Resources><LUT>7</LUT></Resources></AreaEstimates></profile>' "
                           "> p/solution1/syn/report/csynth.xml\n")
            os.chmod(tool, 0o755)
            path = os.environ["PATH"]
            os.environ["PATH"] = folder
            try:
                model = self.convert(folder + "/project")
                self.assertEqual(model.build(csim=False, export=True), {"CSynthesisReport": {"LUT": "7"}})
                with self.assertRaises(triggerfish.Error) as caught:
                    model.build(csim=True)
                self.assertEqual(caught.exception.code, 69)
                for step in ("vsynth", "fifo_opt", "validation"):
                    with self.assertRaises(triggerfish.Error) as caught:
                        model.build(**{step: True})
                    self.assertEqual(caught.exception.code, 64)
            finally:
                os.environ["PATH"] = path

    def test_refusals(self):
        for code, options in [(65, dict(backend="Quartus")), (64, dict(output_data_tb="x.npy"))]:
            with self.assertRaises(triggerfish.Error) as caught:
                triggerfish.hls4ml.converters.convert_from_keras_model(self.models["float"], **options)
            self.assertEqual(caught.exception.code, code)
        with self.assertRaises(TypeError):
            triggerfish.hls4ml.converters.convert_from_keras_model(self.models["float"], clock_perod=5)
        with self.assertWarns(triggerfish.Note):
            warnings.simplefilter("always", triggerfish.Note)
            self.convert("/nowhere", write_tar=True)
        with self.assertRaises(triggerfish.Error) as caught:
            self.convert("/nowhere").trace(np.zeros((1, 16), np.float32))
        self.assertIn("Trace", str(caught.exception))


if __name__ == "__main__":
    unittest.main()
