"""The rule `dangling-secret-key`."""

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
def dangling_secret_key(tree: Tree) -> Iterator[Finding]:
    """A key is asked of a Secret that does not have it.

    The Secret is made in this tree, and all its keys are known: from a manifest (SOPS leaves keys readable), a
    generator, or an ExternalSecret by the rules of its template and merge policy. Where a maker may add keys that
    files do not show (`dataFrom`), nothing is reported. A Receiver of Flux needs the key `token`, whatever it says.

    ## Why
    The pod waits for ever with CreateContainerConfigError: `couldn't find key password in Secret`.

    ## Bad
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
          env:
            - name: PASSWORD
              valueFrom:
                secretKeyRef:
                  name: database
                  key: pasword # error: did you mean `password`?
    ```

    ## Good
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
          env:
            - name: PASSWORD
              valueFrom:
                secretKeyRef:
                  name: database
                  key: password
    ```
    """
    for _, answer in unmet(tree, lambda reference: reference.kind == "Secret" and not reference.is_optional, keys=True):
        yield missing_key(answer)
