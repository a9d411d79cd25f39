"""The example of a coffea processor: its rates are a single run's. coffea is large (1 GB): where `make analysis` did not bring it, the
processor runs in the environment that `make coffea` makes."""

import importlib.util
import os
import subprocess
import sys
import unittest

from common import OPTIONS, ROOT, Case, needs

OWN = os.path.join(ROOT, ".build", "coffea", "bin", "python")
PYTHON = sys.executable if importlib.util.find_spec("coffea") else os.environ.get("TRIGGERFISH_COFFEA", OWN)
RUN = """
import sys, coffea_rates, triggerfish
tagger = triggerfish.load(coffea_rates.JETS + "/jet_tagger.json", config=coffea_rates.JETS + "/hls.yml")
executor = coffea_rates.processor.FuturesExecutor(workers=2, status=False) if sys.argv[3] == "futures" else None
# coffea prints its progress.
coffea_rates.run(tagger, sys.argv[1], executor, int(sys.argv[2])).save(sys.argv[4])
"""


@needs("uproot", "awkward")
@unittest.skipUnless(os.path.exists(PYTHON), "no coffea: make coffea (1 GB, into .build/coffea), or TRIGGERFISH_COFFEA=PYTHON")
class Coffea(Case):
    def test_a_processor(self):
        path = self.write_root("jets.root")
        single = self.model.rates(self.events, self.labels, file="jets.root", **OPTIONS)
        folders = [os.path.join(ROOT, "python", "examples"), os.path.join(ROOT, "python")]
        if PYTHON == sys.executable:
            folders.append(os.environ.get("PYTHONPATH", ""))
        for chunk, executor in ((300, "iterative"), (10_000, "iterative"), (700, "futures")):
            with self.subTest(chunk=chunk, executor=executor):
                ran = subprocess.run(
                    [PYTHON, "-W", "ignore", "-c", RUN, path, str(chunk), executor, self.path("rates.json")], capture_output=True,
                    text=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(folders)})
                self.assertEqual(ran.returncode, 0, ran.stderr)
                with open(self.path("rates.json"), encoding="utf-8") as file:
                    self.assertEqual(file.read(), single.json)


if __name__ == "__main__":
    unittest.main()
