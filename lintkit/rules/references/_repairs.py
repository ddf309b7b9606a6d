"""Repairs of references: another namespace, another kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Applicability, Fix
from lintkit.syntax.blocks import add_pair, holder
from lintkit.syntax.node import Scalar
from lintkit.syntax.rewrite import remove_item, rename_key, replace_scalar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lintkit.model.consumers import Reference
    from lintkit.syntax.node import Sequence as List
    from lintkit.text.edit import Edit

_FIELDS = {
    ("ConfigMap", "Secret"): {"configMapRef": "secretRef", "configMapKeyRef": "secretKeyRef"},
    ("Secret", "ConfigMap"): {"secretRef": "configMapRef", "secretKeyRef": "configMapKeyRef"},
}
_DEFAULTS = {"ClusterSecretStore": "SecretStore", "ClusterIssuer": "Issuer"}


def without_twin(items: List, index: int, before: int) -> Fix | None:
    """Drop an element that says the very same as one before it."""
    is_as_written = all(one is other for one, other in zip(items.elements, items.children, strict=True)) and all(
        one.source is items.source and items.start <= one.start for one in items.children
    )
    if items.elements[index].value != items.elements[before].value or not is_as_written:
        return None
    edits = remove_item(items, index)
    source = items.source
    if not edits or any("#" in source.text[edit.span.start : edit.span.end] for edit in edits):
        return None
    return Fix("drop the second one, which says the same", tuple(edits), Applicability.SAFE)


def to_namespace(reference: Reference, namespace: str) -> Fix | None:
    """Write the namespace that the object of that name is in."""
    node = reference.namespace_node
    title = f"set the namespace to `{namespace}`"
    if node is not None:
        if "${" in node.source.text[node.start : node.end]:
            return None
        return Fix(title, tuple(replace_scalar(node, namespace)), Applicability.UNSAFE)
    found = holder(reference.consumer.written, reference.node)
    if found is None or "namespace" in found[0].entries:
        return None
    edits = add_pair(found[0], "namespace", namespace)
    return Fix(title, tuple(edits), Applicability.UNSAFE) if edits else None


def to_kind(reference: Reference, kind: str) -> Fix | None:
    """Name the kind that the object of that name has."""
    found = holder(reference.consumer.written, reference.node)
    if found is None:
        return None
    mapping, _ = found
    node = mapping.get("kind")
    edits: Sequence[Edit] | None = None
    if isinstance(node, Scalar) and node.text == reference.kind:
        edits = replace_scalar(node, kind)
    elif node is None and _DEFAULTS.get(kind) == reference.kind:
        edits = add_pair(mapping, "kind", kind)
    elif node is None:
        above = holder(reference.consumer.written, mapping)
        name = _FIELDS.get((reference.kind, kind), {}).get(above[1].text) if above is not None else None
        edits = rename_key(above[1], name) if above is not None and name else None
    return Fix(f"change the kind to `{kind}`", tuple(edits), Applicability.UNSAFE) if edits else None
