"""Which paths a `.gitignore` or `.sourceignore` leaves out.

The rules are git's: later patterns win, `!` takes a path back, a pattern with a `/` inside is anchored at its file's
folder, `**` crosses folders, a trailing `/` means folders only (https://git-scm.com/docs/gitignore). Written here
because importing the `pathspec` package costs three times what a listing does
(docs/decisions/0003-own-ignore-files.md); tests hold it against git itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": " \\t",
    "cntrl": "\\x00-\\x1f\\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": "!-/:-@\\[-`{-~",
    "space": "\\s",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}
_NEVER = re.compile(r"(?!)")
_ANY = "*"
_SLASH = "/"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line of an ignore file."""

    expression: re.Pattern[str]
    negated: bool
    folders_only: bool
    line: int


def parse_patterns(text: str) -> tuple[Pattern, ...]:
    """Read the lines of an ignore file; comments and blank lines are left out."""
    found: list[Pattern] = []
    for number, raw in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        if raw.startswith("#"):
            continue
        line = _without_trailing_spaces(raw.removesuffix("\r"))
        negated = line.startswith("!")
        line = line[negated:]
        folders_only = line.endswith("/")
        line = line.removesuffix("/")
        if line:
            found.append(Pattern(_expression(line), negated, folders_only, number))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class IgnoreFile:
    """The patterns of one ignore file, in the folder that holds it (empty for the root)."""

    folder: str
    patterns: tuple[Pattern, ...]
    name: str

    def verdict(self, path: str, *, is_folder: bool) -> bool | None:
        """True when ignored, False when taken back, None when no pattern says anything about `path`."""
        relative = path[len(self.folder) + 1 :] if self.folder else path
        for pattern in reversed(self.patterns):
            if (is_folder or not pattern.folders_only) and pattern.expression.fullmatch(relative):
                return not pattern.negated
        return None


def _without_trailing_spaces(line: str) -> str:
    found = re.fullmatch(r"((?:\\.|[^\\])*?) *", line)
    return found[1] if found else line


@lru_cache(maxsize=1024)
def _expression(glob: str) -> re.Pattern[str]:
    """A pattern as a regular expression; atomic groups keep its cost linear, whatever the pattern."""
    tokens = _tokens(glob.removeprefix("/"))
    if tokens is None:
        return _NEVER
    groups: list[list[str]] = [[]] if "/" in glob else [[], []]
    for component in _split(tokens, _SLASH):
        if not component:
            return _NEVER
        if len(component) > 1 and set(component) == {_ANY}:
            groups.append([])
        else:
            groups[-1].append(_component(component))
    parts = ["/".join(group) for group in groups]
    if len(parts) == 1:
        return re.compile(parts[0], re.DOTALL)
    first, middle, last = parts[0], parts[1:-1], parts[-1]
    expression = f"{first}/" if first else ""
    expression += "".join(f"(?>(?:[^/]+/)*?{part}/)" for part in middle if part)
    return re.compile(expression + (f"(?:[^/]+/)*?{last}" if last else ".+"), re.DOTALL)


def _tokens(glob: str) -> list[str] | None:
    """The parts of a glob, each a regular expression for one character, `*` or `/`; None when it matches nothing."""
    tokens: list[str] = []
    at = 0
    while at < len(glob):
        char = glob[at]
        at += 1
        if char == "[":
            token, at = _class(glob, at)
            if not token:
                return None
            tokens.append(token)
        elif char == "\\":
            if at == len(glob):
                return None
            tokens.append(_SLASH if glob[at] == "/" else re.escape(glob[at]))
            at += 1
        elif char == "?":
            tokens.append("[^/]")
        else:
            tokens.append(char if char in {_ANY, _SLASH} else re.escape(char))
    return tokens


def _class(glob: str, at: int) -> tuple[str, int]:
    """A character class that starts before `at`, and where it ends; empty when nothing closes it."""
    negated = glob[at : at + 1] in {"!", "^"}
    at += negated
    items: list[str] = []
    before = ""
    first = at
    while at < len(glob) and (glob[at] != "]" or at == first):
        named = re.compile(r"\[:([^]]*):\]").match(glob, at)
        if named:
            if named[1] not in _CLASSES:
                return "", at
            items.append(_CLASSES[named[1]])
            before, at = "", named.end()
            continue
        is_range = glob[at] == "-" and before != "" and glob[at + 1 : at + 2] not in {"", "]"}
        at += is_range
        at += glob[at] == "\\"
        char = glob[at : at + 1]
        if is_range and before <= char:
            items.append(f"{re.escape(before)}-{re.escape(char)}")
        elif not is_range:
            items.append(re.escape(char))
        before = "" if is_range else char
        at += 1
    if at >= len(glob):
        return "", at
    if not items:
        return "[^/]" if negated else "(?!)", at + 1
    return f"(?!/)[{'^' if negated else ''}{''.join(items)}]", at + 1


def _split(tokens: list[str], separator: str) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for token in tokens:
        if token == separator:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _component(tokens: list[str]) -> str:
    """One part of a path; what stands between two `*` is looked for once, from the left."""
    first, *rest = ["".join(part) for part in _split(tokens, _ANY)]
    if not rest:
        return first
    return first + "".join(f"(?>[^/]*?{part})" for part in rest[:-1] if part) + f"[^/]*{rest[-1]}"
