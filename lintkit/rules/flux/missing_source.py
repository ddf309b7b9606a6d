"""The rule `missing-source`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Severity
from lintkit.rules._rule import rule
from lintkit.rules.references._unmet import missing_flux_object, unmet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.finding import Finding
    from lintkit.model.tree import Tree


@rule(severity=Severity.ERROR, since="0.1")
def missing_source(tree: Tree) -> Iterator[Finding]:
    """A `sourceRef` or `chartRef` names a source that nothing declares.

    Kind, name and namespace are looked up among what Flux applies, after kustomize has set namespaces. The source that
    Flux itself was started with need not stand in the repository.

    ## Why
    The Kustomization or HelmRelease is never ready: "source not found".

    ## Bad
    ```yaml clusters/home/flux-system/gotk-sync.yaml
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: GitRepository
    metadata:
      name: flux-system
      namespace: flux-system
    spec:
      interval: 1h
      url: https://example.com/home.git
    ---
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: flux-system
      namespace: flux-system
    spec:
      interval: 1h
      prune: true
      path: ./clusters/home
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```
    ```yaml clusters/home/apps.yaml
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
        name: flux_system # error: did you mean `flux-system`?
    ```
    ```yaml apps/kustomization.yaml
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    resources: []
    ```

    ## Good
    ```yaml clusters/home/apps.yaml
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
    """
    for contracts, answer in unmet(tree, lambda reference: reference.row.role == "source"):
        yield missing_flux_object(contracts, answer)
