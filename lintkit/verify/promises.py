"""The tree as the probes see it: one cluster of it, and what git says of the checkout."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from lintkit.model import airflow
from lintkit.model.flux import SOURCE, is_kustomization, normal_path
from lintkit.model.kustomize.names import followed
from lintkit.syntax.node import Node, Place
from lintkit.verify.expectation import Expectation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from lintkit.model.airflow import Airflow
    from lintkit.model.cluster import Applied, Cluster
    from lintkit.model.contracts import Contracts
    from lintkit.model.resource import Resource
    from lintkit.model.tree import Tree
    from lintkit.options import Options
    from lintkit.verify.expectation import Need, Question

UNDECIDED = ("${", "{{", "<<")


_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.:_-]*[A-Za-z0-9])?")


def is_name(*texts: str) -> bool:
    """Whether all texts are names that the API server accepts, and that can be typed in a shell as they are."""
    return all(_NAME.fullmatch(text) for text in texts)


def is_decided(*texts: str | None) -> bool:
    """Whether no variable or template is left in any of the texts."""
    return not any(mark in (text or "") for text in texts for mark in UNDECIDED)


@dataclass(frozen=True)
class Promises:
    """What one cluster of a tree promises.

    Attributes:
        tree: The tree.
        contracts: Needs and producers of the cluster.
        root: Root of the tree, for what the probes read of it.
        commit: The commit that is checked out; empty when there is none.
        ahead: Counts the commits that the first has not and the second has; None for a commit git does not know.
        is_dirty: Whether files differ from the commit.
    """

    tree: Tree
    contracts: Contracts
    root: Path
    commit: str = ""
    ahead: Callable[[str, str], int | None] = field(default=lambda _, __: None)
    is_dirty: bool = False

    @property
    def cluster(self) -> Cluster:
        """Everything that is applied."""
        return self.contracts.cluster

    @property
    def options(self) -> Options:
        """The configuration."""
        return self.tree.options

    def of_kind(self, group: str, *kinds: str) -> Iterator[Resource]:
        """Objects of some kinds whose names no variable decides, each once."""
        seen = set()
        for kind in kinds:
            for resource in self.cluster.of_kind(group, kind):
                if _is_named(resource) and resource.id not in seen:
                    seen.add(resource.id)
                    yield resource

    def of_group(self, group: str) -> Iterator[Resource]:
        """Objects of all kinds of a group."""
        kinds = dict.fromkeys(one.kind for one in self.cluster.resources if one.group == group)
        yield from self.of_kind(group, *kinds)

    @cached_property
    def airflows(self) -> tuple[Airflow, ...]:
        """The Airflow releases of the official chart."""
        return tuple(
            one
            for one in airflow.releases(self.contracts)
            if one.flavour == airflow.OFFICIAL
            and is_name(one.release.release_name, one.release.release_namespace, one.fullname)
        )

    @cached_property
    def own_urls(self) -> set[str]:
        """Git URLs under which this very repository is known."""
        sources = {
            (source.kind, source.name, source.namespace)
            for applied in self.cluster.applied
            if applied.kustomization and applied.build and (source := applied.kustomization.source)
        }
        return self.tree.reach.own_urls(self.cluster, sources)

    @cached_property
    def owned(self) -> dict[tuple[str, str], Applied]:
        """(namespace, name) of a Flux Kustomization -> what it applies; that of a FluxInstance included."""
        found: dict[tuple[str, str], Applied] = {}
        for applied in self.cluster.applied:
            if applied.kustomization is not None:
                found[applied.kustomization.namespace, applied.kustomization.name] = applied
        for entry in self.cluster.entries:
            names = [one for one in self._implied("Kustomization") if one not in found]
            if entry.kustomization is None and len(names) == 1:
                rest = [one for one in self.cluster.applied if one.kustomization is None and one.folder is not None]
                rest = [one for one in rest if normal_path(one.folder or "") == normal_path(entry.folder)]
                if rest:
                    found[names[0]] = rest[0]
        return found

    def _implied(self, kind: str) -> list[tuple[str, str]]:
        return [(namespace, name) for _, one, namespace, name in self.cluster.implied if one == kind]

    @cached_property
    def implied_sources(self) -> tuple[tuple[str, str, str, Place], ...]:
        """(kind, namespace, name, place) of the sources that Flux was started with and no file declares."""
        found = []
        for group, kind, namespace, name in sorted(self.cluster.implied):
            if group == SOURCE and self.cluster.find(group, kind, namespace, name) is None:
                found.append((kind, namespace, name, self.cluster.entries[0].place.place))
        return tuple(found)

    def kustomizations(self) -> Iterator[Resource]:
        """The Flux Kustomizations."""
        for resource in self.cluster.resources:
            if is_kustomization(resource) and _is_named(resource):
                yield resource

    def followed(self, reference: object, resource: Resource, kind: str) -> bool:
        """Whether kustomize writes the hash of a name at a reference."""
        owner = self.cluster.owner(resource)
        return (
            owner is not None
            and owner.build is not None
            and id(reference) in followed(resource, kind, owner.build.references)
        )


def _is_named(resource: Resource) -> bool:
    return is_name(resource.name, resource.namespace or "x")


def expectation(  # noqa: PLR0913 - what it is made of
    resource: Resource,
    claim: str,
    question: Question,
    *,
    command: str = "",
    place: Node | Place | None = None,
    subject: str = "",
    namespace: str | None = None,
    needs: tuple[Need, ...] = (),
) -> Expectation:
    """An expectation about an object of the tree."""
    at = place.place if isinstance(place, Node) else place
    return Expectation(
        subject or str(resource.id),
        claim,
        at or resource.name_place,
        command or get_command(resource.group, resource.kind, resource.namespace, resource.name),
        question,
        resource.namespace if namespace is None else namespace,
        needs=needs,
    )


def get_command(group: str, kind: str, namespace: str, name: str) -> str:
    """`kubectl get`, as a person would type it."""
    where = f"-n {namespace} " if namespace else ""
    full = f"{kind.lower()}.{group}" if group else kind.lower()
    return f"kubectl {where}get {full} {name} -o yaml"
