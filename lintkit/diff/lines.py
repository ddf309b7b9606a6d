"""Views as lines of YAML, and the lines that differ."""

from __future__ import annotations

import json
import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

from lintkit.diff.view import HIDDEN, Leaf
from lintkit.syntax.plain import flux_value, kubectl_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lintkit.diff.view import View

_CONTEXT = 3
_MANY = 20_000
"""Above so many lines the comparison may miss the shortest answer, and takes seconds in place of minutes."""
_PLAIN = re.compile(r"[A-Za-z0-9_./(][^\n\t]*")
_NOT_PLAIN = re.compile(r": |:$| #|\s$")
_STEP = re.compile(r"[\w-]+")
CHANGED = f"{HIDDEN[:-1]}, changed)"


class Line(NamedTuple):
    """A line of an object.

    Attributes:
        real: The line as it is, for comparing alone.
        shown: The line as it may be printed.
        path: Key path of what holds it.
    """

    real: str
    shown: str
    path: tuple[str, ...]


class Hunk(NamedTuple):
    """Lines that differ, with some around them.

    Attributes:
        path: Key path of the first line that differs.
        lines: Mark (`-`, `+` or a space) and text.
    """

    path: str
    lines: tuple[tuple[str, str], ...]


def lines_of(view: View, path: tuple[str, ...] = (), indent: str = "") -> Iterator[Line]:
    """A mapping or list as lines of YAML, keys in order."""
    if isinstance(view, dict):
        for key, value in view.items():
            yield from _entry(f"{indent}{_key(key)}:", value, (*path, key), indent)
    elif isinstance(view, list):
        for index, value in enumerate(view):
            inside = (*path, _element(value, index))
            if isinstance(value, Leaf) or not value:
                yield from _entry(f"{indent}-", value, inside, indent)
                continue
            first, *rest = lines_of(value, inside, f"{indent}  ")
            begin, cut = f"{indent}- ", len(indent) + 2
            yield Line(begin + first.real[cut:], begin + first.shown[cut:], first.path)
            yield from rest
    else:
        yield from _entry(indent, view, path, indent)


def hunks(before: Sequence[Line], after: Sequence[Line]) -> tuple[Hunk, ...]:
    """The lines that differ."""
    old, new = [line.real for line in before], [line.real for line in after]
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    if start == len(old) == len(new):
        return ()
    lead, trail = min(start, _CONTEXT), min(end, _CONTEXT)
    first = start - lead
    last_old, last_new = len(old) - end + trail, len(new) - end + trail
    is_long = last_old + last_new - 2 * first > _MANY
    matcher = SequenceMatcher(None, old[first:last_old], new[first:last_new], autojunk=is_long)
    return tuple(
        _hunk(group, before[first:last_old], after[first:last_new]) for group in matcher.get_grouped_opcodes(_CONTEXT)
    )


def _hunk(group: list[tuple[str, int, int, int, int]], before: Sequence[Line], after: Sequence[Line]) -> Hunk:
    found: list[tuple[str, str]] = []
    path: tuple[str, ...] | None = None
    for tag, old_start, old_end, new_start, new_end in group:
        old, new = before[old_start:old_end], after[new_start:new_end]
        if tag == "equal":
            found += [(" ", line.shown) for line in old]
            continue
        path = path if path is not None else (old or new)[0].path
        gone = {line.shown for line in old}
        found += [("-", line.shown) for line in old]
        found += [
            ("+", line.shown.replace(HIDDEN, CHANGED) if line.shown in gone else line.shown) for line in new
        ]  # fmt: skip
    return Hunk(shown_path(path or ()), tuple(found))


def shown_path(path: Sequence[str]) -> str:
    """A key path as people write it: `spec.containers[app].env`."""
    text = ""
    for step in path:
        if step.startswith("["):
            text += step
        elif _STEP.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += f"[{json.dumps(step, ensure_ascii=False)}]"
    return text


def _entry(begin: str, value: View, path: tuple[str, ...], indent: str) -> Iterator[Line]:
    above = path[:-1]
    if isinstance(value, Leaf):
        yield from _scalar(begin, value, path, indent)
    elif not value:
        empty = f"{begin} {'{}' if isinstance(value, dict) else '[]'}"
        yield Line(empty, empty, above)
    else:
        yield Line(begin, begin, above)
        yield from lines_of(value, path, f"{indent}  " if isinstance(value, dict) else indent)


def _scalar(begin: str, leaf: Leaf, path: tuple[str, ...], indent: str) -> Iterator[Line]:
    text = json.loads(leaf.real)
    shown = leaf.shown
    if isinstance(text, str) and isinstance(shown, str) and "\n" in text and text.count("\n") == shown.count("\n"):
        mark = "" if text.endswith("\n") else "-"
        yield Line(f"{begin} |{mark}", f"{begin} |{mark}", path[:-1])
        for one, other in zip(text.removesuffix("\n").split("\n"), shown.removesuffix("\n").split("\n"), strict=True):
            yield Line(f"{indent}  {one}", f"{indent}  {_printable(other)}", path)
        return
    written = HIDDEN if leaf.is_hidden and shown == HIDDEN else scalar(shown)
    yield Line(f"{begin} {leaf.real}", f"{begin} {written}".lstrip() if not begin else f"{begin} {written}", path[:-1])


def scalar(value: str | float | bool | None) -> str:  # noqa: FBT001 - any value
    """A value as YAML writes it on one line."""
    if not isinstance(value, str):
        return json.dumps(value)
    is_plain = (
        _PLAIN.fullmatch(value)
        and not _NOT_PLAIN.search(value)
        and value.isprintable()
        and flux_value(value) == value
        and kubectl_value(value) == value
    )
    return value if is_plain else json.dumps(value, ensure_ascii=False)


def _printable(text: str) -> str:
    """A line that cannot steer a terminal."""
    return "".join(char if char.isprintable() or char == "\t" else "\N{REPLACEMENT CHARACTER}" for char in text)


def _key(text: str) -> str:
    return scalar(text)


def _element(value: View, index: int) -> str:
    """What an element of a list is called: by its name where it has one."""
    name = value.get("name") if isinstance(value, dict) else None
    if isinstance(name, Leaf) and isinstance(name.shown, str) and name.shown and not name.is_hidden:
        return f"[{name.shown}]"
    return f"[{index}]"
