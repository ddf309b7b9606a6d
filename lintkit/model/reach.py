"""What Flux would apply: from the entry points, through every Flux Kustomization, to the objects.

An entry point is what Flux is given first: a Kustomization that builds the folder it stands in (`flux bootstrap` makes
one), the folder that a FluxInstance syncs, or, when a repository has neither, every Flux Kustomization that no other
one applies.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from lintkit.model.external_secrets import produced_keys
from lintkit.model.flux import KUSTOMIZE, SOURCE, FluxKustomization, Named, is_kustomization, named, normal_path, sync_paths
from lintkit.model.substitution import NONE, Variables, substitute
from lintkit.syntax.node import Node, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lintkit.model.kustomize.build import Build, Builder, Overrides
    from lintkit.model.resource import Resource

_MAX_PHASES = 4
_URL = re.compile(r"^(?:[a-z+]+://)?(?:[^@/]+@)?([^:/]+)(?::\d+)?[:/]+(.+?)(?:\.git)?/*$", re.IGNORECASE)


class Entry(NamedTuple):
    """Where Flux starts.

    Attributes:
        folder: The folder it builds.
        kustomization: The Flux Kustomization, when it stands in the repository.
        place: The node that names the folder.
        is_certain: False when nothing in the repository says that Flux is given this.
        resource: The object that says so.
    """

    folder: str
    kustomization: FluxKustomization | None
    place: Node
    is_certain: bool
    resource: Resource


@dataclass(frozen=True, slots=True, eq=False)
class Applied:
    """All that one Flux Kustomization applies.

    Attributes:
        kustomization: The Flux Kustomization; None for the one that a FluxInstance makes.
        folder: The folder it builds; None when it is not in this repository, or not known.
        build: What the folder builds to; None when there is no folder.
        resources: The objects, after substitution.
        variables: What was replaced in them.
        why_unknown: Why there is no build, or empty.
    """

    kustomization: FluxKustomization | None
    folder: str | None
    build: Build | None
    resources: tuple[Resource, ...]
    variables: Variables = NONE
    why_unknown: str = ""

    @property
    def is_partial(self) -> bool:
        """Whether it may apply objects that are not shown here."""
        return self.build is None or self.build.is_partial


@dataclass(frozen=True, slots=True, eq=False)
class Cluster:
    """Everything that is applied from one entry point, or from several that are one cluster.

    `implied` are the objects (group, kind, namespace, name) that must exist for Flux to have started at all, although
    no file need declare them: the source and the Kustomization of each entry point.
    """

    entries: tuple[Entry, ...]
    applied: tuple[Applied, ...]
    implied: frozenset[tuple[str, str, str, str]] = frozenset()
    _index: dict[tuple[str, str], dict[str, list[Resource]]] = field(default_factory=dict)
    _owners: dict[int, Applied] = field(default_factory=dict)

    @property
    def resources(self) -> Iterator[Resource]:
        """All objects, in the order they are reached."""
        for applied in self.applied:
            yield from applied.resources

    def of_kind(self, group: str, kind: str) -> Iterator[Resource]:
        """All objects of a kind."""
        for found in self._indexed().get((group, kind), {}).values():
            yield from found

    def find(self, group: str, kind: str, namespace: str | None, name: str) -> Resource | None:
        """The object of this identity; a namespace of None is any."""
        for resource in self._indexed().get((group, kind), {}).get(name, ()):
            if namespace is None or resource.namespace == namespace or resource.is_cluster_scoped:
                return resource
        return None

    def named(self, group: str, kind: str, name: str) -> list[Resource]:
        """The objects of a kind and name, in whatever namespace."""
        return self._indexed().get((group, kind), {}).get(name, [])

    def owner(self, resource: Resource) -> Applied | None:
        """Which Flux Kustomization applies an object of this cluster."""
        self._indexed()
        return self._owners.get(id(resource))

    def _indexed(self) -> dict[tuple[str, str], dict[str, list[Resource]]]:
        if not self._index:
            for applied in self.applied:
                for resource in applied.resources:
                    by_name = self._index.setdefault((resource.group, resource.kind), {})
                    by_name.setdefault(resource.name, []).append(resource)
                    self._owners[id(resource)] = applied
        return self._index


class Reach:
    """Follows Flux through one repository.

    Args:
        builder: Builds folders.
        written: Every manifest of the repository, as it is written.
        remote: URL of the repository's own git remote, empty when unknown.
    """

    def __init__(self, builder: Builder, written: Iterable[Resource], remote: str = "") -> None:
        self.builder = builder
        self.written = [resource for resource in written if resource.kind in _RELEVANT]
        self.remote = normal_url(remote) if remote else ""
        self._builds: dict[object, Build] = {}
        uses = Counter(
            (source.kind, source.name)
            for resource in self.written
            if is_kustomization(resource) and (source := FluxKustomization(resource).source)
        )
        self.common_sources = {source for source, count in uses.items() if count * 5 >= uses.total()}

    def build(self, folder: str, overrides: Overrides | None = None) -> Build:
        """Build a folder once for each set of overrides."""
        key = (folder, _signature(overrides)) if overrides else (folder, None)
        if key not in self._builds:
            self._builds[key] = self.builder.build(folder, overrides)
        return self._builds[key]

    @property
    def builds(self) -> list[Build]:
        """All builds so far."""
        return list(self._builds.values())

    def clusters(self) -> list[Cluster]:
        """What Flux applies, from each entry point."""
        clusters: list[Cluster] = []
        reached: set[int] = set()
        for entry in sorted(self._certain_entries(), key=lambda entry: (entry.kustomization is not None, not entry.folder, len(entry.folder))):
            if entry.kustomization is not None and id(entry.resource.root) in reached:
                continue
            clusters.append(self._cluster([entry]))
            reached |= {id(resource.written) for resource in clusters[-1].resources}
        if clusters:
            return _joined(clusters)
        return [self._cluster(group) for group in _grouped(list(self._loose_entries()))]

    def _certain_entries(self) -> Iterator[Entry]:
        for resource in self.written:
            for node in sync_paths(resource):
                folder = normal_path(node.text)
                if self.builder.repository.is_folder(folder):
                    yield Entry(folder, None, node, is_certain=True, resource=resource)
        for resource in self.written:
            if not is_kustomization(resource):
                continue
            view = FluxKustomization(resource)
            if view.path is None or not self._may_be_own(view):
                continue
            inside = not view.path or resource.path.startswith(f"{view.path}/")
            if inside and resource.path in self.build(view.path, view.overrides()).files:
                yield Entry(view.path, view, view.path_node or resource.root, is_certain=True, resource=resource)

    def _may_be_own(self, view: FluxKustomization) -> bool:
        """Whether the source of an entry point may be this repository."""
        source = view.source
        if source is None or (source.kind, source.name) not in self.common_sources:
            return False
        found = self._written_source(source)
        url = found.text("spec", "url") if found else None
        if url is None or source.kind == "Bucket":
            return True
        if source.kind == "OCIRepository":
            return bool(view.path)
        return not self.remote or normal_url(url) == self.remote

    def _written_source(self, source: Named) -> Resource | None:
        """A source as it is written anywhere in the repository."""
        same = [
            resource
            for resource in self.written
            if resource.group == SOURCE and resource.kind == source.kind and resource.name == source.name
        ]
        exact = [resource for resource in same if resource.namespace == source.namespace]
        return next(iter(exact or same), None)

    def _loose_entries(self) -> Iterator[Entry]:
        all_of_them = [
            FluxKustomization(resource)
            for resource in self.written
            if is_kustomization(resource) and not is_archived(resource.path)
        ]
        applied: set[int] = set()
        for view in all_of_them:
            if view.path is not None and self.builder.repository.is_folder(view.path) and self._may_be_own(view):
                build = self.build(view.path, view.overrides())
                applied |= {id(resource.written) for resource in build.resources if is_kustomization(resource)}
        found = [
            view
            for view in all_of_them
            if id(view.resource.root) not in applied and view.path is not None and self._may_be_own(view)
        ]
        for view in found:
            above = (other.path for other in found if other is not view and other.path)
            if not any(view.resource.path.startswith(f"{path}/") for path in above):
                place = view.path_node or view.resource.root
                yield Entry(view.path or "", view, place, is_certain=False, resource=view.resource)

    def _cluster(self, entries: list[Entry]) -> Cluster:
        implied = frozenset(_implied(entries))
        cluster = Cluster(tuple(entries), (), implied)
        for _ in range(_MAX_PHASES):
            following = Cluster(tuple(entries), tuple(self._follow(entries, cluster)), implied)
            if _same(cluster, following):
                return following
            cluster = following
        return cluster

    def _follow(self, entries: list[Entry], before: Cluster) -> Iterator[Applied]:
        """Breadth first from the entries; variables are looked up in what was found `before`."""
        seen: set[tuple[str, str]] = set()
        own: set[tuple[str, str, str]] = set()
        pending: list[FluxKustomization] = []
        for entry in entries:
            if entry.kustomization is None:
                build = self.build(entry.folder)
                yield Applied(None, entry.folder, build, build.resources)
                pending += _children(build.resources)
            else:
                source = entry.kustomization.source
                if source:
                    own.add((source.kind, source.name, source.namespace))
                pending.append(entry.kustomization)
        while pending:
            view = pending.pop(0)
            key = (view.namespace, view.name)
            if key in seen:
                continue
            seen.add(key)
            applied = self._apply(view, before, own)
            yield applied
            pending += _children(applied.resources)

    def _apply(self, view: FluxKustomization, before: Cluster, own: set[tuple[str, str, str]]) -> Applied:
        folder = view.path
        if folder is None:
            return Applied(view, None, None, (), why_unknown="a variable decides `spec.path`")
        source = view.source
        if source is not None and source.kind == "ExternalArtifact":
            copied = self._copied_folder(source, folder, before, own)
            if copied is None:
                return Applied(view, None, None, (), why_unknown="its source is not this repository")
            return self._applied(view, copied, before)
        if not self._is_own(view.source, before, own, folder):
            return Applied(view, None, None, (), why_unknown="its source is not this repository")
        if not self.builder.repository.is_folder(folder):
            return Applied(view, folder, None, (), why_unknown="its path is missing")
        return self._applied(view, folder, before)

    def _copied_folder(
        self, source: Named, folder: str, cluster: Cluster, own: set[tuple[str, str, str]]
    ) -> str | None:
        """The folder of this repository that an ArtifactGenerator copies to `folder` of its artifact."""
        for generator in self.written:
            if generator.kind != "ArtifactGenerator":
                continue
            aliases = {
                entry.text("alias"): named(generator, "spec", "sources", index)
                for index, entry in enumerate(generator.root.mappings_at("spec", "sources"))
            }
            for artifact in generator.root.mappings_at("spec", "artifacts"):
                if artifact.text("name") != source.name:
                    continue
                for copy in artifact.mappings_at("copy"):
                    alias, _, origin = (copy.text("from") or "").removeprefix("@").partition("/")
                    target = (copy.text("to") or "").removeprefix("@artifact").strip("/")
                    origin = origin.removesuffix("**").strip("/")
                    found = aliases.get(alias)
                    inside = folder == target or not target or folder.startswith(f"{target}/")
                    if found is None or not inside or not self._is_own(found, cluster, own, origin):
                        continue
                    path = f"{origin}/{folder[len(target):].strip('/')}".strip("/")
                    if self.builder.repository.is_folder(path):
                        return path
        return None

    def _applied(self, view: FluxKustomization, folder: str, before: Cluster) -> Applied:
        build = self.build(folder, view.overrides())
        variables = variables_of(view, before)
        if not variables.is_on:
            return Applied(view, folder, build, build.resources, variables)
        resources = tuple(_substituted(resource, variables) for resource in build.resources)
        return Applied(view, folder, build, resources, variables)

    def _is_own(
        self, source: Named | None, cluster: Cluster, own: set[tuple[str, str, str]], folder: str
    ) -> bool:
        """Whether a source is this repository."""
        if source is None or (source.kind, source.name, source.namespace) in own:
            return True
        found = cluster.find(SOURCE, source.kind, source.namespace, source.name) or self._written_source(source)
        if found is None:
            return bool(folder) or (source.kind, source.name) in self.common_sources
        url = found.text("spec", "url")
        if url is None or source.kind != "GitRepository":
            return source.kind == "OCIRepository" and self.builder.repository.is_folder(folder) and bool(folder)
        ours = self.own_urls(cluster, own)
        if ours:
            return normal_url(url) in ours
        if (source.kind, source.name) not in self.common_sources and not folder:
            return False
        return self.builder.repository.is_folder(folder)

    def own_urls(self, cluster: Cluster, own: set[tuple[str, str, str]]) -> set[str]:
        """The normalised URLs under which this repository is known to be applied."""
        urls = {self.remote} if self.remote else set()
        for kind, name, namespace in own:
            found = cluster.find(SOURCE, kind, namespace, name)
            url = found.text("spec", "url") if found else None
            if url:
                urls.add(normal_url(url))
        for entry in cluster.entries:
            if entry.kustomization is None:
                url = entry.resource.text("spec", "sync", "url") or entry.resource.text(
                    "spec", "values", "instance", "sync", "url"
                )
                if url:
                    urls.add(normal_url(url))
        return urls


_RELEVANT = frozenset(
    {"Kustomization", "FluxInstance", "HelmRelease", "GitRepository", "OCIRepository", "Bucket", "ArtifactGenerator"}
)


def is_archived(path: str) -> bool:
    """Whether a file stands in a hidden folder or an archive."""
    return any(part.startswith((".", "_")) or part in {"archive", "archived"} for part in path.split("/")[:-1])


def _implied(entries: Iterable[Entry]) -> Iterator[tuple[str, str, str, str]]:
    for entry in entries:
        if entry.kustomization is not None:
            source = entry.kustomization.source
            if source is not None:
                yield SOURCE, source.kind, source.namespace, source.name
            continue
        resource = entry.resource
        sync = resource.root.mapping_at("spec", "sync") or resource.root.mapping_at("spec", "values", "instance", "sync")
        namespace = resource.text("spec", "targetNamespace") or resource.namespace or "flux-system"
        name = (sync.text("name") if sync else None) or namespace
        kind = (sync.text("kind") if sync else None) or "GitRepository"
        yield SOURCE, kind, namespace, name
        yield KUSTOMIZE, "Kustomization", namespace, name


def _grouped(entries: list[Entry]) -> list[list[Entry]]:
    """Entries that name the same Kustomization are different clusters; the others join those that stand nearest."""
    groups: list[list[Entry]] = []
    for entry in entries:
        free = [
            group
            for group in groups
            if not any(
                (one.resource.namespace, one.resource.name) == (entry.resource.namespace, entry.resource.name)
                for one in group
            )
        ]
        if free:
            max(free, key=lambda group: max(_shared_depth(one, entry) for one in group)).append(entry)
        else:
            groups.append([entry])
    return groups


def _shared_depth(one: Entry, other: Entry) -> int:
    depth = 0
    for mine, theirs in zip(one.resource.path.split("/"), other.resource.path.split("/"), strict=False):
        if mine != theirs:
            break
        depth += 1
    return depth


def normal_url(url: str) -> str:
    """A git URL as `host/owner/name`, so that SSH and HTTPS forms of one repository are equal."""
    found = _URL.match(url.strip())
    return f"{found[1]}/{found[2]}".lower() if found else url.strip().lower()


def _children(resources: Iterable[Resource]) -> list[FluxKustomization]:
    return [FluxKustomization(resource) for resource in resources if is_kustomization(resource)]


def _substituted(resource: Resource, variables: Variables) -> Resource:
    if resource.root is resource.written and "$" not in resource.source.text:
        return resource
    root = substitute(resource.root, variables)
    return resource if root is resource.root else resource.rebuilt(root)


def _signature(overrides: Overrides | None) -> object:
    if overrides is None:
        return None
    return (
        overrides.namespace and (overrides.namespace.text, id(overrides.namespace.source), overrides.namespace.start),
        overrides.prefix and overrides.prefix.text,
        overrides.suffix and overrides.suffix.text,
        tuple(map(id, overrides.patches)),
        tuple(node.text for node in overrides.components),
        tuple(map(id, overrides.images)),
    )


def _same(first: Cluster, second: Cluster) -> bool:
    if len(first.applied) != len(second.applied):
        return False
    return all(
        one.build is other.build and one.variables.values == other.variables.values
        for one, other in zip(first.applied, second.applied, strict=True)
    )


def _joined(clusters: list[Cluster]) -> list[Cluster]:
    """Entry points that never apply the same object are taken for one cluster: nothing says they are two."""
    joined: list[Cluster] = []
    for cluster in clusters:
        ids = {(resource.id, resource.version) for resource in cluster.resources}
        written = {id(resource.written) for resource in cluster.resources}
        for index, other in enumerate(joined):
            others = {(resource.id, resource.version): id(resource.written) for resource in other.resources}
            shared = ids & set(others)
            if all(others[one] in written for one in shared):
                known = {id(resource.written) for resource in other.resources}
                more = [
                    applied
                    for applied in cluster.applied
                    if not applied.resources or any(id(one.written) not in known for one in applied.resources)
                ]
                implied = other.implied | cluster.implied
                joined[index] = Cluster((*other.entries, *cluster.entries), (*other.applied, *more), implied)
                break
        else:
            joined.append(cluster)
    return joined


def variables_of(view: FluxKustomization, cluster: Cluster) -> Variables:
    """The variables of a Flux Kustomization's `postBuild`."""
    post_build = view.post_build
    if post_build is None:
        return NONE
    values: dict[str, str | None] = {}
    origins: dict[str, Node] = {}
    is_open = False
    for index in range(len(post_build.elements_at("substituteFrom"))):
        reference = named(view.resource, "spec", "postBuild", "substituteFrom", index)
        if reference is None or "${" in reference.name:
            is_open = True
            continue
        known = known_data(cluster, reference.kind, view.namespace, reference.name)
        if known is None:
            is_open = True
            continue
        is_open = is_open or known.is_open
        values.update(known.values)
        origins.update(known.origins)
    inline = post_build.mapping_at("substitute")
    for key, value in inline.items() if inline else ():
        values[key.text] = value.text if isinstance(value, Scalar) and "${" not in value.text else None
        origins[key.text] = key
    always = view.resource.text("spec", "postBuild", "substituteStrategy") == "Always"
    return Variables(values, origins, is_open, bool(values) or is_open or always)


