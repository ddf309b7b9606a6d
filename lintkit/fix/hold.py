"""Whether edits changed what they say and nothing else: the text is read again, every other value must be there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lintkit.syntax.node import Alias, Mapping, Node, Scalar, Sequence
from lintkit.syntax.parser import parse
from lintkit.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Sequence as ListOf

    from lintkit.text.edit import Edit


class _Leaf(NamedTuple):
    """A scalar or alias as it is written."""

    start: int
    end: int
    depth: int
    text: str
    style: str


def what_moved(path: str, before: str, after: str, edits: ListOf[Edit]) -> str:
    """Why edits of a YAML file cannot stand: what else they changed; empty when nothing else did.

    Args:
        path: Path of the file, for the positions in the answer.
        before: Text before the edits.
        after: Text after them.
        edits: The edits that lead from one to the other.
    """
    old, new = parse(Source(path, before)), parse(Source(path, after))
    if new.error is not None:
        return "" if old.error is not None else f"the file would not be YAML any more: {new.error.message}"
    if old.error is not None:
        return ""
    there = {leaf for document in new.documents for leaf in _leaves(document.root)}
    ordered = sorted(edits, key=lambda edit: edit.span)
    for document in old.documents:
        for leaf in _leaves(document.root):
            if any(_touches(edit, leaf) for edit in ordered):
                continue
            shift = sum(
                len(edit.text) - (edit.span.end - edit.span.start) for edit in ordered if edit.span.end <= leaf.start
            )
            if leaf._replace(start=leaf.start + shift, end=leaf.end + shift) not in there:
                line, _ = old.source.position(leaf.start)
                return f"line {line} of {path} would mean something else"
    return ""


def _touches(edit: Edit, leaf: _Leaf) -> bool:
    """Whether an edit is about a value itself."""
    start, end = edit.span
    if start < leaf.end and leaf.start < end:
        return True
    if leaf.start == leaf.end and start < end:
        return start <= leaf.start <= end
    if start != end or not edit.text:
        return False
    if leaf.style in {"|", ">"}:
        # the last line break of a block may or may not be part of it
        return leaf.start < start < leaf.end or (leaf.end <= start <= leaf.end + 1 and edit.text[0] in " \t")
    if start == leaf.start:
        return leaf.start == leaf.end or not edit.text[-1].isspace()
    return leaf.start < start < leaf.end or (start == leaf.end and edit.text[0] not in " \t\r\n,")


def _leaves(root: Node | None) -> Iterator[_Leaf]:
    stack = [(root, 0)] if root is not None else []
    while stack:
        node, level = stack.pop()
        if isinstance(node, Alias):
            yield _Leaf(node.start, node.end, level, node.source.text[node.start : node.end], "*")
        elif isinstance(node, Scalar):
            yield _Leaf(node.start, node.end, level, node.text, node.style)
        elif isinstance(node, Mapping):
            stack += [(part, level + 1) for pair in node.pairs for part in pair]
        elif isinstance(node, Sequence):
            stack += [(child, level + 1) for child in node.children]
