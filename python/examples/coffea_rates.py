"""Trigger rates in a coffea processor: events as coffea reads them, words as the firmware computes them.

    python coffea_rates.py jets.root

Counts are integers (`triggerfish.Rates`), which coffea adds up as it adds up histograms.
"""

import os
import sys

import awkward
import numpy as np
import triggerfish

from coffea import processor
from coffea.nanoevents import BaseSchema

JETS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "models", "jet_tagger")


class RateProcessor(processor.ProcessorABC):
    """Counts the jet tagger's words; a model goes to other processes as its files."""

    def __init__(self, model, entries):
        self.model = model
        # How many events each file has: what makes the parts of it add up to the whole.
        self.entries = entries

    def process(self, events):
        meta = events.metadata
        inputs = np.stack([awkward.to_numpy(events[f"x{i}"]) for i in range(16)], axis=1)
        rates = self.model.rates(
            inputs, awkward.to_numpy(events["label"]), score=4, signal=4, crossing_rate="40MHz",
            file=os.path.basename(meta["filename"]), first=int(meta["entrystart"]), of=self.entries[meta["filename"]])
        return {"rates": Sum(rates)}

    def postprocess(self, accumulator):
        return accumulator


class Sum(processor.AccumulatorABC):
    """Rates that coffea adds up, in whatever order."""

    def __init__(self, rates=None):
        self.rates = rates

    def identity(self):
        return Sum()

    def add(self, other):
        if other.rates is not None:
            self.rates = other.rates if self.rates is None else self.rates + other.rates


def run(model, path, executor=None, chunk=250_000):
    """The rates of a ROOT file's tree `Jets`."""
    import uproot

    with uproot.open(path) as file:
        entries = {path: file["Jets"].num_entries}
    runner = processor.Runner(executor or processor.IterativeExecutor(status=False), schema=BaseSchema, chunksize=chunk)
    found = runner({"jets": {"files": {path: "Jets"}}}, processor_instance=RateProcessor(model, entries))
    # Nothing may be missing at the end.
    return triggerfish.join([found["rates"].rates])


if __name__ == "__main__":
    tagger = triggerfish.load(os.path.join(JETS, "jet_tagger.json"), config=os.path.join(JETS, "hls.yml"))
    print(run(tagger, sys.argv[1]))
