"""Who needs an object and who makes it, for a person and for a program."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from lintkit.graph.as_json import VERSION, edge_object, node_object, position_object, written
from lintkit.graph.graph import Relation, Role, State
from lintkit.graph.ink import BOLD, DIM, GREEN, RED, YELLOW, painted
from lintkit.graph.needs import needs_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lintkit.graph.graph import Edge, Graph, Keys, Node
    from lintkit.graph.needs import Needs

_COLORS = {State.MET: GREEN, State.UNMET: RED, State.UNDECIDED: YELLOW}
_WORDS = {
    ("source", Relation.SOURCE): "reads it as its source",
    ("source", Relation.DEPENDS_ON): "depends on it",
    ("target", Relation.SOURCE): "its source",
    ("target", Relation.DEPENDS_ON): "it depends on this",
}


def render(graph: Graph, nodes: Iterable[Node], *, color: bool = False) -> str:
    """The answer for a person."""
    parts = ["\n".join(_lines(graph, needs_of(graph, node), color=color)) for node in nodes]
    return "\n\n".join(parts) + "\n"


def _lines(graph: Graph, needs: Needs, *, color: bool) -> Iterator[str]:
    paint = partial(painted, color=color)
    node = needs.node
    where = f"  {paint(DIM, str(node.position))}" if node.position else ""
    cluster = f" in cluster {node.cluster}" if node.cluster and node.role is not Role.UNAPPLIED else ""
    yield f"{paint(BOLD, node.title)}{cluster}{where}"
    yield f"  {paint(_COLORS[needs.state], needs.state.value)}: {needs.reason or _met(needs)}"
    for note in node.findings:
        yield f"  {note.position}: {note.severity}: {note.message} [{note.rule}]"
    yield ""
    yield from _section("made by", list(_makers(graph, needs)), "nothing in this tree", paint)
    yield ""
    yield from _section("needed by", list(_uses(graph, needs.needed_by, "source")), "nothing in this tree", paint)
    if needs.missing:
        yield ""
        rows = [
            (one.key, "nothing makes it" + (f"; did you mean `{one.close}`?" if one.close else ""), "")
            for one in needs.missing
        ]
        yield from _section("missing keys", rows, "", paint)
    if needs.needs:
        yield ""
        yield from _section("needs", list(_uses(graph, needs.needs, "target")), "", paint)


def _met(needs: Needs) -> str:
    if not needs.needed_by:
        return "it is there, and nothing in this tree needs it"
    has_keys = any(edge.key is not None for edge in needs.needed_by)
    return "it is there, with every key that is needed" if has_keys else "it is there"


def _makers(graph: Graph, needs: Needs) -> Iterator[tuple[str, str, str]]:
    node = needs.node
    if node.role in {Role.RESOURCE, Role.KUSTOMIZATION, Role.UNAPPLIED} and node.position:
        appliers = [graph.by_id[edge.source].title for edge in needs.applied_by]
        by = f", applied by {', '.join(appliers)}" if appliers else ""
        own = _known(node.keys)
        own = f"together {own}" if own and needs.made_by else own
        yield f"its own manifest{by}", str(node.position), own
    for edge in needs.made_by:
        words = ", ".join(part for part in (edge.purpose, _known(edge.made)) if part)
        yield graph.by_id[edge.source].title, str(edge.position), words


def _known(keys: Keys | None) -> str:
    """The keys in words."""
    if keys is None:
        return ""
    names = ", ".join(keys.names)
    if keys.is_open:
        return f"keys {names}, and maybe more" if names else "keys not known"
    return f"keys {names}" if names else "no keys"


def _uses(graph: Graph, edges: Iterable[Edge], end: str) -> Iterator[tuple[str, str, str]]:
    for edge in edges:
        other = graph.by_id[edge.source if end == "source" else edge.target]
        what = _WORDS.get((end, edge.relation), f"key {edge.key}" if edge.key is not None else "")
        state = "missing" if edge.state is State.UNMET else edge.reason
        words = (what, edge.purpose, "optional" if edge.is_optional else "", state)
        yield other.title, str(edge.position), ", ".join(word for word in words if word)


def _section(
    title: str, rows: list[tuple[str, str, str]], none: str, paint: Callable[[str, str], str]
) -> Iterator[str]:
    yield paint(BOLD, title)
    if not rows:
        yield f"  {none}"
        return
    first = max(len(row[0]) for row in rows)
    second = max(len(row[1]) for row in rows)
    for name, place, words in dict.fromkeys(rows):
        yield f"  {name:{first}}  {paint(DIM, f'{place:{second}}')}  {words}".rstrip()


def render_json(graph: Graph, nodes: Iterable[Node]) -> str:
    """The answer for a program; docs/graph.md describes the form."""
    return written({"version": VERSION, "objects": [_object(graph, needs_of(graph, node)) for node in nodes]})


def _object(graph: Graph, needs: Needs) -> dict[str, Any]:
    def use(edge: Edge, other: str) -> dict[str, Any]:
        node = graph.by_id[other]
        return {"kind": node.kind, "namespace": node.namespace, "name": node.name, **edge_object(edge)}

    return {
        **node_object(needs.node),
        "state": needs.state.value,
        "reason": needs.reason,
        "needed_by": [use(edge, edge.source) for edge in needs.needed_by],
        "made_by": [use(edge, edge.source) for edge in needs.made_by],
        "applied_by": [use(edge, edge.source) for edge in needs.applied_by],
        "needs": [use(edge, edge.target) for edge in needs.needs],
        "missing_keys": [
            {
                "key": one.key,
                "did_you_mean": one.close,
                "needed_at": [position_object(position) for position in one.positions],
            }
            for one in needs.missing
        ],
    }
