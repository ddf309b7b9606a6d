"""The rule `disallowed-store`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Finding, Severity
from lintkit.model.consumers import references_of
from lintkit.model.external_secrets import GROUP
from lintkit.rules._rule import rule
from lintkit.rules.house._objects import all_objects
from lintkit.suppress import closest, glob

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.consumers import Reference
    from lintkit.model.tree import Tree
    from lintkit.options import AllowedStore, Options

_KINDS = frozenset({"ExternalSecret", "ClusterExternalSecret", "PushSecret", "ClusterPushSecret"})
_STORES = frozenset({"SecretStore", "ClusterSecretStore"})


@rule(severity=Severity.ERROR, since="0.1")
def disallowed_store(tree: Tree, options: Options) -> Iterator[Finding]:
    """A secret comes from a store, or goes to one, that `stores` in the configuration does not list.

    Each entry of `stores` allows the stores of a kind and name (globs) to the files of a path. Without entries the
    rule is silent.

    ## Why
    Who may read a secret is decided where it is stored. A store that was meant for a trial, or for one team, ends up
    holding what production needs, and nobody backs it up or rotates it.

    ## Bad
    ```yaml .lintkit.yaml
    stores:
      - kind: ClusterSecretStore
        name: onepassword
    ```
    ```yaml app/secret.yaml
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: database
      namespace: airflow
    spec:
      refreshInterval: 24h
      secretStoreRef:
        kind: ClusterSecretStore
        name: trial # error: `ClusterSecretStore/trial` is not an allowed store
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
      refreshInterval: 24h
      secretStoreRef:
        kind: ClusterSecretStore
        name: onepassword
      data:
        - secretKey: password
          remoteRef:
            key: airflow
    ```
    """
    if not options.stores:
        return
    for resource in all_objects(tree):
        if resource.group == GROUP and resource.kind in _KINDS:
            for reference in references_of(resource):
                if reference.kind in _STORES and reference.is_decided:
                    yield from _judged(reference, options.stores)


def _judged(reference: Reference, stores: tuple[AllowedStore, ...]) -> Iterator[Finding]:
    here = [one for one in stores if glob(one.path).fullmatch(reference.consumer.path)]
    for one in here:
        if glob(one.kind).fullmatch(reference.kind) and glob(one.name).fullmatch(reference.name):
            return
    name = f"{reference.kind}/{reference.name}"
    allowed = [f"{one.kind}/{one.name}" for one in here]
    hint = closest(reference.name, [one.name for one in here if glob(one.kind).fullmatch(reference.kind)])
    if not hint:
        hint = (
            f"; allowed here: {', '.join(f'`{one}`' for one in allowed[:4])}" if allowed else "; none is allowed here"
        )
    yield Finding.at(reference.node, f"`{name}` is not an allowed store{hint}")
