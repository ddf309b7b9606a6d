"""What Flux would apply: from the entry points, through every Flux Kustomization, to the objects.

An entry point is what Flux is given first: a Kustomization that builds the folder it stands in (`flux bootstrap` makes
one), the folder that a FluxInstance syncs, or, when a repository has neither, every Flux Kustomization that no other
one applies.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from lintkit.model.cluster import Applied, Cluster, Entry, is_archived, joined, normal_url
from lintkit.model.flux import (
    KUSTOMIZE,
    SOURCE,
    FluxKustomization,
    is_kustomization,
    named,
    normal_path,
    sync_paths,
)
from lintkit.model.substitution import substitute
from lintkit.model.variables import variables_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lintkit.model.flux import Named
    from lintkit.model.kustomize.build import Build, Builder, Overrides
    from lintkit.model.resource import Resource
    from lintkit.model.substitution import Variables

_MAX_PHASES = 4


class Reach:
    """Follows Flux through one repository.

    Args:
        builder: Builds folders.
        written: Every manifest of the repository, as it is written.
        remote: URL of the repository's own git remote, empty when unknown.
        external: Globs of variables that are defined outside of the repository.
    """

    def __init__(
        self, builder: Builder, written: Iterable[Resource], remote: str = "", external: tuple[str, ...] = ()
    ) -> None:
        self.builder = builder
        self.external = external
        self.all_written = tuple(written)
        self.written = [resource for resource in self.all_written if resource.kind in _RELEVANT]
        self.remote = normal_url(remote) if remote else ""
        self._builds: dict[object, Build] = {}
        uses = Counter(
            (source.kind, source.name)
            for resource in self.written
            if is_kustomization(resource) and (source := FluxKustomization(resource).source)
        )
        self.common_sources = {
            source for source, count in uses.items() if count * 5 >= uses.total() and (count > 1 or uses.total() == 1)
        }

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
        for entry in sorted(
            self._certain_entries(),
            key=lambda entry: (entry.kustomization is not None, not entry.folder, len(entry.folder)),
        ):
            if entry.kustomization is not None and id(entry.resource.root) in reached:
                continue
            clusters.append(self._cluster([entry]))
            reached |= {id(resource.written) for resource in clusters[-1].resources}
        if clusters and not self._lead_nowhere(clusters):
            return joined(clusters)
        return [self._cluster(group) for group in _grouped(list(self._loose_entries()))]

    def _lead_nowhere(self, clusters: list[Cluster]) -> bool:
        """Whether all that builds its own folder applies no other Kustomization, and there are others: no entry points.

        An app that nobody has listed may hold its own Kustomization in the folder that it applies.
        """
        entries = [entry for cluster in clusters for entry in cluster.entries]
        if any(entry.kustomization is None or entry.kustomization.name == "flux-system" for entry in entries):
            return False
        applied = sum(one.kustomization is not None for cluster in clusters for one in cluster.applied)
        others = sum(is_kustomization(one) and not is_archived(one.path) for one in self.written)
        return applied <= len(entries) < others

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
        if source is None:
            return False
        found = self._written_source(source)
        is_usual = source.name == "flux-system" or (source.kind, source.name) in self.common_sources
        if found is None and not is_usual:
            return False
        url = found.text("spec", "url") if found else None
        if url is None or source.kind == "Bucket":
            return True
        if source.kind == "OCIRepository":
            return bool(view.path)
        if self.remote:
            return normal_url(url) == self.remote
        # the root is in every repository, so that it says nothing of whose it is
        return bool(view.path) or is_usual

    def _written_source(self, source: Named) -> Resource | None:
        """A source as it is written anywhere in the repository."""
        same = self._written_sources.get((source.kind, source.name), [])
        exact = [resource for resource in same if resource.namespace == source.namespace]
        return next(iter(exact or same), None)

    @cached_property
    def _written_sources(self) -> dict[tuple[str, str], list[Resource]]:
        """Kind and name -> the sources as they are written."""
        found: dict[tuple[str, str], list[Resource]] = {}
        for resource in self.written:
            if resource.group == SOURCE:
                found.setdefault((resource.kind, resource.name), []).append(resource)
        return found

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
                applied |= {
                    id(resource.written)
                    for resource in build.resources
                    if is_kustomization(resource) and resource.written is not view.resource.root
                }
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
        by_hand = self._by_hand(entries)
        if by_hand:
            yield Applied(None, None, None, by_hand)
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

    def _by_hand(self, entries: list[Entry]) -> tuple[Resource, ...]:
        """What stands in the files of entry points that nothing applies."""
        paths = {entry.resource.path for entry in entries if not entry.is_certain}
        return tuple(resource for resource in self.all_written if resource.path in paths) if paths else ()

    def _apply(self, view: FluxKustomization, before: Cluster, own: set[tuple[str, str, str]]) -> Applied:
        folder = view.path
        if folder is None:
            return Applied(view, None, None, (), why_unknown="a variable decides `spec.path`")
        source = view.source
        if source is not None and source.kind == "ExternalArtifact":
            copied = self._copied_folder(source, folder, before, own)
            if copied is None:
                return Applied(view, None, None, (), why_unknown="its source is not this repository")
            return self.applied(view, copied, before)
        if not self._is_own(view.source, before, own, folder):
            return Applied(view, None, None, (), why_unknown="its source is not this repository")
        if not self.builder.repository.is_folder(folder):
            return Applied(view, folder, None, (), why_unknown="its path is missing")
        return self.applied(view, folder, before)

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
                    path = f"{origin}/{folder[len(target) :].strip('/')}".strip("/")
                    if self.builder.repository.is_folder(path):
                        return path
        return None

    def applied(self, view: FluxKustomization, folder: str, before: Cluster) -> Applied:
        """What a Flux Kustomization applies out of a folder; variables are looked up in what was found `before`."""
        build = self.build(folder, view.overrides())
        variables = replace(variables_of(view, before), external=self.external)
        if not variables.is_on:
            return Applied(view, folder, build, build.resources, variables)
        resources = tuple(_substituted(resource, variables) for resource in build.resources)
        return Applied(view, folder, build, resources, variables)

    def _is_own(self, source: Named | None, cluster: Cluster, own: set[tuple[str, str, str]], folder: str) -> bool:
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


def _implied(entries: Iterable[Entry]) -> Iterator[tuple[str, str, str, str]]:
    for entry in entries:
        if entry.kustomization is not None:
            source = entry.kustomization.source
            if source is not None:
                yield SOURCE, source.kind, source.namespace, source.name
            continue
        resource = entry.resource
        sync = resource.root.mapping_at("spec", "sync") or resource.root.mapping_at(
            "spec", "values", "instance", "sync"
        )
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
