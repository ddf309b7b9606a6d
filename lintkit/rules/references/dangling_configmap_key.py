"""The rule `dangling-configmap-key`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Severity
from lintkit.rules._rule import rule
from lintkit.rules.references._keys import missing_key
from lintkit.rules.references._unmet import unmet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.finding import Finding
    from lintkit.model.tree import Tree


@rule(severity=Severity.ERROR, since="0.1")
def dangling_configmap_key(tree: Tree) -> Iterator[Finding]:
    """A key is asked of a ConfigMap that does not have it.

    The ConfigMap is made in this tree, by a manifest or a generator, and all its keys are known.

    ## Why
    The pod waits for ever, or a release is not installed because its values are not there.

    ## Bad
    ```yaml app/kustomization.yaml
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    namespace: airflow
    resources:
      - ./pod.yaml
    configMapGenerator:
      - name: config
        literals:
          - level=debug
    ```
    ```yaml app/pod.yaml
    apiVersion: v1
    kind: Pod
    metadata:
      name: worker
    spec:
      containers:
        - name: base
          image: apache/airflow:2.10.5
          env:
            - name: LEVEL
              valueFrom:
                configMapKeyRef:
                  name: config
                  key: log-level # error: it has `level`
    ```

    ## Good
    ```yaml app/pod.yaml
    apiVersion: v1
    kind: Pod
    metadata:
      name: worker
    spec:
      containers:
        - name: base
          image: apache/airflow:2.10.5
          env:
            - name: LEVEL
              valueFrom:
                configMapKeyRef:
                  name: config
                  key: level
    ```
    """
    for _, answer in unmet(
        tree, lambda reference: reference.kind == "ConfigMap" and not reference.is_optional, keys=True
    ):
        yield missing_key(answer)
