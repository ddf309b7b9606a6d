"""Which Kustomization brings which kinds, and which waits for which."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.cluster import Applied, Cluster
    from lintkit.model.contracts import Contracts
    from lintkit.model.flux import Named


def installers(contracts: Contracts) -> dict[str, Applied]:
    """`group/Kind`, or `group/*` for a chart, -> what the Kustomization applies that installs it."""
    found: dict[str, Applied] = {}
    for resource in contracts.cluster.of_kind("apiextensions.k8s.io", "CustomResourceDefinition"):
        owner = contracts.cluster.owner(resource)
        group, kind = resource.text("spec", "group"), resource.text("spec", "names", "kind")
        if owner is not None and group and kind:
            found.setdefault(f"{group}/{kind}", owner)
    for view in contracts.views:
        owner = contracts.cluster.owner(view.release.resource)
        for group in view.installs if owner else ():
            if owner is not None:
                found.setdefault(f"{group}/*", owner)
    return found


def reaches(cluster: Cluster, start: Applied, goal: Applied) -> bool:
    """Whether the `dependsOn` of one Kustomization leads to another, or one of the two applies the other.

    What applies a Kustomization waits first: its `dependsOn` counts for all that it applies.
    """
    by_name = {
        (applied.kustomization.namespace, applied.kustomization.name): applied
        for applied in cluster.applied
        if applied.kustomization is not None
    }
    pending, seen = [start], {id(start)}
    while pending:
        applied = pending.pop()
        if applied is goal:
            return True
        for needed in _awaited(cluster, applied):
            found = by_name.get((needed.namespace, needed.name))
            if found is not None and id(found) not in seen:
                seen.add(id(found))
                pending.append(found)
    own = start.kustomization.resource.written if start.kustomization else None
    return any(resource.written is own for resource in goal.resources)


def _awaited(cluster: Cluster, applied: Applied) -> Iterator[Named]:
    """The `dependsOn` of a Kustomization, and of those above it."""
    seen: set[int] = set()
    above: Applied | None = applied
    while above is not None and above.kustomization is not None and id(above) not in seen:
        seen.add(id(above))
        yield from above.kustomization.depends_on
        above = cluster.owner(above.kustomization.resource)
