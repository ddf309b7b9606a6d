"""The rule `removed-api`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Applicability, Finding, Fix, Severity
from lintkit.model.external_secrets import GROUP as EXTERNAL_SECRETS
from lintkit.model.flux import HELM, IMAGE, KUSTOMIZE, NOTIFICATION, SOURCE
from lintkit.model.versions import flux_version
from lintkit.rules._rule import rule
from lintkit.syntax.node import Scalar
from lintkit.syntax.rewrite import replace_scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.resource import Resource
    from lintkit.model.tree import Tree

_FLUX: dict[tuple[str, str], tuple[tuple[int, int], str]] = {
    (HELM, "v2beta1"): ((2, 7), "v2"),
    (HELM, "v2beta2"): ((2, 8), "v2"),
    (KUSTOMIZE, "v1beta1"): ((2, 7), "v1"),
    (KUSTOMIZE, "v1beta2"): ((2, 8), "v1"),
    (SOURCE, "v1beta1"): ((2, 7), "v1"),
    (SOURCE, "v1beta2"): ((2, 8), "v1"),
    (NOTIFICATION, "v1beta1"): ((2, 7), "v1beta3"),
    (NOTIFICATION, "v1beta2"): ((2, 8), "v1beta3"),
    (IMAGE, "v1alpha1"): ((2, 7), "v1"),
    (IMAGE, "v1alpha2"): ((2, 7), "v1"),
    (IMAGE, "v1beta1"): ((2, 7), "v1"),
}
_EXTERNAL_SECRETS = frozenset({"ExternalSecret", "SecretStore", "ClusterSecretStore", "ClusterExternalSecret"})
_RECEIVER = {"Receiver": "v1"}


@rule(severity=Severity.ERROR, since="0.1")
def removed_api(tree: Tree) -> Iterator[Finding]:
    """A manifest uses an API version that the controller no longer serves.

    For Flux the version is read from the tree or the configuration (`flux-version`). Where nothing says which Flux
    runs, what Flux 2.9 has removed is a warning. External Secrets has served `v1` alone since its version 0.17.

    ## Why
    The API server has no such kind, so the object is refused, and with it everything that the same Kustomization
    applies.

    ## Bad
    ```yaml app/flux-instance.yaml
    apiVersion: fluxcd.controlplane.io/v1
    kind: FluxInstance
    metadata:
      name: flux
      namespace: flux-system
    spec:
      distribution:
        version: 2.9.x
    ```
    ```yaml app/repository.yaml
    apiVersion: source.toolkit.fluxcd.io/v1beta2 # error: `v1` takes its place
    kind: HelmRepository
    metadata:
      name: apache-airflow
      namespace: flux-system
    spec:
      interval: 1h
      url: https://airflow.apache.org
    ```

    ## Good
    ```yaml app/repository.yaml
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: HelmRepository
    metadata:
      name: apache-airflow
      namespace: flux-system
    spec:
      interval: 1h
      url: https://airflow.apache.org
    ```
    """
    version = flux_version(tree)
    for resource in tree.written:
        yield from _of_flux(resource, version)
        is_old = resource.group == EXTERNAL_SECRETS and resource.version in {"v1alpha1", "v1beta1"}
        if is_old and resource.kind in _EXTERNAL_SECRETS:
            message = f"External Secrets no longer serves `{resource.version}`; `v1` takes its place"
            yield _finding(resource, message, "v1", Severity.WARNING)


def _of_flux(resource: Resource, version: tuple[int, int] | None) -> Iterator[Finding]:
    found = _FLUX.get((resource.group, resource.version))
    if found is None:
        return
    removed, instead = found
    instead = _RECEIVER.get(resource.kind, instead)
    if version is not None and version < removed:
        return
    major, minor = removed
    message = f"Flux {major}.{minor} has removed `{resource.api_version}`; `{instead}` takes its place"
    yield _finding(resource, message, instead, None if version is not None else Severity.WARNING)


def _finding(resource: Resource, message: str, instead: str, severity: Severity | None) -> Finding:
    node = resource.written.get("apiVersion")
    place = node or resource.written
    fix = None
    if isinstance(node, Scalar):
        edits = tuple(replace_scalar(node, f"{resource.group}/{instead}"))
        fix = Fix(f"change it to `{resource.group}/{instead}`", edits, Applicability.UNSAFE)
    return Finding.at(place, message, severity=severity, fix=fix)
