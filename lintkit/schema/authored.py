"""lintkit's own schemas: one file of shapes for each kind, and the JSON Schema of each version that was ever served."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lintkit import resources
from lintkit.errors import ConfigurationError
from lintkit.schema.shapes import compile_shape
from lintkit.syntax.node import Mapping, Scalar, Sequence
from lintkit.syntax.parser import parse
from lintkit.text.source import Source

if TYPE_CHECKING:
    from lintkit.syntax.node import Node

_FIELDS = frozenset({"group", "kind", "scope", "source", "definitions", "versions", "rules"})
_DELTA = frozenset({"extends", "without", "with", "optional", "required"})


@dataclass(frozen=True, slots=True)
class Authored:
    """The schemas of one kind.

    Attributes:
        group: API group.
        kind: Kind.
        scope: `Namespaced` or `Cluster`.
        versions: Version -> JSON Schema of the whole object, without apiVersion, kind and metadata.
    """

    group: str
    kind: str
    scope: str
    versions: dict[str, dict[str, Any]]


@lru_cache(maxsize=256)
def load(group: str, kind: str) -> Authored | None:
    """The authored schemas of a kind, or None when there are none."""
    path = f"{group}/{kind.lower()}.yaml"
    text = resources.read("schemas", group, f"{kind.lower()}.yaml") if group and "/" not in group else None
    return read(text, f"schemas/{path}") if text else None


def read(text: str, path: str) -> Authored:
    """Read a file of shapes.

    Raises:
        ConfigurationError: The file is not of the form that docs/shapes.md describes.
    """
    stream = parse(Source(path, text))
    if stream.error is not None:
        line, column = stream.source.position(stream.error.place.span.start)
        raise ConfigurationError(stream.error.message, path, line, column)
    root = stream.documents[0].root if stream.documents else None
    if not isinstance(root, Mapping):
        message = "a file of shapes is a mapping"
        raise ConfigurationError(message, path, 1)
    for key, _ in root.items():
        if key.text not in _FIELDS:
            raise _wrong(key, f"`{key.text}` is no field of a file of shapes")
    versions = root.mapping_at("versions")
    if versions is None:
        raise _wrong(root, "`versions` is missing")
    shapes: dict[str, Mapping] = {}
    for key, node in versions.items():
        if not isinstance(node, Mapping):
            raise _wrong(node, f"version `{key.text}` is a mapping")
        shapes[key.text] = _extended(node, shapes) if "extends" in node.entries else node
    definitions = root.mapping_at("definitions")
    compiled = {name: compile_shape(shape, definitions) for name, shape in shapes.items()}
    return Authored(root.text("group") or "", root.text("kind") or "", root.text("scope") or "Namespaced", compiled)


def _extended(node: Mapping, shapes: dict[str, Mapping]) -> Mapping:
    """A version that is written as the difference to another one."""
    for key, _ in node.items():
        if key.text not in _DELTA:
            raise _wrong(key, f"`{key.text}` is not one of {', '.join(sorted(_DELTA))}")
    base = shapes.get(node.text("extends") or "")
    if base is None:
        raise _wrong(node, f"`{node.text('extends')}` is no version above this one")
    shape = base
    for entry in node.elements_at("without"):
        if isinstance(entry, Scalar):
            shape = _change(shape, entry, _steps(entry.text), None, None)
    for key, value in (node.mapping_at("with") or _empty(node)).items():
        shape = _change(shape, key, _steps(key.text), value, None)
    for field_name, is_required in (("optional", False), ("required", True)):
        for entry in node.elements_at(field_name):
            if isinstance(entry, Scalar):
                shape = _change(shape, entry, _steps(entry.text), None, is_required)
    return shape


def _steps(path: str) -> list[str]:
    steps: list[str] = []
    for part in path.split("."):
        steps += [part.removesuffix("[]"), "[]"] if part.endswith("[]") else [part]
    return steps


def _change(
    shape: Node,
    origin: Scalar,
    steps: list[str],
    value: Node | None,
    is_required: bool | None,  # noqa: FBT001
) -> Mapping:
    changed = _at(shape, origin, steps, value, is_required)
    if not isinstance(changed, Mapping):
        raise _wrong(origin, f"`{origin.text}` leads nowhere")
    return changed


def _at(shape: Node, origin: Scalar, steps: list[str], value: Node | None, is_required: bool | None) -> Node:  # noqa: FBT001
    step, rest = steps[0], steps[1:]
    if isinstance(shape, Mapping) and "$is" in shape.entries:
        key = shape.key("$is")
        inner = _at(shape.entries["$is"], origin, steps, value, is_required)
        return shape.with_entry(key or origin, inner)
    if step == "[]":
        if not isinstance(shape, Sequence):
            raise _wrong(origin, f"`{origin.text}`: no list here")
        return shape.with_elements([_at(shape.elements[0], origin, rest, value, is_required)])
    if not isinstance(shape, Mapping):
        raise _wrong(origin, f"`{origin.text}` leads nowhere at `{step}`")
    plain = _name(step)
    name = next((key for key in shape.entries if _name(key) == plain), None)
    if rest:
        if name is None:
            raise _wrong(origin, f"`{origin.text}`: there is no `{step}`")
        return shape.with_entry(shape.key(name) or origin, _at(shape.entries[name], origin, rest, value, is_required))
    if is_required is not None:
        if name is None:
            raise _wrong(origin, f"`{origin.text}`: there is no `{step}`")
        old = shape.entries[name]
        return shape.without(name).with_entry(origin.with_text(plain + ("!" if is_required else "")), old)
    if value is None:
        if name is None:
            raise _wrong(origin, f"`{origin.text}`: there is no `{step}`")
        return shape.without(name)
    cleared = shape.without(name) if name is not None else shape
    return cleared.with_entry(origin.with_text(step), value)


def _name(key: str) -> str:
    return key.removesuffix("?").removesuffix("!")


def _empty(node: Mapping) -> Mapping:
    return Mapping(node.source, node.start, node.start, [], {})


def _wrong(node: Node, message: str) -> ConfigurationError:
    line, column = node.source.position(node.start)
    return ConfigurationError(message, node.source.path, line, column)
