"""The rule `deprecated-api`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Finding, Severity
from lintkit.model.flux import IMAGE
from lintkit.model.removed import DEPRECATED, REMOVED, of_flux
from lintkit.model.versions import flux_version, parse_version
from lintkit.rules._rule import rule
from lintkit.rules.flux._moves import to_version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.finding import Fix
    from lintkit.model.removed import Removed
    from lintkit.model.resource import Resource
    from lintkit.schema.validation import Validation

_SIDE_BY_SIDE = 2
"""Minor versions before the removal of an API that surely serve what takes its place, but for image automation."""


@rule(severity=Severity.INFO, since="0.1")
def deprecated_api(validation: Validation) -> Iterator[Finding]:
    """A manifest uses an API version that still works and that a later version no longer serves.

    The version of Flux or Kubernetes must be known: the tree or the configuration says it. For custom kinds the CRD
    says which version is deprecated.

    ## Why
    The next upgrade of the cluster or of the controller removes it; changing the version before is one line.

    ## Bad
    ```yaml .lintkit.yaml
    flux-version: "2.6"
    ```
    ```yaml app/repository.yaml
    apiVersion: source.toolkit.fluxcd.io/v1beta2 # info: Flux 2.8 removes
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
        removed, running, owner = of_flux(*key), flux, "Flux"
        if removed is None:
            removed, running, owner = REMOVED.get(key), kubernetes, "Kubernetes"
        if removed is not None and running is not None and running < removed.since:
            is_served = resource.group != IMAGE and running >= (removed.since[0], removed.since[1] - _SIDE_BY_SIDE)
            fix = to_version(resource, removed.instead, has_moves=removed.moves) if is_served else None
            yield _at(resource, _coming(resource, removed, owner), fix)
        elif key in DEPRECATED:
            yield _at(resource, f"`{resource.api_version}` of {resource.kind} is deprecated; {DEPRECATED[key]}")
        elif removed is None:
            known = validation.catalog.find(*key)
            if known is not None and known.deprecation:
                yield _at(resource, f"`{resource.api_version}` of {resource.kind}: {known.deprecation}")


def _coming(resource: Resource, removed: Removed, owner: str) -> str:
    major, minor = removed.since
    instead = f"; `{removed.instead}` takes its place" if removed.instead else ""
    return f"{owner} {major}.{minor} removes `{resource.api_version}`{instead}"


def _at(resource: Resource, message: str, fix: Fix | None = None) -> Finding:
    return Finding.at(resource.written.get("apiVersion") or resource.written, message, fix=fix)
