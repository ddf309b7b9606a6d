"""From the tree, and what was found in it, to the graph."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING

from lintkit.graph.graph import ANYWHERE, Edge, Graph, Keys, Node, Position, Relation, Role, State
from lintkit.graph.placing import Placing
from lintkit.model.cluster import is_archived
from lintkit.model.resource import ResourceId

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lintkit.finding import Finding
    from lintkit.model.cluster import Applied, Cluster, Entry
    from lintkit.model.contracts import Answer, Contracts
    from lintkit.model.producers import Producer
    from lintkit.model.resource import Resource
    from lintkit.model.tree import Tree
    from lintkit.model.value_references import ReleaseView
    from lintkit.syntax.node import Node as YamlNode

NOT_APPLIED = "not applied"
_RELATIONS = {"dependency": Relation.DEPENDS_ON, "source": Relation.SOURCE}


def graph_of(tree: Tree, findings: Iterable[Finding] = ()) -> Graph:
    """The graph of everything that a tree declares, with the findings at their nodes.

    Args:
        tree: The tree.
        findings: What the rules say of it, secrets masked. They may come from another reading of the same files.
    """
    placing = Placing()
    nodes: dict[str, Node] = {}
    edges: dict[Edge, None] = {}
    labels = _labels([contracts.cluster for contracts in tree.contracts])
    shown: set[int] = set()
    for label, contracts in zip(labels, tree.contracts, strict=True):
        part = _Part(contracts, label, placing)
        part.add()
        nodes |= part.nodes
        edges |= part.edges
        shown |= {id(resource.written) for resource in contracts.cluster.resources}
    for resource in _unapplied(tree, shown):
        node = _of_resource(resource, f"{resource.path}:{_position(resource.written).line}", Role.UNAPPLIED)
        nodes[node.id] = replace(node, cluster=NOT_APPLIED)
        placing.add(resource, node.id)
    order = {label: index for index, label in enumerate((*sorted(labels), NOT_APPLIED))}
    placed, elsewhere = placing.place(findings)
    roles = list(Role)
    return Graph(
        tuple(
            sorted(
                (replace(node, findings=tuple(placed.get(node.id, ()))) for node in nodes.values()),
                key=lambda node: (order[node.cluster], roles.index(node.role), node.kind, node.place, node.id),
            )
        ),
        tuple(sorted(edges, key=_edge_order)),
        tuple(elsewhere),
    )


def _edge_order(edge: Edge) -> tuple[str, str, str, Position, str, str]:
    position = edge.position or Position("", 0)
    return edge.source, edge.relation.value, edge.target, position, edge.key or "", edge.role


def _labels(clusters: list[Cluster]) -> list[str]:
    """A name for each cluster: where its entry points are written, as far as that tells it from the others.

    Empty where there is but one.
    """
    if len(clusters) < 2:
        return [""] * len(clusters)
    homes = [_home(cluster) for cluster in clusters]
    found: list[str] = []
    for number, home in enumerate(homes, start=1):
        parts = home.split("/")
        prefixes = ["/".join(parts[: count + 1]) for count in range(len(parts))]
        label = next((prefix for prefix in prefixes if sum(_is_in(one, prefix) for one in homes) == 1), home)
        found.append(f"{label or 'cluster'} ({number})" if label in {*found, ""} else label)
    return found


def _home(cluster: Cluster) -> str:
    """The folder in which all of a cluster's entry points are written."""
    folders = [posixpath.dirname(entry.resource.path) for entry in cluster.entries]
    return posixpath.commonpath(folders) if folders else "outside of Flux"


def _is_in(folder: str, above: str) -> bool:
    return f"{folder}/".startswith(f"{above}/")


def _unapplied(tree: Tree, shown: set[int]) -> Iterator[Resource]:
    """What is written, is no patch, and is not `shown` in any cluster; archives left out."""
    seen = set(shown)
    built = [resource for build in tree.other_builds for resource in build.resources]
    loose = [resource for resource in tree.written if resource.path not in tree.listed_files]
    for resource in (*built, *loose):
        if id(resource.written) not in seen and not is_archived(resource.path):
            seen.add(id(resource.written))
            yield resource


def _position(node: YamlNode) -> Position:
    return Position(node.source.path, *node.source.position(node.start))


def _of_resource(resource: Resource, cluster: str, role: Role = Role.RESOURCE) -> Node:
    identity = resource.id
    return Node(
        _id(identity, cluster),
        role,
        *identity,
        cluster=cluster,
        position=_position(resource.written),
    )


def _id(identity: ResourceId, cluster: str) -> str:
    group, kind, namespace, name = identity
    kind = f"{kind}.{group}" if group else kind
    place = f"{namespace}/{name}" if namespace else name
    return f"{kind}/{place}@{cluster}" if cluster else f"{kind}/{place}"


