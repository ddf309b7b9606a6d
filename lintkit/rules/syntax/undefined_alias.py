"""The rule `undefined-alias`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Finding, Severity
from lintkit.rules._rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.syntax.node import Document


@rule(severity=Severity.ERROR, since="0.1")
def undefined_alias(document: Document) -> Iterator[Finding]:
    """An alias names an anchor that the document does not define.

    ## Why
    No YAML reader accepts the file. An anchor holds only within its own document: `---` ends it.

    ## Bad
    ```yaml app/config.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: config
      namespace: default
    data:
      first: &level info
      second: *levels # error: nothing defines the anchor `levels`
    ```

    ## Good
    ```yaml app/config.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: config
      namespace: default
    data:
      first: &level info
      second: *level
    ```
    """
    for defect in document.defects:
        if defect.kind == "undefined-alias":
            yield Finding.at(defect.place, defect.message)
