"""The rule `missing-entry`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Applicability, Finding, Fix, Severity
from lintkit.rules._rule import rule
from lintkit.rules.kustomize._entries import moved, nearby, unlisted
from lintkit.rules.kustomize._problems import findings
from lintkit.text.edit import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.kustomize.item import Problem
    from lintkit.model.tree import Tree


@rule(severity=Severity.ERROR, since="0.1")
def missing_entry(tree: Tree) -> Iterator[Finding]:
    """A kustomization lists a file or folder that is not there.

    Resources, components, patches, files of generators, configurations and replacements are looked up. A name that
    differs in letter case alone counts as missing: it is, on every machine that builds for a cluster.

    ## Why
    `kustomize build` fails, so Flux applies nothing of the Kustomization, and goes on running what it applied before.

    ## Bad
    ```yaml app/kustomization.yaml
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    resources:
      - ./externalSecret.yaml # error: `./externalsecret.yaml` differs in letter case
      - ./pvc.yaml # error: no file or folder at `./pvc.yaml`
    ```
    ```yaml app/externalsecret.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: stand-in
      namespace: default
    ```

    ## Good
    ```yaml app/kustomization.yaml
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    resources:
      - ./externalsecret.yaml
    ```
    """
    by_path = {kustomization.path: kustomization for kustomization in tree.kustomizations.values()}

    def fix(problem: Problem) -> Fix | None:
        if problem.suggestion is not None:
            return _correct(problem, problem.suggestion)
        kustomization = by_path.get(problem.place.source.path)
        if kustomization is None:
            return _of_flux(tree, problem)
        return nearby(kustomization, problem.place, tree.repository) or unlisted(kustomization, problem.place)

    yield from findings(tree, "missing-entry", fix)


def _correct(problem: Problem, suggestion: str) -> Fix:
    source, span = problem.place
    written = source.text[span.start : span.end]
    quote = written[:1] if written[:1] in {'"', "'"} else ""
    name = written.strip("\"'").partition("=")[0] + "=" if "=" in written else ""
    edit = Edit(source.path, span, f"{quote}{name}{suggestion}{quote}")
    return Fix(f"change it to `{suggestion}`", (edit,), Applicability.UNSAFE)


def _of_flux(tree: Tree, problem: Problem) -> Fix | None:
    """An entry of `spec.components` of a Flux Kustomization, seen from its `spec.path`."""
    views = [applied.kustomization for applied in tree.applied if applied.kustomization is not None]
    for view in views:
        if any(node.place == problem.place for node in view.components):
            node = next(node for node in view.components if node.place == problem.place)
            return moved(view.path, node, tree.repository) if view.path is not None else None
    return None
