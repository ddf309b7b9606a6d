"""Which values the templates of a chart read: found from the text, never by running it.

Where the text leaves it open, everything counts as read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# One way alone to match each text: what a template of a stranger holds must not make a pattern try again and again.
# Groups are not possessive: before Python 3.11.5 such a group may match what it must not.
_TEXT = r""""(?:\\.|[^"\\\n])*"|`[^`]*+`"""
_LONE_QUOTE = r""""(?!(?:\\.|[^"\\\n])*")|`(?![^`]*+`)"""
_ACTION = re.compile(rf"\{{\{{(?P<text>(?:{_TEXT}|(?!\}}\}})(?:[^\"`]|{_LONE_QUOTE}))*)\}}\}}", re.DOTALL)
_COMMENT = re.compile(r"\{\{-?\s*+/\*")
_STRING = re.compile(_TEXT)
_KEYWORD = re.compile(r"^-?\s*(if|range|with|define|block|end|template)\b")
_NAMED = re.compile(r"""\b(?:define|block)\s+["`]([^"`]+)["`]""")
_CALL = re.compile(
    r"""\b(?P<call>include|template|block)\s+(?:["`](?P<name>[^"`]+)["`]|(?=\S))"""
    rf"""|(?P<text>{_TEXT})"""
)
_WORD = r"[A-Za-z_][A-Za-z0-9_]*+"
_TO_VALUES = rf"(?:\$(?:{_WORD})?)?(?:\.(?!Values\b){_WORD})*\.Values\b"
_PARENTHESES = re.compile(rf"\(\s*+({_TO_VALUES}(?:\.{_WORD})*)\s*+\)")
_CHAIN = re.compile(rf"(?:\.Subcharts\.(?P<subchart>{_WORD}))?\.Values\b(?P<path>(?:\.{_WORD})*)")
_LOOKUP = re.compile(
    rf"""\b(?:index|get|hasKey)\s++{_TO_VALUES}(?P<path>(?:\.{_WORD})*)(?P<keys>(?:\s++"[^"\s]*+")+)"""
)
_KEY = re.compile(r'"([^"]*)"')
_MAX_PASSES = 20
_MAX_ACTION = 20_000
_MAX_TEXT = 10_000_000
"""Characters; beyond them, everything counts as read."""


@dataclass(slots=True)
class Reads:
    """What a piece of template reads.

    Attributes:
        paths: Keys below `.Values`, each of which counts with all that stands below it.
        whole: Whether `.Values` itself is handed on.
        calls: Names of templates it includes.
        calls_any: Whether it includes one whose name is not written down.
        evaluates: Whether it runs text as a template (`tpl`).
        files: Whether it reads files of the chart (`.Files`).
    """

    paths: set[tuple[str, ...]] = field(default_factory=set)
    whole: bool = False
    calls: set[str] = field(default_factory=set)
    calls_any: bool = False
    evaluates: bool = False
    files: bool = False

    def add(self, other: Reads) -> None:
        """Take in what another piece reads."""
        self.paths |= other.paths
        self.whole |= other.whole
        self.calls |= other.calls
        self.calls_any |= other.calls_any
        self.evaluates |= other.evaluates
        self.files |= other.files


@dataclass(frozen=True, slots=True)
class Templates:
    """The templates of one chart: what is rendered, and what is only named (by `define`)."""

    rendered: Reads
    named: Mapping[str, Reads]


def templates_of(files: Mapping[str, str]) -> Templates:
    """Read the templates of one chart.

    Args:
        files: Path -> text of the files in its `templates` folder.
    """
    if sum(map(len, files.values())) > _MAX_TEXT:
        return Templates(Reads(whole=True, evaluates=True), {})
    rendered = Reads()
    named: dict[str, Reads] = {}
    for path, text in files.items():
        top = Reads()
        _scan(text, top, named)
        if not path.rpartition("/")[2].startswith("_"):
            rendered.add(top)
    return Templates(rendered, named)


def reached(start: Reads, named: Mapping[str, Reads]) -> tuple[Reads, set[str]]:
    """All that is read from a start on, through the templates it includes, and the names that nothing defines."""
    result = Reads()
    result.add(start)
    unknown: set[str] = set()
    seen: set[str] = set()
    waiting = set(named) | start.calls if start.calls_any else set(start.calls)
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        found = named.get(name)
        if found is None:
            unknown.add(name)
            continue
        result.add(found)
        waiting |= set(named) if found.calls_any else found.calls
    return result, unknown


def reads_of_text(text: str) -> Reads:
    """What all actions in a text read; for files and values that `tpl` may run."""
    if len(text) > _MAX_TEXT:
        return Reads(whole=True, evaluates=True)
    result = Reads()
    named: dict[str, Reads] = {}
    _scan(text, result, named)
    for found in named.values():
        result.add(found)
    return result


def _scan(text: str, top: Reads, named: dict[str, Reads]) -> None:
    blocks: list[Reads | None] = []
    current = [top]
    for action in _actions(text):
        keyword = _KEYWORD.match(action)
        word = keyword[1] if keyword else ""
        if word in {"define", "block"}:
            name = _NAMED.search(action)
            inner = named.setdefault(name[1] if name else "", Reads())
            _read_action(action, current[-1])
            blocks.append(inner)
            current.append(inner)
            continue
        if word in {"if", "range", "with"}:
            blocks.append(None)
        if word == "end" and blocks:
            if blocks.pop() is not None:
                current.pop()
            continue
        _read_action(action, current[-1])


def _actions(text: str) -> Iterator[str]:
    at = text.find("{{")
    while at >= 0:
        comment = _COMMENT.match(text, at)
        end = text.find("*/", comment.end()) if comment else -1
        if comment is None:
            found = _ACTION.match(text, at)
            end = found.end() if found else -1
            if found is not None:
                yield found["text"]
        if end < 0:
            return
        at = text.find("{{", end)


def _read_action(action: str, into: Reads) -> None:
    if len(action) > _MAX_ACTION:
        into.add(Reads(whole=True, calls_any=True, evaluates=True, files=True))
        return
    for call in _CALL.finditer(action):
        if call["name"]:
            into.calls.add(call["name"])
        elif call["call"] or ("{{" in call["text"] and "include" in call["text"]):
            into.calls_any = True
    into.evaluates |= "tpl" in action
    into.files |= ".Files" in action
    if "Values" not in action:
        return
    for _ in range(_MAX_PASSES):
        simpler = _PARENTHESES.sub(r"\1", action)
        if simpler == action:
            break
        action = simpler
    code = _LOOKUP.sub(lambda found: _look_up(found, into), action)
    for string in _STRING.findall(code):
        _read_chains(string, into, is_code="{{" in string)
    _read_chains(_STRING.sub('""', code), into, is_code=True)


def _look_up(found: re.Match[str], into: Reads) -> str:
    into.paths.add((*_parts(found["path"]), *_KEY.findall(found["keys"])))
    return " "


def _read_chains(code: str, into: Reads, *, is_code: bool) -> None:
    for chain in _CHAIN.finditer(code):
        path = _parts(chain["path"])
        if chain["subchart"]:
            path = (chain["subchart"], *path)
        if path:
            into.paths.add(path)
        elif is_code:
            into.whole = True


def _parts(path: str) -> tuple[str, ...]:
    return tuple(path.split(".")[1:])


def narrowed(paths: Iterable[tuple[str, ...]]) -> frozenset[tuple[str, ...]]:
    """The paths without those that stand below another: `a` covers `a.b`."""
    found = set(paths)
    return frozenset(path for path in found if not any(path[:count] in found for count in range(1, len(path))))
