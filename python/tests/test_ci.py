"""The snippets of docs/ci.md, run as they stand there on what `make dist` made."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

try:
    import yaml
except ImportError:
    yaml = None

import numpy as np

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
DIST = os.path.join(ROOT, ".build", "dist")
JETS = os.path.join(ROOT, "models", "jet_tagger")
HEADERS = os.path.join(ROOT, ".build", "ap_types")


@unittest.skipUnless(yaml, "no PyYAML (apt-get install python3-yaml)")
@unittest.skipUnless(os.path.exists(DIST), "nothing to test: make dist")
@unittest.skipUnless(os.path.exists(HEADERS), "no ap_types headers: make ap-types")
class Snippets(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="triggerfish-ci-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.home = os.path.join(self.folder, "home")
        self.work = os.path.join(self.folder, "work")
        for folder in (self.home, self.work + "/baseline"):
            os.makedirs(folder)
        for source, name in [("jet_tagger.json", "model.json"), ("jet_tagger_weights.h5", "model_weights.h5"),
                             ("hls.yml", "hls.yml"), ("events.npy", "events.npy")]:
            shutil.copy(os.path.join(JETS, source), os.path.join(self.work, name))
        shutil.copy(os.path.join(ROOT, "Tests", "ConformanceTests", "Golden", "jet_tagger_hls", "outputs.npy"), self.work)
        shutil.copy(os.path.join(ROOT, "hls-output", "jet_tagger", "report.json"), self.work + "/baseline")
        # The headers as an earlier run left them: the script finds that they are the right ones.
        os.makedirs(self.home + "/.cache/triggerfish")
        os.symlink(HEADERS, self.home + "/.cache/triggerfish/ap_types")
        with open(os.path.join(ROOT, "docs", "ci.md")) as file:
            self.snippets = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", file.read(), re.S)]
        self.environment = {"HOME": self.home, "PATH": "/usr/bin:/bin", "TRIGGERFISH_URL": "file://" + DIST,
                            "GITHUB_PATH": self.home + "/path", "GITHUB_STEP_SUMMARY": self.home + "/summary"}

    def bash(self, script):
        return subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=self.work, env=self.environment,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def github(self, change=lambda script: script):
        """Runs the steps, each changed in some way, as GitHub does; the codes and what was printed, by name."""
        results = {}
        failed = False
        for step in self.snippets[0]["jobs"]["check"]["steps"]:
            if "run" not in step or (failed and step.get("if") != "always()"):
                continue
            results[step["name"]] = found = self.bash(change(step["run"]))
            failed = failed or found.returncode != 0
            if os.path.exists(self.environment["GITHUB_PATH"]):
                with open(self.environment["GITHUB_PATH"]) as file:
                    self.environment["PATH"] = ":".join(file.read().split() + ["/usr/bin:/bin"])
        return results

    def cases(self):
        (suite,) = xml.etree.ElementTree.parse(self.work + "/build/check.xml").getroot()
        return {case.get("name"): [child.tag for child in case if child.tag != "system-out"] for case in suite}

    def test_github(self):
        for name, result in self.github().items():
            self.assertEqual(result.returncode, 0, f"{name}: {result.stdout}")
        self.assertGreaterEqual(len(self.cases()), 13)
        self.assertEqual(sum(self.cases().values(), []), [])
        with open(self.environment["GITHUB_STEP_SUMMARY"]) as file:
            self.assertIn("checks passed", file.read())
        for path in self.snippets[0]["jobs"]["check"]["steps"][-1]["with"]["path"].split():
            self.assertTrue(os.path.exists(os.path.join(self.work, path)), path)

    def test_github_when_the_outputs_change(self):
        outputs = np.load(self.work + "/outputs.npy")
        outputs[5] += 1
        np.save(self.work + "/outputs.npy", outputs)
        results = self.github()
        self.assertEqual({name: result.returncode for name, result in results.items() if result.returncode},
                         {"Check outputs, budget, bits and regressions": 1})
        self.assertEqual(sum(self.cases().values(), []), ["failure"])
        with open(self.environment["GITHUB_STEP_SUMMARY"]) as file:
            self.assertIn("**FAIL**", file.read())

    def test_github_when_a_limit_is_missed(self):
        # The design is there all the same, and everything that shows what it is.
        results = self.github(lambda script: script.replace("--budget 100ns", "--budget 10ns"))
        self.assertEqual({name: result.returncode for name, result in results.items() if result.returncode},
                         {"Check outputs, budget, bits and regressions": 1})
        self.assertEqual([name for name, children in self.cases().items() if children], ["latency"])
        for path in self.snippets[0]["jobs"]["check"]["steps"][-1]["with"]["path"].split():
            self.assertTrue(os.path.exists(os.path.join(self.work, path)), path)

    def test_gitlab(self):
        job = self.snippets[1]["firmware"]
        result = self.bash("\n".join(job["before_script"] + job["script"]))
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertEqual(sum(self.cases().values(), []), [])
        for path in job["artifacts"]["paths"] + [job["artifacts"]["reports"]["junit"]]:
            self.assertTrue(os.path.exists(os.path.join(self.work, path)), path)


if __name__ == "__main__":
    unittest.main()
