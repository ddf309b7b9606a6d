"""The rule `invalid-kustomization`."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from lintkit.finding import Finding, Related, Severity
from lintkit.rules._rule import rule
from lintkit.rules.kustomize._entries import to_its_list
from lintkit.rules.kustomize._problems import findings
from lintkit.syntax.node import Mapping, Place, Scalar
from lintkit.text.edit import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.finding import Fix
    from lintkit.model.kustomize.item import Problem
    from lintkit.model.tree import Tree


@rule(severity=Severity.ERROR, since="0.1")
def invalid_kustomization(tree: Tree) -> Iterator[Finding]:
    """A kustomization cannot be built, for a reason that no schema shows.

    Two kustomization files in one folder, an empty file, a Component under `resources` or a Kustomization under
    `components`, a folder that leads back to itself, a patch with both or neither of `patch` and `path`, a literal that
    is not `key=value`, an object or a patch without a name.

    ## Why
    `kustomize build` fails, so Flux applies nothing of the Kustomization.

    ## Bad
    ```yaml app/kustomization.yaml
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    resources:
      - ../component # error: is a Component, listed under `resources`
    ```
    ```yaml component/kustomization.yaml
    apiVersion: kustomize.config.k8s.io/v1alpha1
    kind: Component
    ```

    ## Good
    ```yaml app/kustomization.yaml
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    components:
      - ../component
    ```
    """
    by_path = {kustomization.path: kustomization for kustomization in tree.kustomizations.values()}

    def fix(problem: Problem) -> Fix | None:
        kustomization = by_path.get(problem.place.source.path)
        field = "components" if problem.message.endswith("is a Component, listed under `resources`") else ""
        return to_its_list(kustomization, problem.place, field) if kustomization is not None and field else None

    yield from findings(tree, "invalid-kustomization", fix)
    for folder in sorted({posixpath.dirname(path) for path in tree.repository.yaml_files()}):
        paths = tree.repository.kustomization_files(folder)
        if len(paths) > 1:
            yield from _second(tree, paths)
        for path in paths:
            yield from _empty(tree, path)


def _second(tree: Tree, paths: list[str]) -> Iterator[Finding]:
    first, second = tree.repository.source(paths[0]), tree.repository.source(paths[1])
    if first is not None and second is not None:
        message = f"this folder has two kustomization files: `{posixpath.basename(paths[0])}` is the other"
        related = (Related(Place(first, Span(0, 0)), "the other one"),)
        yield Finding.at(Place(second, Span(0, 0)), message, related=related)


def _empty(tree: Tree, path: str) -> Iterator[Finding]:
    stream = tree.repository.stream(path)
    if stream is None or stream.error is not None:
        return
    roots = [document.root for document in stream.documents if document.root is not None]
    present = [root for root in roots if not (isinstance(root, Scalar) and root.is_null)]
    if not present:
        severity = None if posixpath.dirname(path) in tree.reached_folders else Severity.WARNING
        yield Finding.at(Place(stream.source, Span(0, 0)), "this kustomization file is empty", severity=severity)
    elif not isinstance(present[0], Mapping):
        yield Finding.at(present[0], "a kustomization file is a mapping")
    elif not present[0].entries:
        yield Finding.at(present[0], "this kustomization file is empty")
