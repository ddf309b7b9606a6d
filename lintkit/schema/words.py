"""What schemas say, in words: types, patterns, limits."""

from __future__ import annotations

from lintkit.schema.patterns import WORDS

_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}
_FORMATS = {
    "date-time": "a time such as `2026-01-31T12:00:00Z`",
    "byte": "base64",
    "ipv4": "an IPv4 address",
    "ipv6": "an IPv6 address",
    "cidr": "an address range such as `10.0.0.0/8`",
    "cron": "a schedule of five fields such as `0 3 * * 1`, or one such as `@daily`",
}
_MOST = 8
_ALL_MODES = 0o777


def type_of(value: object) -> str:
    """What a value is, in words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int):
        return "a whole number"
    if isinstance(value, float):
        return "a number"
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, list) else "a mapping"


def types(names: list[str]) -> str:
    """What is expected, in words: `text or a whole number`."""
    words = list(dict.fromkeys(_TYPES.get(name, name) for name in names if name != "null"))
    return any_of(words) if words else "nothing"


def any_of(words: list[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} or {words[-1]}"


def options(values: list[object]) -> str:
    """The values that are allowed, the first few of many."""
    words = [f"`{value}`" for value in values if value is not None and value != ""]
    if len(words) > _MOST:
        return f"{', '.join(words[:_MOST])} or one of {len(words) - _MOST} more"
    return any_of(words)


def pattern(text: str) -> str:
    """What a pattern asks for."""
    return WORDS.get(text, f"what `{text}` matches")


def format_name(name: str) -> str:
    """What a format asks for."""
    return _FORMATS.get(name, f"the format {name}")


def limit(keyword: str, value: object) -> str:
    """What a limit asks for."""
    text = f"{value:g}" if isinstance(value, float) else str(value)
    plural = "" if value == 1 else "s"
    if keyword == "maximum" and value == _ALL_MODES:
        return f"{text} or less, which is `0777`"
    return {
        "minimum": f"{text} or more",
        "maximum": f"{text} or less",
        "exclusiveMinimum": f"more than {text}",
        "exclusiveMaximum": f"less than {text}",
        "multipleOf": f"a multiple of {text}",
        "minLength": "text that is not empty" if value == 1 else f"{text} character{plural} or more",
        "maxLength": f"{text} character{plural} or fewer",
        "minItems": f"{text} element{plural} or more",
        "maxItems": f"{text} element{plural} or fewer",
        "minProperties": f"{text} field{plural} or more",
        "maxProperties": f"{text} field{plural} or fewer",
    }.get(keyword, f"{keyword} {text}")
