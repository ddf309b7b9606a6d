"""Timestamps and durations, to the nanosecond."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import total_ordering
from zoneinfo import ZoneInfo

from lintkit.cel.errors import EvaluationError

SECOND = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = -62135596800 * SECOND, 253402300800 * SECOND - 1
_LONGEST = 315576000000 * SECOND
_MAX_NANOS = 2**63 - 1
_PART = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|h|m|s)")
_UNITS = {
    "ns": 1, "us": 1_000, "µs": 1_000, "μs": 1_000, "ms": 1_000_000, "s": SECOND, "m": 60 * SECOND, "h": 3600 * SECOND,
}  # fmt: skip
_STAMP = re.compile(
    r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:[.,](\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)",
    re.ASCII,
)
_OFFSET = re.compile(r"([+-]?)(\d\d):(\d\d)", re.ASCII)


@total_ordering
class Duration:
    """A span of time.

    Args:
        nanos: Its length in nanoseconds.

    Raises:
        EvaluationError: It is longer than 64 bits can hold.
    """

    __slots__ = ("nanos",)
    kind = "duration"

    def __init__(self, nanos: int) -> None:
        if abs(nanos) > min(_LONGEST, _MAX_NANOS):
            message = "duration out of range"
            raise EvaluationError(message)
        self.nanos = nanos

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Duration) and self.nanos == other.nanos

    def __lt__(self, other: Duration) -> bool:
        return self.nanos < other.nanos

    def __hash__(self) -> int:
        return hash(self.nanos)

    def __str__(self) -> str:
        return f"{_decimal(self.nanos)}s"

    def units(self, unit: str) -> int:
        """Whole units (`h`, `m`, `s`, `ms`) in it, towards zero."""
        count = abs(self.nanos) // _UNITS[unit]
        return count if self.nanos >= 0 else -count


@total_ordering
class Timestamp:
    """A moment.

    Args:
        nanos: Nanoseconds since 1970 in UTC.

    Raises:
        EvaluationError: Its year is not one of 1 to 9999.
    """

    __slots__ = ("nanos",)
    kind = "timestamp"

    def __init__(self, nanos: int) -> None:
        if not _FIRST <= nanos <= _LAST:
            message = "timestamp out of range"
            raise EvaluationError(message)
        self.nanos = nanos

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Timestamp) and self.nanos == other.nanos

    def __lt__(self, other: Timestamp) -> bool:
        return self.nanos < other.nanos

    def __hash__(self) -> int:
        return hash(self.nanos)

    def __str__(self) -> str:
        fraction = f"{self.nanos % SECOND:09}".rstrip("0")
        return f"{self.at('UTC'):%Y-%m-%dT%H:%M:%S}{'.' if fraction else ''}{fraction}Z".rjust(20, "0")

    def at(self, zone: str) -> datetime:
        """The same moment on the clocks of a time zone, without what is below a second."""
        try:
            return (_EPOCH + timedelta(seconds=self.nanos // SECOND)).astimezone(_zone(zone))
        except OverflowError:
            message = "timestamp out of range"
            raise EvaluationError(message) from None


def duration(text: str) -> Duration:
    """A Go duration: `1h30m`, `-1.5s`, `0`.

    Raises:
        EvaluationError: It is none.
    """
    body = text[1:] if text[:1] in {"+", "-"} else text
    total, at = 0, 0
    for part in _PART.finditer(body):
        if part.start() != at:
            break
        digits, _, fraction = part[1].partition(".")
        unit = _UNITS[part[2]]
        total += int(digits or 0) * unit + (int(fraction[:18]) * unit // 10 ** len(fraction[:18]) if fraction else 0)
        at = part.end()
    if body != "0" and (not at or at != len(body)):
        message = f"`{_short(text)}` is no duration; expected one such as `1h30m`"
        raise EvaluationError(message)
    return Duration(-total if text.startswith("-") else total)


def timestamp(text: str) -> Timestamp:
    """A moment written as RFC 3339: `2024-01-15T10:00:00Z`.

    Raises:
        EvaluationError: It is none.
    """
    found = _STAMP.fullmatch(text)
    try:
        if found:
            moment = datetime.fromisoformat(f"{found[1]}T{found[2]}{found[4].replace('Z', '+00:00')}")
            seconds = (moment - _EPOCH) // timedelta(seconds=1)
            return Timestamp(seconds * SECOND + int((found[3] or "").ljust(9, "0")))
    except (ValueError, OverflowError):
        pass
    message = f"`{_short(text)}` is no timestamp; expected one such as `2024-01-15T10:00:00Z`"
    raise EvaluationError(message)


def _zone(name: str) -> tzinfo:
    found = _OFFSET.fullmatch(name)
    if found:
        minutes = int(found[2]) * 60 + int(found[3])
        return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        message = f"`{_short(name)}` is no time zone"
        raise EvaluationError(message) from None


def _decimal(nanos: int) -> str:
    """Nanoseconds as seconds, without needless zeros."""
    whole, rest = divmod(abs(nanos), SECOND)
    fraction = f".{rest:09}".rstrip("0") if rest else ""
    return f"{'-' if nanos < 0 else ''}{whole}{fraction}"


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:60] + "…"
