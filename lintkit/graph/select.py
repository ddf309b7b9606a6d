"""Parts of a graph: what a person asked to see of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from lintkit.errors import UsageError
from lintkit.graph.graph import Graph, Relation, Role
from lintkit.suppress import closest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from lintkit.graph.graph import Edge, Node

_STARTS = frozenset({Role.ENTRY, Role.FOLDER})


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person asked to see; an empty field asks for everything.

    Attributes:
        namespaces: Namespaces.
        kinds: Kinds, in any case of letters.
        patterns: `KIND/NAMESPACE/NAME` with `*` and `?`, in any case of letters.
        below: A file or folder below the root, in which objects are written.
    """

    namespaces: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    below: str = ""

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return not (self.namespaces or self.kinds or self.patterns or self.below)

    def holds(self, node: Node) -> bool:
        """Whether an object is asked for by every field."""
        title = node.title.lower()
        return (
            (not self.namespaces or node.namespace in self.namespaces)
            and (not self.kinds or node.kind.lower() in {kind.lower() for kind in self.kinds})
            and (not self.patterns or any(fnmatchcase(title, pattern.lower()) for pattern in self.patterns))
            and (not self.below or (node.position is not None and _is_below(node.position.path, self.below)))
        )


def narrowed(graph: Graph, choice: Choice) -> Graph:
    """The objects of a choice, what they are joined to, and who applies them.

    Raises:
        UsageError: The graph has no such object.
    """
    if choice.is_everything:
        return graph
    objects = [node for node in graph.nodes if node.is_object]
    for namespace in choice.namespaces:
        _must_hold(Choice(namespaces=(namespace,)), objects, "in namespace", namespace, _names(objects, "namespace"))
    for kind in choice.kinds:
        _must_hold(Choice(kinds=(kind,)), objects, "of kind", kind, _names(objects, "kind"))
    for pattern in choice.patterns:
        _must_hold(Choice(patterns=(pattern,)), objects, "like", pattern, _names(objects, "title"))
    if choice.below:
        _must_hold(Choice(below=choice.below), objects, "written in", choice.below, ())
    chosen = [node.id for node in objects if choice.holds(node)]
    if not chosen:
        message = "no object passes all of these filters"
        raise UsageError(message)
    part = around(graph, chosen)
    elsewhere = [note for note in graph.elsewhere if choice.below and _is_below(note.position.path, choice.below)]
    return replace(part, elsewhere=tuple(elsewhere))


def _must_hold(part: Choice, objects: Iterable[Node], words: str, asked: str, known: Iterable[str]) -> None:
    if not any(part.holds(node) for node in objects):
        message = f"no object {words} `{asked}`{closest(asked, known)}"
        raise UsageError(message)


def _names(objects: Iterable[Node], attribute: str) -> list[str]:
    return sorted({getattr(node, attribute) for node in objects})


def _is_below(path: str, above: str) -> bool:
    return f"{path}/".startswith(f"{above}/")


def around(graph: Graph, chosen: Iterable[str]) -> Graph:
    """Some nodes, what they are joined to, and everything that leads to these from an entry point."""
    kept = sorted(set(chosen))
    edges = {
        edge
        for identity in kept
        for edge in (*graph.outgoing.get(identity, ()), *graph.incoming.get(identity, ()))
        if edge.relation is not Relation.APPLIES
    }
    edges.update(_appliers(graph, {*kept, *_ends(edges)}))
    return _with(graph, {*kept, *_ends(edges)}, edges)


def _ends(edges: Iterable[Edge]) -> set[str]:
    return {end for edge in edges for end in (edge.source, edge.target)}


def _appliers(graph: Graph, below: Iterable[str]) -> set[Edge]:
    """The edges by which nodes are applied, from the entry points down."""
    found: set[Edge] = set()
    seen = set(below)
    pending = list(seen)
    while pending:
        for edge in graph.incoming.get(pending.pop(), ()):
            if edge.relation is Relation.APPLIES:
                found.add(edge)
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
    edges = {edge for edge in graph.edges if edge.source in drawn and _is_of_flux(graph, edge, drawn, sources)}
    return _with(graph, drawn | _ends(edges), edges)


def _is_of_flux(graph: Graph, edge: Edge, drawn: set[str], sources: dict[str, set[str]]) -> bool:
    if edge.relation is Relation.DEPENDS_ON:
        return True
    if edge.relation is Relation.APPLIES:
        return edge.target in drawn
    if edge.relation is not Relation.SOURCE:
        return False
    appliers = [above.source for above in graph.incoming.get(edge.source, ()) if above.relation is Relation.APPLIES]
    return not any(edge.target in sources.get(applier, ()) for applier in appliers)


def _with(graph: Graph, kept: Collection[str], edges: Collection[Edge]) -> Graph:
    """A part of a graph, in the order of the whole."""
    nodes = tuple(node for node in graph.nodes if node.id in kept)
    return Graph(nodes, tuple(edge for edge in graph.edges if edge in edges))
