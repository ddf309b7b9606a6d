"""What a run of `lintkit verify` found, as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lintkit.verify.expectation import Outcome, Result

if TYPE_CHECKING:
    from pathlib import Path

    from lintkit.verify.probes._probe import Probe


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a run.

    Attributes:
        root: Root of the tree.
        cluster: What the cluster is called.
        results: A result for each expectation, sorted by path and line.
        probes: The probes that ran.
        left_out: What was not asked, and why.
        seconds: Wall time; 0 for a replay, whose report is always the same.
        calls: How often the API server was asked; 0 when it is not known.
    """

    root: Path
    cluster: str
    results: tuple[Result, ...]
    probes: tuple[Probe, ...]
    left_out: tuple[str, ...] = ()
    seconds: float = 0.0
    calls: int = 0

    def count(self, outcome: Outcome) -> int:
        """How many expectations stand like this."""
        return sum(one.outcome is outcome for one in self.results)

    def exit_code(self, *, allow_unknown: bool = False) -> int:
        """0 when all is true, 1 when something is not, 4 when something is not known."""
        if self.count(Outcome.FAIL):
            return 1
        return 4 if self.count(Outcome.UNKNOWN) and not allow_unknown else 0
