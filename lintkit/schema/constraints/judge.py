"""Holds objects against the rules of their kind."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from lintkit.schema.constraints.reading import first_key, is_null
from lintkit.syntax.node import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.schema.constraints.constraint import Constraint
    from lintkit.syntax.node import KeyPath, Place

FAMILIES: dict[str, tuple[str, ...]] = {
    "helm.toolkit.fluxcd.io": ("flux",),
    "image.toolkit.fluxcd.io": ("flux",),
    "kustomize.toolkit.fluxcd.io": ("flux",),
    "notification.toolkit.fluxcd.io": ("flux",),
    "source.extensions.fluxcd.io": ("flux",),
    "source.toolkit.fluxcd.io": ("flux_sources",),
    "fluxcd.controlplane.io": ("flux_operator",),
    "external-secrets.io": ("external_secrets",),
    "cert-manager.io": ("cert_manager",),
    "gateway.networking.k8s.io": ("gateway", "gateway_routes", "gateway_filters"),
    "postgresql.cnpg.io": ("cnpg",),
    "monitoring.coreos.com": ("monitoring",),
    "grafana.integreatly.org": ("grafana",),
    "": ("pods", "containers", "services", "kubernetes"),
    "apps": ("pods", "containers", "workloads"),
    "batch": ("pods", "containers", "workloads"),
    "autoscaling": ("workloads",),
    "networking.k8s.io": ("services",),
    "rbac.authorization.k8s.io": ("kubernetes",),
    "scheduling.k8s.io": ("kubernetes",),
}
"""API group -> the modules that have its rules."""
_MERGED = "kustomize.toolkit.fluxcd.io/ssa=Merge"
"""On an object that Flux lays over one that another tool has made: it may be a part of it."""


class _Found(NamedTuple):
    """A `self` of a rule: its key path, and its key where it has one."""

    path: KeyPath
    node: Node
    key: Node | None


@lru_cache(maxsize=512)
def constraints_for(group: str, kind: str) -> tuple[Constraint, ...]:
    """The rules of a kind."""
    return tuple(
        one for name in FAMILIES.get(group, ()) for one in _of(name) if one.group == group and kind in one.kinds
    )


@lru_cache(maxsize=64)
def _of(name: str) -> tuple[Constraint, ...]:
    module = import_module(f"lintkit.schema.constraints.{name}")
    constraints: tuple[Constraint, ...] = module.CONSTRAINTS
    return constraints


def violated(
    root: Mapping, group: str, kind: str, version: str, *, is_whole: bool = True
) -> Iterator[tuple[Constraint, Place, KeyPath]]:
    """The rules that an object breaks: each with the place that a person edits, and the key path of its `self`.

    Args:
        root: The object.
        group: Its API group.
        kind: Its kind.
        version: Its API version.
        is_whole: Whether nothing is added to it later; a manifest that no build holds may be a part of an object.
    """
    is_whole = is_whole and not _is_annotated(root, _MERGED)
    known: dict[str, tuple[_Found, ...]] = {}
    for constraint in constraints_for(group, kind):
        if constraint.versions and version not in constraint.versions:
            continue
        if constraint.whole and not is_whole:
            continue
        if constraint.unless and _is_annotated(root, constraint.unless):
            continue
        found = known.get(constraint.path)
        if found is None:
            found = known[constraint.path] = tuple(_select(_Found((), root, None), _steps(constraint.path)))
        for one in found:
            place = constraint.check(one.node)
            if place is not None and (is_whole or not _is_lacking(place, one.node)):
                yield constraint, _edited(place, one), one.path


def _edited(place: Place, found: _Found) -> Place:
    """Where a person adds what is missing: at the key of what lacks it, else at its first key."""
    if not isinstance(found.node, Mapping) or not _is_lacking(place, found.node):
        return place
    return (found.key or first_key(found.node)).place


def _is_lacking(place: Place, node: Node) -> bool:
    """Whether a rule speaks of what a mapping lacks."""
    return isinstance(node, Mapping) and place == node.place


@lru_cache(maxsize=512)
def _steps(path: str) -> tuple[str, ...]:
    """`spec.rules[].filters[]` -> ("spec", "rules", "[]", "filters", "[]")."""
    return tuple(step for step in path.replace("[]", ".[]").split(".") if step)


def _select(found: _Found, steps: tuple[str, ...]) -> Iterator[_Found]:
    if is_null(found.node):
        return
    if not steps:
        yield found
        return
    step, rest = steps[0], steps[1:]
    node = found.node
    if step == "[]":
        if isinstance(node, Sequence):
            for index, element in enumerate(node.elements):
                yield from _select(_Found((*found.path, index), element, None), rest)
    elif isinstance(node, Mapping):
        for name in node.entries if step == "*" else (step,):
            value = node.entries.get(name)
            if value is not None:
                yield from _select(_Found((*found.path, name), value, node.key(name)), rest)


def _is_annotated(root: Mapping, annotation: str) -> bool:
    name, _, value = annotation.partition("=")
    node = root.at("metadata", "annotations", name)
    return isinstance(node, Scalar) and node.text == value
