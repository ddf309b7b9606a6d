"""The transformers of a kustomization: namespace, names, labels, annotations, replicas, images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.model.kustomize.expression import read_expression
from lintkit.model.kustomize.facts import (
    ANNOTATIONS,
    IMAGES,
    LABEL_FIELD,
    NAMESPACE_FIELDS,
    REPLICAS,
    SELECTOR_LABELS,
    TEMPLATE_LABELS,
    FieldSpec,
    spec,
)
from lintkit.model.kustomize.fields import empty_mapping, key_like, set_field, update
from lintkit.model.kustomize.item import Gap, Item, Problem
from lintkit.model.kustomize.kustomization import is_true
from lintkit.syntax.node import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lintkit.model.kustomize.kustomization import Kustomization

_KEEP_THEIR_NAME = frozenset(
    {("apiextensions.k8s.io", "CustomResourceDefinition"), ("apiregistration.k8s.io", "APIService"), ("", "Namespace")}
)
_TAG_AND_DIGEST = "(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?"
_BINDINGS = frozenset({"RoleBinding", "ClusterRoleBinding"})


def set_namespace(items: Iterable[Item], value: Scalar) -> None:
    """Put objects into a namespace; the field stands where `value` stands."""
    for item in items:
        item.remember()
        root = item.root
        identity = item.id
        if not item.is_cluster_scoped:
            metadata = root.entries.get("metadata")
            if not (isinstance(metadata, Mapping) and metadata.text("namespace") == value.text):
                root = set_field(root, ("metadata", "namespace"), value, value)
        elif identity.kind == "Namespace" and identity.name != value.text:
            root = set_field(root, ("metadata", "name"), value, value)
        if identity.kind in _BINDINGS:
            root = _set_subjects(root, value)
        for field in NAMESPACE_FIELDS:
            if field.selects(identity.group, identity.version, identity.kind):
                root = update(root, field, lambda _: value, value)
        if root is not item.root:
            item.set(root)


def _set_subjects(root: Mapping, value: Scalar) -> Mapping:
    subjects = root.entries.get("subjects")
    if not isinstance(subjects, Sequence):
        return root
    elements = [
        subject.with_entry(subject.key("namespace") or key_like(value, "namespace"), value)
        if isinstance(subject, Mapping) and subject.text("name") == "default"
        else subject
        for subject in subjects.elements
    ]
    key = root.key("subjects")
    return root.with_entry(key, subjects.with_elements(elements)) if key else root


def add_affix(items: Iterable[Item], value: Scalar, *, prefix: bool) -> None:
    """Put a prefix or suffix on the names of objects."""
    for item in items:
        first = item.original_id
        if (first.group, first.kind) in _KEEP_THEIR_NAME:
            continue
        (item.prefixes if prefix else item.suffixes).append(value.text)
        item.remember()
        name = item.root.at("metadata", "name")
        if isinstance(name, Scalar):
            text = value.text + name.text if prefix else name.text + value.text
            item.set(set_field(item.root, ("metadata", "name"), name.with_text(text), name))


def set_labels(items: list[Item], kustomization: Kustomization) -> None:
    """Apply `labels` and the deprecated `commonLabels`."""
    for entry in kustomization.mappings("labels"):
        pairs = entry.mapping_at("pairs")
        if pairs is None:
            continue
        fields = [_read_field(field) for field in entry.mappings_at("fields")]
        if is_true(entry.get("includeSelectors")):
            fields += SELECTOR_LABELS
        elif is_true(entry.get("includeTemplates")):
            fields += TEMPLATE_LABELS
        else:
            fields.append(LABEL_FIELD)
        _add_pairs(items, pairs, fields)
    common = kustomization.mapping("commonLabels")
    if common is not None:
        _add_pairs(items, common, SELECTOR_LABELS)


def set_annotations(items: list[Item], kustomization: Kustomization) -> None:
    """Apply `commonAnnotations`."""
    annotations = kustomization.mapping("commonAnnotations")
    if annotations is not None:
        _add_pairs(items, annotations, ANNOTATIONS)


def with_text_annotations(root: Mapping) -> Mapping:
    """An object as kustomize writes it: an annotation that is a number, a boolean or null becomes its text."""
    annotations = root.mapping_at("metadata", "annotations")
    if annotations is None:
        return root
    for key, value in annotations.items():
        if isinstance(value, Scalar) and not value.is_text:
            text = value.with_text(value.text or "null", '"')
            root = set_field(root, ("metadata", "annotations", key.text), text, key)
    return root


def _read_field(node: Mapping) -> FieldSpec:
    return spec(
        node.text("path") or "",
        node.text("kind") or "",
        node.text("group") or "",
        node.text("version") or "",
        create=is_true(node.get("create")),
    )


def _add_pairs(items: list[Item], pairs: Mapping, fields: Iterable[FieldSpec]) -> None:
    values = [(key, value) for key, value in pairs.items() if isinstance(value, Scalar)]
    if not values:
        return

    def change(old: Node | None) -> Node:
        new = old if isinstance(old, Mapping) else empty_mapping(pairs)
        for key, value in values:
            new = new.with_entry(key, value)
        return new

    fields = list(dict.fromkeys(fields))
    for item in items:
        identity, root = item.id, item.root
        for field in fields:
            if field.selects(identity.group, identity.version, identity.kind):
                root = update(root, field, change, values[0][0])
        item.set(root)


def set_replicas(items: list[Item], entry: Mapping) -> Problem | None:
    """Apply one entry of `replicas`."""
    name, count = entry.get("name"), entry.get("count")
    if not isinstance(name, Scalar) or not isinstance(count, Scalar):
        return None
    found = False
    for item in items:
        for field in REPLICAS:
            if any(
                identity.name == name.text and field.selects(identity.group, identity.version, identity.kind)
                for identity in item.ids
            ):
                found = True
                item.set(update(item.root, field, lambda _: count, count))
    if found:
        return None
    message = f"`replicas` names `{name.text}`, and no Deployment, ReplicaSet or StatefulSet here has that name"
    return Problem("unmatched-patch", message, name.place)


def set_image(items: list[Item], entry: Mapping, problems: list[Problem], gaps: list[Gap]) -> None:
    """Apply one entry of `images`; its name is a regular expression."""
    name = entry.get("name")
    if not isinstance(name, Scalar) or not name.text:
        return
    pattern = read_expression(name.text, _TAG_AND_DIGEST)
    if pattern.is_refused:
        message = f"`{name.text}` is no regular expression, which the name of an image is"
        problems.append(Problem("invalid-kustomization", message, name.place))
    elif pattern.is_unknown:
        gaps.append(Gap(f"the regular expression `{name.text}` is not read", name.place))

    def change(old: Node | None) -> Node | None:
        if not isinstance(old, Scalar) or not pattern.matches(old.text):
            return old
        new = _new_image(old.text, entry)
        origin = entry.get("newTag") or entry.get("digest") or entry.get("newName") or entry.get("tagSuffix")
        if new == old.text or not isinstance(origin, Scalar):
            return old
        return Scalar(origin.source, origin.start, origin.end, new, '"')

    for item in items:
        root = item.root
        if item.id.kind != "CustomResourceDefinition":
            changed = _in_containers(root, change)
            root = changed if isinstance(changed, Mapping) else root
        for field in IMAGES:
            root = update(root, field, change, None)
        item.set(root)


def _in_containers(node: Node, change: Callable[[Node | None], Node | None]) -> Node:
    """Change the `image` of the elements of every `containers` and `initContainers` list, however deep."""
    if isinstance(node, Sequence):
        elements = [_in_containers(element, change) for element in node.elements]
        same = all(new is old for new, old in zip(elements, node.elements, strict=True))
        return node if same else node.with_elements(elements)
    if not isinstance(node, Mapping):
        return node
    result = node
    for key, value in node.items():
        new = _in_containers(value, change)
        if key.text in {"containers", "initContainers"} and isinstance(new, Sequence):
            new = update(
                Mapping(node.source, node.start, node.end, [(key, new)], {"list": new}),
                FieldSpec(("list", "image")),
                change,
                None,
            ).entries["list"]
        if new is not value:
            result = result.with_entry(key, new)
    return result


def split_image(image: str) -> tuple[str, str, str]:
    """(name, tag, digest) of an image reference; absent parts are empty."""
    name, _, digest = image.partition("@")
    slash = name.rfind("/")
    colon = name.find(":", slash + 1)
    return (name[:colon], name[colon + 1 :], digest) if colon >= 0 else (name, "", digest)


def _new_image(image: str, entry: Mapping) -> str:
    name, tag, digest = split_image(image)
    name = entry.text("newName") or name
    new_tag, new_digest = entry.text("newTag") or "", entry.text("digest") or ""
    if new_tag or new_digest:
        tag, digest = new_tag, new_digest
    elif entry.text("tagSuffix"):
        tag, digest = tag + (entry.text("tagSuffix") or ""), ""
    return name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
