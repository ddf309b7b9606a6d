"""The rule `misplaced-field`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Severity
from lintkit.rules._rule import rule
from lintkit.rules.schema._repairs import indent, move, strays
from lintkit.rules.schema._violations import finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.finding import Finding
    from lintkit.schema.validation import Validation


@rule(severity=Severity.ERROR, since="0.1")
def misplaced_field(validation: Validation) -> Iterator[Finding]:
    """A field stands in the wrong object; its kind knows it elsewhere.

    ## Why
    The API server refuses the object, or drops the field without a word. An indent too many or too few is the usual
    cause.

    ## Bad
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
              serviceAccountName: webhook # error: it belongs under `spec.template.spec`
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
          serviceAccountName: webhook
          containers:
            - name: webhook
              image: ghcr.io/example/webhook:1.0.0
    ```
    """
    unknown = strays(validation.violations)
    violations = list(validation.of("misplaced-field"))
    for violation in violations:
        yield finding(violation, indent(violation, unknown) or move(violation, violations))
