"""Who needs an object, who makes it, and which keys: the answer to `lintkit graph --needs`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lintkit.errors import UsageError
from lintkit.graph.graph import Graph, Relation, Role, State
from lintkit.model.names import closest as close_key
from lintkit.suppress import closest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lintkit.graph.graph import Edge, Node, Position


@dataclass(frozen=True, slots=True)
class Missing:
    """A key that is needed and that nothing makes.

    Attributes:
        key: The key.
        positions: Where it is needed.
        close: The key that is made and comes close enough to be meant, or None.
    """

    key: str
    positions: tuple[Position, ...]
    close: str | None


@dataclass(frozen=True, slots=True)
class Needs:
    """What is known of one object.

    Attributes:
        node: The object.
        state: `met` when it is there with every key that is needed; `unmet` when it, or a key, certainly is not.
        reason: Why it is undecided or unmet; else empty.
        needed_by: Edges from those that need it, depend on it, or read it as their source.
        made_by: Edges from those that make it.
        applied_by: Edges from those that apply it.
        needs: Edges to what it needs itself.
        missing: The keys that are needed and not made.
    """

    node: Node
    state: State
    reason: str
    needed_by: tuple[Edge, ...]
    made_by: tuple[Edge, ...]
    applied_by: tuple[Edge, ...]
    needs: tuple[Edge, ...]
    missing: tuple[Missing, ...]


def find(graph: Graph, wanted: str) -> tuple[Node, ...]:
    """The objects that `KIND/NAMESPACE/NAME` or `KIND/NAME` means: one, or one in each cluster.

    The kind may be written in any case of letters, and as `Kind.group` where two groups have it.

    Raises:
        UsageError: There is none, several could be meant, or the text has another form.
    """
    parts = wanted.split("/")
    if len(parts) not in {2, 3} or not all(parts):
        message = f"--needs: `{wanted}` is no object; expected KIND/NAMESPACE/NAME or KIND/NAME"
        raise UsageError(message)
    kind, *space, name = parts
    objects = [node for node in graph.nodes if node.is_object]
    same_kind = [node for node in objects if kind.lower() in {node.kind.lower(), f"{node.kind}.{node.group}".lower()}]
    if not same_kind:
        message = f"no object of kind `{kind}`{closest(kind, sorted({node.kind for node in objects}))}"
        raise UsageError(message)
    found = [node for node in same_kind if node.name == name and (not space or node.namespace == space[0])]
    if not space:
        found = [node for node in found if not node.namespace] or found
    if not found:
        message = f"no object `{wanted}`{_hint(same_kind, kind, name, wanted)}"
        raise UsageError(message)
    found = [node for node in found if node.role is not Role.UNAPPLIED] or found
    titles = {_full(node): None for node in found}
    if len(titles) > 1:
        message = f"`{wanted}` could be {_either(list(titles))}"
        raise UsageError(message)
    return tuple(found)


def _full(node: Node) -> str:
    return f"{node.kind}.{node.group}/{node.place}" if node.group else node.title


def _either(titles: list[str]) -> str:
    shown = [f"`{title}`" for title in titles[:6]]
    rest = f" or {len(titles) - 6} others" if len(titles) > 6 else ""
    return (", ".join(shown) + rest) if rest else f"{', '.join(shown[:-1])} or {shown[-1]}"


def _hint(nodes: Iterable[Node], kind: str, name: str, wanted: str) -> str:
    """The same name in another namespace, else the name that comes closest."""
    titles = {f"{kind}/{node.place}": node for node in nodes}
    elsewhere = sorted(title for title, node in titles.items() if node.name == name)
    return f"; did you mean `{elsewhere[0]}`?" if elsewhere else closest(wanted, sorted(titles))


def needs_of(graph: Graph, node: Node) -> Needs:
    """What is known of one node of a graph."""
    incoming = graph.incoming.get(node.id, [])
    needed = [edge for edge in incoming if edge.relation not in {Relation.APPLIES, Relation.MAKES}]
    unmet = [edge for edge in needed if edge.state is State.UNMET]
    missing = tuple(_missing(unmet, node))
    state, reason = State.MET, ""
    if node.role is Role.MISSING:
        state, reason = State.UNMET, "nothing makes it"
    elif missing:
        keys = ", ".join(f"`{one.key}`" for one in missing)
        state, reason = State.UNMET, f"nothing makes {'key' if len(missing) == 1 else 'keys'} {keys}"
    elif node.role is Role.OUTSIDE:
        state, reason = State.UNDECIDED, node.reason
    elif node.role is Role.UNAPPLIED:
        state, reason = State.UNDECIDED, "it is written here, and nothing applies it"
    else:
        undecided = [edge for edge in needed if edge.state is State.UNDECIDED]
        if undecided:
            state, reason = State.UNDECIDED, undecided[0].reason
    return Needs(
        node,
        state,
        reason,
        tuple(needed),
        tuple(edge for edge in incoming if edge.relation is Relation.MAKES),
        tuple(edge for edge in incoming if edge.relation is Relation.APPLIES),
        tuple(
            edge for edge in graph.outgoing.get(node.id, []) if edge.relation not in {Relation.APPLIES, Relation.MAKES}
        ),
        missing,
    )


def _missing(unmet: Iterable[Edge], node: Node) -> Iterator[Missing]:
    found: dict[str, list[Position]] = {}
    for edge in unmet:
        if edge.key is not None and edge.position is not None:
            found.setdefault(edge.key, []).append(edge.position)
    made = node.keys.names if node.keys else ()
    for key, positions in sorted(found.items()):
        yield Missing(key, tuple(positions), close_key(key, made))
