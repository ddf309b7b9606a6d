"""Changes as a patch that `git apply` takes."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from lintkit.fix.loop import Change

_CONTEXT = 3
_NO_BREAK = "\n\\ No newline at end of file\n"


def patch(changes: Mapping[str, Change]) -> str:
    """A unified diff of all changes, sorted by path."""
    return "".join(part for path in sorted(changes) for part in _file(path, changes[path]))


def _file(path: str, change: Change) -> Iterator[str]:
    old, new = _lines(change.before or ""), _lines(change.after)
    before, after = _quoted(f"a/{path}"), _quoted(f"b/{path}")
    yield f"diff --git {before} {after}\n"
    if change.before is None:
        yield "new file mode 100644\n"
        before = "/dev/null"
    yield f"--- {before}\n+++ {after}\n"
    for group in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(_CONTEXT):
        first, last = group[0], group[-1]
        yield f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@\n"
        for tag, old_start, old_end, new_start, new_end in group:
            if tag == "equal":
                yield from _marked(" ", old[old_start:old_end])
            else:
                yield from _marked("-", old[old_start:old_end])
                yield from _marked("+", new[new_start:new_end])


def _lines(text: str) -> list[str]:
    """The lines of a text as git counts them: only a line feed ends one."""
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _marked(mark: str, lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield mark + (line if line.endswith("\n") else line + _NO_BREAK)


def _range(start: int, end: int) -> str:
    length = end - start
    first = start + 1 if length else start
    return f"{first}" if length == 1 else f"{first},{length}"


def _quoted(path: str) -> str:
    """A path as git writes it: in quotes where a byte of it is no plain character."""
    raw = path.encode()
    if all(32 <= byte < 127 and byte not in b'"\\' for byte in raw):
        return path
    return (
        '"' + "".join(chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03o}" for byte in raw) + '"'
    )
