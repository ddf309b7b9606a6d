"""The rule `unwired-substitution`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Finding, Related, Severity
from lintkit.model.flux import GROUPS
from lintkit.rules._rule import rule
from lintkit.rules.flux._variables import belongs_to_program, used

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.tree import Tree
    from lintkit.model.variable_uses import Used
    from lintkit.syntax.node import Node


@rule(severity=Severity.WARNING, since="0.1")
def unwired_substitution(tree: Tree) -> Iterator[Finding]:
    """A `${VAR}` is used where the Flux Kustomization sets no `postBuild`.

    Only for variables that another Kustomization of the tree defines: those are certainly meant for Flux.

    ## Why
    Without `postBuild` nothing is replaced: the text `${VAR}` itself arrives in the cluster, as a host name, a size, a
    path.

    ## Bad
    ```yaml cluster/apps.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: flux-system
      namespace: flux-system
    spec:
      interval: 1h
      prune: true
      path: ./cluster
      sourceRef:
        kind: GitRepository
        name: flux-system
    ---
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: wired
      namespace: flux-system
    spec:
      interval: 1h
      prune: true
      path: ./wired
      postBuild:
        substitute:
          DOMAIN: example.com
      sourceRef:
        kind: GitRepository
        name: flux-system
    ---
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: unwired # warning: has no `postBuild`, so `${DOMAIN}` in what it applies stays as it is
      namespace: flux-system
    spec:
      interval: 1h
      prune: true
      path: ./unwired
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```
    ```yaml wired/config.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: wired
      namespace: default
    data:
      host: wired.${DOMAIN}
    ```
    ```yaml unwired/config.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: unwired
      namespace: default
    data:
      host: unwired.${DOMAIN}
    ```

    ## Good
    ```yaml cluster/apps.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: flux-system
      namespace: flux-system
    spec:
      interval: 1h
      prune: true
      path: ./cluster
      sourceRef:
        kind: GitRepository
        name: flux-system
    ---
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: wired
      namespace: flux-system
    spec:
      interval: 1h
      prune: true
      path: ./wired
      postBuild:
        substitute: &variables
          DOMAIN: example.com
      sourceRef:
        kind: GitRepository
        name: flux-system
    ---
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: unwired
      namespace: flux-system
    spec:
      interval: 1h
      prune: true
      path: ./unwired
      postBuild:
        substitute:
          DOMAIN: example.com
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```
    """
    defined: dict[str, Node] = {}
    for applied in tree.applied:
        defined.update(applied.variables.origins)
    loose = {id(entry.resource.root) for cluster in tree.clusters for entry in cluster.entries if not entry.is_certain}
    found: dict[int, list[Used]] = {}
    for one in used(tree):
        view, name = one.applied.kustomization, one.expression.name
        if one.applied.variables.is_on or view is None or name not in defined or belongs_to_program(one):
            continue
        if id(view.resource.root) not in loose and one.resource.group not in GROUPS:
            found.setdefault(id(one.applied), []).append(one)
    for uses in found.values():
        yield _finding(uses)


def _finding(uses: list[Used]) -> Finding:
    view = uses[0].applied.kustomization
    place = view.resource.name_place if view else uses[0].node.place
    name = view.name if view else ""
    names = sorted({one.expression.name for one in uses})
    shown = ", ".join(f"`${{{one}}}`" for one in names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    stay = "stays as it is" if len(names) == 1 else "stay as they are"
    message = f"Kustomization `{name}` has no `postBuild`, so {shown} in what it applies {stay}"
    related = tuple(Related(one.node.within(f"${{{one.expression.name}"), "used here") for one in uses[:3])
    return Finding.at(place, message, related=related)
