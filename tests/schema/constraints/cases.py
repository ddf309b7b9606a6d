"""The cases beside this file: for each message, values that break the rule and values that keep it.

`# message`, or `# message @ part of a path`, is followed by `- value` for each that breaks the rule, with `§` before
the place that is reported, and by `+ value` for each that keeps it. A value is what stands at the path of the rule. A
`- value ~ word` is for the rules with this word in their text.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lintkit.schema.constraints.judge import FAMILIES, _of
from lintkit.syntax.node import Mapping, Node
from lintkit.syntax.parser import parse
from lintkit.text.source import Source

if TYPE_CHECKING:
    from lintkit.schema.constraints.constraint import Constraint

FOLDER = Path(__file__).parent / "cases"
MARK = "§"
CONSTRAINTS: tuple[tuple[str, Constraint], ...] = tuple(
    (name, constraint)
    for name in dict.fromkeys(name for names in FAMILIES.values() for name in names)
    for constraint in _of(name)
)


class Cases(NamedTuple):
    """What breaks a rule and what keeps it."""

    breaks: tuple[str, ...]
    keeps: tuple[str, ...]


class Written(NamedTuple):
    """An object with a value at a path: its root, and the offset of what is to be reported, -1 for nothing."""

    root: Mapping
    expected: int


@cache
def _read(module: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in (FOLDER / f"{module}.txt").read_text("utf-8").splitlines():
        if line.startswith("# "):
            lines = found.setdefault(line[2:], [])
        elif line:
            lines.append(line)
    return found


def heading(module: str, constraint: Constraint) -> str:
    """The heading under which the cases of a rule stand."""
    own = f"{constraint.message} @ {constraint.path}"
    return own if own in _read(module) else constraint.message


def of(module: str, constraint: Constraint) -> Cases:
    """The cases of a rule."""
    lines = _read(module).get(heading(module, constraint), [])
    breaks: list[str] = []
    for line in lines:
        value, _, word = line[2:].partition(" ~ ")
        if line.startswith("- ") and (not word or word in constraint.rule):
            breaks.append(value)
    return Cases(tuple(breaks), tuple(line[2:] for line in lines if line.startswith("+ ")))


def headings(module: str) -> set[str]:
    """Every heading of a file of cases."""
    return set(_read(module))


def version(constraint: Constraint) -> str:
    """A version of the API that has the rule."""
    return constraint.versions[0] if constraint.versions else "v1"


def write(constraint: Constraint, kind: str, value: str) -> Written:
    """An object of a kind with a value where a rule looks."""
    api = f"{constraint.group}/{version(constraint)}" if constraint.group else version(constraint)
    head = f"{{apiVersion: {api}, kind: {kind}, "
    if constraint.path:
        text = _nested(constraint.path.replace("[]", ".[]").split("."), value)
        text = head + text.removeprefix("{")
    else:
        text = head + value.removeprefix("{")
    expected = text.find(MARK)
    text = text.replace(MARK, "")
    if expected >= 0 and text[expected] == "{" and constraint.path:
        expected = _missing(constraint.path, text, expected)
    stream = parse(Source("app/object.yaml", text + "\n"))
    assert stream.error is None, text
    root = stream.documents[0].root
    assert isinstance(root, Mapping)
    return Written(root, expected)


def _missing(path: str, text: str, at: int) -> int:
    """Where it is reported that a mapping lacks something: at its key, or at its first key in a list."""
    if path.endswith("[]"):
        return at if text[at + 1] == "}" else at + 1
    return at - len(path.rpartition(".")[2]) - 2


def _nested(steps: list[str], value: str) -> str:
    if not steps:
        return value
    inner = _nested(steps[1:], value)
    return f"[{inner}]" if steps[0] == "[]" else f"{{{steps[0]}: {inner}}}"


def self_of(root: Mapping, path: str) -> Node:
    """The value at the path of a rule, the first element of each list."""
    steps = tuple(0 if step == "[]" else step for step in path.replace("[]", ".[]").split(".") if step)
    node = root.at(*steps)
    assert node is not None
    return node
