"""Runs the examples that stand in the docs of a rule."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lintkit.finding import Finding
    from lintkit.rules._rule import Rule

_FENCE = re.compile(r"^```\w+ (?P<path>\S+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_MARKS = re.compile(r"[ \t]*# (error|warning|info): ")


class Mark(NamedTuple):
    """An expected finding."""

    path: str
    line: int
    severity: str
    text: str


def mistakes(rule: Rule, check: Callable[[Path, Rule], list[Finding]]) -> Iterator[str]:
    """What the examples of a rule say and the rule does not, or the other way round.

    Args:
        rule: The rule.
        check: Folder, rule -> its findings there.
    """
    bad, marks = _files(rule.section("Bad"))
    good, none = _files(rule.section("Good"))
    if not bad:
        yield "has no example `bad`"
        return
    yield from (f"bad: {one}" for one in _differences(bad, marks, rule, check, wants_any=True))
    if good:
        yield from (f"good: {one}" for one in _differences({**bad, **good}, none, rule, check, wants_any=False))


def _differences(
    files: dict[str, str],
    marks: list[Mark],
    rule: Rule,
    check: Callable[[Path, Rule], list[Finding]],
    *,
    wants_any: bool,
) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name).resolve()
        for path, text in files.items():
            file = (root / path).resolve()
            if not file.is_relative_to(root):
                yield f"{path} is outside of the example"
                return
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        left = [(one.path, one.position[0], str(one.severity), one.message) for one in check(root, rule)]
    if wants_any and not marks and not left:
        yield "finds nothing"
    for mark in marks:
        hit = next((one for one in left if one[:3] == mark[:3] and mark.text in one[3]), None)
        if hit is None:
            yield f"{mark.path}:{mark.line}: expected {mark.severity}: {mark.text}"
        else:
            left.remove(hit)
    if marks or not wants_any:
        yield from (f"{path}:{line}: not expected {severity}: {message}" for path, line, severity, message in left)


def _files(section: str) -> tuple[dict[str, str], list[Mark]]:
    """The files of a section, without the marks, and the marks."""
    files: dict[str, str] = {}
    marks: list[Mark] = []
    for fence in _FENCE.finditer(section):
        lines = fence["body"].split("\n")
        for number, line in enumerate(lines, start=1):
            lines[number - 1], *said = _MARKS.split(line)
            pairs = zip(said[::2], said[1::2], strict=True)
            marks += [Mark(fence["path"], number, severity, text.strip()) for severity, text in pairs]
        files[fence["path"]] = "\n".join(lines)
    return files, marks
