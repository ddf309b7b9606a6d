"""Paths in an object, as people write them, and where they stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lintkit.syntax.node import KeyPath, Mapping, Node, Place, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

_STEP = re.compile(r"""(?:^|\.)([^.\[\]"'\s]+)|\[(\d+)\]|\[(?:"([^"]+)"|'([^']+)')\]""")


def key_path(text: str) -> KeyPath:
    """`spec.containers[0]` -> ("spec", "containers", 0); keys with dots stand in `["..."]`.

    Raises:
        ValueError: It is no path.
    """
    steps: list[str | int] = []
    at = 0
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None:
            message = f'`{text}` is no path; expected one such as `spec.containers[0]` or `metadata.labels["a.b/c"]`'
            raise ValueError(message)
        steps.append(int(found[2]) if found[2] else found[1] or found[3] or found[4])
        at = found.end()
    return tuple(steps)


def place_of(root: Node, path: KeyPath, otherwise: Place) -> tuple[Place, Node | None]:
    """Where a path stands: a scalar, or the key of a collection; of a missing part the nearest key above it.

    Returns:
        The place, and the node when the path leads to one.
    """
    found = otherwise
    node: Node = root
    for step in path:
        inner = node.at(step)
        if inner is None:
            return found, None
        key = node.key(step) if isinstance(node, Mapping) and isinstance(step, str) else None
        found = inner.place if isinstance(inner, Scalar) or key is None else key.place
        node = inner
    return found, node


def elements(root: Node, path: KeyPath) -> Iterator[tuple[str | int, Node, Place]]:
    """The elements of a list or map: position or key, node, and where it is named."""
    node = root.at(*path)
    if isinstance(node, Sequence):
        for index, element in enumerate(node.elements):
            name = element.at("name")
            yield index, element, name.place if isinstance(name, Scalar) else element.place
    elif isinstance(node, Mapping):
        for key, element in node.items():
            yield key.text, element, element.place if isinstance(element, Scalar) else key.place
