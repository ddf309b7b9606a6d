"""One line for each finding: `path:line:column: severity: message [rule]`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.report.text import summary

if TYPE_CHECKING:
    from lintkit.outcome import Report


def render(report: Report, *, color: bool = False, quiet: bool = False) -> str:
    """The whole report."""
    lines = []
    for finding in report.findings:
        line, column = finding.position
        lines.append(f"{finding.path}:{line}:{column}: {finding.severity}: {finding.message} [{finding.rule}]")
    lines += [f"internal error in rule {failure.rule}: {failure.message}" for failure in report.failures]
    lines += [] if quiet else [summary(report, color=color)]
    return "".join(f"{line}\n" for line in lines)
