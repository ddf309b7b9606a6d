"""The rule `unknown-field`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Severity
from lintkit.rules._rule import rule
from lintkit.rules.schema._repairs import backend, indent, move_below_values, strays
from lintkit.rules.schema._violations import finding, rename

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.finding import Finding
    from lintkit.schema.validation import Validation


@rule(severity=Severity.ERROR, since="0.1")
def unknown_field(validation: Validation) -> Iterator[Finding]:
    """An object has a field that its kind does not know.

    What lintkit's own schemas do not know and nothing comes close to may be newer than they are; that is a warning.
    Schemas of the cluster itself (CRDs in the tree, `lintkit schemas import`) make it certain.

    ## Why
    The API server refuses the object, or drops the field without a word, and what it was written for never happens.

    ## Bad
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
      decription: # error: did you mean `decryption`?
        provider: sops
      sourceRef:
        kind: GitRepository
        name: flux-system
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
      decryption:
        provider: sops
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```
    """
    unknown = strays(validation.violations)
    for violation in validation.of("unknown-field"):
        fix = rename(violation) or backend(violation) or indent(violation, unknown) or move_below_values(violation)
        yield finding(violation, fix)
