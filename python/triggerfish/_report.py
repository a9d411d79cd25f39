"""Reports and verdicts."""

import html
import json
import math

from dataclasses import dataclass
from typing import Optional

from ._library import Error, text


class Note(UserWarning):
    """What the command line prints as a note: a setting without effect, a format that rounds, a layer that deviates."""


class Report(dict):
    """A design's figures, as report.json has them (docs/report.schema.json); in a notebook, the page that shows them.

    Attributes
    ----------
    page : str
        The page, as `triggerfish report --html` writes it.
    """

    def __init__(self, figures, page):
        super().__init__(figures)
        self._page = page

    @property
    def page(self):
        return self._page()

    def _repr_html_(self):
        # Its own frame: the page's styles stay its own. It has no scripts, and gets none.
        return (f'<iframe sandbox srcdoc="{html.escape(self.page)}" title="Triggerfish report" '
                'style="width: 100%; height: 900px; border: 0"></iframe>')


class Comparison(dict):
    """Where and why fixed-point numbers part from the float model's, as `triggerfish compare --json` has it; printed, the table.

    `comparison["faults"]` has the layers at fault, the first one first, with reasons and the types that mend them.
    """

    def __init__(self, figures, table):
        super().__init__(figures)
        self._table = table

    def __str__(self):
        return self._table

    @classmethod
    def joined(cls, parts):
        """The comparison of the events of several parts together, of one model.

        Counts are those of all events, and so are shares of events and largest errors. Mean and relative errors are means over the
        parts, weighted by their words or events (of relative ones the root of the mean square). A layer is at fault where it is in any
        part; `parts` says in how many.
        """
        parts = list(parts)
        if not parts:
            raise Error("there are no comparisons to add up", 65)
        first = parts[0]
        for part in parts[1:]:
            if _layout(part) != _layout(first):
                raise Error("these comparisons are not of one model, compiled alike", 65)
        events = [part["events"] for part in parts]
        whole = {key: first[key] for key in ("version", "model", "numerics")}
        whole.update(
            events=sum(events), isSynthetic=any(part["isSynthetic"] for part in parts), isConstant=all(part["isConstant"] for part in parts),
            inputs=[_inputs(every) for every in zip(*(part["inputs"] for part in parts))],
            layers=[_layers(every, events) for every in zip(*(part["layers"] for part in parts))],
            output=_distances([part["output"] for part in parts], events), faults=_faults(parts, events))
        if all("exact" in part for part in parts):
            whole["exact"] = _distances([part["exact"] for part in parts], events)
        return cls(whole, text("tf_show_comparison", json.dumps(whole).encode()))


def _layout(comparison):
    """What the comparisons of one model share, whatever the events."""
    layers = [(layer["name"], layer["className"], layer["format"], layer["weights"], layer["tables"]) for layer in comparison["layers"]]
    return (comparison["version"], comparison["model"], comparison["numerics"],
            [(one["name"], one["format"]) for one in comparison["inputs"]], layers)


def _mean(values, weights):
    return math.fsum(value * weight for value, weight in zip(values, weights)) / max(1, sum(weights))


def _square(values, weights):
    return math.sqrt(_mean([value * value for value in values], weights))


def _sums(every, keys):
    return {key: sum(one[key] for one in every) for key in keys}


def _inputs(every):
    counts = _sums(every, ("words", "saturated", "wrapped", "underflowed"))
    return {**every[0], **counts, "low": min(one["low"] for one in every), "high": max(one["high"] for one in every)}


def _distances(every, events):
    found = {"largestError": max(one["largestError"] for one in every),
             "relativeError": _square([one["relativeError"] for one in every], events)}
    if all("argmax" in one for one in every):
        # A share of the events of a part is a whole number of them.
        found["argmax"] = sum(round(one["argmax"] * count) for one, count in zip(every, events)) / sum(events)
    return found


def _layers(every, events):
    words = [one["words"] for one in every]
    found = {**every[0], **_sums(every, ("words", "saturated", "wrapped", "underflowed"))}
    found["largestError"] = max(one["largestError"] for one in every)
    found["meanError"] = _mean([one["meanError"] for one in every], words)
    found.pop("exactError", None)
    for key in ("relativeError", "ownError", "exactError"):
        if all(key in one for one in every):
            found[key] = _square([one[key] for one in every], words)
    found["output"] = _distances([one["output"] for one in every], events)
    return found


def _faults(parts, events):
    """Every layer that is at fault in any part, in the order they come up."""
    found = {}
    for part, count in zip(parts, events):
        for fault in part["faults"]:
            found.setdefault(fault["layer"], []).append((fault, count))
    merged = []
    for layer, every in found.items():
        faults, counts = [fault for fault, _ in every], [count for _, count in every]
        one = {"layer": layer, "parts": len(every), "reasons": [], "settings": []}
        for key in ("reasons", "settings"):
            for fault in faults:
                one[key] += [entry for entry in fault[key] if entry not in one[key]]
        if all("mended" in fault for fault in faults):
            one["mended"] = _distances([fault["mended"] for fault in faults], counts)
        merged.append(one)
    return merged


@dataclass(frozen=True)
class Verdict:
    """One limit held against a design.

    Attributes
    ----------
    name, actual, allowed : str
        What was checked, what there is, and what was allowed, for people.
    passed : bool
        Whether the limit is kept.
    note : str, optional
        That the estimate's error bar decides, or what else changed since the baseline.
    relation : {"at least", "was"}, optional
        What `allowed` is; None for the most that is allowed.
    """

    name: str
    actual: str
    allowed: str
    passed: bool
    note: Optional[str] = None
    relation: Optional[str] = None

    def __str__(self):
        note = f"; {self.note}" if self.note else ""
        relation = {None: "of at most", "at least": "of at least"}.get(self.relation, self.relation)
        return f"{'pass' if self.passed else 'FAIL'}  {self.name}  {self.actual}  {relation} {self.allowed}{note}"


class CheckFailed(Error):
    """A check that ran and failed; its code is 1.

    Attributes
    ----------
    verdicts : list of Verdict
        Everything that was checked.
    """

    def __init__(self, verdicts):
        super().__init__("\n".join(str(verdict) for verdict in verdicts if not verdict.passed), 1)
        self.verdicts = verdicts
