"""Shapes: the short form in which lintkit's own schemas are written, and the JSON Schema that each stands for.

docs/shapes.md describes the form. In short:

    spec!:                              a required field; a mapping is a closed object
      instances!?: int                  a required field that the API server fills in
      interval!: string /^[0-9]+s$/     text with a pattern
      name: string(1..253)              text of that length
      mode: enabled | warn | disabled   one of these
      retries: int(0..)                 a whole number from 0 on
      port: int-or-string
      labels: map string                any keys, values of that shape
      portName: port-name               text of a form that has a name (lintkit.schema.patterns)
      hosts: [string]                   a list
      secretRef: @reference             a shape of `definitions`
      values: any                       anything
      affinity: object                  an object that is not looked into
      statefulset: never                the field is not allowed here
      livenessProbe: never probes.liveness   nor is this one, and what it says is written there
      spec: k8s Probe?                  a type of Kubernetes that the chart itself does not look into
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lintkit.errors import ConfigurationError
from lintkit.schema.patterns import DURATION, MIXED, QUANTITY, TEXTS
from lintkit.syntax.node import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_RANGE = re.compile(r"^\((-?[\d.]*)\.\.(-?[\d.]*)\)")
_PATTERN = re.compile(r"^/(.*)/$", re.DOTALL)
_WORD = re.compile(r"^([a-z0-9-]+)")
_OPEN = "..."
_NEVER = "never"
_INT_OR_STRING: dict[str, Any] = {
    "anyOf": [{"type": "integer"}, {"type": "string"}],
    "x-kubernetes-int-or-string": True,
}
_BRANCH = frozenset({"required", "properties", "not", "enum", "anyOf", "allOf"})
BUILT_IN = "x-lintkit-built-in"
"""Marks a place where a type of Kubernetes itself stands, by its name; the catalog puts the type in."""
LENIENT = "x-lintkit-lenient"
"""Marks a type of Kubernetes that a chart hands on unseen: Helm does not refuse a field that it does not have."""
INSTEAD = "x-lintkit-instead"
"""On a field that is not allowed: what takes its place."""
DEFAULTED = "x-lintkit-defaulted"
"""Names the fields that are required and that the API server fills in, so that a manifest may leave them out."""
_SIMPLE: dict[str, dict[str, Any]] = {
    "any": {"x-kubernetes-preserve-unknown-fields": True},
    "bool": {"type": "boolean"},
    "scalar": {"type": ["string", "number", "boolean"]},
    "text-or-number": {"type": ["string", "number"]},
    "object": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
    "date-time": {"type": "string", "format": "date-time"},
    "base64": {"type": "string", "format": "byte"},
    "duration": {"type": "string", "pattern": DURATION},
    "int-or-string": _INT_OR_STRING,
    "quantity": {**_INT_OR_STRING, "pattern": QUANTITY},
    **{name: {"type": "string", "pattern": named.pattern, **named.more} for name, named in TEXTS.items()},
    **{name: {**_INT_OR_STRING, "pattern": named.pattern, **named.more} for name, named in MIXED.items()},
}
SUBDOMAIN = _SIMPLE["dns-subdomain"]
"""The name of an object of a custom kind."""
_SIZED: dict[str, tuple[dict[str, Any], str, str]] = {
    "string": ({"type": "string"}, "minLength", "maxLength"),
    "int": ({"type": "integer"}, "minimum", "maximum"),
    "int32": ({"type": "integer", "format": "int32"}, "minimum", "maximum"),
    "int64": ({"type": "integer", "format": "int64"}, "minimum", "maximum"),
    "number": ({"type": "number"}, "minimum", "maximum"),
}


def compile_shape(node: Node, definitions: Mapping | None = None) -> dict[str, Any]:
    """The JSON Schema (2020-12) that a shape stands for.

    Args:
        node: The shape.
        definitions: Named shapes, for `@name`.

    Raises:
        ConfigurationError: The shape cannot be read; names file, line and column.
    """
    compiler = _Compiler(definitions)
    schema = compiler.shape(node)
    if compiler.used:
        schema = {**schema, "$defs": compiler.used}
    return schema


class _Compiler:
    def __init__(self, definitions: Mapping | None) -> None:
        self.definitions = definitions
        self.used: dict[str, Any] = {}

    def shape(self, node: Node) -> dict[str, Any]:
        if isinstance(node, Mapping):
            return self.mapping(node)
        if isinstance(node, Sequence):
            if len(node.elements) != 1:
                raise _wrong(node, "a list has one shape in it")
            return {"type": "array", "items": self.shape(node.elements[0])}
        if isinstance(node, Scalar):
            return self.text(node, node.text.strip())
        raise _wrong(node, "not a shape")

    def mapping(self, node: Mapping) -> dict[str, Any]:
        if any(key.startswith("$") for key in node.entries):
            return self.constrained(node)
        properties: dict[str, Any] = {}
        required: list[str] = []
        schema: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
        for key, value in node.items():
            name = key.text
            if name == _OPEN:
                schema["additionalProperties"] = True
                continue
            if name.endswith("!?"):
                name = name[:-2]
                schema.setdefault(DEFAULTED, []).append(name)
            elif name.endswith("!"):
                name = name[:-1]
                required.append(name)
            properties[name] = self.shape(value)
        if required:
            schema["required"] = required
        return schema

    def constrained(self, node: Mapping) -> dict[str, Any]:
        """`{$is: shape, $min: 1, ...}`: a shape with what the short form has no word for."""
        base = node.get("$is")
        schema = self.shape(base) if base is not None else {}
        is_list, is_object = schema.get("type") == "array", schema.get("type") == "object"
        for key, value in node.items():
            name = key.text
            if name == "$is":
                continue
            if name in {"$min", "$max"} and isinstance(value, Scalar):
                end = "Items" if is_list else "Properties" if is_object else "Length"
                schema[f"{name[1:]}{end}"] = value.value
            elif name in {"$anyOf", "$oneOf", "$allOf"} and isinstance(value, Sequence):
                schema.setdefault(name[1:], []).extend(self.partial(element) for element in value.elements)
            elif name == "$cases" and isinstance(value, Mapping):
                schema.setdefault("allOf", []).extend(self.cases(value))
            elif name == "$not" and value is not None:
                schema["not"] = self.partial(value)
            elif name == "$required" and isinstance(value, Sequence):
                schema["required"] = value.value
            elif name == "$unique":
                schema["uniqueItems"] = True
            elif name == "$keys" and isinstance(value, Sequence):
                schema["x-kubernetes-list-map-keys"] = value.value
            elif name == "$names" and value is not None:
                schema["propertyNames"] = self.shape(value)
            elif name == "$enum" and isinstance(value, Sequence):
                schema["enum"] = value.value
            else:
                raise _wrong(key, f"`{name}` is no constraint")
        return schema

    def cases(self, node: Mapping) -> Iterator[dict[str, Any]]:
        """`{type: {a | b: shape, c?: shape, "?": shape}}`: a shape by the value of a field; `?` is its absence."""
        for field, shapes in node.items():
            if not isinstance(shapes, Mapping):
                raise _wrong(shapes, "cases are a mapping of values to shapes")
            for value, shape in shapes.items():
                values = [one.strip() for one in value.text.removesuffix("?").split("|") if one.strip()]
                condition: dict[str, Any] = {"properties": {field.text: {"enum": values}}}
                if not values:
                    condition = {"not": {"required": [field.text]}}
                elif not value.text.endswith("?"):
                    condition["required"] = [field.text]
                yield {"if": condition, "then": self.shape(shape)}

    def partial(self, node: Node) -> dict[str, Any]:
        """A branch of `$anyOf` and the like: raw JSON Schema where it says `required`, else a shape."""
        if isinstance(node, Mapping) and set(node.entries) <= _BRANCH:
            return node.value
        return self.shape(node)

    def text(self, node: Scalar, text: str) -> dict[str, Any]:
        if text.startswith("@"):
            return self.reference(node, text[1:])
        if text.startswith("map "):
            return {"type": "object", "additionalProperties": self.text(node, text[4:].strip())}
        if text.startswith("[") and text.endswith("]"):
            return {"type": "array", "items": self.text(node, text[1:-1].strip())}
        if "|" in text and not _PATTERN.search(text.partition(" ")[2]):
            return {"type": "string", "enum": [part.strip().strip("\"'") for part in text.split("|")]}
        found = _WORD.match(text)
        word, rest = (found[1], text[found.end() :].strip()) if found else ("", text)
        if word in _SIMPLE and not rest:
            return dict(_SIMPLE[word])
        if word in _SIZED:
            return _sized(node, word, rest)
        if word == "const" and rest:
            return {"type": "string", "enum": [rest]}
        if word == "int-or-string" and _PATTERN.match(rest):
            return {**_INT_OR_STRING, "pattern": _PATTERN.sub(r"\1", rest)}
        if word == "k8s" and rest.removesuffix("?").isalnum():
            return {BUILT_IN: rest.removesuffix("?"), **({LENIENT: True} if rest.endswith("?") else {})}
        if word == _NEVER:
            return {"not": {}, **({INSTEAD: rest} if rest else {})}
        raise _wrong(node, f"`{text}` is no shape")

    def reference(self, node: Scalar, name: str) -> dict[str, Any]:
        definition = self.definitions.get(name) if self.definitions is not None else None
        if definition is None:
            raise _wrong(node, f"`@{name}` is not among the definitions")
        if name not in self.used:
            self.used[name] = {}
            self.used[name] = self.shape(definition)
        return {"$ref": f"#/$defs/{name}"}


def _sized(node: Scalar, word: str, rest: str) -> dict[str, Any]:
    base, low, high = _SIZED[word]
    schema = dict(base)
    found = _RANGE.match(rest)
    if found:
        read: Callable[[str], Any] = float if word == "number" else int
        if found[1]:
            schema[low] = read(found[1])
        if found[2]:
            schema[high] = read(found[2])
        rest = rest[found.end() :].strip()
    if rest and word == "string":
        pattern = _PATTERN.match(rest)
        if pattern:
            schema["pattern"] = pattern[1]
            return schema
        if re.fullmatch(r"[a-z][a-z0-9-]*", rest):
            schema["format"] = rest
            return schema
    if rest:
        raise _wrong(node, f"`{rest}` cannot follow `{word}`")
    return schema


def _wrong(node: Node, message: str) -> ConfigurationError:
    line, column = node.source.position(node.start)
    return ConfigurationError(message, node.source.path, line, column)
