"""Where apps stand in a repository, read off those that are there."""

from __future__ import annotations

import posixpath
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from lintkit.model.cluster import is_archived
from lintkit.model.flux import FluxKustomization, is_helm_release, is_kustomization
from lintkit.model.kustomize.kustomization import is_remote, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.tree import Tree

FALLBACK = "kubernetes/apps"


@dataclass(frozen=True, slots=True)
class Layout:
    """Where an app goes.

    Attributes:
        kind: `apps`: `base/<namespace>/<app>/` with a Flux Kustomization and a folder of manifests; `flat`:
            `base/<app>/` alone, which the kustomizations in `listings` name.
        base: The folder that all apps are in.
        flux_file: Name of the file with the Flux Kustomization.
        app_folder: Name of the folder with the manifests.
        listings: For `flat`, the kustomization files that list an app.
        is_found: Whether the tree shows it; else it is lintkit's own.
    """

    kind: Literal["apps", "flat"] = "apps"
    base: str = FALLBACK
    flux_file: str = "ks.yaml"
    app_folder: str = "app"
    listings: tuple[str, ...] = ()
    is_found: bool = False

    def app(self, namespace: str, app: str) -> str:
        """The folder of an app."""
        return f"{self.base}/{namespace}/{app}" if self.kind == "apps" else f"{self.base}/{app}"

    def manifests(self, namespace: str, app: str) -> str:
        """The folder of an app's manifests."""
        folder = self.app(namespace, app)
        return f"{folder}/{self.app_folder}" if self.kind == "apps" else folder


def layout_of(tree: Tree, base: str = "") -> Layout:
    """The layout that most apps of a tree have.

    Args:
        tree: The tree.
        base: The folder of apps to use, where there are several; empty for the one with most apps.
    """
    found = [(posixpath.dirname(posixpath.dirname(folder)), name, inside) for folder, name, inside in _apps(tree)]
    found = [one for one in found if not base or one[0] == base]
    names = Counter(name for _, name, _ in found)
    if found and names.most_common(1)[0][1] > len(found) / 2:
        best = Counter(above for above, _, _ in found).most_common(1)[0][0]
        inside = Counter(part for above, _, part in found if above == best).most_common(1)[0][0]
        return Layout("apps", best, names.most_common(1)[0][0], inside, is_found=True)
    flat = _flat(tree, base)
    if flat is not None:
        return flat
    return replace(Layout(), base=base) if base else Layout()


def _apps(tree: Tree) -> Iterator[tuple[str, str, str]]:
    """Folder, file and inner folder of each Flux Kustomization that stands above what it applies.

    One in a folder with a kustomization of its own is an app of a flat layout that is set apart.
    """
    for resource in tree.written:
        if not is_kustomization(resource) or is_archived(resource.path):
            continue
        folder, name = posixpath.split(resource.path)
        path = FluxKustomization(resource).path
        is_apart = folder in tree.kustomizations and [
            entry.text.removeprefix("./") for entry in tree.kustomizations[folder].resources()
        ] == [name]
        if path and path.startswith(f"{folder}/") and folder.count("/") >= 2 and not is_apart:
            yield folder, name, path[len(folder) + 1 :].split("/")[0]


def _flat(tree: Tree, base: str) -> Layout | None:
    """Kustomizations that list folders with releases."""
    with_release = {
        posixpath.dirname(resource.path)
        for resource in tree.written
        if (is_helm_release(resource) or resource.kind in {"Deployment", "StatefulSet"})
        and not is_archived(resource.path)
    }
    lists: dict[str, list[str]] = {}
    apps: dict[str, set[str]] = {}
    for kustomization in tree.kustomizations.values():
        if is_archived(kustomization.path):
            continue
        for entry in kustomization.resources():
            folder = None if is_remote(entry.text) else resolve(kustomization.folder, entry.text)
            if folder and folder in tree.kustomizations and folder in with_release:
                above = posixpath.dirname(folder)
                if above and (not base or above == base):
                    apps.setdefault(above, set()).add(folder)
                    lists.setdefault(above, []).append(kustomization.path)
    if not apps:
        return None
    best = max(sorted(apps), key=lambda one: len(apps[one]))
    return Layout("flat", best, listings=tuple(sorted(set(lists[best]))), is_found=True)
