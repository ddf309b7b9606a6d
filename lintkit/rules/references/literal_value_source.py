"""The rule `literal-value-source`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Finding, Severity
from lintkit.model.consumers import select
from lintkit.rules._rule import rule
from lintkit.syntax.node import Mapping, Node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.tree import Tree

_SOURCES = ("secretKeyRef", "configMapKeyRef", "valueFrom", "secretRef")


@rule(severity=Severity.ERROR, since="0.1")
def literal_value_source(tree: Tree) -> Iterator[Finding]:
    """A `secretKeyRef` stands where the chart takes a text.

    Helm knows no references: a chart does with a value what its templates say. The profile of the chart tells which
    values are taken as they are.

    ## Why
    The password becomes the text `map[secretKeyRef:...]`, or the chart refuses the value. `valuesFrom` with
    `targetPath` puts a value from a Secret there.

    ## Bad
    ```yaml app/helmrelease.yaml
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata:
      name: database
      namespace: airflow
    spec:
      interval: 1h
      chart:
        spec:
          chart: postgresql
          version: 16.0.0
          sourceRef:
            kind: HelmRepository
            name: bitnami
      values:
        auth:
          password:
            secretKeyRef: # error: `auth.password` is taken as text
              name: database
              key: password
    ```

    ## Good
    ```yaml app/helmrelease.yaml
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata:
      name: database
      namespace: airflow
    spec:
      interval: 1h
      chart:
        spec:
          chart: postgresql
          version: 16.0.0
          sourceRef:
            kind: HelmRepository
            name: bitnami
      values:
        auth:
          existingSecret: database
    ```
    """
    for contracts in tree.contracts:
        for view in contracts.views:
            for prefix, profile in view.profiles:
                for path in profile.literals:
                    whole = f"{prefix}.{path}" if prefix else path
                    for node in select(view.values.root, whole):
                        found = next((name for name in _SOURCES if node.at(name) is not None), None)
                        if found is not None and isinstance(node, Mapping):
                            where = ".".join(_path(view.values.root, node) or [whole])
                            message = f"`{where}` is taken as text: the chart `{profile.chart}` reads no `{found}` here"
                            yield Finding.at(node.key(found) or node, message)


def _path(root: Node, wanted: Node) -> list[str] | None:
    """The keys that lead to a node."""
    if root is wanted:
        return []
    for key, child in root.entries.items() if isinstance(root, Mapping) else ():
        below = _path(child, wanted)
        if below is not None:
            return [key, *below]
    return None
