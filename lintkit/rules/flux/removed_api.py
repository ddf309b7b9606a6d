"""The rule `removed-api`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Finding, Related, Severity
from lintkit.model.removed import REMOVED, of_external_secrets, of_flux
from lintkit.model.versions import flux_version, parse_version
from lintkit.rules._rule import rule
from lintkit.rules.flux._moves import to_version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.removed import Removed
    from lintkit.model.resource import Resource
    from lintkit.schema.validation import Validation


@rule(severity=Severity.ERROR, since="0.1")
def removed_api(validation: Validation) -> Iterator[Finding]:
    """A manifest uses an API version that the controller no longer serves.

    The versions of Flux and Kubernetes are read from the tree or the configuration (`flux-version`,
    `kubernetes-version`). Where nothing says which one runs, what the newest one has removed is a warning. External
    Secrets has served `v1` alone since its version 0.17. For other kinds their CRD in the tree decides.

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
    tree = validation.tree
    flux, kubernetes = flux_version(tree), parse_version(validation.kubernetes_version)
    for resource in tree.written:
        key = (resource.group, resource.version, resource.kind)
        secrets = of_external_secrets(*key)
        of_kubernetes, of_its_flux = REMOVED.get(key), of_flux(*key)
        if secrets:
            message = f"External Secrets no longer serves `{resource.version}`; `v1` takes its place"
            yield _finding(resource, message, secrets, Severity.WARNING)
        elif of_its_flux is not None:
            yield from _gone(resource, "Flux", of_its_flux, flux)
        elif of_kubernetes is not None:
            yield from _gone(resource, "Kubernetes", of_kubernetes, kubernetes)
        else:
            yield from _unserved(resource, validation)


def _gone(resource: Resource, owner: str, removed: Removed, version: tuple[int, int] | None) -> Iterator[Finding]:
    if version is not None and version < removed.since:
        return
    major, minor = removed.since
    instead = removed.instead
    place = f"; `{instead.removeprefix(f'{resource.group}/')}` takes its place" if instead else ""
    message = f"{owner} {major}.{minor} has removed `{resource.api_version}`{place}"
    severity = None if version is not None else Severity.WARNING
    yield _finding(resource, message, instead, severity, has_moves=removed.moves)


def _unserved(resource: Resource, validation: Validation) -> Iterator[Finding]:
    known = validation.catalog.find(resource.group, resource.version, resource.kind)
    if known is None or known.served or not known.versions:
        return
    served = "`, `".join(known.versions)
    message = f"the CRD of {resource.kind} serves `{served}`, and not `{resource.version}`"
    place = resource.written.get("apiVersion") or resource.written
    definition = validation.definition(resource.group, resource.kind)
    related = (Related(definition.name_place, "the CRD"),) if definition is not None else ()
    yield Finding.at(place, message, related=related)


def _finding(
    resource: Resource, message: str, instead: str, severity: Severity | None, *, has_moves: bool = False
) -> Finding:
    node = resource.written.get("apiVersion")
    fix = to_version(resource, instead, has_moves=has_moves)
    return Finding.at(node or resource.written, message, severity=severity, fix=fix)
