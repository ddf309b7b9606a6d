"""The rule `unused-suppression`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Severity
from lintkit.rules._rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.finding import Finding
    from lintkit.model.tree import Tree


@rule(severity=Severity.WARNING, since="0.1")
def unused_suppression(tree: Tree) -> Iterator[Finding]:
    """A suppression comment silences nothing.

    ## Why
    The defect it was written for is gone. Left in place, the comment would hide the next one.

    ## Bad
    ```yaml app/config.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: config # lintkit: ignore[duplicate-key] set twice on purpose # warning: finds nothing here
      namespace: default
    ```

    ## Good
    ```yaml app/config.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: config
      namespace: default
    ```
    """
    _ = tree
    yield from ()
