"""The example of a coffea processor: its rates are a single run's. coffea is large (1 GB), so `make analysis` leaves it out."""

import os
import sys
import unittest

from common import OPTIONS, ROOT, Case, needs


@needs("coffea")
class Coffea(Case):
    def test_a_processor(self):
        sys.path.insert(0, os.path.join(ROOT, "python", "examples"))
        self.addCleanup(sys.path.pop, 0)
        import coffea_rates

        path = self.write_root("jets.root")
        single = self.model.rates(self.events, self.labels, file="jets.root", **OPTIONS)
        self.assertEqual(coffea_rates.run(self.model, path, chunk=300).json, single.json)


if __name__ == "__main__":
    unittest.main()
