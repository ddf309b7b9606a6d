"""The rule `dangling-configmap-ref`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Severity
from lintkit.rules._rule import rule
from lintkit.rules.references._unmet import missing_object, unmet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.finding import Finding
    from lintkit.model.tree import Tree


@rule(severity=Severity.ERROR, since="0.1")
def dangling_configmap_ref(tree: Tree) -> Iterator[Finding]:
    """An object names a ConfigMap that nothing in the tree makes.

    Makers are manifests, generators, operators and charts. When absence is certain, and when it is `info`, is the same
    as for `dangling-secret-ref`.

    ## Why
    The pod waits for ever, the release is never installed, or the Kustomization fails because its variables are not
    there.

    ## Bad
    ```yaml cluster/apps.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: apps
      namespace: flux-system
    spec:
      interval: 1h
      prune: true
      path: ./app
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```
    ```yaml app/kustomization.yaml
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    namespace: monitoring
    resources:
      - ./deployment.yaml
    configMapGenerator:
      - name: vector-config
        literals:
          - level=debug
    ```
    ```yaml app/deployment.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: vector
    spec:
      selector:
        matchLabels:
          app: vector
      template:
        metadata:
          labels:
            app: vector
        spec:
          containers:
            - name: vector
              image: timberio/vector:0.39.0-debian
              envFrom:
                - configMapRef:
                    name: vector-configmap # error: did you mean `vector-config`?
    ```

    ## Good
    ```yaml app/kustomization.yaml
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    namespace: monitoring
    resources:
      - ./deployment.yaml
    configMapGenerator:
      - name: vector-configmap
        literals:
          - level=debug
    ```
    """
    for contracts, answer in unmet(tree, lambda reference: reference.kind == "ConfigMap" and not reference.is_optional):
        yield missing_object(contracts, answer)
