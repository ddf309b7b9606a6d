"""Which paths a `.gitignore` or `.sourceignore` leaves out.

The rules are git's: later patterns win, `!` takes a path back, a pattern with a `/` inside is anchored at its file's
folder, `**` crosses folders, a trailing `/` means folders only (https://git-scm.com/docs/gitignore). Written here
because importing the `pathspec` package alone costs a third of a whole run (docs/decisions/0003-own-ignore-files.md);
tests hold it against `git check-ignore` and against pathspec.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache


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
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.lstrip("\ufeff") if number == 1 else raw
        if line.startswith("#"):
            continue
        line = _without_trailing_spaces(line)
        negated = line.startswith("!")
        line = line[negated:]
        folders_only = line.endswith("/")
        line = line.rstrip("/") if folders_only else line
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
    stripped = line.rstrip(" \t")
    return stripped + " " if stripped.endswith("\\") and len(stripped) < len(line) else stripped


@lru_cache(maxsize=1024)
def _expression(glob: str) -> re.Pattern[str]:
    anchored = "/" in glob
    glob = glob.removeprefix("/")
    parts: list[str] = [] if anchored else [r"(?:.*/)?"]
    at = 0
    while at < len(glob):
        rest = glob[at:]
        if rest.startswith("**/") and (at == 0 or glob[at - 1] == "/"):
            parts.append(r"(?:.*/)?")
            at += 3
        elif rest == "**" and (at == 0 or glob[at - 1] == "/"):
            parts.append(".+")
            at += 2
        elif rest[0] == "*":
            parts.append("[^/]*")
            at += 1
        elif rest[0] == "?":
            parts.append("[^/]")
            at += 1
        elif rest[0] == "[" and (found := re.match(r"\[(!|\^)?(\]?[^\]]*)\]", rest)):
            parts.append(f"[{'^' if found[1] else ''}{found[2].replace(chr(92), chr(92) * 2)}]")
            at += found.end()
        else:
            at += rest[0] == "\\" and len(rest) > 1
            parts.append(re.escape(glob[at]))
            at += 1
    try:
        return re.compile("".join(parts), re.DOTALL)
    except re.error:
        return re.compile(r"(?!)")
