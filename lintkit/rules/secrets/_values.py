"""Changes of the values of a release: entries that go, entries that come in their place."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from lintkit.syntax.blocks import STEP, block_lead
from lintkit.syntax.node import Mapping, Scalar
from lintkit.syntax.rewrite import add_entry, line_break, line_end, quoted
from lintkit.text.edit import Edit, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lintkit.syntax.node import Node

Tree: TypeAlias = dict[str, "Tree | str"]


class Changes:
    """What is taken out of and put into the block mappings of one file."""

    def __init__(self, root: Mapping) -> None:
        self.root = root
        self._gone: dict[int, list[str]] = {}
        self._come: dict[int, Tree] = {}
        self._mappings: dict[int, Mapping] = {}

    def drop(self, mapping: Mapping, name: str) -> None:
        """Take an entry out."""
        self._mappings[id(mapping)] = mapping
        self._gone.setdefault(id(mapping), []).append(name)

    def put(self, path: Sequence[str], text: str) -> bool:
        """Set a value that is not there yet; False where it is, or where a text or a flow mapping is in the way."""
        node: Node = self.root
        for index, step in enumerate(path):
            child = node.at(step)
            if child is None:
                if not isinstance(node, Mapping) or node.flow or not node.pairs or node.source is not self.root.source:
                    return False
                self._mappings[id(node)] = node
                return _set(self._come.setdefault(id(node), {}), path[index:], text)
            node = child
        return False

    def edits(self) -> list[Edit] | None:
        """The edits; None where a mapping would lose its last entry."""
        found: list[Edit] = []
        for key, mapping in self._mappings.items():
            gone, come = self._gone.get(key, []), self._come.get(key, {})
            if len(gone) >= len(mapping.pairs) and not come:
                return None
            part = self._of(mapping, gone, come)
            if part is None:
                return None
            found += part
        return found

    def _of(self, mapping: Mapping, gone: list[str], come: Tree) -> list[Edit] | None:
        lines = list(_lines(come))
        if not gone:
            return add_entry(mapping, "\n".join(lines))
        source = mapping.source
        edits: list[Edit] = []
        for key, value in mapping.pairs:
            if not isinstance(key, Scalar) or key.text not in gone:
                continue
            lead = block_lead(source, key)
            start = source.line_starts[source.line_index(key.start)]
            if lead is None or mapping.flow or source.text[start : key.start].strip(" "):
                return None
            end = line_end(source, max(key.end + 1, value.end))
            is_open = not source.text[start:end].endswith(("\n", "\r"))
            text = "".join(" " * lead + line + line_break(source) for line in lines)
            edits.append(Edit(source.path, Span(start, end), text.rstrip("\r\n") if is_open else text))
            lines = []
        return edits if len(edits) == len(gone) else None


def _set(tree: Tree, path: Sequence[str], text: str) -> bool:
    for step in path[:-1]:
        below = tree.setdefault(step, {})
        if isinstance(below, str):
            return False
        tree = below
    return tree.setdefault(path[-1], text) == text


def _lines(tree: Tree, depth: int = 0) -> list[str]:
    lines: list[str] = []
    for name, value in tree.items():
        head = f"{' ' * STEP * depth}{quoted(name)}:"
        if isinstance(value, str):
            lines.append(f"{head} {quoted(value)}")
        else:
            lines += [head, *_lines(value, depth + 1)]
    return lines
