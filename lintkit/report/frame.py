"""The lines of source that a finding underlines, with secrets masked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.text.edit import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lintkit.syntax.node import Place
    from lintkit.text.source import Source

MASK = "•"
_MASKED = MASK * 8
_WIDTH = 160


def masked_line(source: Source, line: int, sensitive: Iterable[Span]) -> str:
    """Text of a 1-based line with every secret in it masked, tabs shown as one space."""
    return _Line(source, line, sensitive).text


class _Line:
    """A line as it is shown, and where its characters went.

    A mask is of one length, whatever it covers: how long a secret is helps to guess it.
    """

    def __init__(self, source: Source, line: int, sensitive: Iterable[Span]) -> None:
        start, end = source.line_span(line)
        if start == 0 and source.text.startswith("\ufeff"):
            start = 1
        shown: list[str] = []
        self.columns = [0] * (end - start + 1)
        width = 0
        hidden = _merged(sensitive, start, end)
        at = start
        while at < end:
            span = next((one for one in hidden if one.start <= at < one.end), None)
            stop = min(span.end, end) if span else at + 1
            part = _MASKED if span else source.text[at].replace("\t", " ")
            for offset in range(at, stop):
                self.columns[offset - start] = width
            shown.append(part)
            width += len(part)
            at = stop
        self.columns[end - start] = width
        self.start = start
        self.text = "".join(shown)

    def column(self, offset: int, *, end: bool = False) -> int:
        """0-based column at which an offset of the source is shown; `end`: that of what stops there."""
        index = max(0, min(offset - self.start, len(self.columns) - 1))
        if end and 0 < index < len(self.columns) - 1 and self.columns[index] == self.columns[index - 1]:
            # inside of a mask: all of it
            return next((one for one in self.columns[index:] if one > self.columns[index]), self.columns[-1])
        return self.columns[index]


def _merged(spans: Iterable[Span], start: int, end: int) -> list[Span]:
    """The spans that touch start to end, those that overlap or touch made one."""
    found: list[Span] = []
    for span in sorted(one for one in spans if one.start < end and start < one.end):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found


def frame(place: Place, sensitive: Iterable[Span]) -> tuple[int, str, int, int]:
    """The first line of a place, ready to be shown.

    Returns:
        1-based line number, its masked text, 0-based column of the underline, and its length (at least 1).
    """
    source = place.source
    number, _ = source.position(place.span.start)
    end_line, _ = source.position(place.span.end)
    line = _Line(source, number, sensitive)
    text = line.text
    begin = line.column(place.span.start)
    stop = line.column(place.span.end, end=True) if end_line == number else len(text.rstrip())
    if len(text) > _WIDTH:
        cut = max(0, begin - 40)
        rest = text[cut + _WIDTH :]
        text = ("…" if cut else "") + text[cut : cut + _WIDTH] + ("…" if rest else "")
        begin, stop = begin - cut + bool(cut), stop - cut + bool(cut)
    return number, text, begin, max(1, min(stop, len(text)) - begin)
