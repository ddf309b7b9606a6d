"""A difference as a comment on a pull request: a table, and the lines of each object folded away.

GitHub takes 65,536 characters. Where there is more, the longest objects are cut first, then the rows.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lintkit.diff.text import body, shortened, summary, title, where_of

if TYPE_CHECKING:
    from lintkit.diff.compare import Change, Difference

MOST = 65_000
"""Characters of the whole; a marker of whoever posts it fits in beside."""
_CUTS = (100_000, 400, 150, 60, 25, 10, 0)
_LONGEST = 400
"""Characters of one line: nobody reads more of it, and one must not push out all others."""
_SPECIAL = re.compile(r"[\\`*_\[\]<>|~&#@$!]|://|(?<=www)\.")
_CODE = re.compile(r"`([^`]*)`")
_FENCE = re.compile(r"`{3,}")


def render(difference: Difference) -> str:
    """The whole difference, never longer than `MOST`."""
    head = ["### What this changes in the cluster", "", f"{_plain(summary(difference))}", ""]
    notes = [f"- {_message(note)}" for note in difference.notes]
    tail = ["", *_bounded(notes, MOST // 4)] if notes else []
    for cut in _CUTS:
        parts = [*head, *(line for change in difference.changes for line in _details(change, cut)), *tail]
        text = "\n".join(parts).rstrip() + "\n"
        if len(text) <= MOST:
            return text
    rows = [f"- {change.state.value}: {_plain(title(change))}" for change in difference.changes]
    left = MOST - sum(len(line) + 1 for line in (*head, *tail))
    return "\n".join([*head, *_bounded(rows, left), *tail]).rstrip() + "\n"


def _bounded(rows: list[str], most: int) -> list[str]:
    """As many rows as fit, and how many there are more."""
    size = 0
    for index, row in enumerate(rows):
        size += len(row) + 1
        if size > most - 40 and index < len(rows) - 1:
            return [*rows[:index], f"- and {len(rows) - index} more"]
    return rows


def _details(change: Change, cut: int) -> list[str]:
    place = f" <code>{_plain(change.path)}:{change.line}</code>" if change.path else ""
    heading = f"<b>{change.state.value}</b> {_plain(title(change))}"
    lines = shortened(body(change), cut) if cut else []
    notes = [f"- {_message(note)}" for note in change.notes]
    by = f"applied by {_plain(where_of(change))},{place}" if place else f"applied by {_plain(where_of(change))}"
    found = [f"<details><summary>{heading}</summary>", "", by, ""]
    found += [*notes, ""] if notes else []
    if lines:
        shown = [_line(mark, text) for mark, text in lines]
        runs = [len(run) for line in shown for run in _FENCE.findall(line)]
        fence = "`" * max(3, *(length + 1 for length in runs)) if runs else "```"
        found += [f"{fence}diff", *shown, fence, ""]
    elif not cut:
        found += ["too long to be shown here", ""]
    return [*found, "</details>", ""]


def _line(mark: str, text: str) -> str:
    """A line as the highlighting of `diff` knows it."""
    if mark == "@":
        return f"@@ {text} @@"
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return f"{'!' if mark == '~' else mark} {text}".rstrip()


def _message(text: str) -> str:
    """A message: its words in backticks as code, and nothing else of it as markup."""
    parts = _CODE.split(" ".join(text.split()))
    return "".join(f"<code>{_plain(part)}</code>" if index % 2 else _plain(part) for index, part in enumerate(parts))


def _plain(text: str) -> str:
    """A text in which no character is markup."""
    text = text.replace("\n", " ").replace("\r", " ")
    return _SPECIAL.sub(lambda found: "".join(f"&#{ord(char)};" for char in found[0]), text)
