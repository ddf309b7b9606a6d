"""What a schema of values says of each place: names, types, enums, required fields, and whether others are refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lintkit.schema import fields
from lintkit.schema.shapes import LENIENT

if TYPE_CHECKING:
    from collections.abc import Iterator

_KUBERNETES = "io.k8s."


@dataclass(slots=True, eq=False)
class Place:
    """What all branches together say of one place.

    Attributes:
        types: JSON types, without `null`; a value of nothing is no value to Helm.
        options: Texts of `enum` and `const`; None where any are allowed.
        required: Fields that a branch asks for.
        is_closed: Whether every branch with fields refuses others.
        kubernetes: Name of the type of Kubernetes that begins here.
        is_lenient: Whether that type is marked as one the chart hands on unseen.
    """

    types: set[str] = field(default_factory=set)
    options: set[str] | None = None
    required: set[str] = field(default_factory=set)
    is_closed: bool = False
    kubernetes: str = ""
    is_lenient: bool = False


def inventory(schema: dict[str, Any]) -> dict[str, Place]:
    """Every place of a schema: `controllers.*.type`, `route.*.hostnames[]`."""
    found: dict[str, Place] = {}
    _walk(schema, "", schema, found, is_inside=False)
    return found


def _walk(schema: Any, path: str, root: dict[str, Any], found: dict[str, Place], *, is_inside: bool) -> None:  # noqa: ANN401
    place = found.setdefault(path, Place())
    parts = [part for part in fields.parts(schema, root) if part.get("not") != {}]
    if not is_inside and isinstance(schema, dict) and _KUBERNETES in schema.get("$ref", ""):
        is_inside = True
        place.kubernetes = schema["$ref"].rpartition(".")[2]
        place.is_lenient |= LENIENT in schema
    named = [part for part in parts if "properties" in part and ("additionalProperties" in part or "type" in part)]
    for part in parts:
        types = part.get("type", [])
        place.types |= {types} if isinstance(types, str) else set(types)
        options = part.get("enum", [part["const"]] if "const" in part else None)
        if options is not None:
            place.options = (place.options or set()) | {str(one) for one in options}
        place.required |= set(part.get("required", ()))
    place.types -= {"null"}
    if "number" in place.types:
        place.types -= {"integer"}
    whole = any("unevaluatedProperties" in part for part in parts)
    place.is_closed = place.is_closed or (
        bool(named) and (whole or any(part.get("additionalProperties") is False for part in named))
    )
    for name, child in _children(parts):
        _walk(child, f"{path}.{name}" if path and name != "[]" else f"{path}{name}", root, found, is_inside=is_inside)


def _children(parts: list[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    for part in parts:
        for name, child in part.get("properties", {}).items():
            if not fields.is_never(child) and child != {}:
                yield name, child
            elif child == {}:
                yield name, True
        if isinstance(part.get("additionalProperties"), dict):
            yield "*", part["additionalProperties"]
        if isinstance(part.get("items"), dict):
            yield "[]", part["items"]
