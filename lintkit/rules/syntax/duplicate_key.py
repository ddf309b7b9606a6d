"""The rule `duplicate-key`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Applicability, Finding, Fix, Related, Severity
from lintkit.rules._rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.syntax.node import Document

_HINT = Fix("keep one of the two: the last one counts now", (), Applicability.DISPLAY)


@rule(severity=Severity.ERROR, since="0.1")
def duplicate_key(document: Document) -> Iterator[Finding]:
    """A mapping sets one key twice.

    ## Why
    kustomize refuses the file, so Flux applies nothing of the Kustomization. Tools that accept it keep the last value
    and drop the first without a word.

    ## Bad
    ```yaml app/namespace.yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: airflow
      labels:
        pod-security.kubernetes.io/enforce: baseline
        pod-security.kubernetes.io/enforce: privileged # error: is already set on line 6
    ```

    ## Good
    ```yaml app/namespace.yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: airflow
      labels:
        pod-security.kubernetes.io/enforce: privileged
    ```
    """
    for defect in document.defects:
        if defect.kind == "duplicate-key":
            related = (Related(defect.first, "the first one"),) if defect.first else ()
            yield Finding.at(defect.place, defect.message, related=related, fix=_HINT)
