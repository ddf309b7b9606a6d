"""The rule `deprecated-kustomize-field`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Finding, Severity
from lintkit.rules._rule import rule
from lintkit.rules.kustomize._modern import modern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.tree import Tree

_INSTEAD = {
    "bases": "resources",
    "commonLabels": "labels",
    "patchesStrategicMerge": "patches",
    "patchesJson6902": "patches",
    "imageTags": "images",
    "vars": "replacements",
    "helmChartInflationGenerator": "helmCharts",
}


@rule(severity=Severity.WARNING, since="0.1")
def deprecated_kustomize_field(tree: Tree) -> Iterator[Finding]:
    """A kustomization uses a field that kustomize has deprecated.

    ## Why
    `bases`, `commonLabels`, `patchesStrategicMerge`, `patchesJson6902`, `imageTags` and `vars` still work; kustomize
    warns on each build and will remove them.

    ## Bad
    ```yaml app/kustomization.yaml
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    bases: # warning: `bases` is deprecated; `resources` takes its place
      - ../base
    ```
    ```yaml base/kustomization.yaml
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    resources: []
    ```

    ## Good
    ```yaml app/kustomization.yaml
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    resources:
      - ../base
    ```
    """
    for kustomization in tree.kustomizations.values():
        for key, value in kustomization.root.items():
            instead = _INSTEAD.get(key.text)
            if instead:
                message = f"`{key.text}` is deprecated; `{instead}` takes its place"
                yield Finding.at(key, message, fix=modern(kustomization, key, value, instead))
