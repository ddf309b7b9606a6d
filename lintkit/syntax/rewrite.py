"""Edits of YAML text: replace, rename, add, append, remove; indent, quoting and flow style are kept.

Rules never slice text themselves. Where the text leaves no certain way, the answer is None and there is no fix.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lintkit.syntax.node import Alias, Mapping, Node, Scalar, Sequence
from lintkit.syntax.plain import flux_value, kubectl_value
from lintkit.text.edit import Edit, Span

if TYPE_CHECKING:
    from lintkit.text.source import Source

_PLAIN_SAFE = re.compile(r"[A-Za-z0-9_./][^#:,\[\]{}&*!|>'\"%@`]*")
_BREAK = re.compile(r"\r\n|\n|\r")
BLOCK_LEAD = re.compile(r"\ufeff?(?P<indent> *(?:- +)*)")
"""What stands before the first key of a block mapping on its line."""
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def line_break(source: Source) -> str:
    """The line break that a file uses."""
    found = _BREAK.search(source.text)
    return found[0] if found else "\n"


def quoted(text: str, style: str = "") -> str:
    """A text as a YAML scalar on one line, in the style given where that can hold it."""
    if style == "'" and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    safe = _PLAIN_SAFE.fullmatch(text) and text == text.strip() and text.isprintable()
    if not style and safe and flux_value(text) == text and kubectl_value(text) == text:
        return text
    return '"' + "".join(_ESCAPES.get(char) or _escaped(char) for char in text) + '"'


def replace_scalar(node: Scalar, text: str) -> list[Edit]:
    """Give a scalar another text; it keeps its quotes."""
    style = node.style if node.style in {"'", '"'} else ""
    before = node.source.text[node.start - 1 : node.start]
    gap = " " if node.start == node.end and before and not before.isspace() else ""
    return [Edit(node.source.path, Span(node.start, node.end), gap + quoted(text, style))]


def rename_key(key: Scalar, name: str) -> list[Edit]:
    """Give a key another name."""
    return replace_scalar(key, name)


def append_item(sequence: Sequence, text: str) -> list[Edit] | None:
    """Add a scalar at the end of a list that has elements."""
    if not sequence.children:
        return None
    source, last = sequence.source, sequence.children[-1]
    item = quoted(text, last.style if isinstance(last, Scalar) and last.style in {"'", '"'} else "")
    if sequence.flow:
        return [Edit(source.path, Span(last.end, last.end), f", {item}")]
    dash = source.text.rfind("-", 0, last.start)
    lead = source.text[source.line_starts[source.line_index(dash)] : dash]
    if lead.strip(" "):
        return None
    after = source.text[dash + 1 : last.start]
    gap = after if after and not after.strip(" ") else " "
    return [new_lines(source, last.end, f"{lead}-{gap}{item}")]


def insert_item(sequence: Sequence, index: int, text: str) -> list[Edit] | None:
    """Add a scalar to a block list, on a line of its own below the element before it; the first goes on top."""
    if index >= len(sequence.children):
        return append_item(sequence, text)
    if sequence.flow:
        return None
    source, follower = sequence.source, sequence.children[index]
    neighbour = sequence.children[index - 1] if index else follower
    dash = source.text.rfind("-", 0, neighbour.start)
    lead = source.text[source.line_starts[source.line_index(dash)] : dash]
    if lead.strip(" "):
        return None
    after = source.text[dash + 1 : neighbour.start]
    gap = after if after and not after.strip(" ") else " "
    item = quoted(text, neighbour.style if isinstance(neighbour, Scalar) and neighbour.style in {"'", '"'} else "")
    if index:
        return [new_lines(source, neighbour.end, f"{lead}-{gap}{item}")]
    start = source.line_starts[source.line_index(dash)]
    return [Edit(source.path, Span(start, start), f"{lead}-{gap}{item}{line_break(source)}")]


def remove_item(sequence: Sequence, index: int) -> list[Edit] | None:
    """Remove one element of a block list, with the lines it stands on; never the last one left."""
    if sequence.flow or len(sequence.children) < 2:
        return None
    source, node = sequence.source, sequence.children[index]
    dash = source.text.rfind("-", 0, node.start)
    line = source.line_index(dash)
    if source.text[source.line_starts[line] : dash].strip(" "):
        return None
    return [Edit(source.path, Span(source.line_starts[line], line_end(source, node.end)), "")]


def remove_entry(mapping: Mapping, name: str) -> list[Edit] | None:
    """Remove one key with its value, on the lines they stand on; never the last one left."""
    if mapping.flow or len(mapping.pairs) < 2:
        return None
    source = mapping.source
    for key, value in mapping.pairs:
        if isinstance(key, Scalar) and key.text == name:
            line = source.line_index(key.start)
            if source.text[source.line_starts[line] : key.start].strip():
                return None
            end = max(key.end, value.end)
            return [Edit(source.path, Span(source.line_starts[line], line_end(source, end)), "")]
    return None


def add_entry(mapping: Mapping, text: str) -> list[Edit] | None:
    """Add lines (`name: value`, may be several) at the end of a block mapping, at its own indent."""
    if mapping.flow or not mapping.pairs:
        return None
    source = mapping.source
    first = mapping.pairs[0][0]
    lead = BLOCK_LEAD.fullmatch(source.text, source.line_starts[source.line_index(first.start)], first.start)
    if not lead:
        return None
    indent = " " * len(lead["indent"])
    body = line_break(source).join(indent + line if line else line for line in text.split("\n"))
    last_key, last_value = mapping.pairs[-1]
    return [new_lines(source, max(last_key.end, last_value.end), body)]


def is_written_once(node: Node) -> bool:
    """Whether changing the text of a node changes nothing else: it is no alias and has no anchor."""
    return not isinstance(node, Alias) and node.anchor is None


def new_lines(source: Source, after: int, lines: str) -> Edit:
    """Put lines, without their last break, below the line that holds the character before `after`."""
    end = line_end(source, after)
    break_ = line_break(source)
    is_broken = source.text[end - 1 : end] in {"\n", "\r"}
    return Edit(source.path, Span(end, end), lines + break_ if is_broken else break_ + lines)


def line_end(source: Source, offset: int) -> int:
    """Offset after the line break of the line that holds the character before `offset`."""
    following = source.line_index(max(offset - 1, 0)) + 1
    return source.line_starts[following] if following < len(source.line_starts) else len(source.text)


def _escaped(char: str) -> str:
    if char.isprintable():
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
