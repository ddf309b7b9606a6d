"""Text in lintkit's own style -> the same YAML in the style of a repository."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lintkit.model.resource import make, manifests
from lintkit.syntax.node import Mapping, Scalar, Sequence
from lintkit.syntax.parser import parse
from lintkit.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.generate.style import Style
    from lintkit.syntax.node import Node, Stream

_OWN = 2
"""Columns of a level in lintkit's own style."""
_VERSION = re.compile(r"v[a-z0-9]+")


def restyled(path: str, text: str, style: Style) -> str:
    """A manifest in the style of a repository: document marker, schema comment, place of the dashes.

    Args:
        path: Where it will stand.
        text: One or more documents, each with its `---`.
        style: The repository's style.
    """
    stream = parse(Source(path, text))
    if stream.error is not None or not stream.documents:
        return text
    lines = text.split("\n")
    if not style.has_indented_lists:
        lines = _outdented(stream, lines)
        stream = parse(Source(path, "\n".join(lines)))
    if style.indent != _OWN:
        lines = _deepened(stream, lines, style.indent - _OWN)
    if style.schemas:
        lines = _with_schemas(stream, lines, style)
    if not style.has_marker and lines[0] == "---":
        del lines[0]
    return "\n".join(lines)


def outdented(text: str) -> str:
    """YAML with every dash below its key."""
    stream = parse(Source("text", text))
    return text if stream.error is not None else "\n".join(_outdented(stream, text.split("\n")))


def _outdented(stream: Stream, lines: list[str]) -> list[str]:
    """Lists whose dash stands right of its key, moved left; comments and block scalars move along."""
    moves = [0] * len(lines)
    for document in stream.documents:
        for sequence, column in _lists(document.root):
            source = sequence.source
            dash = source.text.rfind("-", 0, sequence.children[0].start)
            first = source.line_index(dash)
            gap = dash - source.line_starts[first] - column
            if gap <= 0 or source.text[source.line_starts[first] : dash].strip():
                continue
            while first and lines[first - 1].lstrip().startswith("#") and lines[first - 1][: column + 1].isspace():
                first -= 1
            last = source.line_index(max(sequence.end - 1, 0))
            for index in range(first, last + 1):
                moves[index] += gap
    return [line[min(move, len(line) - len(line.lstrip(" "))) :] for line, move in zip(lines, moves, strict=True)]


def deepened(text: str, indent: int) -> str:
    """YAML in lintkit's own style with another width of a level."""
    stream = parse(Source("text", text))
    if stream.error is not None or indent == _OWN:
        return text
    return "\n".join(_deepened(stream, text.split("\n"), indent - _OWN))


def _deepened(stream: Stream, lines: list[str], more: int) -> list[str]:
    """Every level below a key some columns wider; what follows a dash stays two columns from it."""
    moves = [0] * len(lines)
    stack = [document.root for document in stream.documents]
    while stack:
        node = stack.pop()
        if isinstance(node, Sequence):
            stack += node.children
        if not isinstance(node, Mapping) or node.flow:
            continue
        source = node.source
        for key, value in node.pairs:
            stack.append(value)
            first, last = source.line_index(key.start) + 1, source.line_index(max(value.end - 1, value.start))
            column = source.position(key.start)[1]
            is_block = (isinstance(value, Mapping) and not value.flow) or (
                isinstance(value, Sequence)
                and not value.flow
                and bool(value.children)
                and source.position(source.text.rfind("-", 0, value.children[0].start))[1] > column
            )
            if is_block or (isinstance(value, Scalar) and value.style in {"|", ">"}):
                for index in range(first, last + 1):
                    moves[index] += more
    return [
        (" " * move + line if move >= 0 else line[min(-move, len(line) - len(line.lstrip(" "))) :]) if line else line
        for move, line in zip(moves, lines, strict=True)
    ]


def _lists(root: Node | None) -> Iterator[tuple[Sequence, int]]:
    """Block lists below a key, with the column of the key."""
    stack = [root] if root is not None else []
    while stack:
        node = stack.pop()
        if isinstance(node, Mapping):
            for key, value in node.pairs:
                if isinstance(value, Sequence) and not value.flow and value.children:
                    yield value, node.source.position(key.start)[1] - 1
                stack.append(value)
        elif isinstance(node, Sequence):
            stack += node.children


def _with_schemas(stream: Stream, lines: list[str], style: Style) -> list[str]:
    """The comment for editors below the marker of each document, where the tree says what it is."""
    found: list[tuple[int, str]] = []
    for root in manifests(stream):
        resource = make(root)
        url = style.schemas.get(f"{resource.group}/{resource.kind}", "")
        if not url and style.schema_base and "." in resource.group and _VERSION.fullmatch(resource.version):
            url = f"{style.schema_base}/{resource.group}/{resource.kind.lower()}_{resource.version}.json"
        first = root.source.line_index(root.start)
        while first and lines[first - 1] != "---":
            first -= 1
        if url:
            found.append((first, f"# yaml-language-server: $schema={url}"))
    for index, line in reversed(found):
        lines.insert(index, line)
    return lines
