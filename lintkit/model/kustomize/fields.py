"""Changing fields of an object: every change is a new tree that shares the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.syntax.node import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable

    from lintkit.model.kustomize.facts import FieldSpec

Setter = "Callable[[Node | None], Node | None]"


def key_like(origin: Scalar, text: str) -> Scalar:
    """A key that stands where `origin` stands."""
    return Scalar(origin.source, origin.start, origin.end, text)


def empty_mapping(origin: Node) -> Mapping:
    """A mapping without entries that stands where `origin` stands."""
    return Mapping(origin.source, origin.start, origin.end, [], {})


def set_field(root: Mapping, path: tuple[str, ...], value: Node, origin: Scalar) -> Mapping:
    """Set the value at a path of keys, creating the mappings on the way; new keys stand where `origin` stands."""
    name, rest = path[0], path[1:]
    child = root.entries.get(name)
    if rest:
        inner = child if isinstance(child, Mapping) else empty_mapping(origin)
        value = set_field(inner, rest, value, origin)
    return root.with_entry(root.key(name) or key_like(origin, name), value)


def update(
    root: Mapping, spec: FieldSpec, change: Callable[[Node | None], Node | None], origin: Scalar | None
) -> Mapping:
    """Apply `change` to every value that a field spec selects.

    Args:
        root: The object.
        spec: Where to act; lists on the way are passed through.
        change: Old value (None when it is created) -> new value; the same value, or None, changes nothing.
        origin: Where created keys stand; None creates nothing.
    """
    changed = _update(root, spec.path, change, origin if spec.create else None)
    return changed if isinstance(changed, Mapping) else root


def _update(
    node: Node, path: tuple[str, ...], change: Callable[[Node | None], Node | None], origin: Scalar | None
) -> Node:
    if not path:
        return change(node) or node
    if isinstance(node, Sequence):
        elements = [_update(element, path, change, origin) for element in node.elements]
        same = all(new is old for new, old in zip(elements, node.elements, strict=True))
        return node if same else node.with_elements(elements)
    if not isinstance(node, Mapping):
        return node
    name = path[0].removesuffix("[]")
    child = node.entries.get(name)
    if child is None or (isinstance(child, Scalar) and child.is_null):
        if origin is None or name != path[0]:
            return node
        created = change(None) if len(path) == 1 else _update(empty_mapping(origin), path[1:], change, origin)
        return node if created is None else node.with_entry(node.key(name) or key_like(origin, name), created)
    new = _update(child, path[1:], change, origin)
    return (
        node
        if new is child
        else node.with_entry(
            node.key(name) or key_like(origin or Scalar(node.source, node.start, node.end, name), name), new
        )
    )
