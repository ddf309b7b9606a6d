"""What Flux would apply: from the entry points, through every Flux Kustomization, to the objects.

An entry point is what Flux is given first: a Kustomization that builds the folder it stands in (`flux bootstrap` makes
one), the folder that a FluxInstance syncs, or, when a repository has neither, every Flux Kustomization that no other
one applies.
"""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from lintkit.model.external_secrets import produced_keys
from lintkit.model.flux import SOURCE, FluxKustomization, Named, is_kustomization, named, normal_path, sync_paths
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
    """Everything that is applied from one entry point, or from several that are one cluster."""

    entries: tuple[Entry, ...]
    applied: tuple[Applied, ...]
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
        entries = list(self._certain_entries())
        if not entries:
            entries = list(self._loose_entries())
            return [self._cluster(entries)] if entries else []
        clusters = [self._cluster([entry]) for entry in entries]
        return _joined(clusters)

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
            if view.path is None or view.path_node is None and resource.name != "flux-system":
                continue
            inside = not view.path or resource.path.startswith(f"{view.path}/")
            if inside and resource.path in self.build(view.path, view.overrides()).files:
                yield Entry(view.path, view, view.path_node or resource.root, is_certain=True, resource=resource)

    def _loose_entries(self) -> Iterator[Entry]:
        all_of_them = [FluxKustomization(resource) for resource in self.written if is_kustomization(resource)]
        applied: set[int] = set()
        for view in all_of_them:
            if view.path is not None and self.builder.repository.is_folder(view.path):
                build = self.build(view.path, view.overrides())
                applied |= {id(resource.written) for resource in build.resources if is_kustomization(resource)}
        for view in all_of_them:
            if id(view.resource.root) not in applied and view.path is not None:
                place = view.path_node or view.resource.root
                yield Entry(view.path, view, place, is_certain=False, resource=view.resource)

    def _cluster(self, entries: list[Entry]) -> Cluster:
        cluster = Cluster(tuple(entries), ())
        for _ in range(_MAX_PHASES):
            following = Cluster(tuple(entries), tuple(self._follow(entries, cluster)))
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
        if not self._is_own(view.source, before, own, folder):
            return Applied(view, None, None, (), why_unknown="its source is not this repository")
        if not self.builder.repository.is_folder(folder):
            return Applied(view, folder, None, (), why_unknown="its path is missing")
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
        found = cluster.find(SOURCE, source.kind, source.namespace, source.name) or next(
            (
                resource
                for resource in self.written
                if resource.kind == source.kind and resource.name == source.name and resource.group == SOURCE
            ),
            None,
        )
        if found is None:
            return True
        url = found.text("spec", "url")
        if url is None or source.kind != "GitRepository":
            return source.kind == "OCIRepository" and self.builder.repository.is_folder(folder) and bool(folder)
        ours = self.own_urls(cluster, own)
        if ours:
            return normal_url(url) in ours
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


_RELEVANT = frozenset({"Kustomization", "FluxInstance", "HelmRelease", "GitRepository", "OCIRepository", "Bucket"})


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
                joined[index] = Cluster((*other.entries, *cluster.entries), (*other.applied, *more))
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


