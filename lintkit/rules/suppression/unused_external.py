"""The rule `unused-external`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lintkit.finding import Finding, Severity
from lintkit.model.contracts import is_declared
from lintkit.model.names import closest
from lintkit.rules._rule import rule
from lintkit.syntax.node import Place
from lintkit.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.consumers import Reference
    from lintkit.model.tree import Tree
    from lintkit.options import External


@rule(severity=Severity.WARNING, since="0.1")
def unused_external(tree: Tree) -> Iterator[Finding]:
    """An entry of `external:` in the configuration is about an object that nothing in the tree needs.

    ## Why
    Either its name has a slip, and what it should declare is still reported or, worse, not known; or what needed the
    object is gone, and the entry would hide the next mistake.

    ## Bad
    ```yaml .lintkit.yaml
    external:
      - kind: Secret # warning: nothing in this tree needs Secret `bootstrap-keys`; did you mean `bootstrap-key`?
        namespace: airflow
        name: bootstrap-keys
        reason: made by hand
    ```
    ```yaml app/pod.yaml
    apiVersion: v1
    kind: Pod
    metadata:
      name: worker
      namespace: airflow
    spec:
      containers:
        - name: base
          image: apache/airflow:2.10.5
          envFrom:
            - secretRef:
                name: bootstrap-key
    ```

    ## Good
    ```yaml .lintkit.yaml
    external:
      - kind: Secret
        namespace: airflow
        name: bootstrap-key
        reason: made by hand
    ```
    """
    references = [reference for contracts in tree.contracts for reference in contracts.references]
    for one in tree.options.external if tree.contracts else ():
        if isinstance(one.place, Place) and not any(is_declared(reference, one) for reference in references):
            yield Finding.at(_in_tree(tree, one.place), _message(one, references))


def _message(one: External, references: list[Reference]) -> str:
    where = "" if one.namespace == "*" else f" in namespace `{one.namespace}`"
    names = {reference.name for reference in references if reference.kind == one.kind}
    if one.name in names:
        return f"nothing in this tree needs {one.kind} `{one.name}`{where}; it is needed in another namespace"
    close = closest(one.name, names)
    hint = f"; did you mean `{close}`?" if close else ""
    return f"nothing in this tree needs {one.kind} `{one.name}`{where if not close else ''}{hint}"


def _in_tree(tree: Tree, place: Place) -> Place:
    """A place of the configuration file as other findings write it: relative to the root."""
    source, span = place
    path = Path(source.path).absolute()
    root = tree.repository.root.absolute()
    shown = path.relative_to(root).as_posix() if path.is_relative_to(root) else source.path
    return Place(Source(shown, source.text), span)
