"""Findings as workflow commands of GitHub Actions, which show them in the diff of a pull request.

https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Severity
from lintkit.report.place import Lines, prefix

if TYPE_CHECKING:
    from lintkit.outcome import Report

_COMMANDS = {Severity.INFO: "notice", Severity.WARNING: "warning", Severity.ERROR: "error"}


def render(report: Report, *, color: bool = False, quiet: bool = False) -> str:  # noqa: ARG001 - one call for all
    """One command for each finding."""
    before = prefix(report.root)
    lines = []
    for finding in report.findings:
        at = Lines(finding)
        where: dict[str, object] = {"file": before + finding.path, "line": at.line, "endLine": at.end_line}
        if at.line == at.end_line:  # columns of an annotation over several lines are refused
            where |= {"col": at.column, "endColumn": at.end_column}
        where["title"] = finding.rule
        lines.append(_command(_COMMANDS[finding.severity or Severity.ERROR], where, finding.message))
    lines += [
        _command("error", {"title": "lintkit"}, f"internal error in {failure.rule}: {failure.message}")
        for failure in report.failures
    ]
    return "".join(f"{line}\n" for line in lines)


def _command(name: str, properties: dict[str, object], message: str) -> str:
    written = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{name} {written}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
