"""Reads the examples of a rule: small trees with the expected findings written beside the lines they stand on.

A case is a set of files. Each is a fenced block whose info string is `yaml PATH` (or another language, for files that
are no YAML). `# error: text` at the end of a line says that a finding of that severity starts on that line and that its
message contains the text; `# warning:` and `# info:` do the same. The marks are taken out before the tree is linted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from lintkit.rules._rule import _dedented

if TYPE_CHECKING:
    from pathlib import Path

    from lintkit.rules._rule import Rule

_FENCE = re.compile(r"^```(?P<language>\w+) (?P<path>\S+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_MARK = re.compile(r"[ \t]*# (?P<severity>error|warning|info): (?P<text>.*)$")
_CASE = re.compile(r"^# (.+)$", re.MULTILINE)
_PART = re.compile(r"^## (Bad|Good)$", re.MULTILINE)


@dataclass(frozen=True)
class Mark:
    """An expected finding."""

    path: str
    line: int
    severity: str
    text: str


@dataclass
class Case:
    """A tree and what is expected of it."""

    name: str
    files: dict[str, str] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)

    def write(self, folder: Path) -> None:
        """Write the tree below a folder."""
        for path, text in self.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, "utf-8")


def read_files(text: str) -> tuple[dict[str, str], list[Mark]]:
    """The files of a section, without the marks, and the marks."""
    files: dict[str, str] = {}
    marks: list[Mark] = []
    for fence in _FENCE.finditer(text):
        lines = []
        for number, line in enumerate(fence["body"].splitlines(), start=1):
            found = _MARK.search(line)
            while found:
                # several marks may stand on one line, the last one first
                inner = _MARK.search(found["text"])
                expected = found["text"][: inner.start()] if inner else found["text"]
                marks.append(Mark(fence["path"], number, found["severity"], expected.strip()))
                found = inner
            first = _MARK.search(line)
            lines.append(line[: first.start()] if first else line)
        files[fence["path"]] = "\n".join(lines) + "\n" if lines else ""
    return files, marks


def of_rule(rule: Rule) -> list[Case]:
    """The examples in a rule's own docs: `Bad`, and `Good` laid over it."""
    return _bad_and_good(rule.name, _dedented(rule.docstring))


def of_file(path: Path) -> list[Case]:
    """The cases of a Markdown file: `# title`, then fenced files, or `## Bad` and `## Good`."""
    text = path.read_text("utf-8")
    outside = _FENCE.sub(lambda found: " " * len(found[0]), text)
    starts = [found.start() for found in _CASE.finditer(outside)] + [len(text)]
    cases: list[Case] = []
    for begin, end in pairwise(starts):
        part = text[begin:end]
        title = part.split("\n", 1)[0].removeprefix("# ").strip()
        if _PART.search(_FENCE.sub("", part)):
            cases += _bad_and_good(title, part)
        else:
            files, marks = read_files(part)
            cases.append(Case(title, files, marks))
    return cases


def _bad_and_good(name: str, text: str) -> list[Case]:
    outside = _FENCE.sub(lambda found: " " * len(found[0]), text)
    heads = list(_PART.finditer(outside))
    parts: dict[str, tuple[dict[str, str], list[Mark]]] = {}
    for index, head in enumerate(heads):
        end = heads[index + 1].start() if index + 1 < len(heads) else len(text)
        parts[head[1]] = read_files(text[head.end() : end])
    cases: list[Case] = []
    if "Bad" in parts:
        files, marks = parts["Bad"]
        cases.append(Case(f"{name}: bad", files, marks))
        if "Good" in parts:
            cases.append(Case(f"{name}: good", {**files, **parts["Good"][0]}, parts["Good"][1]))
    return cases
