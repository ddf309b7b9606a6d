"""Plain values as block YAML, in lintkit's own style: two spaces, lists indented, no quotes that are not needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lintkit.syntax.plain import flux_value, kubectl_value
from lintkit.syntax.rewrite import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_AS_TEXT = frozenset("#&*!|>'\"%@`{}[]")


def emit(value: Mapping[str, Any], indent: int = 0, order: Sequence[str] = ()) -> str:
    """A mapping as lines that end with a line break.

    Args:
        value: str, int, float, bool, None, list and dict.
        indent: Columns before the keys.
        order: Keys in the order they are written in; the others by the alphabet.
    """
    ranks = {key: float(rank) for rank, key in enumerate(order)}
    keys = sorted(value, key=lambda key: (ranks.get(key, _between(key, order)), key))
    return "".join(_entry(key, value[key], indent) for key in keys)


def scalar(value: object) -> str:
    """A scalar on one line."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    text = str(value)
    if _is_plain(text):
        return text
    return quoted(text)


def _is_plain(text: str) -> bool:
    """Whether a text with `: ` free colons and hashes reads as itself without quotes."""
    if not text or text != text.strip() or not text.isprintable() or text[0] in _AS_TEXT or text[0] == ",":
        return False
    if text[0] in "-?:" and (text[1:2] in {"", " "} or text.startswith("---")):
        return False
    if ": " in text or " #" in text or "{{" in text or text.endswith(":"):
        return False
    return flux_value(text) == text and kubectl_value(text) == text


def _between(key: str, order: Sequence[str]) -> float:
    """Where a key goes that the order does not name: behind the last one that the alphabet has before it."""
    if tuple(order[:1]) in {("name",), ("apiVersion",)}:
        return len(order)
    return max((rank for rank, known in enumerate(order) if known < key), default=-1) + 0.5


def _entry(key: str, value: object, indent: int) -> str:
    lead = " " * indent
    name = scalar(key)
    if isinstance(value, dict):
        order = ("name", "namespace") if key in {"metadata", "target"} else ()
        return f"{lead}{name}:\n{emit(value, indent + 2, order)}" if value else f"{lead}{name}: {{}}\n"
    if isinstance(value, list):
        if not value:
            return f"{lead}{name}: []\n"
        return f"{lead}{name}:\n" + "".join(_item(one, indent + 2) for one in value)
    if isinstance(value, str) and "\n" in value:
        body = "".join(f"{lead}  {line}\n" if line else "\n" for line in value.rstrip("\n").split("\n"))
        return f"{lead}{name}: |{'' if value.endswith(chr(10)) else '-'}\n{body}"
    return f"{lead}{name}: {scalar(value)}\n"


def _item(value: object, indent: int) -> str:
    lead = " " * indent
    if isinstance(value, dict) and value:
        order = () if "kind" in value else ("name", "secretKey")
        return f"{lead}- {emit(value, indent + 2, order).lstrip(' ')}"
    if isinstance(value, list | dict):
        return f"{lead}- {'{}' if isinstance(value, dict) else '[]'}\n"
    return f"{lead}- {scalar(value)}\n"
