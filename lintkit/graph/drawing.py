"""What Mermaid and DOT drawings have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lintkit.graph.graph import Relation, State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.graph.graph import Edge, Graph, Node

_MAX_KEYS = 4


class Line(NamedTuple):
    """One drawn line: all edges of one relation between the same two nodes.

    Attributes:
        source: Id of the node where it starts.
        target: Id of the node where it ends.
        relation: What it is.
        state: The worst state of its edges.
        label: What stands at it; empty where the relation goes without saying.
    """

    source: str
    target: str
    relation: Relation
    state: State
    label: str


def lines(graph: Graph) -> Iterator[Line]:
    """The lines of a graph, in the order of its edges."""
    groups: dict[tuple[str, str, Relation], list[Edge]] = {}
    for edge in graph.edges:
        groups.setdefault((edge.source, edge.target, edge.relation), []).append(edge)
    for (source, target, relation), edges in groups.items():
        states = {edge.state for edge in edges}
        state = next(one for one in (State.UNMET, State.UNDECIDED, State.MET) if one in states)
        yield Line(source, target, relation, state, _label(relation, state, edges))


def _label(relation: Relation, state: State, edges: list[Edge]) -> str:
    """The keys that are needed, or the relation; those that are missing stand first and say so."""
    if relation is Relation.APPLIES:
        return ""
    missing = {edge.key for edge in edges if edge.state is State.UNMET}
    keys = dict.fromkeys(edge.key for edge in edges if edge.key is not None)
    words = [f"{key} (missing)" if key in missing else key for key in sorted(keys, key=lambda key: key not in missing)]
    if not words:
        return "missing" if state is State.UNMET else relation.value
    more = f" and {len(words) - _MAX_KEYS} more" if len(words) > _MAX_KEYS else ""
    return ", ".join(words[:_MAX_KEYS]) + more


def captions(node: Node) -> list[str]:
    """The lines of text in a node: its kind, its name, and how many findings it has."""
    count = len(node.findings)
    return [node.kind, node.place, *([f"{count} finding{'s' if count > 1 else ''}"] if count else [])]
