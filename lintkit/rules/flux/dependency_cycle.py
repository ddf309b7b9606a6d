"""The rule `dependency-cycle`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Finding, Related, Severity
from lintkit.model.flux import depends_on, is_helm_release, is_kustomization
from lintkit.rules._rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.cluster import Cluster
    from lintkit.model.flux import Named
    from lintkit.model.resource import Resource
    from lintkit.model.tree import Tree


@rule(severity=Severity.ERROR, since="0.1")
def dependency_cycle(tree: Tree) -> Iterator[Finding]:
    """Kustomizations, or HelmReleases, depend on each other in a circle.

    ## Why
    Each waits for the next, so none is ever applied. Flux does not name the circle; the members only say that a
    dependency is not ready.

    ## Bad
    ```yaml apps/releases.yaml
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata:
      name: proxy
      namespace: network
    spec:
      dependsOn:
        - name: tunnel # error: circle: `proxy` -> `tunnel` -> `proxy`
    ---
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata:
      name: tunnel
      namespace: network
    spec:
      dependsOn:
        - name: proxy # error: circle: `tunnel` -> `proxy` -> `tunnel`
    ```
    ```yaml cluster/apps.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: apps
      namespace: flux-system
    spec:
      interval: 1h
      prune: true
      path: ./apps
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    ## Good
    ```yaml apps/releases.yaml
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata:
      name: proxy
      namespace: network
    ---
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata:
      name: tunnel
      namespace: network
    spec:
      dependsOn:
        - name: proxy
    ```
    """
    for cluster in tree.clusters:
        for kind, is_kind in (("Kustomization", is_kustomization), ("HelmRelease", is_helm_release)):
            nodes = [resource for resource in cluster.resources if is_kind(resource)]
            yield from _cycles(cluster, nodes, kind)


def _cycles(cluster: Cluster, nodes: list[Resource], kind: str) -> Iterator[Finding]:
    edges: dict[int, list[tuple[Named, Resource]]] = {}
    for resource in nodes:
        for needed in depends_on(resource, kind):
            target = cluster.find(resource.group, kind, needed.namespace, needed.name)
            if target is not None:
                edges.setdefault(id(resource), []).append((needed, target))
    for resource in nodes:
        for needed, target in edges.get(id(resource), ()):
            path = _path(target, resource, edges)
            if path is not None:
                names = " -> ".join(f"`{one.name}`" for one in (resource, *path))
                related = tuple(Related(one.name_place, f"`{one.name}`") for one in path[:-1])
                yield Finding.at(needed.node, f"{kind}s wait for each other in a circle: {names}", related=related)


def _path(start: Resource, goal: Resource, edges: dict[int, list[tuple[Named, Resource]]]) -> list[Resource] | None:
    """The shortest way from `start` to `goal`, both included; None when there is none."""
    ways: list[list[Resource]] = [[start]]
    seen = {id(start)}
    while ways:
        way = ways.pop(0)
        if way[-1] is goal:
            return way
        for _, target in edges.get(id(way[-1]), ()):
            if id(target) not in seen:
                seen.add(id(target))
                ways.append([*way, target])
    return None
