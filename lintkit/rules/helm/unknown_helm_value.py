"""The rule `unknown-helm-value`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lintkit.finding import Severity
from lintkit.rules._rule import rule
from lintkit.rules.helm._off import is_off
from lintkit.rules.schema._violations import finding, rename

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.finding import Finding
    from lintkit.schema.validation import Validation


@rule(severity=Severity.ERROR, since="0.1")
def unknown_helm_value(validation: Validation) -> Iterator[Finding]:
    """A Helm release has a value that its chart does not know.

    The chart's own schema says what it knows; a chart without one is known by its defaults and by what its templates
    read. Charts are found in the repository, in `schemas:` of the configuration, in the store that
    `lintkit schemas import-chart` fills, and in Helm's cache; app-template is known out of the box. Where only another
    version of the chart is at hand, the finding is a warning that says so; so is one where `disableSchemaValidation`
    keeps Helm from looking.

    ## Why
    Helm refuses the release when the chart has a schema that says so. Otherwise nothing happens at all: the value is
    read by no one, and the default stays.

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
        replicaCounts: 2 # error: did you mean `replicaCount`?
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
    for violation in validation.of("unknown-helm-value"):
        found = replace(violation, severity="warning") if is_off(violation) else violation
        yield finding(found, rename(violation))
