"""The rule `missing-dependency`."""

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
def missing_dependency(tree: Tree) -> Iterator[Finding]:
    """A `dependsOn` names a Kustomization or HelmRelease that nothing declares.

    Name and namespace are those after kustomize has set namespaces; without `namespace` the one of the object itself is
    meant. A Kustomization can only depend on Kustomizations, a HelmRelease only on HelmReleases.

    ## Why
    The object waits for ever: "dependency not found". Nothing is applied, and nothing says so but its status.

    ## Bad
    ```yaml cluster/apps.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: database
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
        - name: databases # error: did you mean `database`?
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
    for contracts, answer in unmet(tree, lambda reference: reference.row.role == "dependency"):
        yield missing_flux_object(contracts, answer)
