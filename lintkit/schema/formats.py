"""Formats of text, as the API server checks them."""

from __future__ import annotations

import re
from base64 import b64decode
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MONTH_NUMBERS = {name: number for number, name in enumerate(_MONTHS, 1)}
_DAY_NUMBERS = {name: number for number, name in enumerate(_DAYS)}
_CRON_FIELDS: tuple[tuple[int, int, dict[str, int]], ...] = (
    (0, 59, {}), (0, 23, {}), (1, 31, {}), (1, 12, _MONTH_NUMBERS), (0, 6, _DAY_NUMBERS),
)  # fmt: skip
_CRON_WORDS = frozenset({"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"})
_EVERY = re.compile(r"^@every ([0-9]+(\.[0-9]*)?(ns|us|µs|ms|s|m|h))+$")
_TIME_ZONE = re.compile(r"^(CRON_)?TZ=\S+ +")


def is_date_time(text: str) -> bool:
    """RFC 3339: a date, a time and a time zone."""
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00").replace("z", "+00:00"))
    except ValueError:
        return False
    return moment.tzinfo is not None


def is_base64(text: str) -> bool:
    """Standard base64 with padding; Go reads over line breaks."""
    try:
        b64decode(text.replace("\n", "").replace("\r", ""), validate=True)
    except ValueError:
        return False
    return True


def is_cidr(text: str) -> bool:
    """An address, `/`, and the length of its prefix; bits behind it may be set."""
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return text.rpartition("/")[2].isdecimal() and "/" in text


def is_cron(text: str) -> bool:
    """A schedule as a CronJob takes it: five fields, or a word such as `@daily`."""
    schedule = _TIME_ZONE.sub("", text).strip()
    if schedule.startswith("@"):
        return schedule in _CRON_WORDS or _EVERY.match(schedule) is not None
    fields = schedule.split()
    if len(fields) != len(_CRON_FIELDS):
        return False
    return all(
        _is_cron_range(part, *limits)
        for one, limits in zip(fields, _CRON_FIELDS, strict=True)
        for part in one.split(",")
        if part
    )


def _is_cron_range(text: str, low: int, high: int, names: dict[str, int]) -> bool:
    """`*`, `?`, `5`, `1-5`, `mon-fri`, each with `/2` behind it or not."""
    span, slash, step = text.partition("/")
    if slash and not (step.isdecimal() and int(step) > 0):
        return False
    begin, dash, end = span.partition("-")
    if begin in {"*", "?"}:
        return True
    first = _cron_number(begin, names)
    last = _cron_number(end, names) if dash else first
    return first is not None and last is not None and low <= first <= last <= high


def _cron_number(text: str, names: dict[str, int]) -> int | None:
    return int(text) if text.isdecimal() else names.get(text.lower())


def _read_by(read: Callable[[str], object]) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        try:
            read(text)
        except ValueError:
            return False
        return True

    return check


def _of_text(check: Callable[[str], bool]) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or check(value)


FORMATS: dict[str, Callable[[object], bool]] = {
    "date-time": _of_text(is_date_time),
    "byte": _of_text(is_base64),
    "ipv4": _of_text(_read_by(IPv4Address)),
    "ipv6": _of_text(_read_by(IPv6Address)),
    "cidr": _of_text(is_cidr),
    "cron": _of_text(is_cron),
}
"""Format -> whether a value has it; what is no text has every format."""
