"""Text -> parse tree. The one module that imports cel-python; nothing imports it before an expression must run.

cel-python's grammar has no optional syntax (`a.?b`, `a[?b]`, `[?a]`, `{?k: v}`), which Kubernetes has. A question mark
that follows one of `. [ { ,` can mean nothing else, so it is taken out of the text and its place is kept.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from lintkit.cel.errors import ExpressionError

if TYPE_CHECKING:
    from lark import Tree

MAX_CHARACTERS = 10_000
MISSING = "custom rules need the package `cel-python`: pip install cel-python"
_TOKEN = re.compile(
    r"""(?P<skip>[\s]+|//[^\n]*)
      | (?P<text>[bB]?[rR]?(?:\"\"\"(?:\\.|.)*?\"\"\"|'''(?:\\.|.)*?'''|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'))
      | (?P<word>[A-Za-z_]\w*)
      | (?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)


class Parsed(NamedTuple):
    """An expression that was read.

    Attributes:
        tree: cel-python's parse tree; its nodes know their offsets in the text.
        text: The text, with a blank for each mark of the optional syntax.
        marks: Offsets of those marks.
    """

    tree: Tree[Any]
    text: str
    marks: frozenset[int]

    def is_optional(self, start: int, end: int) -> bool:
        """Whether a mark stands in a span."""
        return any(start <= mark < end for mark in self.marks)


def parse(text: str) -> Parsed:
    """Read an expression.

    Raises:
        ExpressionError: It is too long, or its syntax is wrong.
        ImportError: cel-python is not installed.
    """
    from celpy.celparser import CELParseError, CELParser  # noqa: PLC0415 - slow, and few runs need it

    if len(text) > MAX_CHARACTERS:
        message = f"is {len(text):,} characters long; the limit is {MAX_CHARACTERS:,}"
        raise ExpressionError(message, 0)
    plain, marks = _without_marks(text)
    try:
        return Parsed(CELParser().parse(plain), plain, marks)
    except CELParseError as error:
        token = getattr(error.__context__, "token", None)
        if token is not None and token.type == "$END":
            message = "ends where something must follow"
            raise ExpressionError(message, len(plain.rstrip())) from None
        raise _explained(plain, error.line or 1, error.column or 1) from None
    except RecursionError:
        message = "is nested too deeply"
        raise ExpressionError(message, 0) from None


def _without_marks(text: str) -> tuple[str, frozenset[int]]:
    if "?" not in text:
        return text, frozenset()
    marks: set[int] = set()
    before = ""
    for token in _TOKEN.finditer(text):
        if token["skip"]:
            continue
        if token["sign"] == "?" and before in {".", "[", "{", ","}:
            marks.add(token.start())
        before = token[0]
    return "".join(" " if at in marks else char for at, char in enumerate(text)), frozenset(marks)


def _explained(text: str, line: int, column: int) -> ExpressionError:
    offset = sum(len(one) + 1 for one in text.split("\n")[: line - 1]) + column - 1
    found = _TOKEN.match(text, offset)
    shown = found[0][:40] if found else text[offset : offset + 1]
    return ExpressionError(f"`{shown}` is not expected here", offset)
