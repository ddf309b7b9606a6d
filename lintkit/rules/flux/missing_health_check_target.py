"""The rule `missing-health-check-target`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Severity
from lintkit.model.flux import flag
from lintkit.rules._rule import rule
from lintkit.rules.references._unmet import missing_flux_object, missing_object, unmet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.finding import Finding
    from lintkit.model.tree import Tree

_OF_FLUX = frozenset({"HelmRelease", "Kustomization"})


@rule(severity=Severity.ERROR, since="0.1")
def missing_health_check_target(tree: Tree) -> Iterator[Finding]:
    """A health check of a Kustomization names an object that nothing declares.

    Objects that a chart or an operator may make are not judged; HelmReleases and Kustomizations always are. With
    `wait: true` Flux does not look at health checks.

    ## Why
    The Kustomization waits until its timeout, again and again, and everything that depends on it never starts.

    ## Bad
    ```yaml cluster/apps.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: airflow
      namespace: flux-system
    spec:
      interval: 1h
      prune: true
      path: ./airflow
      healthChecks:
        - apiVersion: helm.toolkit.fluxcd.io/v2
          kind: HelmRelease
          name: air-flow # error: did you mean `airflow`?
          namespace: airflow
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```
    ```yaml airflow/helmrelease.yaml
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata:
      name: airflow
      namespace: airflow
    spec:
      interval: 1h
    ```

    ## Good
    ```yaml cluster/apps.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: airflow
      namespace: flux-system
    spec:
      interval: 1h
      prune: true
      path: ./airflow
      healthChecks:
        - apiVersion: helm.toolkit.fluxcd.io/v2
          kind: HelmRelease
          name: airflow
          namespace: airflow
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```
    """
    for contracts, answer in unmet(tree, lambda reference: reference.row.role == "health"):
        if flag(answer.reference.consumer.at("spec", "wait")):
            continue
        if answer.reference.kind in _OF_FLUX:
            yield missing_flux_object(contracts, answer)
        elif contracts.is_certain(answer):
            yield missing_object(contracts, answer, severity=Severity.WARNING)
