"""The rule `invalid-suppression`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Severity
from lintkit.rules._rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.finding import Finding
    from lintkit.model.tree import Tree


@rule(severity=Severity.WARNING, since="0.1")
def invalid_suppression(tree: Tree) -> Iterator[Finding]:
    """A suppression comment cannot be read, names no known rule, or gives no reason.

    ## Why
    A comment that silences nothing because of a typo, or that nobody can judge later because it says no reason, is
    worse than none. The form is `# lintkit: ignore[rule-name] reason`, or `ignore-file` for a whole file.

    ## Bad
    ```yaml app/config.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: config # lintkit: ignore[duplicate-keys] legacy # warning: did you mean `duplicate-key`?
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
