"""Regular expressions of a kustomization: Go's syntax, in so far as Python reads it alike and in bounded time.

Go's engine takes linear time; Python's can take for ever. An expression that repeats a group, or repeats more than
three times, is not read: what it selects is not known.
"""

from __future__ import annotations

import re
from functools import lru_cache

_GO_ALONE = re.compile(r"\\[pPzQEC]|\[\[:|\(\?[a-z]*U|\\x\{")
_PYTHON_ALONE = re.compile(r"\(\?(?:[=!>#(]|<[=!]|P[=>])|\\[1-9Z]|[*+?}]\+")
_REPEAT = re.compile(r"(?<!\\)(?:[*+]|\{[0-9]+,[0-9]*\})")
_REPEATED_GROUP = re.compile(r"(?<!\\)\)[*+{]")
_MAX_REPEATS = 3
_MAX_TEXT = 1000


class Expression:
    """One expression, which has to match a whole text.

    Attributes:
        is_refused: Kustomize cannot read it, so the build fails.
        is_unknown: It is not read here.
    """

    __slots__ = ("_pattern", "is_refused", "is_unknown")

    def __init__(self, text: str, rest: str = "") -> None:
        self._pattern: re.Pattern[str] | None = None
        is_costly = len(_REPEAT.findall(text)) > _MAX_REPEATS or _REPEATED_GROUP.search(text) is not None
        self.is_unknown = is_costly or _GO_ALONE.search(text) is not None
        self.is_refused = False
        if not self.is_unknown:
            try:
                self._pattern = re.compile(f"(?:{text}){rest}")
            except (re.error, OverflowError):
                self.is_refused = True
        if _PYTHON_ALONE.search(text):
            self._pattern, self.is_refused = None, not self.is_unknown

    def matches(self, text: str) -> bool:
        """Whether the whole of a text is meant."""
        return self._pattern is not None and len(text) <= _MAX_TEXT and self._pattern.fullmatch(text) is not None


@lru_cache(maxsize=2048)
def read_expression(text: str, rest: str = "") -> Expression:
    """An expression as it is written; `rest` is a pattern that follows it."""
    return Expression(text, rest)
