"""YAML inside a scalar of another document, with positions in the outer source.

A pod template in Helm values or a `vector.yaml` in a ConfigMap is source too: a finding in it points at the real line.
Go template actions (`{{ ... }}`) are masked first, character for character, so that what Helm will render can be read
as YAML as far as it goes.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from lintkit.syntax.parser import parse_within

if TYPE_CHECKING:
    from collections.abc import Callable

    from lintkit.syntax.node import Scalar, Stream

MASK = "\ue000"
"""The character that stands for each masked character of a template action (private use area)."""

VERBATIM = "="
"""The style of a scalar whose text stands in the source as it is: a whole file, a line of an env file."""

_ACTION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_ACTION_LINE = re.compile(r"^[ \t]*(?:\{\{(?:(?!\{\{|\}\}).)*\}\}[ \t]*)+$", re.MULTILINE | re.DOTALL)


def embedded(scalar: Scalar, *, templated: bool = False) -> Stream:
    """Read the text of a scalar as YAML.

    Args:
        scalar: A scalar whose text is YAML.
        templated: Mask Go template actions first; a scalar of the result that holds `MASK` is not known.
    """
    text = mask(scalar.text) if templated else scalar.text
    return parse_within(scalar.source, text, locator(scalar))


def is_masked(text: str) -> bool:
    """Whether a template decides some of this text."""
    return MASK in text


def mask(text: str) -> str:
    """Replace template actions by the same number of mask characters; lines of nothing else become blank."""

    def blank(found: re.Match[str]) -> str:
        return re.sub(r"[^\n]", " ", found[0])

    def masked(found: re.Match[str]) -> str:
        return re.sub(r"[^\n]", MASK, found[0])

    end = text.rfind("}}") + 2  # an action that nothing closes is no action, and looking for its end takes long
    if end < 2 or "{{" not in text:
        return text
    return _ACTION.sub(masked, _ACTION_LINE.sub(blank, text[:end])) + text[end:]


def locator(scalar: Scalar) -> Callable[[int], int]:
    """How offsets into a scalar's text map to its source.

    Exact for literal blocks and for quoted or plain scalars on one line without escapes; otherwise every offset maps
    to the start of the scalar.
    """
    source, text = scalar.source, scalar.text
    raw = source.text[scalar.start : scalar.end]
    if scalar.style == "|":
        return _literal(scalar) or (lambda _: scalar.start)
    shift = 1 if scalar.style in {"'", '"'} else 0
    if raw[shift : shift + len(text)] == text:
        return lambda offset: scalar.start + shift + offset
    return lambda _: scalar.start


def _literal(scalar: Scalar) -> Callable[[int], int] | None:
    source = scalar.source
    first = source.line_index(scalar.start) + 1
    inner_starts = [0]
    outer_starts: list[int] = []
    lines = scalar.text.split("\n")
    indent = None
    for number, line in enumerate(lines):
        if number:
            inner_starts.append(inner_starts[-1] + len(lines[number - 1]) + 1)
        if first + number >= len(source.line_starts):
            outer_starts.append(len(source.text))
            continue
        start, end = source.line_span(first + number + 1)
        outer = source.text[start:end]
        if indent is None and line.strip():
            indent = len(outer) - len(line)
            if indent < 0:
                return None
        if line.strip() and outer[indent:] != line:
            return None
        outer_starts.append(min(start + (indent or 0), end) if line else start)
    return lambda offset: _outer(offset, inner_starts, outer_starts, scalar.end)


def _outer(offset: int, inner_starts: list[int], outer_starts: list[int], end: int) -> int:
    line = bisect_right(inner_starts, offset) - 1
    return min(outer_starts[line] + offset - inner_starts[line], end)
