"""The lines of source around every place of a graph, with secrets masked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lintkit.report.frame import MASK, masked_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from lintkit.graph.graph import Graph, Position
    from lintkit.model.tree import Tree
    from lintkit.text.edit import Span
    from lintkit.text.source import Source

Excerpts = dict[str, list[tuple[int, list[str]]]]
"""Path -> runs of lines without a gap: the 1-based number of the first, and the lines."""

_BEFORE, _AFTER = 3, 4
_AFTER_NODE = 16
_WIDTH = 200
_HIDDEN = MASK * 6
_MASKS = re.compile(f"{MASK}+")

_HOLDS_SECRET = re.compile(r"\bkind[\"']?:\s*[\"']?Secret\b(?!-)")
_FIELDS = r"^(?P<margin>[\s#-]*)[\"']?(?:data|stringData{})[\"']?:(?P<rest>.*)"
_DATA, _DATA_OR_VALUE = re.compile(_FIELDS.format("")), re.compile(_FIELDS.format("|value"))
_POINTER = re.compile(r"/(?:data|stringData)\b")
_KEY = re.compile(r"^[\s#-]*(?:[\w.-]+|\"[^\"]*\"|'[^']*'):(?=\s|$)")
_MARGIN = re.compile(r"^[\s#]*")
_COMMENT = re.compile(r"(#.*?(?:pass|pwd|token|secret|credential|key)[\w.-]*[\"']?\s*[:=]\s*)\S.*", re.IGNORECASE)


def of_graph(graph: Graph, tree: Tree, sensitive: Mapping[str, Sequence[Span]]) -> Excerpts:
    """The lines around nodes, edges and findings.

    Args:
        graph: The graph.
        tree: The tree that it was made of.
        sensitive: Path -> spans that are never shown.
    """
    wanted: dict[str, set[int]] = {}
    for position, after in _positions(graph):
        lines = range(max(1, position.line - _BEFORE), position.line + after + 1)
        wanted.setdefault(position.path, set()).update(lines)
    found: Excerpts = {}
    for path, numbers in sorted(wanted.items()):
        source = tree.repository.source(path)
        if source is not None:
            found[path] = list(_runs(_shown(source, numbers, sensitive.get(path, ()))))
    return found


def _positions(graph: Graph) -> Iterator[tuple[Position, int]]:
    for node in graph.nodes:
        if node.position is not None:
            yield node.position, _AFTER_NODE
    for edge in graph.edges:
        if edge.position is not None:
            yield edge.position, _AFTER
    for note in graph.findings:
        yield note.position, _AFTER


def _shown(source: Source, numbers: Iterable[int], sensitive: Sequence[Span]) -> Iterator[tuple[int, str]]:
    """Lines of a file with their numbers, ready to be shown."""
    numbers = sorted(number for number in numbers if number <= source.line_count)
    if _HOLDS_SECRET.search(source.text):
        field = _DATA_OR_VALUE if _POINTER.search(source.text) else _DATA
        every = range(1, source.line_count + 1)
        lines = dict(
            zip(every, _without_data((masked_line(source, line, sensitive) for line in every), field), strict=True)
        )
    else:
        lines = {number: masked_line(source, number, sensitive) for number in numbers}
    for number in numbers:
        line = _MASKS.sub(_HIDDEN, _COMMENT.sub(rf"\1{_HIDDEN}", lines[number].rstrip()))
        yield number, line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"


def _without_data(lines: Iterable[str], field: re.Pattern[str]) -> Iterator[str]:
    """Lines with every value below some fields masked.

    What is known of the spans of secrets has its exceptions; a page that is passed around makes none. It reads
    characters alone, so that patches, comments and texts within texts count as well.
    """
    inside: int | None = None
    for line in lines:
        margin = len(_MARGIN.match(line)[0])  # type: ignore[index] # it matches every text
        if inside is not None and line.strip(" #") and margin <= inside:
            inside = None
        data = field.match(line) if inside is None else None
        if data is not None:
            inside = len(data["margin"])
            rest = data["rest"].strip()
            yield line if not rest or rest.startswith("#") else f"{line[: data.start('rest')]} {_HIDDEN}"
        elif inside is None or not line.strip(" #"):
            yield line
        else:
            key = _KEY.match(line)
            begin = key.end() if key else margin
            has_value = bool(line[begin:].strip())
            yield f"{line[:begin]}{' ' if key else ''}{_HIDDEN}" if has_value else line


def _runs(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, list[str]]]:
    first, run = 0, list[str]()
    for number, line in lines:
        if run and number != first + len(run):
            yield first, run
            run = []
        first = first if run else number
        run.append(line)
    if run:
        yield first, run
