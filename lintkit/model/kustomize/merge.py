"""Strategic merge patches, as kustomize applies them."""

from __future__ import annotations

from lintkit.model.kustomize.facts import Shape, shape_of
from lintkit.model.kustomize.item import id_of
from lintkit.model.kustomize.json_patch import PatchFailedError
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

    Raises:
        PatchFailedError: The patch has one kind of value where the object has another, or an unknown directive.
    """
    if patch.text(_DIRECTIVE) == "replace":
        return target  # kustomize does nothing, for a whole object
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
    if isinstance(patch, Scalar) and patch.is_null:
        return None
    directive = _directive(patch)
    if directive == "delete":
        return None
    if target is None or (isinstance(target, Scalar) and target.is_null):
        target = Mapping(patch.source, patch.start, patch.end, [], {}) if isinstance(patch, Mapping) else patch
    if _shape_name(patch) != _shape_name(target):
        message = f"the patch has {_shape_name(patch)} where the object has {_shape_name(target)}"
        raise PatchFailedError(message, patch)
    if not isinstance(target, Mapping) or not isinstance(patch, Mapping):
        return patch
    if directive == "replace":
        target = Mapping(patch.source, patch.start, patch.end, [], {})
    return _merge_mappings(target, patch.without(_DIRECTIVE) if directive else patch, shape)


def _shape_name(node: Node) -> str:
    return "a mapping" if isinstance(node, Mapping) else "a list" if isinstance(node, Sequence) else "a single value"


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
        target = patch.with_elements([])
    if not keys:
        seen = {element.text for element in changes if isinstance(element, Scalar)}
        rest = [old for old in target.elements if not (isinstance(old, Scalar) and old.text in seen)]
        return target.with_elements([*changes, *rest])
    valid = [key for key in keys if any(_key(element, key) for element in (*changes, *target.elements))]
    places = [[old] for old in target.elements]
    merged: set[int] = set()
    first: list[Node] = []
    for change in changes:
        wanted = [_key(change, key) for key in valid]
        at = next(
            (at for at, old in enumerate(target.elements) if at not in merged and _same(old, valid, wanted)), None
        )
        new = _merge(target.elements[at] if at is not None else None, change, below)
        kept = [] if new is None or (isinstance(new, Mapping) and not new.entries) else [new]
        if at is None:
            first += kept
            continue
        merged.add(at)
        if len(valid) > 1:  # what is merged by several keys stays in its place
            places[at] = kept
        else:
            places[at] = []
            first += kept
    return target.with_elements([*first, *(old for place in places for old in place)])


def _same(element: Node, keys: list[str], wanted: list[str]) -> bool:
    return any(wanted) and all(
        want == have or not want or (not have and key == "protocol" and want == "TCP")
        for key, want, have in ((key, want, _key(element, key)) for key, want in zip(keys, wanted, strict=True))
    )


def _key(element: Node, key: str) -> str:
    return (element.text_at(key) or "") if isinstance(element, Mapping) else ""


def _directive(patch: Node) -> str | None:
    """What a mapping of a patch says is to be done with it.

    Raises:
        PatchFailedError: It says what kustomize does not know.
    """
    node = patch.get(_DIRECTIVE) if isinstance(patch, Mapping) else None
    if node is None:
        return None
    text = node.text if isinstance(node, Scalar) else ""
    if text not in {"delete", "replace", "merge"}:
        message = f"`{text}` is no directive of a patch; expected delete, replace or merge"
        raise PatchFailedError(message, node)
    return text


def _is_directive(element: Node) -> bool:
    return isinstance(element, Mapping) and list(element.entries) == [_DIRECTIVE]


def _list_directive(patch: Sequence) -> str | None:
    for element in patch.elements:
        if _is_directive(element):
            return _directive(element)
    return None
