"""The rule `unreconciled-path`."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from lintkit.finding import Finding, Severity
from lintkit.model.cluster import is_archived
from lintkit.model.flux import FluxKustomization, is_kustomization
from lintkit.rules._rule import rule
from lintkit.syntax.comments import comments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.tree import Tree


@rule(severity=Severity.WARNING, since="0.1")
def unreconciled_path(tree: Tree) -> Iterator[Finding]:
    """A folder of manifests stands among the apps, and no entry point of Flux reaches it.

    Only folders below one that Flux does apply are judged, and only where the repository itself says where Flux starts.
    A folder that a comment mentions is switched off on purpose, and not reported.

    ## Why
    The app looks deployed and is not: no Flux Kustomization has the folder as its `spec.path`, and no kustomization
    lists it.

    ## Bad
    ```yaml cluster/flux-system/gotk-sync.yaml
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
    ```
    ```yaml cluster/kustomization.yaml
    resources:
      - ./flux-system/gotk-sync.yaml
      - ./airflow
    ```
    ```yaml cluster/airflow/kustomization.yaml
    resources: []
    ```
    ```yaml cluster/loki/kustomization.yaml
    resources: # warning: nothing applies `cluster/loki`
      - ./config.yaml
    ```
    ```yaml cluster/loki/config.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: loki
      namespace: default
    ```

    ## Good
    ```yaml cluster/kustomization.yaml
    resources:
      - ./flux-system/gotk-sync.yaml
      - ./airflow
      - ./loki
    ```
    """
    if not tree.has_certain_entry:
        return
    named = _named_paths(tree)
    text = _comment_text(tree)
    for build in tree.other_builds:
        folder = build.folder
        kustomization = tree.kustomizations.get(folder)
        if kustomization is None or kustomization.is_component or is_archived(f"{folder}/"):
            continue
        if folder in named or not build.resources or not _is_among_apps(tree, folder):
            continue
        if re.search(rf"(?<![\w-]){re.escape(posixpath.basename(folder))}(?![\w-])", text) or folder in text:
            continue
        key = kustomization.root.pairs[0][0] if kustomization.root.pairs else kustomization.root
        message = f"nothing applies `{folder}`: no Flux Kustomization has it as its path and no kustomization lists it"
        yield Finding.at(key, message)


def _named_paths(tree: Tree) -> set[str]:
    """Paths of all Flux Kustomizations, those included that nothing applies: they are reported themselves."""
    views = [FluxKustomization(resource) for resource in tree.written if is_kustomization(resource)]
    return {view.path for view in views if view.path is not None}


def _is_among_apps(tree: Tree, folder: str) -> bool:
    """Whether a folder next to this one, or the one it is in, is applied."""
    parent = posixpath.dirname(folder)
    if not parent:
        return False
    if parent in tree.reached_folders:
        return True
    return any(posixpath.dirname(other) == parent for other in tree.reached_folders)


def _comment_text(tree: Tree) -> str:
    """All comments of all kustomizations and of all files with Flux Kustomizations."""
    paths = {one.path for one in tree.kustomizations.values()}
    paths |= {resource.path for resource in tree.written if is_kustomization(resource)}
    parts: list[str] = []
    for path in sorted(paths):
        stream = tree.repository.stream(path)
        if stream is not None and "#" in stream.source.text:
            parts += (stream.source.text[span.start : span.end] for span in comments(stream))
    return " ".join(parts)
