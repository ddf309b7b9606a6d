"""Strategic merge patches, as kustomize applies them."""

from __future__ import annotations

from lintkit.model.kustomize.facts import Shape, shape_of
from lintkit.model.kustomize.item import id_of
from lintkit.syntax.node import Mapping, Node, Scalar, Sequence

_DIRECTIVE = "$patch"


def merge_patch(target: Mapping, patch: Mapping, *, rename: bool = False, retype: bool = False) -> Mapping | None:
    """Merge a patch into an object.

    Args:
        target: The object.
        patch: The patch; its values keep their own places.
        rename: The patch may change `metadata.name` (`options.allowNameChange`).
        retype: The patch may change `kind` (`options.allowKindChange`).

    Returns:
        The new object, or None when the patch deletes it.
    """
    identity = id_of(target)
    merged = _merge(target, patch, shape_of(identity.group, identity.kind))
    if not isinstance(merged, Mapping) or not merged.entries:
        return None
    kept: list[tuple[str, ...]] = [("apiVersion",), ("metadata", "namespace")]
    if not retype:
        kept.append(("kind",))
    if not rename:
        kept.append(("metadata", "name"))
    for path in kept:
        merged = _restore(merged, target, path)
    return merged


def _restore(merged: Mapping, target: Mapping, path: tuple[str, ...]) -> Mapping:
    old = target.at(*path)
    if merged.at(*path) is old:
        return merged
    name = path[0]
    if len(path) > 1:
        inner = merged.entries.get(name)
        before = target.entries.get(name)
        if not isinstance(inner, Mapping) or not isinstance(before, Mapping):
            return merged
        value: Node = _restore(inner, before, path[1:])
    elif old is None:
        return merged.without(name)
    else:
        value = old
    key = merged.key(name) or target.key(name)
    return merged.with_entry(key, value) if key else merged


def _merge(target: Node | None, patch: Node | None, shape: Shape | None) -> Node | None:
    """The merged value; None removes the field."""
    if patch is None:
        return target
    if isinstance(patch, Scalar):
        return None if patch.is_null else patch
    if isinstance(patch, Mapping):
        directive, patch = _directive(patch)
        if directive == "delete":
            return None
        if not isinstance(target, Mapping) or directive == "replace":
            return _without_nulls(patch, shape)
        return _merge_mappings(target, patch, shape)
    if isinstance(patch, Sequence):
        return patch
    return target


def _merge_mappings(target: Mapping, patch: Mapping, shape: Shape | None) -> Mapping:
    pairs: list[tuple[Node, Node]] = []
    entries: dict[str, Node] = {}
    changes = patch.entries
    for key, old in target.items():
        name = key.text
        new = _merge_field(name, old, changes[name], shape) if name in changes else old
        if new is not None:
            pairs.append((key, new))
            entries[name] = new
    for key, change in patch.items():
        if key.text not in target.entries:
            new = _merge_field(key.text, None, change, shape)
            if new is not None:
                pairs.append((key, new))
                entries[key.text] = new
    return Mapping(target.source, target.start, target.end, pairs, entries, flow=target.flow)


def _merge_field(name: str, target: Node | None, patch: Node, shape: Shape | None) -> Node | None:
    if shape is not None and isinstance(patch, Sequence) and name in shape.lists:
        keys, below = shape.lists[name]
        return _merge_lists(target if isinstance(target, Sequence) else None, patch, keys, below)
    return _merge(target, patch, shape.fields.get(name) if shape else None)


def _merge_lists(target: Sequence | None, patch: Sequence, keys: tuple[str, ...], below: Shape | None) -> Node | None:
    directive = _list_directive(patch)
    if directive == "delete":
        return None
    changes = [element for element in patch.elements if not _is_directive(element)]
    if target is None or directive == "replace":
        kept = [_without_nulls(element, below) for element in changes if not _deletes(element)]
        return patch.with_elements(kept)
    if not keys:
        seen = {element.text for element in changes if isinstance(element, Scalar)}
        rest = [old for old in target.elements if not (isinstance(old, Scalar) and old.text in seen)]
        return target.with_elements([*changes, *rest])
    valid = [key for key in keys if any(_key(element, key) for element in (*changes, *target.elements))]
    remaining = list(target.elements)
    first: list[Node] = []
    for change in changes:
        wanted = [_key(change, key) for key in valid]
        at = next((index for index, old in enumerate(remaining) if _same(old, valid, wanted)), None)
        old = remaining.pop(at) if at is not None else None
        new = _merge(old, change, below)
        if new is not None and not (isinstance(new, Mapping) and not new.entries):
            first.append(new)
    return target.with_elements([*first, *remaining])


def _same(element: Node, keys: list[str], wanted: list[str]) -> bool:
    return any(wanted) and all(
        want == have or not want or (not have and key == "protocol" and want == "TCP")
        for key, want, have in ((key, want, _key(element, key)) for key, want in zip(keys, wanted, strict=True))
    )


def _key(element: Node, key: str) -> str:
    return (element.text_at(key) or "") if isinstance(element, Mapping) else ""


def _directive(patch: Mapping) -> tuple[str, Mapping]:
    text = patch.text(_DIRECTIVE)
    return (text, patch.without(_DIRECTIVE)) if text is not None else ("merge", patch)


def _deletes(element: Node) -> bool:
    return isinstance(element, Mapping) and element.text(_DIRECTIVE) == "delete"


def _is_directive(element: Node) -> bool:
    return isinstance(element, Mapping) and list(element.entries) == [_DIRECTIVE]


def _list_directive(patch: Sequence) -> str:
    for element in patch.elements:
        if _is_directive(element):
            return element.text_at(_DIRECTIVE) or "merge"
    return "merge"


def _without_nulls(node: Node, shape: Shape | None) -> Node:
    """A value that a patch adds: its nulls, and its directives, add nothing."""
    if isinstance(node, Sequence):
        return node
    if not isinstance(node, Mapping):
        return node
    if all(not isinstance(value, Mapping) and not (isinstance(value, Scalar) and value.is_null)
           for value in node.entries.values()) and _DIRECTIVE not in node.entries:  # fmt: skip
        return node
    pairs: list[tuple[Node, Node]] = []
    for key, value in node.items():
        if key.text == _DIRECTIVE or (isinstance(value, Scalar) and value.is_null):
            continue
        pairs.append((key, _without_nulls(value, shape.fields.get(key.text) if shape else None)))
    entries = {key.text: value for key, value in pairs if isinstance(key, Scalar)}
    return Mapping(node.source, node.start, node.end, pairs, entries, flow=node.flow)
