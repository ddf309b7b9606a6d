"""The rule `stale-baseline-entry`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Severity
from lintkit.rules._rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.finding import Finding
    from lintkit.model.tree import Tree


@rule(severity=Severity.INFO, since="0.1")
def stale_baseline_entry(tree: Tree) -> Iterator[Finding]:
    """An entry of the baseline accepts a finding that is gone.

    ## Why
    Left in place, it would accept the same defect when somebody brings it back. `lintkit baseline prune` takes it out.
    An entry is never stale when its rule did not run.

    ## Bad
    ```yaml .lintkit.yaml
    baseline: .lintkit-baseline
    ```
    ```text .lintkit-baseline
    # lintkit baseline 1
    c0ffeec0ffeec0ffeec0ffeec0ffee00 duplicate-key app/config.yaml # info: `duplicate-key` in app/config.yaml is gone
    ```
    ```yaml app/config.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: config
      namespace: default
    ```

    ## Good
    ```text .lintkit-baseline
    # lintkit baseline 1
    ```
    """
    _ = tree
    yield from ()
