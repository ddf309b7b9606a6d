"""JSON patches (RFC 6902) on positioned nodes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lintkit.model.kustomize.fields import key_like
from lintkit.syntax.node import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable


_INDEX = re.compile(r"[-+]?[0-9]{1,18}")


class PatchFailedError(Exception):
    """An operation that cannot be done; `node` is the part of the patch that is wrong."""

    def __init__(self, message: str, node: Node) -> None:
        super().__init__(message)
        self.message = message
        self.node = node


def apply_operations(root: Mapping, operations: Sequence) -> Mapping:
    """Apply all operations of a patch, in order.

    Raises:
        PatchFailedError: An operation names a path that is not there, or is malformed.
    """
    for operation in operations.elements:
        if not isinstance(operation, Mapping):
            message = "an operation of a JSON patch is a mapping with `op` and `path`"
            raise PatchFailedError(message, operation)
        changed = _apply(root, operation)
        root = changed if isinstance(changed, Mapping) else root
    return root


def _apply(root: Mapping, operation: Mapping) -> Node:
    name, path = operation.text("op"), operation.get("path")
    if not isinstance(path, Scalar):
        message = "the operation has no `path`"
        raise PatchFailedError(message, operation)
    steps = _steps(path)
    value = operation.get("value") or Scalar(operation.source, operation.start, operation.start, "")
    match name:
        case "add":
            return _change(root, steps, path, lambda parent, step: _add(parent, step, value, path))
        case "remove":
            return _change(root, steps, path, lambda parent, step: _remove(parent, step, path))
        case "replace":
            return _change(root, steps, path, lambda parent, step: _replace(parent, step, value, path))
        case "test":
            _test(root, steps, value, operation, path)
            return root
        case "move" | "copy":
            return _move(root, steps, operation, path)
    message = f"`{name}` is no operation of a JSON patch; expected add, remove, replace, move, copy or test"
    if name is None:
        message = "the operation has no `op`"
    raise PatchFailedError(message, operation.get("op") or operation)


def _test(root: Mapping, steps: list[str], value: Node, operation: Mapping, path: Scalar) -> None:
    """Null is what an absent key of an existing mapping has."""
    parent = _find(root, steps[:-1], path)
    is_absent = isinstance(parent, Mapping) and bool(steps) and steps[-1] not in parent.entries
    found = None if is_absent and value.value is None else _find(root, steps, path).value
    if found != value.value:
        message = f"the value at `{path.text}` is not the one tested for"
        raise PatchFailedError(message, operation)


def _move(root: Mapping, steps: list[str], operation: Mapping, path: Scalar) -> Node:
    name, origin = operation.text("op"), operation.get("from")
    if not isinstance(origin, Scalar) or not origin.text:
        message = f"the operation `{name}` has no `from`"
        raise PatchFailedError(message, operation)
    moved = _find(root, _steps(origin), origin)
    changed: Node = root
    if name == "move":
        changed = _change(root, _steps(origin), origin, lambda parent, step: _remove(parent, step, origin))
    return _change(changed, steps, path, lambda parent, step: _add(parent, step, moved, path))


def _steps(path: Scalar) -> list[str]:
    if path.text and not path.text.startswith("/"):
        message = f"the path `{path.text}` of a JSON patch starts with `/`"
        raise PatchFailedError(message, path)
    return [step.replace("~1", "/").replace("~0", "~") for step in path.text.split("/")[1:]]


def _find(root: Node, steps: list[str], path: Scalar) -> Node:
    node = root
    for step in steps:
        node = _child(node, step, path)
    return node


def _child(node: Node, step: str, path: Scalar) -> Node:
    if isinstance(node, Mapping) and step in node.entries:
        return node.entries[step]
    if isinstance(node, Sequence):
        return node.elements[_index(step, path, len(node.elements))]
    raise _absent(step, path)


def _absent(step: str, path: Scalar) -> PatchFailedError:
    whole = "" if path.text == f"/{step}" else f" (`{step}`)"
    return PatchFailedError(f"`{path.text}` is not in the object{whole}", path)


def _index(step: str, path: Scalar, count: int) -> int:
    """A place in a list of `count`; a negative one counts from the end."""
    if not _INDEX.fullmatch(step) or not -count <= int(step) < count:
        raise _absent(step, path)
    return int(step) % count


def _change(node: Node, steps: list[str], path: Scalar, change: Callable[[Node, str], Node]) -> Node:
    if not steps:
        message = "a JSON patch cannot replace the whole object"
        raise PatchFailedError(message, path)
    if len(steps) == 1:
        return change(node, steps[0])
    child = _child(node, steps[0], path)
    new = _change(child, steps[1:], path, change)
    return _replace(node, steps[0], new, path)


def _add(parent: Node, step: str, value: Node, path: Scalar) -> Node:
    if isinstance(parent, Mapping):
        return parent.with_entry(parent.key(step) or key_like(path, step), value)
    if isinstance(parent, Sequence):
        count = len(parent.elements)
        at = count if step == "-" else _index(step, path, count + 1)
        return parent.with_elements([*parent.elements[:at], value, *parent.elements[at:]])
    raise _absent(step, path)


def _remove(parent: Node, step: str, path: Scalar) -> Node:
    if isinstance(parent, Mapping) and step in parent.entries:
        return parent.without(step)
    if isinstance(parent, Sequence):
        at = _index(step, path, len(parent.elements))
        return parent.with_elements([*parent.elements[:at], *parent.elements[at + 1 :]])
    raise _absent(step, path)


def _replace(parent: Node, step: str, value: Node, path: Scalar) -> Node:
    if isinstance(parent, Mapping):  # a key that is absent is added: kustomize is milder than RFC 6902
        return parent.with_entry(parent.key(step) or key_like(path, step), value)
    if isinstance(parent, Sequence):
        at = _index(step, path, len(parent.elements))
        return parent.with_elements([*parent.elements[:at], value, *parent.elements[at + 1 :]])
    raise _absent(step, path)
