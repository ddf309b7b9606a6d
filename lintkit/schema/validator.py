"""One face for JSON Schema validators: jsonschema-rs where it is installed, jsonschema elsewhere."""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

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

    Formats that the API server checks are checked: date-time, byte, ipv4, ipv6 and cidr.

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

        self.schema = schema if "$schema" in schema else {"$schema": _DIALECT, **schema}
        self._validator: Any = jsonschema_rs.validator_for(
            self.schema, formats=dict(FORMATS), validate_formats=True, offline=True
        )

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


def _index(path: list[str | int], keyword: str) -> int:
    """Where the last word of a schema path stands: what is before it leads to the schema that has the word."""
    for index in range(len(path) - 1, -1, -1):
        if path[index] == keyword:
            return index
    return len(path) - 1


def _at(schema: Any, steps: Iterable[str | int]) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    for step in steps:
        try:
            schema = schema[step]
        except (KeyError, IndexError, TypeError):
            return {}
    return schema if isinstance(schema, dict) else {}


class _Portable:
    def __init__(self, schema: dict[str, Any]) -> None:
        import jsonschema  # noqa: PLC0415 - loaded where something is validated

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
        keyword = str(error.validator) if error.validator is not None else "falseSchema"
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


def _is_date_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        moment = datetime.fromisoformat(value.replace("Z", "+00:00").replace("z", "+00:00"))
    except ValueError:
        return False
    return moment.tzinfo is not None


def _is_base64(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        b64decode("".join(value.split()), validate=True)
    except ValueError:
        return False
    return True


def _of(read: Callable[[str], object]) -> Callable[[object], bool]:
    def check(value: object) -> bool:
        if not isinstance(value, str):
            return True
        try:
            read(value)
        except ValueError:
            return False
        return True

    return check


FORMATS: dict[str, Callable[[object], bool]] = {
    "date-time": _is_date_time,
    "byte": _is_base64,
    "ipv4": _of(IPv4Address),
    "ipv6": _of(IPv6Address),
    "cidr": _of(lambda text: ip_network(text, strict=False)),
}
"""Format -> whether a value has it, as the API server checks it."""
