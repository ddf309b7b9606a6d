"""The rule `unknown-kind`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Applicability, Finding, Fix, Severity
from lintkit.model.names import closest
from lintkit.model.removed import REMOVED
from lintkit.rules._rule import rule
from lintkit.syntax.node import Scalar
from lintkit.syntax.rewrite import replace_scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.resource import Resource
    from lintkit.schema.validation import UnknownKind, Validation


@rule(severity=Severity.INFO, since="0.1")
def unknown_kind(validation: Validation) -> Iterator[Finding]:
    """Nothing is known of a kind, so its fields are not checked.

    One finding for each kind. `lintkit schemas import` takes CRDs from files or from a cluster; `schemas:` in the
    configuration names folders of them.

    ## Why
    A misspelled kind is found like this as well: a group of Kubernetes itself is wholly known, so there it is an error.

    ## Bad
    ```yaml app/deployment.yaml
    apiVersion: apps/v1
    kind: Deploymnet # error: did you mean `Deployment`?
    metadata:
      name: webhook
      namespace: airflow
    ```
    ```yaml app/widget.yaml
    apiVersion: example.com/v1
    kind: Widget # info: no schema of Widget
    metadata:
      name: webhook
      namespace: airflow
    ```

    ## Good
    ```yaml app/deployment.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: webhook
      namespace: airflow
    spec:
      selector:
        matchLabels:
          app: webhook
      template:
        metadata:
          labels:
            app: webhook
        spec:
          containers:
            - name: webhook
              image: ghcr.io/example/webhook:1.0.0
    ```
    ```yaml app/widget.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: webhook
      namespace: airflow
    ```
    """
    for unknown in validation.unknown_kinds:
        resource = unknown.resource
        if (resource.group, resource.version, resource.kind) not in REMOVED:
            yield _of_kind(unknown, validation)


def _of_kind(unknown: UnknownKind, validation: Validation) -> Finding:
    resource = unknown.resource
    api_version, kind = resource.api_version, resource.kind
    place = resource.root.get("kind") or resource.root
    kinds = validation.catalog.known_kinds(resource.group)
    if kind in kinds:
        return _elsewhere(resource, _served(validation, kind, resource.group), "it has")
    if kinds:
        others = _served(validation, kind)
        if others:
            return _elsewhere(resource, others, "it is in")
        close = _closest(kind, kinds)
        hint = f"; did you mean `{close}`?" if close else ""
        fix = None
        if close and isinstance(place, Scalar):
            fix = Fix(f"change to `{close}`", tuple(replace_scalar(place, close)), Applicability.UNSAFE)
        return Finding.at(
            place,
            f"Kubernetes has no kind `{kind}` in `{api_version}`{hint}",
            severity=Severity.ERROR if close else Severity.WARNING,
            fix=fix,
        )
    many = f" ({unknown.count} objects)" if unknown.count > 1 else ""
    return Finding.at(place, f"no schema of {kind} `{api_version}` is known: its fields are not checked{many}")


def _served(validation: Validation, kind: str, group: str | None = None) -> list[str]:
    """The API versions of Kubernetes itself that have a kind."""
    known = validation.catalog.known
    return sorted(
        f"{of}/{version}" if of else version
        for of, version, name in known
        if name == kind and (group is None or of == group)
    )


def _elsewhere(resource: Resource, served: list[str], how: str) -> Finding:
    node = resource.root.get("apiVersion") or resource.root
    fix = None
    if len(served) == 1 and isinstance(node, Scalar):
        fix = Fix(f"change to `{served[0]}`", tuple(replace_scalar(node, served[0])), Applicability.UNSAFE)
    message = f"Kubernetes has no {resource.kind} in `{resource.api_version}`; {how} `{'`, `'.join(served)}`"
    return Finding.at(node, message, severity=Severity.ERROR, fix=fix)


def _closest(kind: str, kinds: frozenset[str]) -> str | None:
    """The kind that is meant, whatever the case of its letters."""
    by_lower = {name.lower(): name for name in kinds}
    lower = kind.lower()
    return by_lower.get(lower) or by_lower.get(closest(lower, by_lower) or "")
