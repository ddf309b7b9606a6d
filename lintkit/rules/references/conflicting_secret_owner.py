"""The rule `conflicting-secret-owner`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Finding, Related, Severity
from lintkit.rules._rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.contracts import Contracts
    from lintkit.model.producers import Producer
    from lintkit.model.tree import Tree

_OWNERS = frozenset({"ExternalSecret", "SealedSecret", "Certificate", "Secret"})


@rule(severity=Severity.ERROR, since="0.1")
def conflicting_secret_owner(tree: Tree) -> Iterator[Finding]:
    """Two objects make one Secret.

    ExternalSecrets that own their Secret, SealedSecrets, Certificates and Secrets themselves. An ExternalSecret with
    `creationPolicy: Merge` adds keys to a Secret that another one makes, which is no conflict.

    ## Why
    Only the first can own it; the other fails, or the two overwrite each other with every refresh, and which keys the
    Secret has changes from minute to minute.

    ## Bad
    ```yaml app/first.yaml
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: first
      namespace: airflow
    spec:
      target:
        name: airflow
      data:
        - secretKey: password
          remoteRef:
            key: airflow
    ```
    ```yaml app/second.yaml
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: second
      namespace: airflow
    spec:
      target:
        name: airflow # error: Secret `airflow` is made twice
      data:
        - secretKey: token
          remoteRef:
            key: airflow
    ```

    ## Good
    ```yaml app/second.yaml
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: second
      namespace: airflow
    spec:
      target:
        name: airflow
        creationPolicy: Merge
      data:
        - secretKey: token
          remoteRef:
            key: airflow
    ```
    """
    for contracts in tree.contracts:
        yield from _in_cluster(contracts)


def _in_cluster(contracts: Contracts) -> Iterator[Finding]:
    for (kind, name), makers in contracts.producers.items():
        if kind != "Secret" or "${" in name:
            continue
        first: dict[str, Producer] = {}
        for maker in makers:
            if not maker.owns or not maker.namespace or maker.resource.kind not in _OWNERS or _waits(maker):
                continue
            before = first.setdefault(maker.namespace, maker)
            if before is maker or before.resource.written is maker.resource.written:
                continue
            if before.resource.id == maker.resource.id:
                continue
            message = (
                f"Secret `{name}` is made twice: by {maker.resource.kind} `{maker.resource.name}` "
                f"and by {before.resource.kind} `{before.resource.name}`"
            )
            related = (Related(before.node.place, "the other one"),)
            yield Finding.at(maker.node, message, related=related)


def _waits(maker: Producer) -> bool:
    """Whether a maker shares the Secret on purpose: it creates or merges, or leaves the Secret an orphan."""
    policy = maker.resource.text("spec", "target", "creationPolicy")
    return policy in {"Orphan", "CreateOrMerge", "Merge"} or maker.is_open