class _Part:
    """Nodes and edges of one cluster.

    Args:
        contracts: The cluster and its needs.
        label: Its name; empty when the tree has but one.
        placing: Learns which file holds which node.
    """

    def __init__(self, contracts: Contracts, label: str, placing: Placing) -> None:
        self.contracts = contracts
        self.cluster = contracts.cluster
        self.label = label
        self.placing = placing
        self.nodes: dict[str, Node] = {}
        self.edges: dict[Edge, None] = {}

    def add(self) -> None:
        """Read the whole cluster."""
        for entry in self.cluster.entries:
            self._add_entry(entry)
        for applied in self.cluster.applied:
            self._add_applied(applied)
        self._adopt()
        self._add_made()
        for answer in self.contracts.answers:
            self._add_need(answer)

    def _id(self, identity: ResourceId) -> str:
        return _id(identity, self.label)

    def _add_resource(self, resource: Resource) -> str:
        identity = self._id(resource.id)
        if identity not in self.nodes:
            self.nodes[identity] = _of_resource(resource, self.label)
        self.placing.add(resource, identity)
        return identity

    def _edge(self, edge: Edge) -> None:
        if edge.source != edge.target:
            self.edges[edge] = None

    def _add_entry(self, entry: Entry) -> None:
        identity = self._entry_id(entry)
        position = _position(entry.place)
        reason = "" if entry.is_certain else "nothing in the repository says that Flux starts here"
        name = entry.folder if entry.is_certain else entry.resource.path
        self._start(identity, Role.ENTRY, "entry point", name, position, reason)
        if entry.kustomization is not None:
            target = self._add_kustomization(entry.resource, entry.folder, "")
            self._edge(Edge(identity, target, Relation.APPLIES, position=position))

    def _entry_id(self, entry: Entry) -> str:
        """One for each folder; where nothing says what Flux starts with, one for each file."""
        name = entry.folder or "." if entry.is_certain else entry.resource.path
        return self._id(ResourceId("", "entry point", "", name))

    def _start(self, identity: str, role: Role, kind: str, folder: str, position: Position | None, reason: str) -> None:
        self.nodes.setdefault(
            identity,
            Node(identity, role, "", kind, "", folder or ".", self.label, position, folder=folder, reason=reason),
        )

    def _add_kustomization(self, resource: Resource, folder: str | None, reason: str) -> str:
        identity = self._add_resource(resource)
        self.nodes[identity] = replace(self.nodes[identity], role=Role.KUSTOMIZATION, folder=folder, reason=reason)
        return identity

    def _add_applied(self, applied: Applied) -> None:
        parents: list[str] = []
        gaps = applied.build.gaps if applied.build else ()
        reason = applied.why_unknown or (f"built in part: {gaps[0].reason}" if gaps else "")
        if applied.kustomization is not None:
            parents = [self._add_kustomization(applied.kustomization.resource, applied.folder, reason)]
        elif self.cluster.entries and applied.folder is not None:
            parents = [
                self._entry_id(entry)
                for entry in self.cluster.entries
                if entry.kustomization is None and entry.folder == applied.folder
            ]
        elif not self.cluster.entries:
            parents = [self._add_folder(applied, reason)]
        for parent in parents:
            self.placing.add_files(applied, parent)
        for resource in applied.resources:
            target = self._add_resource(resource)
            for parent in parents or self._by_hand(resource):
                self._edge(Edge(parent, target, Relation.APPLIES, position=self.nodes[parent].position))

    def _add_folder(self, applied: Applied, reason: str) -> str:
        folder = applied.folder or ""
        identity = self._id(ResourceId("", "folder", "", folder or "."))
        self._start(identity, Role.FOLDER, "folder", folder, None, reason)
        return identity

    def _by_hand(self, resource: Resource) -> list[str]:
        """The file that it stands in, which is an entry point: who applies the one object applies the other."""
        return [self._entry_id(entry) for entry in self.cluster.entries if entry.resource.path == resource.path]

    def _adopt(self) -> None:
        """Let the first entry point apply what nothing else applies, so that no object hangs in the air."""
        applied = {edge.target for edge in self.edges}
        first = next(iter(self.nodes), "")
        for node in list(self.nodes.values()):
            if node.is_object and node.id not in applied:
                self._edge(Edge(first, node.id, Relation.APPLIES, position=node.position))

    def _add_made(self) -> None:
        wanted: dict[tuple[str, str], dict[str, None]] = {}
        for answer in self.contracts.answers:
            reference = answer.reference
            if answer.producers and reference.namespace is not None:
                wanted.setdefault((reference.kind, reference.name), {})[reference.namespace] = None
        for (kind, name), producers in self.contracts.producers.items():
            for producer in sorted(producers, key=lambda producer: not producer.owns):
                spaces = [producer.namespace] if producer.namespace is not None else wanted.get((kind, name), ())
                for namespace in spaces or (ANYWHERE,):
                    self._add_producer(producer, ResourceId("", kind, namespace, name))

    def _add_producer(self, producer: Producer, target: ResourceId) -> None:
        identity, maker = self._id(target), self._id(producer.resource.id)
        keys = Keys(tuple(sorted(producer.keys)), producer.is_open)
        node = self.nodes.get(identity)
        position = _position(producer.node)
        if node is None:
            role = Role.MADE if producer.owns else Role.OUTSIDE
            reason = (
                "" if producer.owns else f"{producer.resource.kind} `{producer.resource.name}` only adds keys to it"
            )
            node = Node(identity, role, *target, cluster=self.label, position=position, reason=reason)
        known = node.keys or Keys((), is_open=False)
        names = tuple(sorted({*known.names, *keys.names}))
        self.nodes[identity] = replace(node, keys=Keys(names, known.is_open or keys.is_open))
        role_of_edge = "" if producer.owns else "adds keys"
        self._edge(Edge(maker, identity, Relation.MAKES, position=position, role=role_of_edge, made=keys))

    def _add_need(self, answer: Answer) -> None:
        reference = answer.reference
        if reference.name == "*":
            return
        target = self._target(answer)
        state, reason = self._state(answer)
        if not answer.is_key:
            self._add_absent(answer, target, Role.MISSING if state is State.UNMET else Role.OUTSIDE, reason)
        relation = _RELATIONS.get(reference.row.role, Relation.NEEDS)
        where = reference.key_node if reference.key is not None and reference.key_node else reference.node
        role = reference.row.role if relation is Relation.NEEDS else ""
        source = self._id(reference.consumer.id)
        optional = reference.is_optional
        position = _position(where)
        self._edge(Edge(source, self._id(target), relation, state, position, reference.key, role, reason, optional))

    def _state(self, answer: Answer) -> tuple[State, str]:
        """How a need stands, and why it is undecided; what rules would not call a defect is none here."""
        if answer.state.value != State.UNMET.value:
            is_made = self._maker(answer) is not None
            return (State.MET, "") if is_made else (State(answer.state.value), answer.reason)
        reference = answer.reference
        what = f"the key `{reference.key}`" if answer.is_key else "it"
        if reference.is_optional:
            return State.UNDECIDED, f"nothing in this tree makes {what}"
        if self.contracts.is_certain(answer):
            return State.UNMET, ""
        elsewhere = self.contracts.is_elsewhere(reference)
        if elsewhere is not None:
            where = _position(elsewhere.written).short
            return State.UNDECIDED, f"nothing makes it here; one of that name is at {where}"
        return State.UNDECIDED, "nothing in this tree makes it"

    def _add_absent(self, answer: Answer, target: ResourceId, role: Role, reason: str) -> None:
        """A node for what is needed and not there; the worst that any need says of it counts."""
        identity = self._id(target)
        view = self._maker(answer)
        if identity not in self.nodes and view is not None:
            resource = view.release.resource
            position = _position(resource.written)
            self.nodes[identity] = Node(identity, Role.MADE, *target, cluster=self.label, position=position)
            self._edge(Edge(self._id(resource.id), identity, Relation.MAKES, position=position))
        node = self.nodes.get(identity)
        if node is None:
            self.nodes[identity] = Node(identity, role, *target, cluster=self.label, reason=reason)
        elif role is Role.MISSING and node.role is Role.OUTSIDE:
            self.nodes[identity] = replace(node, role=role, reason=reason)

    def _maker(self, answer: Answer) -> ReleaseView | None:
        """The release whose chart makes what no file declares."""
        reference = answer.reference
        for view in self.contracts.releases.get(reference.namespace or "", ()) if answer.reason else ():
            if reference.name in view.made_names(reference.kind):
                return view
        return None

    @staticmethod
    def _target(answer: Answer) -> ResourceId:
        """What a need is about: for a Secret or ConfigMap the object itself, not who makes it."""
        reference = answer.reference
        is_made = reference.kind in {"Secret", "ConfigMap"} and not reference.group
        if answer.target is not None and not is_made:
            return answer.target.id
        namespace = reference.namespace
        if namespace is None:
            spaces = [producer.namespace for producer in answer.producers if producer.namespace is not None]
            namespace = spaces[0] if spaces else ANYWHERE if answer.producers else ""
        return ResourceId(reference.group, reference.kind, namespace, reference.name)
