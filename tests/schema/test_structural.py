"""What the schema of a CRD implies is said: closed objects, defaults, limits of numbers, metadata."""

from __future__ import annotations

from typing import Any

import pytest

from lintkit.schema.crd import custom_kind
from lintkit.schema.structural import closed, with_object_fields
from lintkit.schema.validator import compiled


def allows(schema: dict[str, Any], value: object) -> bool:
    """Whether a structural schema takes a value."""
    return compiled(closed(schema)).is_valid(value)


def test_an_object_with_fields_takes_no_others() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "object", "properties": {"b": {"type": "string"}}}}}
    assert allows(schema, {"a": {"b": "x"}})
    assert not allows(schema, {"a": {"c": "x"}})
    assert not allows(schema, {"b": 1})


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object"},
        {"type": "object", "properties": {"a": {}}, "x-kubernetes-preserve-unknown-fields": True},
        {"type": "object", "additionalProperties": {"type": "string"}},
        {"type": "object", "properties": {"a": {}}, "additionalProperties": True},
    ],
)
def test_an_object_that_is_open_stays_open(schema: dict[str, Any]) -> None:
    assert allows(schema, {"other": "x"})


@pytest.mark.parametrize("word", ["anyOf", "oneOf", "allOf"])
def test_a_branch_does_not_close_what_it_speaks_of(word: str) -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
        word: [{"properties": {"a": {"enum": ["x"]}}, "required": ["a"]}],
    }
    assert allows(schema, {"a": "x", "b": "y"})
    assert not allows(schema, {"a": "y"})
    assert not allows(schema, {"a": "x", "c": "y"})


def test_what_has_a_default_may_be_left_out() -> None:
    schema = {
        "type": "object",
        "required": ["a", "b"],
        "properties": {"a": {"type": "string", "default": "x"}, "b": {"type": "string"}},
    }
    assert allows(schema, {"b": "y"})
    assert not allows(schema, {"a": "x"})


def test_an_embedded_object_has_the_fields_of_every_object() -> None:
    schema = {
        "type": "object",
        "x-kubernetes-embedded-resource": True,
        "properties": {"spec": {"type": "object"}},
    }
    assert allows(schema, {"apiVersion": "v1", "kind": "A", "metadata": {"name": "a"}, "spec": {}})
    assert not allows(schema, {"spac": {}})


def test_a_number_or_text_is_both_and_nothing_else() -> None:
    schema = {"x-kubernetes-int-or-string": True, "type": "string"}
    assert allows(schema, 1)
    assert allows(schema, "25%")
    assert not allows(schema, True)


def test_a_nullable_field_takes_null() -> None:
    assert allows({"type": "string", "nullable": True, "enum": ["a"]}, None)
    assert not allows({"type": "string", "enum": ["a"]}, None)


@pytest.mark.parametrize(("name", "most"), [("int32", 2**31 - 1), ("int64", 2**63 - 1)])
def test_a_number_fits_its_format(name: str, most: int) -> None:
    assert allows({"type": "integer", "format": name}, most)
    assert not allows({"type": "integer", "format": name}, most + 1)


def test_a_format_that_the_api_server_does_not_check_is_not_checked() -> None:
    assert allows({"type": "string", "format": "uri"}, "no address")
    assert not allows({"type": "string", "format": "date-time"}, "no time")


def test_the_root_has_the_fields_of_every_object_and_no_others() -> None:
    schema = with_object_fields(
        closed({"type": "object", "properties": {"spec": {"type": "object"}}}), "example.org/v1", "Cup", {}
    )
    validator = compiled(schema)
    assert validator.is_valid({"apiVersion": "example.org/v1", "kind": "Cup", "metadata": {}, "spec": {}, "status": 1})
    assert not validator.is_valid({"apiVersion": "example.org/v1", "kind": "Cup", "spac": {}})
    assert not validator.is_valid({"apiVersion": "example.org/v2", "kind": "Cup"})


def test_what_a_crd_says_of_names_is_checked_beside_what_every_object_has() -> None:
    own = {"type": "object", "properties": {"name": {"type": "string", "maxLength": 3}}}
    general = {"type": "object", "properties": {"name": {"type": "string", "pattern": "^[a-z]+$"}, "labels": {}}}
    validator = compiled(with_object_fields({"properties": {"metadata": own}}, "v1", "Cup", general))
    assert validator.is_valid({"metadata": {"name": "abc", "labels": {}}})
    assert not validator.is_valid({"metadata": {"name": "abcd"}})
    assert not validator.is_valid({"metadata": {"name": "AB"}})


CRD: dict[str, Any] = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "spec": {
        "group": "example.org",
        "names": {"kind": "Cup", "plural": "cups"},
        "scope": "Cluster",
        "versions": [
            {"name": "v1", "served": True, "schema": {"openAPIV3Schema": {"type": "object"}}},
            {"name": "v1beta1", "served": True, "deprecated": True, "deprecationWarning": "use v1"},
            {"name": "v1beta2", "deprecated": True},
            {"name": "v1alpha1", "served": False},
        ],
    },
}


def test_a_crd_says_which_versions_it_has() -> None:
    kind = custom_kind(CRD, "cup.yaml")
    assert kind is not None
    assert (kind.group, kind.kind, kind.scope, kind.origin) == ("example.org", "Cup", "Cluster", "cup.yaml")
    assert [(one.name, one.served, one.deprecation, one.schema) for one in kind.versions] == [
        ("v1", True, "", {"type": "object"}),
        ("v1beta1", True, "use v1", None),
        ("v1beta2", True, "it is deprecated", None),
        ("v1alpha1", False, "", None),
    ]
    assert kind.version("v2") is None


def test_an_old_crd_has_one_schema_for_all_its_versions() -> None:
    kind = custom_kind(
        {
            "kind": "CustomResourceDefinition",
            "spec": {
                "group": "example.org",
                "names": {"kind": "Cup"},
                "version": "v1",
                "validation": {"openAPIV3Schema": {"type": "object"}},
            },
        },
        "cup.yaml",
    )
    assert kind is not None
    assert [(one.name, one.schema) for one in kind.versions] == [("v1", {"type": "object"})]


@pytest.mark.parametrize(
    "content", [None, [], {"kind": "Deployment"}, {"kind": "CustomResourceDefinition"}, {**CRD, "spec": {"names": {}}}]
)
def test_what_is_no_crd_is_none(content: object) -> None:
    assert custom_kind(content, "cup.yaml") is None
