"""The graph as a tree for a person at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lintkit.graph.graph import Relation, Role, State
from lintkit.graph.ink import BOLD, DIM, OF_SEVERITY, RED, painted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.graph.graph import Edge, Graph, Node

_STARTS = (Role.ENTRY, Role.FOLDER)
_ORDER = (Relation.SOURCE, Relation.DEPENDS_ON, Relation.NEEDS, Relation.MAKES)
_MIN_WIDTH = 40


class Line(NamedTuple):
    """One line: the branches before it, its words with their colours, and the place at its end."""

    branches: str
    words: tuple[tuple[str, str], ...]
    place: str = ""


def render(graph: Graph, *, width: int = 0, color: bool = False) -> str:
    """The whole tree, and below it what nothing applies.

    Args:
        graph: The graph.
        width: Columns of the terminal; 0 for lines of any length.
        color: Whether to colour it.
    """
    return "\n".join(_fitted(line, width, color=color) for line in lines(graph)) + "\n"


def lines(graph: Graph) -> Iterator[Line]:
    """The lines of the tree."""
    seen: set[str] = set()
    roots = [node for node in graph.nodes if node.role in _STARTS]
    cluster = ""
    for root in roots:
        if root.cluster != cluster:
            cluster = root.cluster
            yield Line("", ((BOLD, f"cluster {cluster}"),))
        yield from _below(graph, root, "", "", seen)
    loose = [node for node in graph.nodes if node.role is Role.UNAPPLIED]
    if loose:
        yield Line("", ((BOLD, "not applied"),))
        for index, node in enumerate(loose):
            is_last = index == len(loose) - 1
            yield from _below(graph, node, "└─ " if is_last else "├─ ", "   " if is_last else "│  ", seen)
    if graph.elsewhere:
        yield Line("", ((BOLD, "findings in files that nothing applies"),))
        for note in graph.elsewhere:
            words = (OF_SEVERITY.get(note.severity, ""), note.severity), ("", f": {note.message} [{note.rule}]")
            yield Line("", (("", f"{note.position}: "), *words))


def _below(graph: Graph, node: Node, branch: str, margin: str, seen: set[str]) -> Iterator[Line]:
    """A node, what it refers to, and what it applies; what was shown before is not shown again."""
    again = node.id in seen
    seen.add(node.id)
    outgoing = graph.outgoing.get(node.id, [])
    applied = [graph.by_id[edge.target] for edge in outgoing if edge.relation is Relation.APPLIES]
    children = sorted(
        {child.id: child for child in applied}.values(), key=lambda child: child.role is Role.KUSTOMIZATION
    )
    place = node.position.short if node.position else ""
    if again:
        yield Line(branch, (*_title(node), (DIM, " (shown above)" if children else "")), place)
        return
    yield Line(branch, (*_title(node), *_findings(node)), place)
    if node.reason and node.role is not Role.ENTRY:
        yield Line(margin + ("│  " if children else "   "), ((DIM, node.reason),))
    for words in _references(graph, [edge for edge in outgoing if edge.relation is not Relation.APPLIES]):
        yield Line(margin + ("│  " if children else "   "), words)
    for index, child in enumerate(children):
        is_last = index == len(children) - 1
        below = "└─ " if is_last else "├─ "
        yield from _below(graph, child, margin + below, margin + ("   " if is_last else "│  "), seen)


def _title(node: Node) -> Iterator[tuple[str, str]]:
    yield DIM, f"{node.kind} "
    yield BOLD, node.place
    if node.role is Role.KUSTOMIZATION and node.folder is not None:
        yield DIM, f" builds ./{node.folder}"
    if node.role is Role.ENTRY and node.reason:
        yield DIM, f" ({node.reason})"


def _findings(node: Node) -> Iterator[tuple[str, str]]:
    for severity, color in OF_SEVERITY.items():
        count = sum(note.severity == severity for note in node.findings)
        if count:
            plural = "s" if count > 1 and severity != "info" else ""
            yield color, f"  {count} {severity}{plural}"


def _references(graph: Graph, edges: list[Edge]) -> Iterator[tuple[tuple[str, str], ...]]:
    """One line for each target: what it is, the keys, and how it stands."""
    groups: dict[tuple[Relation, str], list[Edge]] = {}
    for edge in sorted(edges, key=lambda edge: _ORDER.index(edge.relation)):
        groups.setdefault((edge.relation, edge.target), []).append(edge)
    for (relation, target), group in groups.items():
        words: list[tuple[str, str]] = [(DIM, f"{relation.value} "), ("", graph.by_id[target].title)]
        asked = {edge.key: edge for edge in group if edge.key is not None}
        made = group[0].made
        names = list(asked) if relation is Relation.NEEDS else list(made.names) if made else []
        names += ["…"] if made and made.is_open else []
        if names:
            words.append((DIM, f" [{', '.join(names)}]"))
        purposes = dict.fromkeys(edge.purpose for edge in group if edge.purpose)
        words += [(DIM, f" {purpose}") for purpose in purposes]
        words += _state(group)
        yield tuple(words)


def _state(group: list[Edge]) -> Iterator[tuple[str, str]]:
    unmet = [edge for edge in group if edge.state is State.UNMET]
    lost = list(dict.fromkeys(edge.key for edge in unmet if edge.key is not None))
    if unmet:
        yield RED, f"  missing{': key ' + ', '.join(lost) if lost else ''}"
    undecided = [edge for edge in group if edge.state is State.UNDECIDED]
    for reason in dict.fromkeys(f"optional; {edge.reason}" if edge.is_optional else edge.reason for edge in undecided):
        yield DIM, f"  ({reason})"


def _fitted(line: Line, width: int, *, color: bool) -> str:
    """A line cut to the width: the place at the end goes first, then the words."""
    words = [(code, text) for code, text in line.words if text]
    place = line.place
    room = max(width, _MIN_WIDTH) - len(line.branches) if width else 0
    length = sum(len(text) for _, text in words)
    if room and place and length + 2 + len(place) > room:
        left = room - length - 3
        place = f"…{place[-left:]}" if left > 8 else ""
    if room and length > room:
        words = list(_cut(words, room))
    if place:
        gap = " " * max(2, room - sum(len(text) for _, text in words) - len(place)) if room else "  "
        words.append((DIM, gap + place))
    shown = "".join(painted(code, text, color=color) for code, text in words)
    return f"{painted(DIM, line.branches, color=color)}{shown}".rstrip()


def _cut(words: list[tuple[str, str]], room: int) -> Iterator[tuple[str, str]]:
    left = room - 1
    for code, text in words:
        if left <= 0:
            return
        if len(text) > left:
            yield code, text[:left] + "…"
            return
        left -= len(text)
        yield code, text
