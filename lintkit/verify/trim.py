"""Objects and texts without what must not leave the process: values of Secrets, passwords, and what nobody asks for."""

from __future__ import annotations

import re
from typing import Any

REDACTED = "<redacted>"
_USER_INFO = re.compile(r"(?P<begin>[A-Za-z][\w+.-]*://)[^\s/@\"']+@")
_WORD = "(?:password|passwd|pwd|token|secret|api[_-]?key|access[_-]?key|private[_-]?key)"
_PAIR = re.compile(  # `SECRET_KEY_2=x`; before a colon the word ends the name: `SecretSyncedError: ...` is no pair
    rf"(?i)(?P<name>\b[\w.-]*{_WORD}(?:[\w.-]*[\"']?\s*=\s*|[\"']?\s*:(?!/)\s*))"
    r"(?P<value>\"[^\"]*\"|'[^']*'|[^\s,;&\"'}]+)"
)
_BEARER = re.compile(r"(?i)\b(?P<name>bearer|basic)\s+[\w.~+/=-]{8,}")
_SENSITIVE = re.compile(r"(?i)(?:password|passwd|token|api_?key|secret_?(?:access_?)?key|private_?key|credentials?)$")
_NOT_ASKED = frozenset({"managedFields", "selfLink"})
_KEYS_ONLY = frozenset({"data", "stringData", "binaryData"})
_GIVEN = frozenset({"values", "substitute", "secureJsonData"})
"""What a person gave: of these the names stay."""
_LONG = 4000


def trimmed(item: dict[str, Any], kind: str) -> dict[str, Any]:
    """An object of the API server, ready to be kept, shown and recorded.

    Of Secrets and ConfigMaps only the keys stay; environment variables, arguments and Helm values lose their values.
    """
    made: dict[str, Any] = {"kind": kind}  # the items of a list have none of their own
    for key, value in item.items():
        if kind in {"Secret", "ConfigMap"} and key in _KEYS_ONLY:
            made[key] = dict.fromkeys(value or (), "")
        else:
            made[key] = _walked(key, value)
    notes = (made.get("metadata") or {}).get("annotations")
    if notes and kind in {"Secret", "ConfigMap"}:
        made["metadata"]["annotations"] = dict.fromkeys(notes, "")  # some tools keep a copy of the values there
    return made


def _walked(key: str, value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        if key in _GIVEN:
            return dict.fromkeys(value, "")
        return {
            name: _walked(name, inner)
            for name, inner in value.items()
            if name not in _NOT_ASKED and not (key == "annotations" and "applied" in name)
        }
    if isinstance(value, list):
        if key in {"args", "command"}:
            return []
        if key == "env":
            return [{name: one for name, one in entry.items() if name != "value"} for entry in value if entry]
        return [_walked(key, inner) for inner in value]
    if isinstance(value, str):
        if _SENSITIVE.search(key):
            return REDACTED
        return clean(value) if "://" in value or key in {"message", "reason"} else value[:_LONG]
    return value


def clean(text: str) -> str:
    """A text without user names and passwords in URLs, and without what stands behind `password=` and the like."""
    return clean_all(text[:_LONG])


def clean_all(text: str) -> str:
    """The same for a text of any length."""
    text = _USER_INFO.sub(lambda found: f"{found['begin']}{REDACTED}@", text)
    text = _PAIR.sub(_without_value, text)
    return _BEARER.sub(lambda found: f"{found['name']} {REDACTED}", text)


def _without_value(found: re.Match[str]) -> str:
    quote = found["value"][:1] if found["value"][:1] in "\"'" else ""
    return f"{found['name']}{quote}{REDACTED}{quote}"


def line(text: str, limit: int = 300) -> str:
    """A text as one line that can be shown: printable, clean, and not too long."""
    words = " ".join("".join(one if one.isprintable() else " " for one in clean(text)).split())
    return words if len(words) <= limit else f"{words[: limit - 1]}…"
