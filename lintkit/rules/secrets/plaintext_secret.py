"""The rule `plaintext-secret`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Applicability, Finding, Fix, Severity
from lintkit.model.secrets import plaintext_values
from lintkit.rules._rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.resource import Resource

_HINT = Fix("encrypt the file with SOPS, or let an ExternalSecret fetch it; and change it", (), Applicability.DISPLAY)


@rule(severity=Severity.ERROR, since="0.1", kinds=("Secret",))
def plaintext_secret(resource: Resource) -> Iterator[Finding]:
    """A Secret stands in the repository in clear text.

    Base64 is no encryption. Values that are variables of Flux or encrypted by SOPS are not reported.

    ## Why
    Everyone who can read the repository, now or in its history, can read the value. Encrypt the file with SOPS, or let
    an ExternalSecret fetch the value; and change the value, since it has been committed.

    ## Bad
    ```yaml app/secret.yaml
    apiVersion: v1
    kind: Secret
    metadata:
      name: database
      namespace: airflow
    stringData:
      password: changeme # error: Secret `database` is readable
    ```

    ## Good
    ```yaml app/secret.yaml
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: database
      namespace: airflow
    spec:
      refreshInterval: 1h
      secretStoreRef:
        kind: ClusterSecretStore
        name: onepassword-connect
      data:
        - secretKey: password
          remoteRef:
            key: airflow
            property: password
    ```
    """
    readable = [key for key, _ in plaintext_values(resource)]
    if readable:
        names = ", ".join(f"`{key.text}`" for key in readable)
        yield Finding.at(
            readable[0], f"Secret `{resource.name}` is readable by all who read this file: {names}", fix=_HINT
        )
