"""Offsets of a source as the protocol counts them: 0-based lines, and columns in units that both sides agreed on.

A byte order mark is no part of what an editor shows, so it counts as nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from lintkit.syntax.node import Place
    from lintkit.text.edit import Span
    from lintkit.text.source import Source

UTF_16 = "utf-16"
_MARK = "\ufeff"


def units(text: str, encoding: str) -> int:
    """How long a text is in an encoding: `utf-8`, `utf-16` or `utf-32`."""
    if text.isascii() or encoding == "utf-32":
        return len(text)
    if encoding == "utf-8":
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + sum(char > "\uffff" for char in text)


def position(source: Source, offset: int, encoding: str = UTF_16) -> types.Position:
    """The position of an offset; past the end counts as the end."""
    offset = min(max(offset, 0), len(source.text))
    line = source.line_index(offset)
    before = source.text[source.line_starts[line] : offset]
    return types.Position(line, units(before.removeprefix(_MARK) if line == 0 else before, encoding))


def offset_at(source: Source, at: types.Position, encoding: str = UTF_16) -> int:
    """The offset of a position; a column past the end of its line counts as the end of the line."""
    if at.line >= len(source.line_starts):
        return len(source.text)
    start, end = source.line_span(at.line + 1)
    if at.line == 0 and source.text.startswith(_MARK):
        start += 1
    line = source.text[start:end]
    if line.isascii() or encoding == "utf-32":
        return min(start + at.character, end)
    left = at.character
    for index, char in enumerate(line):
        if left <= 0:
            return start + index
        left -= units(char, encoding)
    return end


def span_range(source: Source, span: Span, encoding: str = UTF_16) -> types.Range:
    """The range of a span."""
    return types.Range(position(source, span.start, encoding), position(source, span.end, encoding))


def place_range(place: Place, encoding: str = UTF_16) -> types.Range:
    """The range of a place."""
    return span_range(place.source, place.span, encoding)
