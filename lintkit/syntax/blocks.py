"""Edits of whole lines: entries and elements that move, come or go with the comments that stand above them.

What is cut and put elsewhere keeps its text; only its indent changes. Where the text leaves no certain way (flow style
across lines, an entry on the line of its dash), the answer is None and there is no fix.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.syntax.node import Mapping, Node, Scalar, Sequence
from lintkit.syntax.rewrite import BLOCK_LEAD, add_entry, line_break, line_end, new_lines, quoted
from lintkit.text.edit import Edit, Span

if TYPE_CHECKING:
    from collections.abc import Sequence as ListOf

    from lintkit.text.source import Source

STEP = 2
"""Indent of what stands below a key that is written anew."""


def insert_in_order(sequence: Sequence, text: str) -> list[Edit] | None:
    """Add a scalar to a block list: in its order where the list is in order, else at its end."""
    texts = [child.text for child in sequence.children if isinstance(child, Scalar)]
    if sequence.flow or not texts or len(texts) < len(sequence.children):
        return None
    place = next((index for index, one in enumerate(texts) if _order(one) > _order(text)), len(texts))
    if place == len(texts) or [_order(one) for one in texts] != sorted(_order(one) for one in texts):
        return add_item(sequence, quoted(text, _style(sequence)))
    source = sequence.source
    child = sequence.children[place]
    lead = _dash_lead(source, child)
    if lead is None:
        return None
    indent, gap = lead
    at = source.line_starts[_above(source, source.line_index(child.start), indent)]
    return [
        Edit(source.path, Span(at, at), f"{' ' * indent}-{gap}{quoted(text, _style(sequence))}{line_break(source)}")
    ]


def add_item(sequence: Sequence, text: str) -> list[Edit] | None:
    """Add an element, as YAML of one or several lines, at the end of a block list that has elements."""
    if sequence.flow or not sequence.children:
        return None
    source, last = sequence.source, sequence.children[-1]
    lead = _dash_lead(source, last)
    if lead is None:
        return None
    indent, gap = lead
    return [new_lines(source, last.end, _item(text, indent, gap, source))]


def fill_list(key: Scalar, value: Node, items: list[str]) -> list[Edit] | None:
    """Give a key whose value is nothing or `[]` a block list of scalars."""
    source, colon, lead = key.source, colon_after(key), block_lead(key.source, key)
    is_empty = (isinstance(value, Scalar) and value.is_null) or (isinstance(value, Sequence) and not value.children)
    if not is_empty or value.anchor or colon is None or lead is None:
        return None
    is_written = value.end > value.start
    if is_written and source.text[colon : value.start].strip(" "):
        return None
    lines = "".join(f"{' ' * (lead + STEP)}- {quoted(item)}{line_break(source)}" for item in items)
    return [_below(source, colon, value.end if is_written else colon, lines)]


def cut_item(key: Scalar, sequence: Sequence, index: int) -> list[Edit] | None:
    """Remove one element of a list, also of a flow list; a list that loses its last one becomes `[]`."""
    source = sequence.source
    node = sequence.children[index]
    if sequence.flow:
        children = sequence.children
        if "#" in source.text[sequence.start : sequence.end] or source.text[sequence.start : sequence.start + 1] != "[":
            return None
        if index + 1 < len(children):
            return [Edit(source.path, Span(_outer_start(node), _outer_start(children[index + 1])), "")]
        if index:
            return [Edit(source.path, Span(children[index - 1].end, node.end), "")]
        return [Edit(source.path, Span(sequence.start + 1, sequence.end - 1), "")]
    lead = _dash_lead(source, node)
    if lead is None:
        return None
    dash = source.text.rfind("-", 0, _outer_start(node))
    gone = Edit(source.path, Span(source.line_starts[source.line_index(dash)], line_end(source, node.end)), "")
    if len(sequence.children) > 1:
        return [gone]
    colon = colon_after(key)
    if colon is None or sequence.anchor or sequence.tag:
        return None
    return [Edit(source.path, Span(colon, colon), " []"), gone]


def cut_entry(mapping: Mapping, name: str) -> list[Edit] | None:
    """Remove one key with its value and the comments above it; never the last one left."""
    if len(mapping.pairs) < 2:
        return None
    span = entry_span(mapping, name)
    return [Edit(mapping.source.path, span, "")] if span is not None else None


def entry_span(mapping: Mapping, name: str) -> Span | None:
    """The whole lines of an entry, with the comments above it; None where it shares a line with something else."""
    found = _pair(mapping, name)
    if mapping.flow or found is None:
        return None
    key, value = found
    source = mapping.source
    line = source.line_index(_outer_start(key))
    start = source.line_starts[line]
    if source.text[start : _outer_start(key)].strip(" "):
        return None
    first = source.line_starts[_above(source, line, _outer_start(key) - start)]
    return Span(first, line_end(source, max(key.end + 1, value.end)))


def move_entries(
    root: Node, owner: tuple[str | int, ...], names: ListOf[str], target: tuple[str | int, ...]
) -> list[Edit] | None:
    """Move entries from the mapping at one key path to the end of the one at another; what is missing is made.

    Args:
        root: The root that both key paths start at.
        owner: Key path of the mapping that holds them.
        names: Their keys.
        target: Key path of the mapping that they belong to.
    """
    mapping = root.at(*owner)
    reached = _deepest(root, target)
    if not isinstance(mapping, Mapping) or mapping.source is not root.source or reached is None:
        return None
    home, missing, head = reached
    spans = [entry_span(mapping, name) for name in names]
    found = [span for span in spans if span is not None]
    is_taken = isinstance(home, Mapping) and not missing and any(name in home.entries for name in names)
    is_inside = home is mapping and bool(missing)
    if len(found) < len(names) or home.source is not root.source or is_taken:
        return None
    if len(mapping.pairs) <= len(names) and not is_inside:
        return None
    place = _end_of(home, head)
    old = _indent(mapping)
    if place is None or old is None or not all(isinstance(step, str) for step in missing):
        return None
    source = mapping.source
    break_ = line_break(source)
    indent, after = place
    heads = [f"{' ' * (indent + STEP * depth)}{quoted(str(step))}:{break_}" for depth, step in enumerate(missing)]
    bodies = [_broken(source.text[span.start : span.end], break_) for span in found]
    text = "".join(heads) + shifted("".join(bodies), indent + STEP * len(missing) - old)
    if isinstance(home, Scalar):
        return [*(Edit(source.path, span, "") for span in found), _below(source, after, after, text)]
    return _moved(source, found, line_end(source, after), text)


def shifted(text: str, by: int) -> str:
    """Lines with another indent; empty ones stay empty."""
    lines = text.splitlines(keepends=True)
    if by >= 0:
        return "".join(" " * by + line if line.strip() else line for line in lines)
    return "".join(line[min(-by, len(line) - len(line.lstrip(" "))) :] for line in lines)


def colon_after(key: Node) -> int | None:
    """Offset after the colon that follows a key, where it follows at once."""
    return key.end + 1 if key.source.text[key.end : key.end + 1] == ":" else None


def block_lead(source: Source, key: Node) -> int | None:
    """The indent of a key in a block mapping, the dash of a list element counted; None in flow style."""
    start = _outer_start(key)
    lead = BLOCK_LEAD.fullmatch(source.text, source.line_starts[source.line_index(start)], start)
    return len(lead["indent"]) if lead else None


def _moved(source: Source, spans: ListOf[Span], at: int, text: str) -> list[Edit]:
    """The edits that cut spans of whole lines and put a text of whole lines at the start of a line."""
    last = next((span for span in spans if span.start <= at <= span.end), None)
    cuts = [Edit(source.path, span, "") for span in spans if span != last]
    is_open = at == len(source.text) and source.text[at - 1 : at] not in {"\n", "\r"}
    if last is not None:
        return [*cuts, Edit(source.path, last, text.rstrip("\r\n") if is_open else text)]
    if is_open:
        text = line_break(source) + text.rstrip("\r\n")
    return [*cuts, Edit(source.path, Span(at, at), text)]


def _below(source: Source, colon: int, resume: int, text: str) -> Edit:
    """Put lines below the key that a colon follows, in place of its value, which ends at `resume`."""
    end = line_end(source, max(colon, resume))
    rest = source.text[resume:end]
    is_open = not rest.endswith(("\n", "\r"))
    body = rest + line_break(source) + text.rstrip("\r\n") if is_open else rest + text
    return Edit(source.path, Span(colon, end), body)


def _end_of(home: Node, head: Scalar | None) -> tuple[int, int] | None:
    """The indent of the entries of a mapping, and an offset on the line after which a new one goes."""
    if isinstance(home, Mapping):
        indent = _indent(home)
        last = home.pairs[-1] if home.pairs else None
        return (indent, max(last[0].end + 1, last[1].end)) if indent is not None and last is not None else None
    lead = block_lead(home.source, head) if head is not None else None
    return (lead + STEP, head.end + 1) if lead is not None and head is not None else None


def _broken(text: str, break_: str) -> str:
    return text if text.endswith(("\n", "\r")) else text + break_


def _deepest(root: Node, path: tuple[str | int, ...]) -> tuple[Node, tuple[str | int, ...], Scalar | None] | None:
    """The last node on a key path that is there, the steps that are missing below it, and the key it stands at."""
    node: Node = root
    holder: Scalar | None = None
    for index, step in enumerate(path):
        child = node.at(step)
        if child is None:
            return (node, path[index:], holder) if isinstance(node, Mapping) and not node.flow else None
        if isinstance(node, Mapping) and isinstance(step, str):
            holder = node.key(step)
        if isinstance(child, Scalar):
            is_open = child.is_null and child.end <= child.start and holder is not None
            return (child, path[index + 1 :], holder) if is_open else None
        node = child
    return (node, (), holder) if isinstance(node, Mapping) and not node.flow and node.pairs else None


def _pair(mapping: Mapping, name: str) -> tuple[Scalar, Node] | None:
    found = [(key, value) for key, value in mapping.pairs if isinstance(key, Scalar) and key.text == name]
    return found[0] if len(found) == 1 else None


def _indent(mapping: Mapping) -> int | None:
    return block_lead(mapping.source, mapping.pairs[0][0]) if mapping.pairs and not mapping.flow else None


def _above(source: Source, line: int, indent: int) -> int:
    """The first of the comment lines that stand directly above a line, at its own indent."""
    while line > 0:
        text = source.text[source.line_starts[line - 1] : source.line_starts[line]]
        if not text.startswith(" " * indent + "#") or text.startswith("#!"):
            break
        line -= 1
    return line


def _outer_start(node: Node) -> int:
    """Where a node starts, its anchor and tag included."""
    if node.anchor is None and node.tag is None:
        return node.start
    line = node.source.line_starts[node.source.line_index(node.start)]
    marks = (node.source.text.find(mark, line, node.start) for mark in ("&", "!"))
    return min((at for at in marks if at >= 0), default=node.start)


def _dash_lead(source: Source, node: Node) -> tuple[int, str] | None:
    """Indent of the dash of a list element, and what stands between the dash and the element."""
    start = _outer_start(node)
    dash = source.text.rfind("-", 0, start)
    line = source.line_starts[source.line_index(dash)]
    lead, gap = source.text[line:dash], source.text[dash + 1 : start]
    if lead.strip(" "):
        return None
    return len(lead), gap if gap and not gap.strip(" ") else " "


def _item(text: str, indent: int, gap: str, source: Source) -> str:
    first, *rest = text.split("\n")
    body = " " * (indent + 1 + len(gap))
    return line_break(source).join([f"{' ' * indent}-{gap}{first}", *(body + line if line else line for line in rest)])


def _style(sequence: Sequence) -> str:
    last = sequence.children[-1]
    return last.style if isinstance(last, Scalar) and last.style in {"'", '"'} else ""


def _order(text: str) -> str:
    return text.removeprefix("./").lower()


def add_pair(mapping: Mapping, name: str, text: str) -> list[Edit] | None:
    """Add `name: text` at the end of a mapping, in block or flow style."""
    if not mapping.pairs:
        return None
    if not mapping.flow:
        return add_entry(mapping, f"{name}: {quoted(text)}")
    last = max(mapping.pairs[-1][0].end, mapping.pairs[-1][1].end)
    return [Edit(mapping.source.path, Span(last, last), f", {name}: {quoted(text)}")]


def holder(root: Node, wanted: Node) -> tuple[Mapping, Scalar] | None:
    """The mapping and the key whose value is a node, as it is written."""
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, Mapping):
            for key, value in node.pairs:
                if value is wanted and isinstance(key, Scalar):
                    return node, key
                stack.append(value)
        elif isinstance(node, Sequence):
            stack.extend(node.children)
    return None
