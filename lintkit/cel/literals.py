"""Literals: the text of a token -> its value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lintkit.cel.errors import EvaluationError
from lintkit.cel.values import Value, whole

if TYPE_CHECKING:
    from collections.abc import Callable

_ESCAPE = re.compile(
    r"\\(?:([abfnrtv\"'`\\?])|([0-3][0-7]{2})|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.?))", re.DOTALL
)
_PLAIN = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_MAX_RUNE, _SURROGATES = 0x10FFFF, range(0xD800, 0xE000)


def literal(kind: str, text: str) -> Value:
    """The value of a literal.

    Args:
        kind: The type of its token.
        text: As it is written.

    Raises:
        EvaluationError: It is out of bounds, or an escape is unknown.
    """
    if kind == "BYTES_LIT":
        return _bytes(text[1:])
    return _READ[kind](text)


def _string(text: str) -> str:
    is_raw, body = _unquoted(text)
    return body if is_raw else _ESCAPE.sub(lambda found: chr(_code(found)), body)


def _bytes(text: str) -> bytes:
    is_raw, body = _unquoted(text)
    if is_raw:
        return body.encode()
    made, at = b"", 0
    for found in _ESCAPE.finditer(body):
        code = _code(found)
        made += body[at : found.start()].encode()
        made += bytes([code]) if found[2] or found[3] else chr(code).encode()
        at = found.end()
    return made + body[at:].encode()


def _unquoted(text: str) -> tuple[bool, str]:
    is_raw = text[0] in "rR"
    text = text[1:] if is_raw else text
    width = 3 if text[:3] in {'"""', "'''"} else 1
    return is_raw, text[width:-width]


def _code(found: re.Match[str]) -> int:
    if found[1]:
        return ord(_PLAIN.get(found[1], found[1]))
    digits = found[3] or found[4] or found[5]
    code = int(found[2], 8) if found[2] else int(digits, 16) if digits else -1
    if not 0 <= code <= _MAX_RUNE or code in _SURROGATES:
        message = f"`{found[0]}` is no escape"
        raise EvaluationError(message)
    return code


def _int(text: str) -> int:
    return whole(int(text, 16 if "x" in text else 10), "int")


def _uint(text: str) -> int:
    text = text.rstrip("uU")
    return whole(int(text, 16 if "x" in text else 10), "uint")


_READ: dict[str, Callable[[str], Value]] = {
    "INT_LIT": _int,
    "UINT_LIT": _uint,
    "FLOAT_LIT": float,
    "STRING_LIT": _string,
    "MLSTRING_LIT": _string,
    "BOOL_LIT": lambda text: text == "true",
    "NULL_LIT": lambda _: None,
}
