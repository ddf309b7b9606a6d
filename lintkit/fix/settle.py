"""Which fixes of a group stand: all at once where they do, else those that are no cause of what goes wrong.

Every trial judges the whole tree, so trials are few: what a fix has surely caused takes it out at once, and fixes of
which any may be the cause are told apart by halves, those of all places at the same time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from lintkit.finding import Finding

MOST_TRIALS = 24
"""After so many trials what still does not stand together is refused: telling it apart would take minutes."""


@dataclass(slots=True)
class Failure:
    """Why fixes do not stand together; they are known by their position in what was tried.

    Attributes:
        sure: Fixes that cannot stand -> why.
        conflicts: What else goes wrong: why, and the fixes of which any may be the cause; none where nobody knows.
    """

    sure: dict[int, str] = field(default_factory=dict)
    conflicts: list[tuple[str, frozenset[int]]] = field(default_factory=list)


@dataclass(slots=True)
class Settled:
    """What came of a group.

    Attributes:
        stood: Findings whose fixes stand together.
        refused: Findings whose fixes do not, each with the reason.
    """

    stood: list[Finding] = field(default_factory=list)
    refused: list[tuple[Finding, str]] = field(default_factory=list)


def settle(group: Iterable[Finding], trial: Callable[[Sequence[Finding]], Failure | None]) -> Settled:
    """Find fixes of a group that stand together.

    Args:
        group: Findings whose fixes do not touch each other; the same edits repair several.
        trial: Why some of them do not stand together on the tree; None when they do.
    """
    units = _units(group)
    settling = _Settling(units, trial)
    settling.settle([list(range(len(units)))])
    refused = [(finding, why) for unit, why in settling.refused.items() for finding in units[unit]]
    return Settled([finding for unit in settling.held for finding in units[unit]], refused)


def _units(group: Iterable[Finding]) -> list[list[Finding]]:
    """Findings that one fix repairs are tried as one."""
    found: dict[object, list[Finding]] = {}
    for finding in group:
        found.setdefault(finding.fix.edits if finding.fix else id(finding), []).append(finding)
    return list(found.values())


class _Settling:
    """The state of one group; its units are known by their position."""

    def __init__(self, units: list[list[Finding]], trial: Callable[[Sequence[Finding]], Failure | None]) -> None:
        self.units = units
        self.trial = trial
        self.trials = 0
        self.held: list[int] = []
        self.refused: dict[int, str] = {}

    def settle(self, clusters: list[list[int]]) -> None:
        """Hold what stands of some clusters, on top of what is held.

        Args:
            clusters: Units that may be tried at the same time; what goes wrong in one says nothing of the others.
        """
        tested = sorted(unit for cluster in clusters for unit in cluster)
        failure = self._tried(tested)
        if failure is None:
            self.held += tested
            return
        blamed = self._learn(failure, set(tested))
        left = [unit for unit in tested if unit not in self.refused]
        if self.trials >= MOST_TRIALS:
            reason = next((why for why, _ in failure.conflicts), "other fixes do not stand")
            self.refused.update(dict.fromkeys(left, reason))
            return
        doubtful = {unit for cluster, _ in blamed for unit in cluster}
        clear = [unit for unit in left if unit not in doubtful]
        if not doubtful and len(left) == len(tested):
            self._settle_parts([left], reason=failure.conflicts[0][0])  # nobody knows which of them it is
            return
        if clear:
            self.settle([clear])
        again = [sorted(cluster) for cluster, is_again in blamed if is_again]
        if again:
            self.settle(again)
        apart = [sorted(cluster) for cluster, is_again in blamed if not is_again]
        if apart:
            self._settle_parts(apart, reason=failure.conflicts[0][0])

    def _settle_parts(self, clusters: list[list[int]], *, reason: str) -> None:
        """Clusters in two parts: the first parts of all, then the others."""
        for cluster in [one for one in clusters if len(one) == 1]:
            self.refused[cluster[0]] = reason
        parts = [self._parts(cluster) for cluster in clusters if len(cluster) > 1]
        if parts:
            self.settle([first for first, _ in parts])
            self.settle([second for _, second in parts])

    def _tried(self, tested: list[int]) -> Failure | None:
        """The failure of some units on top of those that are held, told of units."""
        tried = [*self.held, *tested]
        if not tested:
            return None
        self.trials += 1
        owner = [unit for unit in tried for _ in self.units[unit]]
        failure = self.trial([finding for unit in tried for finding in self.units[unit]])
        if failure is None:
            return None
        sure = {owner[index]: why for index, why in failure.sure.items()}
        return Failure(sure, [(why, frozenset(owner[index] for index in one)) for why, one in failure.conflicts])

    def _learn(self, failure: Failure, tested: set[int]) -> list[tuple[set[int], bool]]:
        """Refuse what is surely a cause; clusters of those that may be one, and whether to try them as they are."""
        self.refused.update((unit, why) for unit, why in failure.sure.items() if unit in tested)
        clusters: list[tuple[set[int], bool]] = []
        for why, suspects in failure.conflicts:
            blamed = suspects & tested
            if len(blamed) == 1:
                self.refused.update((unit, why) for unit in blamed if unit not in self.refused)
        for _, suspects in failure.conflicts:
            blamed = suspects & tested
            left = set(blamed - self.refused.keys())
            if left:
                _join(clusters, left, is_again=len(left) < len(blamed))
        return clusters

    def _parts(self, units: list[int]) -> tuple[list[int], list[int]]:
        """Units in two parts: those of the first rule and the others, else halves."""
        rule = self.units[units[0]][0].rule
        first = [unit for unit in units if self.units[unit][0].rule == rule]
        if len(first) < len(units):
            return first, [unit for unit in units if unit not in first]
        middle = len(units) // 2
        return units[:middle], units[middle:]


def _join(clusters: list[tuple[set[int], bool]], units: set[int], *, is_again: bool) -> None:
    """Add a set of units; those that share one become one."""
    for other in [one for one in clusters if one[0] & units]:
        clusters.remove(other)
        units |= other[0]
        is_again = is_again or other[1]
    clusters.append((units, is_again))
