"""The rule `unmatched-patch`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Applicability, Finding, Fix, Severity
from lintkit.rules._rule import rule
from lintkit.rules.kustomize._problems import findings
from lintkit.text.edit import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.kustomize.item import Problem
    from lintkit.model.tree import Tree


@rule(severity=Severity.ERROR, since="0.1")
def unmatched_patch(tree: Tree) -> Iterator[Finding]:
    """A patch or replacement changes no object.

    Without a `target`, apiVersion, kind, name and namespace of a patch must be those of an object, else the build
    fails. A `target` that selects nothing is silent: the patch does nothing. It is a warning when the patch matches in
    no build at all; a component may hold patches for objects that only some of its users have.

    ## Why
    The build fails, or what the patch was written for never happens.

    ## Bad
    ```yaml app/kustomization.yaml
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    resources:
      - ./config.yaml
    patches:
      - patch: |
          apiVersion: v1
          kind: ConfigMap
          metadata:
            name: configuration # error: did you mean `config`?
            namespace: default
          data:
            level: debug
      - target:
          kind: Deployment # warning: selects nothing
          name: web
        patch: |
          - op: remove
            path: /spec/replicas
    ```
    ```yaml app/config.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: config
      namespace: default
    ```

    ## Good
    ```yaml app/kustomization.yaml
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    resources:
      - ./config.yaml
    patches:
      - patch: |
          apiVersion: v1
          kind: ConfigMap
          metadata:
            name: config
            namespace: default
          data:
            level: debug
    ```
    """
    yield from findings(tree, "unmatched-patch", _fix)
    for use, is_reached in tree.patch_uses:
        severity = Severity.WARNING if is_reached or not tree.clusters else Severity.INFO
        yield Finding.at(use.place, f"this target selects nothing: {use.target}", severity=severity)


def _fix(problem: Problem) -> Fix | None:
    if problem.suggestion is None:
        return None
    source, span = problem.place
    edit = Edit(source.path, span, problem.suggestion)
    return Fix(f"change it to `{problem.suggestion}`", (edit,), Applicability.UNSAFE)
