"""The rule `missing-field`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Severity
from lintkit.rules._rule import rule
from lintkit.rules.schema._repairs import as_the_others
from lintkit.rules.schema._violations import finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.finding import Finding
    from lintkit.schema.validation import Validation


@rule(severity=Severity.ERROR, since="0.1")
def missing_field(validation: Validation) -> Iterator[Finding]:
    """An object lacks a field that its kind requires.

    Fields that the API server fills in are not asked for. What a patch or a component brings counts.

    ## Why
    The API server refuses the object, and with it everything that the same Kustomization applies.

    ## Bad
    ```yaml cluster/airflow.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: airflow
      namespace: flux-system
    spec: # error: `spec` lacks `sourceRef`
      interval: 1h
      path: ./airflow
      prune: true
    ```

    ## Good
    ```yaml cluster/airflow.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: airflow
      namespace: flux-system
    spec:
      interval: 1h
      path: ./airflow
      prune: true
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```
    """
    for violation in validation.of("missing-field"):
        yield finding(violation, as_the_others(violation, validation.tree))
