"""The two validators behind one face say the same, and read what Go's regular expressions allow."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from lintkit.schema.validator import _Fast, _Portable, compiled

if TYPE_CHECKING:
    from collections.abc import Callable

    from lintkit.schema.validator import SchemaError, Validator

pytest.importorskip("jsonschema_rs", reason="jsonschema-rs is not installed here")
VALIDATORS = [pytest.param(_Fast, id="jsonschema-rs"), pytest.param(_Portable, id="jsonschema")]
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 4},
        "mode": {"type": "string", "enum": ["a", "b"]},
        "count": {"type": "integer", "minimum": 1},
        "at": {"type": "string", "format": "date-time"},
        "labels": {"type": "object", "propertyNames": {"pattern": "^[a-z]+$"}},
        "either": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
        "pair": {"not": {"required": ["x", "y"]}},
        "hosts": {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True},
    },
}


def _shape(error: SchemaError) -> tuple[Any, ...]:
    return error.path, error.keyword, {key: value for key, value in error.details.items() if key != "inner"}


@pytest.mark.parametrize("make", VALIDATORS)
@pytest.mark.parametrize(
    ("value", "error"),
    [
        ({}, ((), "required", {"property": "name"})),
        ({"name": "x", "nane": 1}, ((), "additionalProperties", {"unexpected": ["nane"]})),
        ({"name": 1}, (("name",), "type", {"types": ["string"]})),
        ({"name": "X"}, (("name",), "pattern", {"pattern": "^[a-z]+$"})),
        ({"name": "abcde"}, (("name",), "maxLength", {"limit": 4})),
        ({"name": "a", "mode": "c"}, (("mode",), "enum", {"options": ["a", "b"]})),
        ({"name": "a", "count": 0}, (("count",), "minimum", {"limit": 1})),
        ({"name": "a", "at": "today"}, (("at",), "format", {"format": "date-time"})),
        ({"name": "a", "labels": {"A": 1}}, (("labels",), "propertyNames", {"name": "A"})),
        ({"name": "a", "hosts": []}, (("hosts",), "minItems", {"limit": 1})),
    ],
)
def test_an_error_has_its_place_and_its_word(
    make: Callable[[dict[str, Any]], Validator], value: object, error: tuple[Any, ...]
) -> None:
    validator = make(SCHEMA)
    assert not validator.is_valid(value)
    assert [_shape(one) for one in validator.errors(value)] == [error]


@pytest.mark.parametrize("make", VALIDATORS)
@pytest.mark.parametrize(
    ("schema", "value", "error"),
    [
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, ((), "required", {"property": "b"})),
        (
            {"properties": {"a": {}}, "unevaluatedProperties": False},
            {"b": 1},
            ((), "unevaluatedProperties", {"unexpected": ["b"]}),
        ),
        (
            {"patternProperties": {"^a": {}}, "additionalProperties": False},
            {"a1": 1, "b": 1},
            ((), "additionalProperties", {"unexpected": ["b"]}),
        ),
        ({"properties": {"a": {"const": 3}}}, {"a": 4}, (("a",), "const", {"expected_value": 3})),
        ({"if": {"required": ["a"]}, "then": {"required": ["b"]}}, {"a": 1}, ((), "required", {"property": "b"})),
    ],
)
def test_charts_use_more_words(
    make: Callable[[dict[str, Any]], Validator], schema: dict[str, Any], value: object, error: tuple[Any, ...]
) -> None:
    assert [_shape(one) for one in make(schema).errors(value)] == [error]


@pytest.mark.parametrize("make", VALIDATORS)
def test_a_field_that_may_not_be_there_is_found_at_its_place(make: Callable[[dict[str, Any]], Validator]) -> None:
    (error,) = make({"properties": {"a": False}}).errors({"a": 1})
    assert (error.path, error.keyword) == (("a",), "falseSchema")


@pytest.mark.parametrize("make", VALIDATORS)
def test_the_branches_of_a_choice_are_kept(make: Callable[[dict[str, Any]], Validator]) -> None:
    (error,) = make(SCHEMA).errors({"name": "a", "either": []})
    assert (error.path, error.keyword) == (("either",), "oneOf")
    assert [[one.details for one in branch] for branch in error.branches] == [
        [{"types": ["string"]}],
        [{"types": ["integer"]}],
    ]


@pytest.mark.parametrize("make", VALIDATORS)
def test_an_error_knows_the_schema_it_breaks(make: Callable[[dict[str, Any]], Validator]) -> None:
    (error,) = make(SCHEMA).errors({"name": "a", "pair": {"x": 1, "y": 2}})
    assert (error.keyword, error.schema) == ("not", {"not": {"required": ["x", "y"]}})


@pytest.mark.parametrize("make", VALIDATORS)
def test_a_dash_behind_a_class_is_a_dash_as_go_reads_it(make: Callable[[dict[str, Any]], Validator]) -> None:
    validator = make({"properties": {"name": {"type": "string", "pattern": r"^[a-zA-Z\d-_]+$"}}})
    assert validator.is_valid({"name": "a-1_B"})
    (error,) = validator.errors({"name": "a b"})
    assert (error.path, error.keyword) == (("name",), "pattern")


@pytest.mark.parametrize("make", VALIDATORS)
def test_only_the_pattern_that_cannot_be_read_is_left_out(make: Callable[[dict[str, Any]], Validator]) -> None:
    schema = {
        "properties": {
            "broken": {"type": "string", "pattern": "^[a-z", "maxLength": 3},
            "pattern": {"type": "string", "pattern": "^[a-z]+$"},
        },
        "additionalProperties": False,
    }
    validator = make(schema)
    assert validator.is_valid({"broken": "[", "pattern": "a"})
    assert [_shape(one)[:2] for one in validator.errors({"broken": "abcd"})] == [(("broken",), "maxLength")]
    assert [_shape(one)[:2] for one in validator.errors({"pattern": "A"})] == [(("pattern",), "pattern")]
    assert [_shape(one)[1] for one in validator.errors({"other": "A"})] == ["additionalProperties"]


@pytest.mark.parametrize("make", VALIDATORS)
def test_an_object_whose_keys_cannot_be_told_is_open(make: Callable[[dict[str, Any]], Validator]) -> None:
    schema = {
        "patternProperties": {"^[a-z": {"type": "integer"}, "^b$": {"type": "string"}},
        "additionalProperties": False,
    }
    validator = make(schema)
    assert validator.is_valid({"anything": 1})
    assert [_shape(one)[:2] for one in validator.errors({"b": 1})] == [(("b",), "type")]


def test_jsonschema_takes_over_where_the_fast_one_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(compiled({}), _Fast)
    monkeypatch.setitem(sys.modules, "jsonschema_rs", None)
    assert isinstance(compiled({}), _Portable)


def test_what_is_no_json_schema_is_refused() -> None:
    with pytest.raises(ValueError, match="type"):
        compiled({"type": 7})