def known_data(cluster: Cluster, kind: str, namespace: str, name: str) -> Variables | None:
    """The keys and, where they can be read, the values of a ConfigMap or Secret; None when nothing produces it."""
    found = cluster.find("", kind, namespace, name)
    if found is None and not namespace:
        found = next(iter(cluster.named("", kind, name)), None)
    if found is not None:
        return _data_of(found)
    if kind != "Secret":
        return None
    for producer in cluster.of_kind("external-secrets.io", "ExternalSecret"):
        produced = produced_keys(producer)
        if produced is not None and produced.name == name and producer.namespace == namespace:
            return Variables(dict.fromkeys(produced.keys), produced.keys, produced.is_open, is_on=True)
    for sealed in cluster.of_kind("bitnami.com", "SealedSecret"):
        if sealed.name == name and sealed.namespace == namespace:
            data = sealed.root.mapping_at("spec", "encryptedData")
            keys: dict[str, Node] = {key.text: key for key, _ in data.items()} if data else {}
            return Variables(dict.fromkeys(keys), keys, is_on=True)
    return None


def _data_of(resource: Resource) -> Variables:
    values: dict[str, str | None] = {}
    origins: dict[str, Node] = {}
    encrypted = "sops" in resource.root.entries
    for field_name in ("data", "stringData", "binaryData"):
        data = resource.root.mapping_at(field_name)
        for key, node in data.items() if data else ():
            text = node.text if isinstance(node, Scalar) else None
            if encrypted or (text is not None and text.startswith("ENC[")):
                text = None
            elif text is not None and resource.kind == "Secret" and field_name == "data":
                text = _decoded(text)
            values[key.text] = text
            origins[key.text] = key
    return Variables(values, origins, is_on=True)


def _decoded(text: str) -> str | None:
    try:
        return b64decode(text, validate=True).decode()
    except ValueError:
        return None


