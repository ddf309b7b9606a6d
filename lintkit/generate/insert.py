"""Puts an element into a list of an existing file, in the way that the lists around it are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.generate.restyle import outdented
from lintkit.syntax.node import Scalar, Sequence
from lintkit.syntax.rewrite import add_entry, line_break, line_end, new_lines
from lintkit.text.edit import Edit, Span

if TYPE_CHECKING:
    from lintkit.syntax.node import Mapping
    from lintkit.text.source import Source


def appended(mapping: Mapping, key: str, item: str, *, is_indented: bool) -> list[Edit] | None:
    """One element more at the end of a list; the list is made where it is missing.

    Args:
        mapping: The mapping that has the list, or gets it.
        key: Its key there.
        item: The element, two columns right of its key: `  - name: a` and what belongs to it.
        is_indented: Whether dashes stand right of their keys, where no list of the mapping shows it.

    Returns:
        None where the text leaves no certain place.
    """
    node = mapping.get(key)
    is_indented = _shown(mapping, default=is_indented)
    if node is None:
        text = f"{key}:\n{item}"
        return _in_order(mapping, key, text if is_indented else outdented(text))
    if not isinstance(node, Sequence) or (node.flow and node.children):
        return None
    source, key_node = node.source, mapping.key(key) or node
    column = source.position(key_node.start)[1] - 1
    inner = outdented(f"x:\n{item}").partition("\n")[2]
    if not node.children:  # `key: []`
        before = source.text[: node.start].rstrip(" ")
        lines = shifted(inner if not is_indented else item, column)
        return [Edit(source.path, Span(len(before), node.end), _as_in(source, f"\n{lines}"))]
    dash = source.position(source.text.rfind("-", 0, node.children[0].start))[1] - 1
    text = item if dash > column else inner
    lead = len(text) - len(text.lstrip(" "))
    return [new_lines(source, node.children[-1].end, _as_in(source, shifted(text, dash - lead)))]


def as_item(text: str) -> str:
    """A mapping as an element of a list, two columns right of its key."""
    return "  - " + shifted(text.strip("\n"), 4).lstrip(" ")


def shifted(text: str, columns: int) -> str:
    """Lines moved right, or left where the number is negative."""
    lead, cut = " " * max(columns, 0), max(-columns, 0)
    return "\n".join(lead + line[cut:] if line.strip() else line for line in text.rstrip("\n").split("\n"))


def _in_order(mapping: Mapping, name: str, text: str) -> list[Edit] | None:
    """A new key among those of a mapping: in the order of the alphabet where they have it, else at the end."""
    keys = [key.text for key, _ in mapping.pairs if isinstance(key, Scalar)]
    before = [index for index, key in enumerate(keys) if key < name]
    if keys != sorted(keys) or len(keys) < max(len(mapping.pairs), 2) or not before or mapping.flow:
        return add_entry(mapping, text)
    key, value = mapping.pairs[before[-1]]
    end = max(key.end, value.end)
    if isinstance(value, Scalar) and line_end(mapping.source, end) < value.end:
        return add_entry(mapping, text)
    lead = mapping.source.position(key.start)[1] - 1
    return [new_lines(mapping.source, end, _as_in(mapping.source, shifted(text, lead)))]


def _as_in(source: Source, text: str) -> str:
    """Lines with the line break of a file."""
    return text.replace("\n", line_break(source))


def _shown(mapping: Mapping, *, default: bool) -> bool:
    """Whether the lists of a mapping stand right of their keys, as one of them shows."""
    for key, value in mapping.pairs:
        if isinstance(value, Sequence) and value.children and not value.flow and value.source is mapping.source:
            source = value.source
            dash = source.position(source.text.rfind("-", 0, value.children[0].start))[1]
            return dash > source.position(key.start)[1]
    return default
