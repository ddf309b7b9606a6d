"""The objects that house rules judge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.model.cluster import is_archived

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.resource import Resource
    from lintkit.model.tree import Tree


def applied_objects(tree: Tree) -> Iterator[Resource]:
    """Every object as Flux applies it, once for each cluster."""
    for cluster in (*tree.clusters, *tree.unattached):
        yield from cluster.resources


def all_objects(tree: Tree) -> Iterator[Resource]:
    """Every object as Flux applies it; then those that it does not reach, as they are written.

    A house rule is for every file: an app that nothing registers yet is held to it as well. Archives are left alone.
    """
    seen: set[int] = set()
    for resource in applied_objects(tree):
        seen.add(id(resource.written))
        yield resource
    for resource in tree.written:
        if id(resource.root) not in seen and not is_archived(resource.path):
            yield resource
