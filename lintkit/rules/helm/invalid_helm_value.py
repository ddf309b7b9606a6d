"""The rule `invalid-helm-value`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Severity
from lintkit.rules._rule import rule
from lintkit.rules.helm._off import is_off
from lintkit.rules.schema._violations import finding, replace_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.finding import Finding
    from lintkit.schema.validation import Validation


@rule(severity=Severity.ERROR, since="0.1")
def invalid_helm_value(validation: Validation) -> Iterator[Finding]:
    """A Helm release has a value that its chart's schema does not allow, or lacks one that it needs.

    The values are judged as Helm sees them: the chart's defaults, `valuesFrom` and `values`, merged, with `null` taking
    a default away. What `valuesFrom` brings from an object that is not in the tree is not known, so nothing is called
    missing then; nothing is said where `disableSchemaValidation` keeps Helm from looking. Where only another version
    of the chart is at hand, the finding is a warning that says so.

    ## Why
    Helm holds the values against the schema before it renders anything, and refuses the release.

    ## Bad
    ```yaml cluster/hello.yaml
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata:
      name: hello
      namespace: flux-system
    spec:
      interval: 1h
      chart:
        spec:
          chart: ./charts/hello
          sourceRef:
            kind: GitRepository
            name: flux-system
      values:
        replicaCount: many # error: `replicaCount` is text, expected a whole number
    ```
    ```yaml charts/hello/Chart.yaml
    apiVersion: v2
    name: hello
    version: 1.0.0
    ```
    ```yaml charts/hello/values.yaml
    replicaCount: 1
    ```
    ```json charts/hello/values.schema.json
    {
      "type": "object",
      "additionalProperties": false,
      "properties": {"replicaCount": {"type": "integer"}}
    }
    ```

    ## Good
    ```yaml cluster/hello.yaml
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata:
      name: hello
      namespace: flux-system
    spec:
      interval: 1h
      chart:
        spec:
          chart: ./charts/hello
          sourceRef:
            kind: GitRepository
            name: flux-system
      values:
        replicaCount: 2
    ```
    """
    for violation in validation.of("invalid-helm-value"):
        if not is_off(violation):
            yield finding(violation, replace_value(violation))
