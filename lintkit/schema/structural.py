"""From the schema of a CRD to what a validator is to hold an object against.

A structural schema leaves out what the API server implies: objects are closed, `default` is filled in before `required`
is looked at, `status` is the controller's, and `metadata` is that of every object.
"""

from __future__ import annotations

from typing import Any

KEPT_OPEN = "x-kubernetes-preserve-unknown-fields"
_INT_OR_STRING = "x-kubernetes-int-or-string"
_EMBEDDED = "x-kubernetes-embedded-resource"
_DROPPED = frozenset({"description", "title", "example", "default", "externalDocs", "x-kubernetes-validations"})
_MAPS = frozenset({"properties", "patternProperties", "$defs", "definitions"})
_LISTS = frozenset({"anyOf", "oneOf", "allOf"})
_FORMATS = frozenset({"date-time", "byte", "ipv4", "ipv6", "cidr"})
_LIMITS = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}


def closed(schema: dict[str, Any], *, close: bool = True) -> dict[str, Any]:
    """A structural schema with what is implied said.

    Args:
        schema: `openAPIV3Schema`, or a JSON Schema made from it.
        close: Whether objects with properties reject others; False where the schema says it itself.
    """
    found: dict[str, Any] = _object(schema, close=close, junctor=False)
    return found


def _object(schema: Any, *, close: bool, junctor: bool) -> Any:  # noqa: ANN401 - a schema may be a bool
    if not isinstance(schema, dict):
        return schema
    found = {key: _word(key, value, close, junctor) for key, value in schema.items() if key not in _DROPPED}
    _number_format(found)
    if found.get(_INT_OR_STRING):
        found.pop("type", None)
        found.setdefault("anyOf", [{"type": "integer"}, {"type": "string"}])
    if found.pop("nullable", False) and isinstance(found.get("type"), str):
        found["type"] = [found["type"], "null"]
        if "enum" in found:
            found["enum"] = [*found["enum"], None]
    properties = schema.get("properties")
    if isinstance(properties, dict):
        _imply(found, schema, properties, close=close and not junctor)
    return found


def _word(key: str, value: Any, close: bool, junctor: bool) -> Any:  # noqa: ANN401, FBT001
    if key in _MAPS and isinstance(value, dict):
        return {name: _object(child, close=close, junctor=junctor) for name, child in value.items()}
    if key in _LISTS and isinstance(value, list):
        return [_object(child, close=close, junctor=True) for child in value]
    if key == "not":
        return _object(value, close=close, junctor=True)
    if key in {"items", "additionalProperties"}:
        return _object(value, close=close, junctor=junctor)
    return value


def _imply(found: dict[str, Any], schema: dict[str, Any], properties: dict[str, Any], *, close: bool) -> None:
    """What an object with named fields implies: defaults are filled in first, and others are not allowed."""
    if isinstance(found.get("required"), list):
        found["required"] = [
            name
            for name in found["required"]
            if not (isinstance(properties.get(name), dict) and "default" in properties[name])
        ]
    if properties and close and not schema.get(KEPT_OPEN):
        if schema.get(_EMBEDDED):
            for name in ("apiVersion", "kind", "metadata"):
                found["properties"].setdefault(name, {})
        found.setdefault("additionalProperties", False)


def _number_format(schema: dict[str, Any]) -> None:
    name = schema.get("format")
    if not isinstance(name, str):
        return
    limits = _LIMITS.get(name)
    if limits:
        schema.setdefault("minimum", limits[0])
        schema.setdefault("maximum", limits[1])
    if name not in _FORMATS:
        del schema["format"]


def with_object_fields(schema: dict[str, Any], api_version: str, kind: str, metadata: dict[str, Any]) -> dict[str, Any]:
    """The schema of a whole object: closed at the root, with `metadata` as every object has it.

    Args:
        schema: What `closed` made.
        api_version: The only `apiVersion` it is for.
        kind: The only kind it is for.
        metadata: Schema of `metadata`, or an empty one.
    """
    properties = dict(schema.get("properties", {}))
    own = properties.get("metadata")
    joined = metadata
    if isinstance(own, dict) and own.get("properties") and metadata:
        joined = {"allOf": [metadata, {**own, "additionalProperties": True}]}
    properties.update(
        {
            "apiVersion": {"type": "string", "enum": [api_version]},
            "kind": {"type": "string", "enum": [kind]},
            "metadata": joined,
            "status": {},
        }
    )
    whole = {**schema, "type": "object", "properties": properties}
    if not schema.get(KEPT_OPEN):
        whole["additionalProperties"] = False
    return whole
