"""Where findings are: what may be told of it, and paths in the words of a forge, from the root of the repository."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lintkit.syntax.node import Place
from lintkit.text.edit import Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from lintkit.finding import Finding
    from lintkit.outcome import Report


def without_lengths(report: Report) -> Report:
    """The report with no place that ends in or after a secret it covers: how long one is helps to guess it."""
    hidden = report.sensitive
    return replace(
        report,
        findings=tuple(_clipped(finding, hidden) for finding in report.findings),
        suppressed=tuple(replace(one, finding=_clipped(one.finding, hidden)) for one in report.suppressed),
    )


def _clipped(finding: Finding, hidden: Mapping[str, Sequence[Span]]) -> Finding:
    place = _clip(finding.place, hidden)
    related = tuple(replace(one, place=_clip(one.place, hidden)) for one in finding.related)
    is_same = place is finding.place and all(a.place is b.place for a, b in zip(related, finding.related, strict=True))
    return finding if is_same else replace(finding, place=place, related=related)


def _clip(place: Place, hidden: Mapping[str, Sequence[Span]]) -> Place:
    """A place that ends where the first secret in it starts, or one character after its own start."""
    source, span = place
    starts = [one.start for one in hidden.get(source.path, ()) if one.start < span.end and span.start < one.end]
    end = max(min(starts, default=span.end), span.start + 1)
    return Place(source, Span(span.start, end)) if end < span.end else place


def prefix(root: Path) -> str:
    """What stands before the paths of a tree when its root is a folder of a repository: `cluster/`, or nothing."""
    for folder in (root, *root.parents):
        if (folder / ".git").exists():
            inside = root.relative_to(folder).as_posix()
            return "" if inside == "." else f"{inside}/"
    return ""


class Lines:
    """Start and end of a finding: 1-based, the end after the last character."""

    def __init__(self, finding: Finding) -> None:
        self.line, self.column = finding.position
        self.end_line, self.end_column = finding.end_position
        if self.end_line > self.line and self.end_column == 1:
            source = finding.place.source
            self.end_line -= 1
            start, end = source.line_span(self.end_line)
            self.end_column = end - start + 1
