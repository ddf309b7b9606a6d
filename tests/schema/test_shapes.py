"""Each shape of docs/shapes.md stands for one JSON Schema; what is no shape is refused at its place."""

from __future__ import annotations

from typing import Any

import pytest

from lintkit.errors import ConfigurationError
from lintkit.schema.authored import read
from lintkit.schema.patterns import DURATION, MIXED, QUANTITY, TEXTS, WORDS
from lintkit.schema.shapes import BUILT_IN, DEFAULTED, compile_shape
from lintkit.syntax.node import Mapping
from lintkit.syntax.parser import parse
from lintkit.text.source import Source

_ANYTHING = {"x-kubernetes-preserve-unknown-fields": True}
_NUMBER_OR_TEXT = {"anyOf": [{"type": "integer"}, {"type": "string"}], "x-kubernetes-int-or-string": True}


def shape(text: str, definitions: str = "") -> dict[str, Any]:
    """The schema of a shape."""
    root = parse(Source("shape.yaml", text)).documents[0].root
    assert root is not None
    named = parse(Source("shape.yaml", definitions)).documents[0].root if definitions else None
    return compile_shape(root, named if isinstance(named, Mapping) else None)


@pytest.mark.parametrize(
    ("text", "schema"),
    [
        ("string", {"type": "string"}),
        ("string(1..63)", {"type": "string", "minLength": 1, "maxLength": 63}),
        ("string(..63)", {"type": "string", "maxLength": 63}),
        ("string(1..) /^a|b$/", {"type": "string", "minLength": 1, "pattern": "^a|b$"}),
        ("string date-time", {"type": "string", "format": "date-time"}),
        ("a | b | c", {"type": "string", "enum": ["a", "b", "c"]}),
        ('a | ""', {"type": "string", "enum": ["a", ""]}),
        ("const v2", {"type": "string", "enum": ["v2"]}),
        ("int", {"type": "integer"}),
        ("int32(0..)", {"type": "integer", "format": "int32", "minimum": 0}),
        ("int(1..65535)", {"type": "integer", "minimum": 1, "maximum": 65535}),
        ("number(0.5..)", {"type": "number", "minimum": 0.5}),
        ("bool", {"type": "boolean"}),
        ("int-or-string", _NUMBER_OR_TEXT),
        ("int-or-string /^[0-9]+%$/", {**_NUMBER_OR_TEXT, "pattern": "^[0-9]+%$"}),
        ("quantity", {**_NUMBER_OR_TEXT, "pattern": QUANTITY}),
        ("duration", {"type": "string", "pattern": DURATION}),
        ("date-time", {"type": "string", "format": "date-time"}),
        ("base64", {"type": "string", "format": "byte"}),
        ("map string", {"type": "object", "additionalProperties": {"type": "string"}}),
        ("map [int]", {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "integer"}}}),
        ("[string]", {"type": "array", "items": {"type": "string"}}),
        ('"[string]"', {"type": "array", "items": {"type": "string"}}),
        ("k8s Affinity", {BUILT_IN: "Affinity"}),
        ("object", {"type": "object", **_ANYTHING}),
        ("any", _ANYTHING),
        ("port-name", {"type": "string", "pattern": TEXTS["port-name"].pattern}),
        (
            "port-or-name",
            {**_NUMBER_OR_TEXT, "pattern": MIXED["port-or-name"].pattern, "minimum": 1, "maximum": 65535},
        ),
        ("{$is: [string], $min: 1, $max: 2}", {
            "type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 2,
        }),
        ("{$is: map string, $min: 1}", {
            "type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1,
        }),
        ("{$is: string, $max: 3}", {"type": "string", "maxLength": 3}),
        ("{$is: map string, $names: port-name}", {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "propertyNames": {"type": "string", "pattern": TEXTS["port-name"].pattern},
        }),
        ("{$is: [string], $unique: true, $keys: [name]}", {
            "type": "array", "items": {"type": "string"}, "uniqueItems": True, "x-kubernetes-list-map-keys": ["name"],
        }),
        ("{$is: int, $enum: [1, 2]}", {"type": "integer", "enum": [1, 2]}),
        ("{$anyOf: [{required: [a]}, string]}", {"anyOf": [{"required": ["a"]}, {"type": "string"}]}),
        ("{$not: {required: [a, b]}}", {"not": {"required": ["a", "b"]}}),
        ("{$required: [a]}", {"required": ["a"]}),
    ],
)  # fmt: skip
def test_a_shape_stands_for_a_schema(text: str, schema: dict[str, Any]) -> None:
    assert shape(text) == schema


