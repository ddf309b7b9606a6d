"""Schemas of charts that refer to other files become one."""

from __future__ import annotations

import pytest

from lintkit.schema.bundle import bundle
from lintkit.schema.validator import compiled

OLD, NEW = "http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft/2020-12/schema"
IMAGE = {"image": {"type": "object", "additionalProperties": False, "properties": {"tag": {"type": "string"}}}}


def allows(schema: dict[str, object], value: object, files: dict[str, dict[str, object]] | None = None) -> bool:
    return compiled(bundle(schema, files or {})).is_valid(value)


@pytest.mark.parametrize(
    ("reference", "files"),
    [
        ("definitions.json#/image", {"definitions.json": IMAGE}),
        ("schemas/definitions.json#/image", {"schemas/definitions.json": IMAGE}),
        ("https://example.com/common-1/definitions.json#/image", {"charts/common/definitions.json": IMAGE}),
        (
            "https://example.com/common-1/values.schema.json#/image",
            {"common.values.schema.json": {"$id": "https://example.com/common-1/values.schema.json", **IMAGE}},
        ),
        ("#/$defs/image", {}),
        ("#/definitions/image", {}),
        ("#picture", {}),
    ],
)
def test_a_reference_is_followed(reference: str, files: dict[str, dict[str, object]]) -> None:
    named = {"image": {"$anchor": "picture", **IMAGE["image"]}}
    files = {path.replace("charts/common/", ""): content for path, content in files.items()}
    schema = {"$schema": NEW, "properties": {"app": {"$ref": reference}}, "$defs": named, "definitions": IMAGE}
    assert allows(schema, {"app": {"tag": "1"}}, files)
    assert not allows(schema, {"app": {"tag": 1}}, files)
    assert not allows(schema, {"app": {"tags": "1"}}, files)


def test_references_of_a_file_start_at_its_own_address() -> None:
    files = {
        "schemas/pod.json": {"options": {"$ref": "definitions.json#/image"}},
        "schemas/definitions.json": IMAGE,
    }
    schema = {"properties": {"app": {"$ref": "schemas/pod.json#/options"}}}
    assert not allows(schema, {"app": {"tag": 1}}, files)


def test_a_reference_that_leads_nowhere_allows_anything_and_closes_nothing() -> None:
    schema = {
        "$schema": NEW,
        "properties": {"app": {"$ref": "https://example.com/gone.json"}, "port": {"type": "integer"}},
        "allOf": [{"$ref": "gone.json"}],
        "unevaluatedProperties": False,
    }
    assert allows(schema, {"app": 1, "more": 2})
    assert not allows(schema, {"port": "text"})


def test_a_schema_may_refer_to_itself() -> None:
    schema = {"properties": {"inner": {"$ref": "#"}}, "additionalProperties": False}
    assert allows(schema, {"inner": {"inner": {}}})
    assert not allows(schema, {"inner": {"outer": {}}})


def test_words_beside_a_reference_count_from_2019_on() -> None:
    beside = {"$ref": "#/definitions/name", "maxLength": 3}
    schema = {"properties": {"name": beside}, "definitions": {"name": {"type": "string"}}}
    assert allows({"$schema": OLD, **schema}, {"name": "longer"})
    assert not allows({"$schema": NEW, **schema}, {"name": "longer"})


def test_fields_of_combined_schemas_are_evaluated() -> None:
    schema = {
        "$schema": NEW,
        "allOf": [{"properties": {"a": {}}}],
        "properties": {"b": {}},
        "unevaluatedProperties": False,
    }
    assert allows(schema, {"a": 1, "b": 2})
    assert not allows(schema, {"c": 3})


def test_words_of_old_drafts_are_understood() -> None:
    schema = {
        "$schema": OLD,
        "properties": {"pair": {"items": [{"type": "string"}], "additionalItems": False}},
        "dependencies": {"user": ["password"], "tls": {"required": ["host"]}},
    }
    assert allows(schema, {"pair": ["a"], "user": "a", "password": "b"})
    assert not allows(schema, {"pair": ["a", "b"]})
    assert not allows(schema, {"user": "a"})
    assert not allows(schema, {"tls": True})
    four = {"properties": {"port": {"minimum": 1, "exclusiveMinimum": True}}}
    assert not allows(four, {"port": 1})
    assert allows(four, {"port": 2})


def test_a_field_may_be_called_like_a_word() -> None:
    schema = {"properties": {"$ref": {"type": "string"}, "default": {"type": "integer"}}, "additionalProperties": False}
    assert allows(schema, {"$ref": "text", "default": 1})
    assert not allows(schema, {"default": "text"})
