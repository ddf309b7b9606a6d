"""The rule `duplicate-resource`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Finding, Related, Severity
from lintkit.rules._rule import rule
from lintkit.rules.kustomize._entries import without_twin
from lintkit.rules.kustomize._problems import findings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.finding import Fix
    from lintkit.model.cluster import Applied, Cluster
    from lintkit.model.kustomize.item import Problem
    from lintkit.model.resource import Resource
    from lintkit.model.tree import Tree


@rule(severity=Severity.ERROR, since="0.1")
def duplicate_resource(tree: Tree) -> Iterator[Finding]:
    """One object is declared twice.

    Within one build, kustomize refuses two objects of one group, version, kind, namespace and name. Across two Flux
    Kustomizations nobody refuses them: the two overwrite each other for ever.

    ## Why
    The build fails, or the object changes with every reconciliation. Most often a file was copied and its name was not
    changed.

    ## Bad
    ```yaml app/kustomization.yaml
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    resources:
      - ./first.yaml
      - ./second.yaml
    ```
    ```yaml app/first.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: config
      namespace: default
    ```
    ```yaml app/second.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: config # error: is here twice
      namespace: default
    ```

    ## Good
    ```yaml app/second.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: other-config
      namespace: default
    ```
    """
    by_path = {kustomization.path: kustomization for kustomization in tree.kustomizations.values()}

    def fix(problem: Problem) -> Fix | None:
        kustomization = by_path.get(problem.place.source.path)
        return without_twin(kustomization, problem.place) if kustomization is not None else None

    yield from findings(tree, "duplicate-resource", fix)
    for cluster in tree.clusters:
        yield from _across(cluster)


def _across(cluster: Cluster) -> Iterator[Finding]:
    """Objects that two Flux Kustomizations of one cluster apply."""
    first: dict[object, tuple[Resource, Applied]] = {}
    for applied in cluster.applied:
        for resource in applied.resources:
            if "${" in resource.name or "${" in resource.namespace or not resource.name:
                continue
            key = (resource.id, resource.version)
            seen = first.setdefault(key, (resource, applied))
            if seen[0] is resource or seen[1] is applied or seen[0].written is resource.written:
                continue
            if _is_shared(resource) or not (_name(applied) and _name(seen[1])):
                continue
            if _goes_to(applied) != _goes_to(seen[1]):
                continue
            message = (
                f"{resource.id} is applied by Kustomization `{_name(applied)}`, and another one of that name "
                f"in `{seen[0].path}` by `{_name(seen[1])}`"
            )
            yield Finding.at(
                resource.name_place, message, severity=Severity.WARNING,
                related=(Related(seen[0].name_place, "the other one"),),
            )  # fmt: skip


def _name(applied: Applied) -> str:
    return applied.kustomization.name if applied.kustomization else ""


def _goes_to(applied: Applied) -> str:
    """The cluster that the objects are sent to; empty for the one that Flux runs in."""
    node = applied.kustomization.resource.at("spec", "kubeConfig") if applied.kustomization else None
    return repr(node.value) if node is not None else ""


def _is_shared(resource: Resource) -> bool:
    """Whether several Kustomizations often bring the same object on purpose."""
    return resource.kind == "Namespace"
