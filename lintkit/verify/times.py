"""Times and durations as Kubernetes writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|us|µs|ns|h|m|s)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_FRACTION = re.compile(r"\.(\d{1,6})\d*")


def parse_duration(text: str) -> timedelta:
    """`1h30m` as a timedelta; 0 for text that is none."""
    return timedelta(seconds=sum(float(count) * _SECONDS[unit] for count, unit in _PART.findall(text)))


def parse_time(text: object) -> datetime | None:
    """A time of RFC 3339; None for anything else."""
    if not isinstance(text, str):
        return None
    try:
        found = datetime.fromisoformat(_FRACTION.sub(lambda part: f".{part[1]:0<6}", text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def shown(length: timedelta) -> str:
    """A length of time, in its largest unit."""
    seconds = max(0, int(length.total_seconds()))
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def ago(then: datetime, now: datetime) -> str:
    """How long ago a time was."""
    return f"{shown(now - then)} ago"
