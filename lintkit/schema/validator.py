"""One face for JSON Schema validators: jsonschema-rs where it is installed, jsonschema elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from lintkit.schema.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_DASH_BEHIND_CLASS = re.compile(r"(\\[dDwWsS])-(?=[^\]])")
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True, slots=True)
class SchemaError:
    """One way in which a value breaks a schema.

    Attributes:
        path: Where the value stands.
        keyword: The word of JSON Schema that it breaks: `type`, `required`, `additionalProperties` ...
        details: What the word says: `property`, `unexpected`, `options`, `limit`, `pattern`, `format`, `types`.
        schema: The part of the schema that has the word.
        branches: For `oneOf` and `anyOf`: the errors of each branch.
    """

    path: tuple[str | int, ...]
    keyword: str
    details: dict[str, Any]
    schema: dict[str, Any]
    branches: tuple[tuple[SchemaError, ...], ...] = field(default=())


class Validator(Protocol):
    """A compiled schema."""

    def is_valid(self, value: object) -> bool:
        """Whether a plain value fits."""

    def errors(self, value: object) -> Iterator[SchemaError]:
        """Every way in which it does not."""


def compiled(schema: dict[str, Any]) -> Validator:
    """Compile a schema whose references all stay inside of it.

    The formats of `lintkit.schema.formats` are checked. A pattern that the validator cannot read is left out.

    Raises:
        ValueError: It is no JSON Schema.
    """
    try:
        import jsonschema_rs  # noqa: F401, PLC0415 - loaded where something is validated
    except ImportError:
        return _Portable(schema)
    return _Fast(schema)


class _Fast:
    def __init__(self, schema: dict[str, Any]) -> None:
        import jsonschema_rs  # noqa: PLC0415 - as above

        def prepared(candidate: dict[str, Any]) -> Any:  # noqa: ANN401 - a class of jsonschema-rs
            return jsonschema_rs.validator_for(candidate, formats=dict(FORMATS), validate_formats=True, offline=True)

        def is_readable(pattern: str) -> bool:
            try:
                jsonschema_rs.validator_for({"pattern": pattern})
            except ValueError:
                return False
            return True

        self.schema = schema if "$schema" in schema else {"$schema": _DIALECT, **schema}
        try:
            self._validator: Any = prepared(self.schema)
        except ValueError:
            self.schema = with_readable_patterns(self.schema, is_readable)
            self._validator = prepared(self.schema)

    def is_valid(self, value: object) -> bool:
        return bool(self._validator.is_valid(value))

    def errors(self, value: object) -> Iterator[SchemaError]:
        for error in self._validator.iter_errors(value):
            yield self._error(error)

    def _error(self, error: Any) -> SchemaError:  # noqa: ANN401 - an error of jsonschema-rs
        kind = error.kind
        keyword = kind.name
        details: dict[str, Any] = {}
        branches: tuple[tuple[SchemaError, ...], ...] = ()
        if keyword in {"oneOf", "anyOf"}:
            branches = tuple(tuple(self._error(inner) for inner in branch) for branch in kind.context)
        elif keyword == "propertyNames":
            inner = kind.error
            details = {"name": inner.instance, "inner": self._error(inner)}
        else:
            details = kind.as_dict()
        path = error.schema_path
        steps = path if keyword == "falseSchema" else path[: _index(path, keyword)]
        return SchemaError(tuple(error.instance_path), keyword, details, _at(self.schema, steps), branches)


def with_readable_patterns(schema: Any, is_readable: Callable[[str], bool]) -> Any:  # noqa: ANN401 - any JSON value
    r"""A schema without the patterns that a validator cannot read; Go takes `[\d-_]`, where others want `[\d\-_]`."""
    if isinstance(schema, list):
        return [with_readable_patterns(element, is_readable) for element in schema]
    if not isinstance(schema, dict):
        return schema
    found: dict[str, Any] = {}
    is_open = False
    for word, value in schema.items():
        if word == "pattern" and isinstance(value, str):
            pattern = _readable(value, is_readable)
            if pattern is not None:
                found[word] = pattern
        elif word == "patternProperties" and isinstance(value, dict):
            named = {_readable(key, is_readable): child for key, child in value.items()}
            is_open = None in named
            found[word] = {
                key: with_readable_patterns(child, is_readable) for key, child in named.items() if key is not None
            }
        elif word in {"properties", "$defs", "definitions"} and isinstance(value, dict):
            found[word] = {
                # jsonschema does not say where a field that may not be there is
                name: {"not": {}} if child is False else with_readable_patterns(child, is_readable)
                for name, child in value.items()
            }
        else:
            found[word] = with_readable_patterns(value, is_readable)
    if is_open:
        found.pop("additionalProperties", None)
        found.pop("unevaluatedProperties", None)
    return found


def _readable(pattern: str, is_readable: Callable[[str], bool]) -> str | None:
    """A pattern as the validator reads it, or None."""
    if is_readable(pattern):
        return pattern
    rewritten = _DASH_BEHIND_CLASS.sub(r"\1\\-", pattern)
    return rewritten if is_readable(rewritten) else None


def _is_readable(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def _index(path: list[str | int], keyword: str) -> int:
    """Where the last word of a schema path stands: what is before it leads to the schema that has the word."""
    for index in range(len(path) - 1, -1, -1):
        if path[index] == keyword:
            return index
    return len(path) - 1


def _at(schema: Any, steps: Iterable[str | int]) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    for step in steps:
        try:
            # jsonschema-rs takes every number in a path for an index
            schema = schema[str(step) if isinstance(schema, dict) else step]
        except (KeyError, IndexError, TypeError):
            return {}
    return schema if isinstance(schema, dict) else {}


class _Portable:
    def __init__(self, schema: dict[str, Any]) -> None:
        import jsonschema  # noqa: PLC0415 - loaded where something is validated

        schema = with_readable_patterns(schema, _is_readable)
        cls = jsonschema.validators.validator_for(schema, jsonschema.Draft202012Validator)
        checker = jsonschema.FormatChecker(formats=())
        for name, check in FORMATS.items():
            checker.checks(name)(check)
        self._validator: Any = cls(schema, format_checker=checker)

    def is_valid(self, value: object) -> bool:
        return bool(self._validator.is_valid(value))

    def errors(self, value: object) -> Iterator[SchemaError]:
        for error in self._validator.iter_errors(value):
            yield from self._errors(error)

    def _errors(self, error: Any) -> Iterator[SchemaError]:  # noqa: ANN401 - an error of jsonschema
        is_false = error.validator is None or (error.validator == "not" and error.validator_value == {})
        keyword = "falseSchema" if is_false else str(error.validator)
        schema = error.schema if isinstance(error.schema, dict) else {}
        path = tuple(error.absolute_path)
        expected, instance = error.validator_value, error.instance
        if keyword in {"oneOf", "anyOf"}:
            grouped: list[list[SchemaError]] = [[] for _ in expected]
            for inner in error.context:
                grouped[inner.schema_path[0]] += self._errors(inner)
            branches = tuple(tuple(branch) for branch in grouped)
            yield SchemaError(path, keyword, {}, schema, branches)
            return
        if keyword == "propertyNames" or (error.parent is None and "propertyNames" in error.schema_path):
            inner = SchemaError(path, keyword, _details(keyword, expected, instance, schema, error), schema)
            yield SchemaError(path, "propertyNames", {"name": instance, "inner": inner}, schema)
            return
        if keyword == "dependentRequired":
            for name, needed in expected.items():
                for missing in needed:
                    if name in instance and missing not in instance:
                        yield SchemaError(path, "required", {"property": missing}, schema)
            return
        yield SchemaError(path, keyword, _details(keyword, expected, instance, schema, error), schema)


def _details(keyword: str, expected: Any, instance: Any, schema: dict[str, Any], error: Any) -> dict[str, Any]:  # noqa: ANN401
    if keyword == "required":
        found = re.match(r"'(.+?)' is a required", error.message)
        return {"property": found[1] if found else ""}
    if keyword in {"additionalProperties", "unevaluatedProperties"}:
        patterns = schema.get("patternProperties", {})
        if keyword == "unevaluatedProperties":
            return {"unexpected": re.findall(r"'([^']+)'", error.message.rpartition("(")[2])}
        unexpected = [
            name
            for name in instance
            if name not in schema.get("properties", {}) and not any(re.search(one, name) for one in patterns)
        ]
        return {"unexpected": unexpected}
    if keyword == "enum":
        return {"options": expected}
    if keyword == "const":
        return {"expected_value": expected}
    if keyword == "type":
        return {"types": expected if isinstance(expected, list) else [expected]}
    if keyword in {"pattern", "format"}:
        return {keyword: expected}
    return {"limit": expected}
