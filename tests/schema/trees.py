"""Small trees, held against their schemas; what is expected stands on the line it is expected on.

`# invalid-value: text` at the end of a line says that this rule finds something on that line, and that its message has
the text; `# invalid-value[warning]: text` says with which severity, where it is no error. Nothing else may be found.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from lintkit import configuration, engine

if TYPE_CHECKING:
    from pathlib import Path

    from lintkit.finding import Finding

RULES = (
    "unknown-field", "misplaced-field", "missing-field", "wrong-type", "invalid-value", "unquoted-string",
    "unknown-kind", "removed-api", "deprecated-api",
)  # fmt: skip
_MARK = re.compile(r"[ \t]*# (?P<rule>[a-z]+(?:-[a-z]+)+)(\[(?P<severity>info|warning)\])?: (?P<text>.*)$")


class Told(NamedTuple):
    """A finding, without its columns."""

    path: str
    line: int
    rule: str
    severity: str
    message: str


def findings(folder: Path, files: dict[str, str], rules: tuple[str, ...] = RULES, **options: Any) -> list[Finding]:  # noqa: ANN401
    """What the rules find in a tree."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(textwrap.dedent(text), "utf-8")
    (folder / ".git").mkdir(exist_ok=True)
    loaded = replace(configuration.load(folder), select=rules, **options)
    report = engine.check(folder, root=folder, options=loaded)
    assert not report.failures
    return list(report.findings)


def told(folder: Path, files: dict[str, str], **options: Any) -> list[Told]:  # noqa: ANN401
    """What the rules find in a tree, in short."""
    return [
        Told(one.path, one.position[0], one.rule, str(one.severity), one.message)
        for one in findings(folder, files, **options)
    ]


def expect(folder: Path, files: dict[str, str] | str, **options: Any) -> None:  # noqa: ANN401
    """Hold what is found against the marks."""
    texts = {"app.yaml": files} if isinstance(files, str) else files
    texts = {path: textwrap.dedent(text) for path, text in texts.items()}
    wanted: list[Told] = []
    for path, text in texts.items():
        lines = text.splitlines()
        for number, line in enumerate(lines):
            while found := _MARK.search(lines[number]):
                # several marks may stand on one line, the last one first
                inner = _MARK.search(found["text"])
                message = found["text"][: inner.start()] if inner else found["text"]
                wanted.append(Told(path, number + 1, found["rule"], found["severity"] or "error", message.strip()))
                lines[number] = (
                    line[: found.start()] + found["text"][inner.start() :] if inner else line[: found.start()]
                )
                line = lines[number]  # noqa: PLW2901 - one mark fewer
        texts[path] = "\n".join(lines) + "\n"
    remaining = told(folder, texts, **options)
    for mark in wanted:
        hit = next((one for one in remaining if one[:4] == mark[:4] and mark.message in one.message), None)
        assert hit is not None, f"expected {mark}, found {remaining}"
        remaining.remove(hit)
    assert remaining == []
