"""The rule `wrong-type`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Severity
from lintkit.rules._rule import rule
from lintkit.rules.schema._repairs import indent, retype, strays, with_unit
from lintkit.rules.schema._violations import finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.finding import Finding
    from lintkit.schema.validation import Validation


@rule(severity=Severity.ERROR, since="0.1")
def wrong_type(validation: Validation) -> Iterator[Finding]:
    """A field has a value of the wrong type.

    A value that a variable of Flux decides is judged where the variable's value is known.

    An empty list or mapping that is written as nothing at all (`dependsOn:` with no value) is an `info`: the API server
    takes it for absent.

    ## Why
    The API server refuses the object, and with it everything that the same Kustomization applies.

    ## Bad
    ```yaml app/service.yaml
    apiVersion: v1
    kind: Service
    metadata:
      name: webhook
      namespace: airflow
    spec:
      ports: # error: `spec.ports` is a mapping, expected a list
        name: http
        port: 8080
    ```

    ## Good
    ```yaml app/service.yaml
    apiVersion: v1
    kind: Service
    metadata:
      name: webhook
      namespace: airflow
    spec:
      ports:
        - name: http
          port: 8080
    ```
    """
    unknown = strays(validation.violations)
    for violation in validation.of("wrong-type"):
        yield finding(violation, with_unit(violation) or indent(violation, unknown) or retype(violation))
