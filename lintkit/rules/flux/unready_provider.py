"""The rule `unready-provider`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Finding, Related, Severity
from lintkit.model.flux import FluxKustomization, is_kustomization
from lintkit.rules._rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.cluster import Cluster
    from lintkit.model.tree import Tree
    from lintkit.syntax.node import Mapping


@rule(severity=Severity.WARNING, since="0.1", on_by_default=False)
def unready_provider(tree: Tree) -> Iterator[Finding]:
    """Others depend on a Kustomization that waits for nothing.

    A `dependsOn` is met as soon as the Kustomization has applied its objects. Without `wait: true` or health checks
    that says nothing about whether they run. `readyExpr` of the depending one counts as well.

    ## Why
    The app starts before its database does, fails, and comes up only after some retries, or never.

    ## Bad
    ```yaml cluster/apps.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: database # warning: `airflow` depends on `database`
      namespace: flux-system
    spec:
      interval: 1h
      prune: true
      path: ./database
      sourceRef:
        kind: GitRepository
        name: flux-system
    ---
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: airflow
      namespace: flux-system
    spec:
      dependsOn:
        - name: database
      interval: 1h
      prune: true
      path: ./airflow
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```
    ```yaml database/kustomization.yaml
    resources: []
    ```
    ```yaml airflow/kustomization.yaml
    resources: []
    ```

    ## Good
    ```yaml cluster/apps.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: database
      namespace: flux-system
    spec:
      interval: 1h
      prune: true
      wait: true
      path: ./database
      sourceRef:
        kind: GitRepository
        name: flux-system
    ---
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: airflow
      namespace: flux-system
    spec:
      dependsOn:
        - name: database
      interval: 1h
      prune: true
      path: ./airflow
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```
    """
    for cluster in tree.clusters:
        yield from _in_cluster(cluster)


def _in_cluster(cluster: Cluster) -> Iterator[Finding]:
    needed: dict[int, list[FluxKustomization]] = {}
    views = [FluxKustomization(resource) for resource in cluster.resources if is_kustomization(resource)]
    for view in views:
        for dependency in view.depends_on:
            entry = _entry(view, dependency.name)
            found = cluster.find(view.resource.group, "Kustomization", dependency.namespace, dependency.name)
            if found is not None and (entry is None or not entry.text("readyExpr")):
                needed.setdefault(id(found), []).append(view)
    for view in views:
        users = needed.get(id(view.resource))
        if users and not view.waits:
            names = ", ".join(f"`{user.name}`" for user in users[:3]) + (" and others" if len(users) > 3 else "")
            verb = "depends" if len(users) == 1 else "depend"
            message = f"{names} {verb} on `{view.name}`, which has neither `wait` nor health checks"
            related = tuple(Related(user.resource.name_place, f"`{user.name}`") for user in users[:3])
            yield Finding.at(view.resource.name_place, message, related=related)


def _entry(view: FluxKustomization, name: str) -> Mapping | None:
    for entry in view.resource.root.mappings_at("spec", "dependsOn"):
        if entry.text("name") == name:
            return entry
    return None
