"""The rule `cross-namespace-secret-ref`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Finding, Related, Severity
from lintkit.rules._rule import rule
from lintkit.rules.references._unmet import in_other_namespaces, unmet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.tree import Tree


@rule(severity=Severity.WARNING, since="0.1")
def cross_namespace_secret_ref(tree: Tree) -> Iterator[Finding]:
    """An object names a Secret that is made in another namespace only.

    Secrets that reflector or kubernetes-replicator copy are taken into account. It is an error where every other Secret
    of the namespace is made by this tree.

    ## Why
    A pod, a release or an issuer reads Secrets of its own namespace alone: to it the Secret is not there.

    ## Bad
    ```yaml app/secret.yaml
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: airflow-metadata
      namespace: databases
    spec:
      secretStoreRef:
        kind: ClusterSecretStore
        name: onepassword-connect
      data:
        - secretKey: connection
          remoteRef:
            key: airflow
    ```
    ```yaml app/pod.yaml
    apiVersion: v1
    kind: Pod
    metadata:
      name: worker
      namespace: airflow
    spec:
      containers:
        - name: base
          image: apache/airflow:2.10.5
          envFrom:
            - secretRef:
                name: airflow-metadata # warning: is made in namespace `databases`
    ```

    ## Good
    ```yaml app/secret.yaml
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: airflow-metadata
      namespace: airflow
    spec:
      secretStoreRef:
        kind: ClusterSecretStore
        name: onepassword-connect
      data:
        - secretKey: connection
          remoteRef:
            key: airflow
    ```
    """
    for contracts, answer in unmet(tree, lambda reference: reference.kind == "Secret" and not reference.is_optional):
        reference = answer.reference
        makers = in_other_namespaces(contracts, reference)
        if not makers or not reference.namespace:
            continue
        names = "`, `".join(sorted({maker.namespace for maker in makers}))
        message = f"Secret `{reference.name}` is made in namespace `{names}`, and needed in `{reference.namespace}`"
        severity = Severity.ERROR if contracts.is_wholly_made_here(reference) else None
        related = tuple(Related(maker.name_place, "makes it") for maker in makers[:2])
        yield Finding.at(reference.node, message, severity=severity, related=related)
