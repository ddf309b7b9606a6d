"""Containers of an object: in pod templates, in lists of Helm values, and in manifests embedded in a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.syntax.embedded import embedded
from lintkit.syntax.node import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.resource import Resource

_LISTS = frozenset({"containers", "initContainers", "ephemeralContainers", "sidecars", "extraContainers"})


def containers(resource: Resource) -> Iterator[Mapping]:
    """Every container of an object, wherever it stands."""
    if resource.kind == "CustomResourceDefinition":
        return
    stack: list[tuple[Node, str]] = [(resource.root, "")]
    while stack:
        node, key = stack.pop()
        if isinstance(node, Mapping):
            stack.extend((value, name) for name, value in node.entries.items())
        elif isinstance(node, Sequence):
            for element in node.elements:
                if key in _LISTS and isinstance(element, Mapping):
                    yield element
                stack.append((element, ""))
        elif isinstance(node, Scalar) and "\n" in node.text and "containers:" in node.text:
            stream = embedded(node, templated=True)
            if stream.error is None:
                stack.extend((document.root, "") for document in stream.documents if document.root is not None)
