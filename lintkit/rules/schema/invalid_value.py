"""The rule `invalid-value`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Severity
from lintkit.rules._rule import rule
from lintkit.rules.schema._violations import finding, replace_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.finding import Finding
    from lintkit.schema.validation import Validation


@rule(severity=Severity.ERROR, since="0.1")
def invalid_value(validation: Validation) -> Iterator[Finding]:
    """A field has a value that its kind does not allow.

    Enums, patterns, limits and formats, and the rules that tie several fields together.

    ## Why
    The API server refuses the object, and with it everything that the same Kustomization applies.

    ## Bad
    ```yaml app/externalsecret.yaml
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: airflow-metadata
      namespace: airflow
    spec:
      refreshInterval: 1h
      secretStoreRef:
        kind: ClusterSecretStore
        name: onepassword-connect
      target:
        creationPolicy: owner # error: did you mean `Owner`?
      dataFrom:
        - extract:
            key: airflow
    ```

    ## Good
    ```yaml app/externalsecret.yaml
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: airflow-metadata
      namespace: airflow
    spec:
      refreshInterval: 1h
      secretStoreRef:
        kind: ClusterSecretStore
        name: onepassword-connect
      target:
        creationPolicy: Owner
      dataFrom:
        - extract:
            key: airflow
    ```
    """
    for violation in validation.of("invalid-value"):
        yield finding(violation, replace_value(violation))
