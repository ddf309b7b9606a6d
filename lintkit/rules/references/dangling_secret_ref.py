"""The rule `dangling-secret-ref`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lintkit.finding import Finding, Related, Severity
from lintkit.rules._rule import rule
from lintkit.rules.references._unmet import in_other_namespaces, missing_object, unmet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.tree import Tree

_STORES = frozenset({"SecretStore", "ClusterSecretStore"})
"""Their credential is what a person puts into a cluster before anything else; one word about it is enough."""
_MOST_PLACES = 3


@rule(severity=Severity.ERROR, since="0.1")
def dangling_secret_ref(tree: Tree) -> Iterator[Finding]:
    """An object names a Secret that nothing in the tree makes.

    Makers are manifests, generators, ExternalSecrets, SealedSecrets, certificates, operators and charts. It is an
    error where absence is certain: a name that comes close is there, or everything else of that kind in that
    namespace is made by this tree. Otherwise it is `info`; `external:` in the configuration declares what comes from
    outside. The credential of secret stores is named once, however many stores use it.

    ## Why
    The pod waits for ever with CreateContainerConfigError, or the release is never installed.

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
    ```yaml app/all.yaml
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
    ---
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata:
      name: airflow
      namespace: airflow
    spec:
      interval: 1h
      valuesFrom:
        - kind: Secret
          name: airflow-metadat # error: did you mean `airflow-metadata`?
          valuesKey: connection
    ```

    ## Good
    ```yaml app/all.yaml
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
    ---
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata:
      name: airflow
      namespace: airflow
    spec:
      interval: 1h
      valuesFrom:
        - kind: Secret
          name: airflow-metadata
          valuesKey: connection
    ```
    """
    by_hand: dict[tuple[str | None, str], list[Finding]] = {}
    for contracts, answer in unmet(tree, lambda reference: reference.kind == "Secret" and not reference.is_optional):
        reference = answer.reference
        if in_other_namespaces(contracts, reference):
            continue
        finding = missing_object(contracts, answer)
        if finding.severity is Severity.INFO and reference.consumer.kind in _STORES:
            by_hand.setdefault((reference.namespace, reference.name), []).append(finding)
        else:
            yield finding
    for same in by_hand.values():
        first, *others = sorted(same, key=lambda one: (one.path, one.place.span.start))
        also = tuple(Related(one.place, "named here too") for one in others[:_MOST_PLACES])
        yield replace(first, related=(*first.related, *also))
