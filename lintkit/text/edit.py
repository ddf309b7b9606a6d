"""Spans and edits of text: the only way lintkit ever changes a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from lintkit.errors import LintkitError

if TYPE_CHECKING:
    from collections.abc import Iterable


class Span(NamedTuple):
    """Half-open character offsets `start <= end` into one source."""

    start: int
    end: int

    def overlaps(self, other: Span) -> bool:
        """Whether the two share a character, or one is an insertion strictly inside the other."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace the characters of `span` in the file at `path` by `text`.

    An empty span inserts. A `path` that does not exist yet is created from edits at offset 0.
    """

    path: str
    span: Span
    text: str


class OverlappingEditsError(LintkitError):
    """Two edits change the same characters."""


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Apply edits of one file to its text.

    Bytes outside the spans never change. Insertions at one offset keep the order they are given in.

    Raises:
        OverlappingEditsError: Two edits overlap, or one lies outside of the text.
    """
    ordered = sorted(edits, key=lambda edit: (edit.span.start, edit.span.end))
    parts: list[str] = []
    at = 0
    for edit in ordered:
        if edit.span.start < at or not edit.span.start <= edit.span.end <= len(text):
            message = f"edits overlap or leave the text at {edit.path}:{edit.span.start}"
            raise OverlappingEditsError(message)
        parts += (text[at : edit.span.start], edit.text)
        at = edit.span.end
    parts.append(text[at:])
    return "".join(parts)
