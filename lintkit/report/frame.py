"""The lines of source that a finding underlines, with secrets masked."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lintkit.syntax.node import Place
    from lintkit.text.edit import Span
    from lintkit.text.source import Source

MASK = "•"
_WIDTH = 160


def masked_line(source: Source, line: int, sensitive: Iterable[Span]) -> str:
    """Text of a 1-based line with every secret in it replaced, tabs shown as one space."""
    start, end = source.line_span(line)
    text = list(source.text[start:end])
    for span in sensitive:
        for offset in range(max(span.start, start), min(span.end, end)):
            text[offset - start] = MASK
    if start == 0 and text[:1] == ["\ufeff"]:
        text = text[1:]
    return "".join(text).replace("\t", " ")


def frame(place: Place, sensitive: Iterable[Span]) -> tuple[int, str, int, int]:
    """The first line of a place, ready to be shown.

    Returns:
        1-based line number, its masked text, 0-based column of the underline, and its length (at least 1).
    """
    source = place.source
    line, column = source.position(place.span.start)
    end_line, end_column = source.position(place.span.end)
    text = masked_line(source, line, sensitive)
    begin = column - 1
    stop = end_column - 1 if end_line == line else len(text.rstrip())
    if len(text) > _WIDTH:
        cut = max(0, begin - 40)
        text = ("…" if cut else "") + text[cut : cut + _WIDTH] + "…"
        begin, stop = begin - cut + bool(cut), stop - cut + bool(cut)
    return line, text, begin, max(1, min(stop, len(text)) - begin)
