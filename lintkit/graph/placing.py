"""Which node a finding belongs to."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from lintkit.finding import Severity
from lintkit.graph.graph import Note, Position

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lintkit.finding import Finding
    from lintkit.model.cluster import Applied
    from lintkit.model.resource import Resource


class Placing:
    """Learns where nodes are written and what they are built of, then sorts findings out."""

    def __init__(self) -> None:
        self._written: dict[str, dict[tuple[int, int], dict[str, None]]] = {}
        self._builds: list[tuple[frozenset[str], str]] = []

    def add(self, resource: Resource, identity: str) -> None:
        """A node is written as this object."""
        span = (resource.written.start, resource.written.end)
        self._written.setdefault(resource.path, {}).setdefault(span, {})[identity] = None

    def add_files(self, applied: Applied, identity: str) -> None:
        """A node applies what these files build to."""
        if applied.build is not None:
            self._builds.append((applied.build.files, identity))

    def place(self, findings: Iterable[Finding]) -> tuple[dict[str, list[Note]], list[Note]]:
        """Findings by the id of their node, and those that have none.

        A finding belongs to the object that it stands in, in every cluster that applies it; in a kustomization file, a
        patch or a file of a generator it belongs to every Flux Kustomization that builds with that file.
        """
        placed: dict[str, list[Note]] = {}
        elsewhere: list[Note] = []
        for finding in findings:
            note = _note(finding)
            found = self._holders(finding) or [identity for files, identity in self._builds if finding.path in files]
            for identity in dict.fromkeys(found):
                placed.setdefault(identity, []).append(note)
            if not found:
                elsewhere.append(note)
        return placed, elsewhere

    def _holders(self, finding: Finding) -> list[str]:
        spans = self._written.get(finding.path, {})
        starts = sorted(spans)
        at = bisect_right(starts, (finding.place.span.start, float("inf"))) - 1
        if at < 0 or finding.place.span.start > starts[at][1]:
            return []
        return list(spans[starts[at]])


def _note(finding: Finding) -> Note:
    severity = str(finding.severity or Severity.ERROR)
    return Note(finding.rule, severity, finding.message, Position(finding.path, *finding.position))
