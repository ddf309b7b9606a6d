"""What a plain scalar means to the programs that read manifests.

Flux builds with kustomize, which reads YAML through go-yaml v3; `kubectl apply` and Helm read values files through
sigs.k8s.io/yaml, which is go-yaml v2. Neither is YAML 1.1 nor 1.2. Both columns were measured with kustomize 5.7.1,
Helm 3.22, sigs.k8s.io/yaml 1.6.0 and go.yaml.in/yaml v3.0.6.
"""

from __future__ import annotations

import re
from typing import TypeAlias

Value: TypeAlias = bool | int | float | str | None

_WORDS: dict[str, Value] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
    ".nan": float("nan"),
    ".NaN": float("nan"),
    ".NAN": float("nan"),
    **{sign + word: float(sign + "inf") for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")},
}
_BOOLS_OF_V2: dict[str, bool] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "off", "Off", "OFF"), False),
}
_NUMERIC_START = frozenset("+-.0123456789")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_INTEGER = re.compile(
    r"([-+]?)(?:0[xX](?P<hex>[0-9a-fA-F]+)|0[bB](?P<binary>[01]+)|0[oO]?(?P<octal>[0-7]+)|(?P<decimal>0|[1-9][0-9]*))"
)
_BASES = {"hex": 16, "binary": 2, "octal": 8, "decimal": 10}
_BETWEEN_DIGITS = re.compile(r"(?<=[0-9])_(?=[0-9])")
_DATE = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:([Tt ])(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?(Z|[-+]\d{2}:\d{2})?)?",
    re.ASCII,
)
_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MAX_INT = 2**63 - 1
_MAX_UNSIGNED = 2**64 - 1
_MIN_INT = -(2**63)
_MAX_DIGITS = 20


def flux_value(text: str) -> Value:
    """The value that kustomize, and so Flux, reads from a plain scalar (go-yaml v3)."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMERIC_START:
        return text
    date = timestamp(text)
    if date is not None:
        return date
    return number(text)


def kubectl_value(text: str) -> Value:
    """The value that `kubectl apply` and a Helm values file get from a plain scalar (go-yaml v2)."""
    if text in _BOOLS_OF_V2:
        return _BOOLS_OF_V2[text]
    if text in _WORDS:
        return _WORDS[text]
    return number(text) if text[0] in _NUMERIC_START else text


def timestamp(text: str) -> str | None:
    """How kustomize writes a plain date back, or None when it is no date: `2024-01-15` -> `2024-01-15T00:00:00Z`."""
    if len(text) < 8 or text[4] != "-":
        return None
    found = _DATE.fullmatch(text)
    if not found:
        return None
    year, month, day, mark, hour, minute, second, fraction, zone = found.groups()
    if mark and (mark == " ") == bool(zone):
        return None
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= _days(int(year), int(month))):
        return None
    if not (int(hour or 0) < 24 and int(minute or 0) < 60 and int(second or 0) < 60):
        return None
    if not zone or zone[1:] == "00:00":
        zone = "Z"
    elif zone != "Z" and (int(zone[1:3]) >= 24 or int(zone[4:]) >= 60):
        return None
    fraction = (fraction or "")[:9].rstrip("0")
    return (
        f"{year}-{int(month):02}-{int(day):02}T{int(hour or 0):02}:{int(minute or 0):02}:{int(second or 0):02}"
        f"{'.' if fraction else ''}{fraction}{zone}"
    )


def _days(year: int, month: int) -> int:
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == 2 and is_leap else _MONTHS[month - 1]


def number(text: str) -> Value:
    """A number as both go-yaml versions read it, else the text itself."""
    plain = text
    if "_" in text:
        plain = _BETWEEN_DIGITS.sub("", text) if text[0] == "." else text.replace("_", "")
    integer = _integer(plain)
    if integer is not None:
        return integer
    if _FLOAT.fullmatch(plain):
        value = float(plain)
        return text if value in (float("inf"), float("-inf")) else value
    return text


def _integer(text: str) -> int | None:
    """A whole number that 64 bits can hold; a larger one is a float to Go, when it is decimal."""
    found = _INTEGER.fullmatch(text)
    if not found:
        return None
    kind = found.lastgroup or ""
    if kind == "decimal" and len(found[kind]) > _MAX_DIGITS:
        return None
    value = int(found[kind], _BASES[kind])
    if found[1] == "-":
        return -value if -value >= _MIN_INT else None
    return value if value <= (_MAX_INT if found[1] else _MAX_UNSIGNED) else None
