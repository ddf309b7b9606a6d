"""Everything that Flux applies to one cluster, and where it starts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from lintkit.model.substitution import NONE, Variables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.flux import FluxKustomization
    from lintkit.model.kustomize.build import Build
    from lintkit.model.resource import Resource
    from lintkit.syntax.node import Node

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
        kustomization: The Flux Kustomization; None for the one that a FluxInstance makes, and for what is applied by
            hand.
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
        if self.build is None:
            return self.kustomization is not None
        return self.build.is_partial


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


def normal_url(url: str) -> str:
    """A git URL as `host/owner/name`, so that SSH and HTTPS forms of one repository are equal."""
    found = _URL.match(url.strip())
    return f"{found[1]}/{found[2]}".lower() if found else url.strip().lower()


def is_archived(path: str) -> bool:
    """Whether a file stands in a hidden folder or an archive."""
    return any(part.startswith((".", "_")) or part in {"archive", "archived"} for part in path.split("/")[:-1])


def joined(clusters: list[Cluster]) -> list[Cluster]:
    """Entry points that never apply the same object are taken for one cluster: nothing says they are two."""
    found: list[Cluster] = []
    identities: list[dict[tuple[object, str], int]] = []
    for cluster in clusters:
        ids = _identities(cluster)
        written = {id(resource.written) for resource in cluster.resources}
        for index, other in enumerate(found):
            others = identities[index]
            if all(others[one] in written for one in ids if one in others):
                known = {id(resource.written) for resource in other.resources}
                more = [
                    applied
                    for applied in cluster.applied
                    if not applied.resources or any(id(one.written) not in known for one in applied.resources)
                ]
                implied = other.implied | cluster.implied
                found[index] = Cluster((*other.entries, *cluster.entries), (*other.applied, *more), implied)
                identities[index] = _identities(found[index])
                break
        else:
            found.append(cluster)
            identities.append(ids)
    return found


def _identities(cluster: Cluster) -> dict[tuple[object, str], int]:
    """What each object of a cluster is known by, and who has written it."""
    return {(resource.id, resource.version): id(resource.written) for resource in cluster.resources}
