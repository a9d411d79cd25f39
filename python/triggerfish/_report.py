"""Reports and verdicts."""

import html

from dataclasses import dataclass
from typing import Optional

from ._library import Error


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
