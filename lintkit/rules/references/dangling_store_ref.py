"""The rule `dangling-store-ref`."""

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
def dangling_store_ref(tree: Tree) -> Iterator[Finding]:
    """An ExternalSecret or PushSecret names a store or generator that nothing declares.

    A SecretStore lives in the namespace of the ExternalSecret; `kind: ClusterSecretStore` must be said, since the
    default is SecretStore. When absence is certain, and when it is `info`, is the same as for `dangling-secret-ref`.

    ## Why
    The ExternalSecret never syncs, so its Secret never comes, and every pod that needs it waits.

    ## Bad
    ```yaml app/store.yaml
    apiVersion: external-secrets.io/v1
    kind: ClusterSecretStore
    metadata:
      name: onepassword-connect
    spec:
      provider: {}
    ```
    ```yaml app/secret.yaml
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: database
      namespace: airflow
    spec:
      secretStoreRef:
        kind: ClusterSecretStore
        name: onepassword-conect # error: did you mean `onepassword-connect`?
      data:
        - secretKey: password
          remoteRef:
            key: airflow
    ```

    ## Good
    ```yaml app/secret.yaml
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: database
      namespace: airflow
    spec:
      secretStoreRef:
        kind: ClusterSecretStore
        name: onepassword-connect
      data:
        - secretKey: password
          remoteRef:
            key: airflow
    ```
    """
    for contracts, answer in unmet(tree, lambda reference: reference.row.role == "store"):
        yield missing_object(contracts, answer)
