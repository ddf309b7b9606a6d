"""The rule `deprecated-kustomize-field`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Finding, Severity
from lintkit.rules._rule import rule
from lintkit.rules.kustomize._modern import env_list, modern
from lintkit.rules.kustomize._vars import replaced

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
_LOWERED = {name.lower(): instead for name, instead in _INSTEAD.items()}
"""kustomize ignores the letter case of keys."""


@rule(severity=Severity.WARNING, since="0.1")
def deprecated_kustomize_field(tree: Tree) -> Iterator[Finding]:
    """A kustomization uses a field that kustomize has deprecated.

    ## Why
    `bases`, `commonLabels`, `patchesStrategicMerge`, `patchesJson6902`, `imageTags`, `vars` and the `env` of a
    generator still work; kustomize warns of most of them on each build and will remove them.

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
            instead = _INSTEAD.get(key.text) or _LOWERED.get(key.text.lower())
            if instead:
                message = f"`{key.text}` is deprecated; `{instead}` takes its place"
                is_vars = key.text == "vars"
                fix = (
                    replaced(tree, kustomization, key, value) if is_vars else modern(kustomization, key, value, instead)
                )
                yield Finding.at(key, message, fix=fix)
        for entry in (*kustomization.mappings("configMapGenerator"), *kustomization.mappings("secretGenerator")):
            old = entry.key("env")
            if old is not None:
                yield Finding.at(old, "`env` is deprecated; `envs` takes its place", fix=env_list(entry))
