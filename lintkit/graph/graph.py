"""The graph of a tree: nodes, edges, and what was found at them. Plain values, in one order on every run."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import NamedTuple

ANYWHERE = "*"
"""The namespace of what is made in every namespace, or in one that files do not name."""


_PURPOSES = {
    "adds keys": "adds keys",
    "certificate": "for its certificate",
    "event": "for its events",
    "health": "as health check",
}


class Role(Enum):
    """What a node stands for, in the order in which nodes are listed."""

    ENTRY = "entry"
    """Where Flux starts."""
    FOLDER = "folder"
    """A folder that could be applied, although no Flux Kustomization of the tree says so."""
    KUSTOMIZATION = "kustomization"
    """A Flux Kustomization."""
    RESOURCE = "resource"
    """An object that is applied."""
    MADE = "made"
    """An object that no file holds and that another object makes: the Secret of an ExternalSecret, or of a chart."""
    OUTSIDE = "outside"
    """An object that is needed, that no file declares, and that may exist all the same."""
    MISSING = "missing"
    """An object that is needed and that certainly nothing makes."""
    UNAPPLIED = "unapplied"
    """An object that is written in a file and that nothing applies."""


class Relation(Enum):
    """What leads from one node to another."""

    APPLIES = "applies"
    SOURCE = "source"
    DEPENDS_ON = "depends on"
    NEEDS = "needs"
    MAKES = "makes"


class State(Enum):
    """How an edge stands: met, certainly unmet, or not to be decided from files."""

    MET = "met"
    UNDECIDED = "undecided"
    UNMET = "unmet"


class Position(NamedTuple):
    """A place in a file: path below the root, 1-based line and column."""

    path: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"

    @property
    def short(self) -> str:
        """`path:line`."""
        return f"{self.path}:{self.line}"


class Note(NamedTuple):
    """A finding: the rule, its severity in words, the message with secrets masked, and where."""

    rule: str
    severity: str
    message: str
    position: Position


class Keys(NamedTuple):
    """Names of the keys of a Secret or ConfigMap, sorted; `is_open` when it may have more."""

    names: tuple[str, ...]
    is_open: bool


@dataclass(frozen=True, slots=True)
class Node:
    """A node.

    Attributes:
        id: Unique in the graph, and the same on every run: `Kind.group/namespace/name`, then `@` and the cluster
            where the tree has several.
        role: What it stands for.
        group: API group; empty for the core group, and for entries and folders.
        kind: Kind; `entry point` and `folder` for what is no object.
        namespace: Namespace; empty when it has none, `*` for any.
        name: Name; the folder of an entry point.
        cluster: What it belongs to, where the tree has several clusters; else empty.
        position: Where it is written, or for what is made, where a person would change its name; None when nowhere.
        folder: The folder that a Flux Kustomization builds; None when not known.
        keys: Keys of a Secret or ConfigMap; None when nothing is known of them.
        reason: Why it is not known whether it exists, or what it holds; else empty.
        findings: What was found in it.
    """

    id: str
    role: Role
    group: str
    kind: str
    namespace: str
    name: str
    cluster: str = ""
    position: Position | None = None
    folder: str | None = None
    keys: Keys | None = None
    reason: str = ""
    findings: tuple[Note, ...] = ()

    @property
    def place(self) -> str:
        """`namespace/name`, or the name alone."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    @property
    def title(self) -> str:
        """`Secret/airflow/database`."""
        return f"{self.kind}/{self.place}"

    @property
    def is_object(self) -> bool:
        """Whether it stands for an object of a cluster."""
        return self.role not in {Role.ENTRY, Role.FOLDER}


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge; needs have one for each key and each place.

    Attributes:
        source: Id of the node that applies, needs, or makes.
        target: Id of the other.
        relation: What it is.
        state: Whether the target is there, with the key.
        position: Where it is written: the name that is referred to, or the name of what is made.
        key: The key that is needed; None when the object alone is.
        role: What a need is for, where the model says: `health`, `store`, `certificate`; `adds keys` for a maker of
            keys in an object that another one makes.
        reason: Why it is undecided; else empty.
        is_optional: Whether the target, or the key, may be absent.
        made: The keys that are made.
    """

    source: str
    target: str
    relation: Relation
    state: State = State.MET
    position: Position | None = None
    key: str | None = None
    role: str = ""
    reason: str = ""
    is_optional: bool = False
    made: Keys | None = None

    @property
    def purpose(self) -> str:
        """What a need is for, in words; empty where that goes without saying."""
        return _PURPOSES.get(self.role, "")


@dataclass(frozen=True)
class Graph:
    """Nodes and edges.

    Attributes:
        nodes: By cluster, role, kind, namespace and name.
        edges: By source, relation, target and position; every end is a node.
        elsewhere: Findings in files that no node is written in or made of.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    elsewhere: tuple[Note, ...] = ()

    @cached_property
    def by_id(self) -> dict[str, Node]:
        """Id -> node."""
        return {node.id: node for node in self.nodes}

    @cached_property
    def outgoing(self) -> dict[str, list[Edge]]:
        """Id -> the edges that start there."""
        found: dict[str, list[Edge]] = {}
        for edge in self.edges:
            found.setdefault(edge.source, []).append(edge)
        return found

    @cached_property
    def incoming(self) -> dict[str, list[Edge]]:
        """Id -> the edges that end there."""
        found: dict[str, list[Edge]] = {}
        for edge in self.edges:
            found.setdefault(edge.target, []).append(edge)
        return found

    @property
    def clusters(self) -> tuple[str, ...]:
        """Names of the clusters, in the order of the nodes; one empty name when there is but one."""
        return tuple(dict.fromkeys(node.cluster for node in self.nodes))

    @cached_property
    def findings(self) -> tuple[Note, ...]:
        """Every finding once, by place."""
        found = {note for node in self.nodes for note in node.findings} | set(self.elsewhere)
        return tuple(sorted(found, key=lambda note: (note.position, note.rule, note.message)))
