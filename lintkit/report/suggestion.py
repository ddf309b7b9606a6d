"""What a fix would write, as far as it may be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lintkit.text.edit import Edit, OverlappingEditsError, Span, apply

if TYPE_CHECKING:
    from lintkit.finding import Finding
    from lintkit.outcome import Report
    from lintkit.text.source import Source

_LONG_ENOUGH = 4
"""Shorter secrets are looked for where they stand alone: they are part of too many words."""


class Replacement(NamedTuple):
    """Text that takes the place of a span."""

    source: Source
    span: Span
    text: str


class Suggestions:
    """The fixes of a report.

    A fix that touches a secret, or writes one elsewhere, is not shown at all: all of its edits are to be made, or none.
    """

    def __init__(self, report: Report) -> None:
        self.report = report
        self._secrets: set[str] | None = None

    def of(self, finding: Finding) -> list[Replacement]:
        """The edits of a finding's fix, by place; empty when it has none, or none that can be shown."""
        found: list[Replacement] = []
        for edit in finding.fix.edits if finding.fix else ():
            source = self._source(finding, edit.path)
            if source is None or self._is_secret(edit.path, edit.span, edit.text):
                return []
            found.append(Replacement(source, edit.span, edit.text))
        return sorted(found, key=lambda one: (one.source.path, one.span))

    def as_one(self, finding: Finding) -> Replacement | None:
        """The fix as one replacement in the finding's file, for tools that take no more."""
        found = self.of(finding)
        if not found or any(one.source.path != finding.path for one in found):
            return None
        source = found[0].source
        whole = Span(found[0].span.start, max(one.span.end for one in found))
        moved = [
            Edit(source.path, Span(one.span.start - whole.start, one.span.end - whole.start), one.text) for one in found
        ]
        try:
            text = apply(source.text[whole.start : whole.end], moved)
        except OverlappingEditsError:
            return None
        return None if self._is_secret(source.path, whole, text) else Replacement(source, whole, text)

    def _source(self, finding: Finding, path: str) -> Source | None:
        if path == finding.path:
            return finding.place.source
        tree = self.report.tree
        return tree.repository.source(path) if tree is not None else None

    def _is_secret(self, path: str, span: Span, text: str) -> bool:
        if any(span.overlaps(one) for one in self.report.sensitive.get(path, ())):
            return True
        return any(secret in text for secret in self._texts())

    def _texts(self) -> set[str]:
        if self._secrets is None:
            self._secrets = set()
            tree = self.report.tree
            for path, spans in self.report.sensitive.items():
                source = tree.repository.source(path) if tree is not None else None
                texts = [source.text[span.start : span.end] for span in spans] if source else []
                lines = (line.strip().strip("\"'") for text in texts for line in text.splitlines())
                self._secrets.update(line for line in lines if len(line) >= _LONG_ENOUGH)
        return self._secrets
