"""Sizes, conversions, times, optional values: what every CEL has."""

from __future__ import annotations

import re
from math import isfinite
from typing import TYPE_CHECKING

from lintkit.cel.errors import EvaluationError
from lintkit.cel.functions._declare import Function, function
from lintkit.cel.times import SECOND, Duration, Timestamp, duration, timestamp
from lintkit.cel.values import Optional, TypeName, Value, kind_of, whole

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

_BOOLS = {
    **dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "F", "false", "FALSE", "False"), False),
}
_INTEGER = re.compile(r"[+-]?[0-9]{1,20}", re.ASCII)
_DOUBLE = re.compile(
    r"[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|inf|Inf|infinity|Infinity)|NaN|nan", re.ASCII
)


def to_text(value: Value) -> str:
    """A value as `string(value)` writes it.

    Raises:
        EvaluationError: It is a list, a map or the like.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            message = "the bytes are not valid UTF-8"
            raise EvaluationError(message) from None
    if isinstance(value, int | Timestamp | Duration) or kind_of(value) in {"ip", "cidr"}:
        return str(value)
    message = f"a {kind_of(value)} has no text"
    raise EvaluationError(message)


def _float_text(value: float) -> str:
    if not isfinite(value):
        return "NaN" if value != value else "+Inf" if value > 0 else "-Inf"  # noqa: PLR0124 - not a number
    text = repr(value)
    return text.removesuffix(".0")


def _bool(text: str) -> bool:
    if text in _BOOLS:
        return _BOOLS[text]
    message = f"`{text[:60]}` is neither true nor false"
    raise EvaluationError(message)


def _number(text: str, kind: str) -> int:
    if not _INTEGER.fullmatch(text) or (kind == "uint" and text[0] in "+-"):
        message = f"`{text[:60]}` is no whole number"
        raise EvaluationError(message)
    return whole(int(text), kind)


def _truncated(value: float, kind: str) -> int:
    if not isfinite(value):
        message = "integer overflow"
        raise EvaluationError(message)
    return whole(int(value), kind)


def _double(text: str) -> float:
    if not _DOUBLE.fullmatch(text):
        message = f"`{text[:60]}` is no number"
        raise EvaluationError(message)
    return float(text)


def _same(value: Value) -> Value:
    return value


def _type(value: Value) -> TypeName:
    return TypeName(kind_of(value))


def _or(one: Optional, other: Optional) -> Optional:
    return one if one.present else other


def _or_value(one: Optional, other: Value) -> Value:
    return one.present[0] if one.present else other


def _value(one: Optional) -> Value:
    if one.present:
        return one.present[0]
    message = "the optional value is absent"
    raise EvaluationError(message)


def _of_non_zero(value: Value) -> Optional:
    return Optional(value) if value not in (None, False, 0, "", b"", [], {}) else Optional()


_PARTS: dict[str, Callable[[datetime], int]] = {
    "getFullYear": lambda at: at.year,
    "getMonth": lambda at: at.month - 1,
    "getDate": lambda at: at.day,
    "getDayOfMonth": lambda at: at.day - 1,
    "getDayOfWeek": lambda at: at.isoweekday() % 7,
    "getDayOfYear": lambda at: at.timetuple().tm_yday - 1,
    "getHours": lambda at: at.hour,
    "getMinutes": lambda at: at.minute,
    "getSeconds": lambda at: at.second,
}
_UNITS = {"getHours": "h", "getMinutes": "m", "getSeconds": "s"}


def _clock(part: Callable[[datetime], int]) -> Callable[..., int]:
    def run(moment: Timestamp, zone: str = "UTC") -> int:
        return part(moment.at(zone))

    return run


def _length(unit: str) -> Callable[[Duration], int]:
    def run(span: Duration) -> int:
        return span.units(unit)

    return run


def _millis(value: Timestamp | Duration, _: str = "") -> int:
    if isinstance(value, Duration):
        return value.units("ms")
    return value.nanos % SECOND // 1_000_000


def _timestamp_of(seconds: int) -> Timestamp:
    return Timestamp(seconds * SECOND)


def _size(kind: str) -> tuple[Function, Function]:
    return function(f"size({kind})", len), function(f"{kind} . size()", len)


FUNCTIONS = (
    *(one for kind in ("string", "bytes", "list", "map") for one in _size(kind)),
    function("type(dyn)", _type),
    function("dyn(dyn)", _same),
    function("bool(bool)", _same),
    function("bool(string)", _bool),
    function("int(int)", _same),
    function("int(uint)", lambda value: whole(int(value), "int")),
    function("int(double)", lambda value: _truncated(value, "int")),
    function("int(string)", lambda text: _number(text, "int")),
    function("int(timestamp)", lambda moment: moment.nanos // SECOND),
    function("uint(uint)", _same),
    function("uint(int)", lambda value: whole(value, "uint")),
    function("uint(double)", lambda value: _truncated(value, "uint")),
    function("uint(string)", lambda text: _number(text, "uint")),
    function("double(double)", _same),
    function("double(int)", float),
    function("double(uint)", float),
    function("double(string)", _double),
    function("string(dyn)", to_text),
    function("bytes(bytes)", _same),
    function("bytes(string)", str.encode),
    function("duration(string)", duration),
    function("duration(duration)", _same),
    function("timestamp(string)", timestamp),
    function("timestamp(timestamp)", _same),
    function("timestamp(int)", _timestamp_of),
    *(
        function(f"timestamp . {name}({zone})", _clock(part))
        for name, part in _PARTS.items()
        for zone in ("", "string")
    ),
    *(function(f"duration . {name}()", _length(unit)) for name, unit in _UNITS.items()),
    function("duration . getMilliseconds()", _millis),
    function("timestamp . getMilliseconds()", _millis),
    function("timestamp . getMilliseconds(string)", _millis),
    function("optional.of(dyn)", Optional),
    function("optional.none()", Optional),
    function("optional.ofNonZeroValue(dyn)", _of_non_zero),
    function("optional . hasValue()", lambda one: bool(one.present)),
    function("optional . value()", _value),
    function("optional . or(optional)", _or),
    function("optional . orValue(dyn)", _or_value),
)
