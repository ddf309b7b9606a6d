"""The rule `unquoted-string`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Severity
from lintkit.rules._rule import rule
from lintkit.rules.schema._repairs import with_unit
from lintkit.rules.schema._violations import finding, quote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.finding import Finding
    from lintkit.schema.validation import Validation


@rule(severity=Severity.ERROR, since="0.1")
def unquoted_string(validation: Validation) -> Iterator[Finding]:
    """A number or a truth value stands where the API wants text.

    YAML reads `true`, `80` and `1.10` as what they look like. Quotes make them text.

    ## Why
    The API server refuses the object: `cannot unmarshal bool into Go struct field ... of type string`.

    ## Bad
    ```yaml app/service.yaml
    apiVersion: v1
    kind: Service
    metadata:
      name: webhook
      namespace: airflow
      annotations:
        example.com/public: true # error: text is expected: quote it
    spec:
      ports:
        - name: http
          port: 8080
    ```

    ## Good
    ```yaml app/service.yaml
    apiVersion: v1
    kind: Service
    metadata:
      name: webhook
      namespace: airflow
      annotations:
        example.com/public: "true"
    spec:
      ports:
        - name: http
          port: 8080
    ```
    """
    for violation in validation.of("unquoted-string"):
        yield finding(violation, with_unit(violation) or quote(violation))
