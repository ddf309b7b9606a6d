"""Findings of an older text, moved to where their places are in a newer one.

What stands before the first and after the last change keeps its meaning until the tree is read again; what touches the
change is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lintkit.syntax.node import Place
from lintkit.text.edit import Span

if TYPE_CHECKING:
    from lintkit.finding import Finding
    from lintkit.text.source import Source


@dataclass(frozen=True, slots=True)
class Shift:
    """How offsets of an old text map to a new one.

    Attributes:
        start: Length of the common beginning.
        old_end: Where the common end starts in the old text.
        new_end: Where it starts in the new one.
    """

    start: int
    old_end: int
    new_end: int

    @classmethod
    def between(cls, old: str, new: str) -> Shift:
        """The shift from one text to another."""
        start = _common(old, new)
        most = min(len(old), len(new)) - start
        end = _common_end(old, new, most)
        return cls(start, len(old) - end, len(new) - end)

    def span(self, span: Span) -> Span | None:
        """A span of the old text in the new one; None when the change touches it."""
        if span.end < self.start or (span.end == self.start == self.old_end == self.new_end):
            return span
        if span.start > self.old_end or (span.start == self.old_end and self.start < span.start):
            by = self.new_end - self.old_end
            return Span(span.start + by, span.end + by)
        return span if self.start == self.old_end == self.new_end else None

    def back(self, offset: int) -> int | None:
        """The offset in the old text of one in the new text; None inside of the change."""
        if offset <= self.start:
            return offset
        return offset - self.new_end + self.old_end if offset >= self.new_end else None


def carried(finding: Finding, source: Source, shift: Shift) -> Finding | None:
    """A finding at its place in the new text, without its fix; None when the change touches it."""
    span = shift.span(finding.place.span)
    if span is None:
        return None
    related = tuple(
        replace(one, place=Place(source, moved) if one.place.source.path == source.path else one.place)
        for one in finding.related
        if (moved := shift.span(one.place.span) if one.place.source.path == source.path else one.place.span)
    )
    return replace(finding, place=Place(source, span), related=related, fix=None)


def _common(one: str, other: str) -> int:
    """Length of the common beginning, by halving."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_end(one: str, other: str, most: int) -> int:
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if one[len(one) - middle : len(one) - low] == other[len(other) - middle : len(other) - low]:
            low = middle
        else:
            high = middle - 1
    return low
