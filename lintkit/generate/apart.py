"""An app that must wait for kinds which the same apply would bring: it gets a Flux Kustomization of its own.

Flux tries all objects of a Kustomization before it makes any of them. One of a kind that is not there yet keeps all of
them out, the operator that would bring the kind included.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from lintkit.generate.emit import emit
from lintkit.model.flux import GROUPS, FluxKustomization
from lintkit.model.resource import make, manifests
from lintkit.syntax.parser import parse
from lintkit.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lintkit.generate.found import Found
    from lintkit.generate.picture import Picture
    from lintkit.model.resource import Resource

_TAKEN = ("interval", "retryInterval", "timeout")
_CUSTOM = ("gateway.networking.k8s.io", "snapshot.storage.k8s.io")


def new_groups(found: Found, picture: Picture, paths: Iterable[str]) -> set[str]:
    """API groups of new files that no file of the tree used before; those of Kubernetes and Flux do not count."""
    known = {one.group for one in found.tree.written if one.path not in picture.added}
    groups: set[str] = set()
    for path in paths:
        if path.endswith((".yaml", ".yml")):
            groups |= {make(root).group for root in manifests(parse(Source(path, picture.text(path))))}
    custom = {one for one in groups if "." in one and (not one.endswith(".k8s.io") or one in _CUSTOM)}
    return custom - known - GROUPS


def parents(found: Found, listings: Iterable[str]) -> list[tuple[Resource, str]]:
    """The Flux Kustomizations that apply some listings, each with the folder that it applies."""
    folders = {posixpath.dirname(path) for path in listings}
    return [
        (applied.kustomization.resource, applied.folder)
        for cluster in found.tree.clusters
        for applied in cluster.applied
        if applied.kustomization is not None and applied.folder in folders
    ]


def flux_apart(
    found: Found, listings: tuple[str, ...], name: str, folder: str, depends: list[dict[str, str]], *, wait: bool
) -> str:
    """A Flux Kustomization for a folder below the listings, after the one that applies these.

    Args:
        found: What the tree has.
        listings: Kustomization files that list the app.
        name: Its name.
        folder: What it applies.
        depends: `spec.dependsOn`; what is no Flux Kustomization of the tree is left out, and what applies a listing, as
            that waits for the new one.
        wait: Whether others wait for it.
    """
    above = parents(found, listings)
    spec: dict[str, Any] = {"interval": "1h", "prune": True}
    source: dict[str, Any] = {"kind": "GitRepository", "name": "flux-system", "namespace": "flux-system"}
    namespace, prefix = "flux-system", ""
    if above:
        first, applied = above[0]
        node = first.root.mapping_at("spec")
        given = node.value if node is not None else {}
        spec |= {key: given[key] for key in _TAKEN if key in given}
        source = given.get("sourceRef") or source
        namespace = first.namespace or namespace
        path = FluxKustomization(first).path or ""
        if applied.endswith(path):  # the source may hold a part of the repository alone
            prefix = applied[: len(applied) - len(path)]
    if wait:
        spec["wait"] = True
    spec |= {"sourceRef": source, "path": f"./{folder.removeprefix(prefix)}"}
    waiting = {(one.name, one.namespace) for one, _ in above}
    for one in depends:
        there = one.get("namespace", namespace)
        if (one["name"], there) not in waiting and found.has("Kustomization", one["name"], there):
            spec.setdefault("dependsOn", []).append(one)
    metadata = {"name": name, "namespace": namespace}
    head = {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": metadata}
    return f"---\n{emit(head, order=('apiVersion',))}spec:\n{emit(spec, 2)}"
