"""Names that follow the object they name: kustomize's back references."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.model.kustomize.facts import NAME_REFERENCES, FieldSpec, NameReference, spec
from lintkit.model.kustomize.fields import key_like, update
from lintkit.syntax.node import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lintkit.model.kustomize.item import Item
    from lintkit.model.resource import Resource


def fix_references(items: list[Item], extra: Iterable[NameReference] = ()) -> None:
    """Rewrite the fields that name an object whose name or namespace a transformer changed.

    Args:
        items: All objects of the build.
        extra: References from `configurations:` files.
    """
    changed = [item for item in items if item.previous and item.previous[0] != item.id]
    if not changed:
        return
    by_kind: dict[str, list[Item]] = {}
    for item in changed:
        for kind in {identity.kind for identity in item.ids}:
            by_kind.setdefault(kind, []).append(item)
    for reference in (*NAME_REFERENCES, *extra):
        candidates = [
            item
            for item in by_kind.get(reference.kind, ())
            if any(reference.is_target(identity.group, identity.version, identity.kind) for identity in item.ids)
        ]
        if not candidates:
            continue
        for field in reference.fields:
            for referrer in items:
                identity = referrer.original_id
                if field.selects(identity.group, identity.version, identity.kind):
                    _rewrite(referrer, field, candidates)


def followed(resource: Resource, kind: str, extra: Iterable[NameReference] = ()) -> set[int]:
    """The nodes of an object in which kustomize puts the new name of an object of a kind, by `id`."""
    found: set[int] = set()

    def note(node: Node | None) -> Node | None:
        found.add(id(node))
        return node

    for reference in (*NAME_REFERENCES, *extra):
        if reference.kind == kind:
            for field in reference.fields:
                if field.selects(resource.group, resource.version, resource.kind):
                    update(resource.root, field, note, None)
    return found


def read_configuration(root: Mapping) -> list[NameReference]:
    """The `nameReference` entries of a `configurations:` file."""
    found = []
    for entry in root.mappings_at("nameReference"):
        fields = tuple(
            spec(
                field.text("path") or "",
                field.text("kind") or "",
                field.text("group") or "",
                field.text("version") or "",
            )
            for field in entry.mappings_at("fieldSpecs")
        )
        found.append(
            NameReference(entry.text("kind") or "", fields, entry.text("group") or "", entry.text("version") or "")
        )
    return found


def _rewrite(referrer: Item, field: FieldSpec, candidates: list[Item]) -> None:
    def change(old: Node | None) -> Node | None:
        if isinstance(old, Scalar):
            return _renamed(old, referrer, field, candidates)
        if isinstance(old, Mapping):
            return _renamed_subject(old, referrer, field, candidates)
        if isinstance(old, Sequence):
            elements = [change(element) or element for element in old.elements]
            same = all(new is before for new, before in zip(elements, old.elements, strict=True))
            return old if same else old.with_elements(elements)
        return old

    identity = referrer.id
    field = FieldSpec(field.path, identity.kind, identity.group, identity.version)
    root = update(referrer.root, field, change, None)
    if root is not referrer.root:
        referrer.set(root)


def _renamed(old: Scalar, referrer: Item, field: FieldSpec, candidates: list[Item]) -> Scalar:
    found = _referral(old.text, referrer, field, candidates)
    return old if found is None or found.name == old.text else old.with_text(found.name)


def _renamed_subject(old: Mapping, referrer: Item, field: FieldSpec, candidates: list[Item]) -> Mapping:
    name, namespace = old.get("name"), old.text("namespace")
    if not isinstance(name, Scalar):
        return old
    if namespace is not None:
        first = [item for item in candidates if item.original_id.selector_namespace == namespace]
        candidates = first or [item for item in candidates if item.id.selector_namespace == namespace]
    found = _referral(name.text, referrer, field, candidates)
    if found is None:
        return old
    new = old
    if found.name != name.text:
        new = new.with_entry(old.key("name") or key_like(name, "name"), name.with_text(found.name))
    target = found.root.at("metadata", "namespace")
    if isinstance(target, Scalar) and target.text and target.text != namespace:
        new = new.with_entry(old.key("namespace") or key_like(name, "namespace"), target)
    return new


def _referral(name: str, referrer: Item, field: FieldSpec, candidates: list[Item]) -> Item | None:
    found = [item for item in candidates if any(identity.name == name for identity in item.previous)]
    if field.path[-2:] == ("roleRef", "name"):
        kind = referrer.root.text_at("roleRef", "kind")
        found = [item for item in found if any(identity.kind == kind for identity in item.previous)]
    if not referrer.is_cluster_scoped:
        here = referrer.id.selector_namespace
        subjects = _subject_namespaces(referrer)
        found = [
            item
            for item in found
            if item.is_cluster_scoped
            or item.id.selector_namespace == here
            or (item.id.kind == "ServiceAccount" and item.namespace in subjects)
        ]
    if len(found) > 1:
        found = [item for item in found if _same_affixes(item, referrer, may_lack=True)]
    if len(found) > 1:
        found = [item for item in found if _same_affixes(item, referrer, may_lack=False)]
    if len(found) > 1 and len({item.name for item in found}) > 1:
        return None
    return found[0] if found else None


def _subject_namespaces(referrer: Item) -> set[str]:
    """Namespaces of the ServiceAccounts that a RoleBinding names: other than its own, only these may be meant."""
    if referrer.id.kind != "RoleBinding":
        return set()
    subjects = referrer.root.mappings_at("subjects")
    return {subject.text("namespace") or "" for subject in subjects if subject.text("kind") == "ServiceAccount"}


def _same_affixes(item: Item, referrer: Item, *, may_lack: bool) -> bool:
    def same(mine: list[str], theirs: list[str]) -> bool:
        if may_lack and (not mine or not theirs):
            return True
        return mine[-1:] == theirs[-1:]

    return same(item.prefixes, referrer.prefixes) and same(item.suffixes, referrer.suffixes)
