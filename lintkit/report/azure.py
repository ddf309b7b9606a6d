"""Findings as logging commands of Azure Pipelines, which list them on the page of a run.

https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Severity
from lintkit.report.place import prefix

if TYPE_CHECKING:
    from lintkit.outcome import Report

_ESCAPES = (("%", "%AZP25"), ("\r", "%0D"), ("\n", "%0A"))
_IN_PROPERTIES = (*_ESCAPES, (";", "%3B"), ("]", "%5D"))


def render(report: Report, *, color: bool = False, quiet: bool = False) -> str:  # noqa: ARG001 - one call for all
    """One command for each finding; Azure knows no level below a warning, so `info` is a line of the log."""
    before = prefix(report.root)
    lines = []
    for finding in report.findings:
        line, column = finding.position
        path = before + finding.path
        if finding.severity == Severity.INFO:
            lines.append(_escaped(f"{path}:{line}:{column}: info: {finding.message} [{finding.rule}]", _ESCAPES))
            continue
        where = {"type": str(finding.severity), "sourcepath": path, "linenumber": line, "columnnumber": column}
        lines.append(_command({**where, "code": finding.rule}, finding.message))
    lines += [
        _command({"type": "error"}, f"internal error in {failure.rule}: {failure.message}")
        for failure in report.failures
    ]
    return "".join(f"{line}\n" for line in lines)


def _command(properties: dict[str, object], message: str) -> str:
    written = "".join(f"{key}={_escaped(str(value), _IN_PROPERTIES)};" for key, value in properties.items())
    return f"##vso[task.logissue {written}]{_escaped(message, _ESCAPES)}"


def _escaped(text: str, escapes: tuple[tuple[str, str], ...]) -> str:
    for char, code in escapes:
        text = text.replace(char, code)
    return text