def test_a_mapping_is_a_closed_object_with_its_required_fields() -> None:
    assert shape("{a!: string, b: int, c!?: bool}") == {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "integer"}, "c": {"type": "boolean"}},
        "additionalProperties": False,
        "required": ["a"],
        DEFAULTED: ["c"],
    }


def test_an_object_is_opened_by_dots() -> None:
    assert shape("{a: string, ...: any}")["additionalProperties"] is True


def test_a_name_is_looked_up_and_may_lead_to_itself() -> None:
    found = shape('{routes: ["@route"]}', 'route: {routes: ["@route"]}')
    assert found["properties"]["routes"]["items"] == {"$ref": "#/$defs/route"}
    assert found["$defs"]["route"]["properties"]["routes"]["items"] == {"$ref": "#/$defs/route"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: strin", "`strin` is no shape"),
        ("a: int /x/", "`/x/` cannot follow `int`"),
        ('a: "@b"', "`@b` is not among the definitions"),
        ("a: [string, int]", "a list has one shape in it"),
        ("a: {$is: string, $least: 1}", "`$least` is no constraint"),
    ],
)
def test_what_is_no_shape_is_refused_at_its_place(text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=r"shape\.yaml:1") as caught:
        shape(text)
    assert message in str(caught.value)


@pytest.mark.parametrize("name", [*TEXTS, *MIXED])
def test_a_named_pattern_has_words(name: str) -> None:
    named = {**TEXTS, **MIXED}[name]
    assert WORDS[named.pattern] == named.words


VERSIONS = """\
group: example.org
kind: Cup
scope: Cluster
versions:
  v1:
    spec!:
      size!: small | large
      lid: {colour: string}
      parts: [{name!: string, weight: int}]
  v1beta1:
    extends: v1
    without: [spec.lid.colour]
    with:
      spec.parts[].weight: string
      spec.handle: bool
    optional: [spec.size]
    required: [spec.lid]
"""


def test_a_version_may_be_the_difference_to_another_one() -> None:
    found = read(VERSIONS, "cup.yaml")
    assert (found.group, found.kind, found.scope, list(found.versions)) == (
        "example.org", "Cup", "Cluster", ["v1", "v1beta1"],
    )  # fmt: skip
    spec = found.versions["v1beta1"]["properties"]["spec"]
    assert spec["required"] == ["lid"]
    assert spec["properties"]["lid"]["properties"] == {}
    assert spec["properties"]["handle"] == {"type": "boolean"}
    assert spec["properties"]["parts"]["items"]["properties"]["weight"] == {"type": "string"}
    assert found.versions["v1"]["properties"]["spec"]["required"] == ["size"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("scope: Cluster", "scop: Cluster", "`scop` is no field of a file of shapes"),
        ("extends: v1", "extends: v2", "`v2` is no version above this one"),
        ("without:", "minus:", "`minus` is not one of"),
        ("[spec.lid.colour]", "[spec.lid.color]", "`spec.lid.color`: there is no `color`"),
        ("spec.parts[].weight", "spec.lid[].weight", "`spec.lid[].weight`: no list here"),
        ("versions:", "version:", "`version` is no field of a file of shapes"),
        ("  v1:\n    spec!:", "  v1: string\n  v0:\n    spec!:", "version `v1` is a mapping"),
        ("kind: Cup", "kind: [", "cup.yaml"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_its_name(old: str, new: str, message: str) -> None:
    assert old in VERSIONS
    with pytest.raises(ConfigurationError, match=r"cup\.yaml") as caught:
        read(VERSIONS.replace(old, new, 1), "cup.yaml")
    assert message in str(caught.value)
