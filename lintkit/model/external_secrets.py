"""What an ExternalSecret produces, and what its template reads (external-secrets.io/v1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from lintkit.syntax.node import Mapping, Node, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.resource import Resource

GROUP = "external-secrets.io"
_MAKES_NONE = frozenset({"Merge", "None"})
_DOT_NAME = re.compile(r"(?<![\w)\]\"'`.$])\.([A-Za-z_][A-Za-z0-9_]*)")
_INDEX_NAME = re.compile(r"index\s+\.\s+[\"`]([^\"`]+)[\"`]")
_ACTION = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


class Produced(NamedTuple):
    """A Secret that something makes.

    Attributes:
        name: Its name.
        name_node: Where the name is written.
        keys: Key -> where it is written.
        is_open: It may have more keys.
        makes: False when the Secret must already exist and only gets these keys.
    """

    name: str
    name_node: Node
    keys: dict[str, Node]
    is_open: bool
    makes: bool = True


def produced_keys(resource: Resource, spec_path: tuple[str, ...] = ("spec",)) -> Produced | None:
    """The Secret that an ExternalSecret makes; None when it makes another kind, or nothing.

    Args:
        resource: The ExternalSecret.
        spec_path: Where its `spec` stands: `spec.externalSecretSpec` in a ClusterExternalSecret.
    """
    spec = resource.root.mapping_at(*spec_path)
    if spec is None or spec.mapping_at("target", "manifest") is not None:
        return None
    target = spec.mapping_at("target")
    policy = (target.text("creationPolicy") if target else None) or "Owner"
    if policy == "None":
        return None
    node = target.get("name") if target else None
    if not isinstance(node, Scalar) or node.is_null or not node.text:
        node = resource.root.at(*spec_path[:-1], "externalSecretName") if len(spec_path) > 1 else None
        node = node or resource.at("metadata", "name") or resource.root
    name = node.text if isinstance(node, Scalar) else resource.name
    inputs, is_open = fetched(spec)
    template = target.mapping_at("template") if target else None
    keys: dict[str, Node] = dict(inputs)
    if template is not None and (_has(template, "data") or _has(template, "templateFrom")):
        made, more = _templated(template)
        if template.text("mergePolicy") == "Merge":
            keys, is_open = {**keys, **made}, is_open or more
        else:
            keys, is_open = made, more
    return Produced(name, node, keys, is_open, policy not in _MAKES_NONE)


def _has(template: Mapping, name: str) -> bool:
    node = template.get(name)
    return node is not None and not (isinstance(node, Scalar) and node.is_null) and bool(node.value)


def fetched(spec: Mapping) -> tuple[dict[str, Node], bool]:
    """The names that an ExternalSecret fetches, and whether `dataFrom` may fetch more."""
    names: dict[str, Node] = {}
    for entry in spec.mappings_at("data"):
        node = entry.get("secretKey")
        if isinstance(node, Scalar) and not node.is_null:
            names[node.text] = node
    return names, bool(spec.elements_at("dataFrom"))


def _templated(template: Mapping) -> tuple[dict[str, Node], bool]:
    keys: dict[str, Node] = {}
    is_open = False
    data = template.mapping_at("data")
    for key, _ in data.items() if data else ():
        keys[key.text] = key
        is_open = is_open or "{{" in key.text
    for source in template.mappings_at("templateFrom"):
        if source.text("target") not in {None, "Data"}:
            continue
        items = [item for kind in ("configMap", "secret") for item in source.mappings_at(kind, "items")]
        if not items:
            is_open = True
        for item in items:
            node = item.get("key")
            if item.text("templateAs") in {None, "Values"} and isinstance(node, Scalar):
                keys[node.text] = node
            else:
                is_open = True
    return keys, is_open


def template_names(text: str) -> Iterator[tuple[str, int]]:
    """The names that a Go template reads from its data, each with its offset in the text."""
    for action in _ACTION.finditer(text):
        body = action[1]
        if "range" in body or "with" in body or "$" in body:
            continue
        for pattern in (_DOT_NAME, _INDEX_NAME):
            for found in pattern.finditer(body):
                yield found[1], action.start(1) + found.start(1)
