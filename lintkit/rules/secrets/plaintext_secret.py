"""The rule `plaintext-secret`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Applicability, Finding, Fix, Severity
from lintkit.model.plaintext import generated_values, plaintext_values
from lintkit.rules._rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.tree import Tree
    from lintkit.syntax.node import Scalar

_HINT = Fix("encrypt the file with SOPS, or let an ExternalSecret fetch it; and change it", (), Applicability.DISPLAY)


@rule(severity=Severity.ERROR, since="0.1")
def plaintext_secret(tree: Tree) -> Iterator[Finding]:
    """A Secret stands in the repository in clear text.

    Base64 is no encryption. Literals and `envs` of a `secretGenerator` count as well. Values that are variables of Flux
    or encrypted by SOPS are not reported.

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
    for resource in tree.written:
        readable = [key for key, _ in plaintext_values(resource)] if resource.kind == "Secret" else []
        if readable:
            yield _finding(resource.name, [key.text for key in readable], readable[0])
    for kustomization in tree.kustomizations.values():
        found: dict[int, list[tuple[str, str, Scalar]]] = {}
        for entry, key, node in generated_values(kustomization, tree.repository):
            found.setdefault(id(entry), []).append((entry.text("name") or "?", key, node))
        for values in found.values():
            yield _finding(values[0][0], [key for _, key, _ in values], values[0][2])


def _finding(name: str, keys: list[str], node: Scalar) -> Finding:
    names = ", ".join(f"`{key}`" for key in keys)
    return Finding.at(node, f"Secret `{name}` is readable by all who read this file: {names}", fix=_HINT)
