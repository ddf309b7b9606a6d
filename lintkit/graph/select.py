"""Parts of a graph: what a person asked to see of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.errors import UsageError
from lintkit.graph.graph import Graph, Relation, Role
from lintkit.suppress import closest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from lintkit.graph.graph import Edge, Node

_STARTS = frozenset({Role.ENTRY, Role.FOLDER})


def narrowed(graph: Graph, namespaces: Collection[str] = (), kinds: Collection[str] = ()) -> Graph:
    """The objects of some namespaces and kinds, what they are joined to, and who applies them.

    Args:
        graph: The whole graph.
        namespaces: Namespaces to keep; empty for all.
        kinds: Kinds to keep, in any case of letters; empty for all.

    Raises:
        UsageError: The graph has no object of such a namespace or kind, or none of both.
    """
    if not namespaces and not kinds:
        return graph
    objects = [node for node in graph.nodes if node.is_object]
    _must_be(namespaces, {node.namespace for node in objects if node.namespace}, "in namespace")
    wanted = {kind.lower() for kind in kinds}
    _must_be(wanted, {node.kind.lower(): node.kind for node in objects}, "of kind", kinds)
    chosen = [
        node.id
        for node in objects
        if (not namespaces or node.namespace in namespaces) and (not wanted or node.kind.lower() in wanted)
    ]
    if not chosen:
        message = f"no object of kind {', '.join(kinds)} in namespace {', '.join(namespaces)}"
        raise UsageError(message)
    return around(graph, chosen)


def _must_be(
    asked: Iterable[str], known: Collection[str] | dict[str, str], what: str, shown: Iterable[str] = ()
) -> None:
    for name, text in zip(asked, shown or asked, strict=True):
        if name not in known:
            names = known.values() if isinstance(known, dict) else known
            message = f"no object {what} `{text}`{closest(text, sorted(names))}"
            raise UsageError(message)


def around(graph: Graph, chosen: Iterable[str]) -> Graph:
    """Some nodes, what they are joined to, and everything that leads to them from an entry point."""
    kept = set(chosen)
    edges = {
        edge: None
        for identity in sorted(kept)
        for edge in (*graph.outgoing.get(identity, ()), *graph.incoming.get(identity, ()))
        if edge.relation is not Relation.APPLIES
    }
    above = _appliers(graph, kept)
    edges |= dict.fromkeys(above)
    ends = kept | {end for edge in edges for end in (edge.source, edge.target)}
    return _with(graph, ends, edges)


def _appliers(graph: Graph, below: Iterable[str]) -> list[Edge]:
    """The edges by which nodes are applied, from the entry points down."""
    found: list[Edge] = []
    pending, seen = sorted(below), set(below)
    while pending:
        for edge in graph.incoming.get(pending.pop(), ()):
            if edge.relation is Relation.APPLIES:
                found.append(edge)
                if edge.source not in seen:
                    seen.add(edge.source)
                    pending.append(edge.source)
    return found


def flux_level(graph: Graph) -> Graph:
    """Entry points, Flux Kustomizations, what these depend on, and the sources they read.

    A source that a Kustomization shares with the one that applies it is not drawn again: most trees have but one.
    """
    drawn = {node.id for node in graph.nodes if node.role in _STARTS or node.role is Role.KUSTOMIZATION}
    sources: dict[str, set[str]] = {}
    for edge in graph.edges:
        if edge.relation is Relation.SOURCE and edge.source in drawn:
            sources.setdefault(edge.source, set()).add(edge.target)
    edges = [edge for edge in graph.edges if edge.source in drawn and _is_of_flux(graph, edge, drawn, sources)]
    return _with(graph, drawn | {edge.target for edge in edges}, edges)


def _is_of_flux(graph: Graph, edge: Edge, drawn: set[str], sources: dict[str, set[str]]) -> bool:
    if edge.relation is Relation.DEPENDS_ON:
        return True
    if edge.relation is Relation.APPLIES:
        return edge.target in drawn
    if edge.relation is not Relation.SOURCE:
        return False
    appliers = [above.source for above in graph.incoming.get(edge.source, ()) if above.relation is Relation.APPLIES]
    return not any(edge.target in sources.get(applier, ()) for applier in appliers)


def _with(graph: Graph, kept: Collection[str], edges: Iterable[Edge]) -> Graph:
    chosen = set(edges)
    nodes: list[Node] = [node for node in graph.nodes if node.id in kept]
    return Graph(tuple(nodes), tuple(edge for edge in graph.edges if edge in chosen))
