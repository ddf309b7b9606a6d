"""The rule `missing-path`."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from lintkit.finding import Applicability, Finding, Fix, Severity
from lintkit.model.cluster import normal_url
from lintkit.model.flux import normal_path, sync_of, sync_paths
from lintkit.rules._rule import rule
from lintkit.syntax.rewrite import replace_scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.resource import Resource
    from lintkit.model.tree import Tree
    from lintkit.syntax.node import Scalar


@rule(severity=Severity.ERROR, since="0.1")
def missing_path(tree: Tree) -> Iterator[Finding]:
    """A Flux Kustomization, or the sync of a FluxInstance, builds a folder that is not in the repository.

    Only where the source is this repository; what another source holds is not known.

    ## Why
    Reconciliation fails with "kustomization path not found". Objects that were applied from the old path stay as they
    are, and every Kustomization that depends on this one waits.

    ## Bad
    ```yaml cluster/apps.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: apps
      namespace: flux-system
    spec:
      interval: 1h
      prune: true
      path: ./appss # error: did you mean `./apps`?
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```
    ```yaml apps/config.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: config
      namespace: default
    ```

    ## Good
    ```yaml cluster/apps.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: apps
      namespace: flux-system
    spec:
      interval: 1h
      prune: true
      path: ./apps
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```
    """
    for applied in tree.applied:
        view = applied.kustomization
        if view is None or applied.folder is None:
            continue
        node = view.path_node
        if applied.build is None and node is not None and not tree.repository.exists_unseen(applied.folder):
            yield _finding(tree, node, applied.folder)
    for resource in tree.written:
        for node in sync_paths(resource):
            yield from _synced(tree, resource, node)


def _synced(tree: Tree, resource: Resource, node: Scalar) -> Iterator[Finding]:
    """The folder of a FluxInstance: this repository's where its URL is, or where a folder has nearly that name."""
    folder = normal_path(node.text)
    sync = sync_of(resource)
    if sync is None or (sync.text("kind") or "GitRepository") != "GitRepository" or "$" in node.text:
        return
    if tree.repository.is_folder(folder) or tree.repository.exists_unseen(folder):
        return
    remote, url = normal_url(tree.remote), normal_url(sync.text("url") or "")
    if tree.remote and remote != url:
        return
    if tree.remote or _close(tree, folder) is not None:
        yield _finding(tree, node, folder)


def _close(tree: Tree, folder: str) -> str | None:
    other = tree.repository.other_case(folder)
    if other is None:
        other = next(iter(get_close_matches(folder, tree.repository.listing.folders, 1, 0.85)), None)
    return other


def _finding(tree: Tree, node: Scalar, folder: str) -> Finding:
    message = f"the folder `{node.text}` is not in this repository"
    if tree.repository.is_file(folder):
        return Finding.at(node, f"`{node.text}` is a file; expected a folder")
    other = _close(tree, folder)
    if other is None:
        return Finding.at(node, message)
    written = f"./{other}" if node.text.startswith("./") else other
    hint = f"{message}; did you mean `{written}`?"
    fix = Fix(f"change it to `{written}`", tuple(replace_scalar(node, written)), Applicability.UNSAFE)
    return Finding.at(node, hint, fix=fix)
