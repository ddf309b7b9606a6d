"""Findings for a person at a terminal, each with the line it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Applicability, Severity
from lintkit.report.frame import frame

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.finding import Finding
    from lintkit.outcome import Report

_COLORS = {Severity.ERROR: "\x1b[1;31m", Severity.WARNING: "\x1b[1;33m", Severity.INFO: "\x1b[1;34m"}
_BOLD, _DIM, _GREEN, _RESET = "\x1b[1m", "\x1b[2m", "\x1b[1;32m", "\x1b[0m"


def render(report: Report, *, color: bool = False, quiet: bool = False) -> str:
    """The whole report."""
    parts = ["\n".join(_finding(finding, report, color=color)) for finding in report.findings]
    parts += [f"internal error in rule {failure.rule}: {failure.message}" for failure in report.failures]
    parts += [] if quiet else [summary(report, color=color)]
    return "".join(f"{part}\n" for part in "\n\n".join(parts).splitlines())


def _finding(finding: Finding, report: Report, *, color: bool) -> Iterator[str]:
    def paint(code: str, text: str) -> str:
        return f"{code}{text}{_RESET}" if color else text

    line, column = finding.position
    severity = finding.severity or Severity.ERROR
    where = paint(_BOLD, f"{finding.path}:{line}:{column}")
    yield f"{where}: {paint(_COLORS[severity], str(severity))}: {finding.message} {paint(_DIM, f'[{finding.rule}]')}"
    number, text, begin, length = frame(finding.place, report.sensitive.get(finding.path, ()))
    margin = " " * len(str(number))
    yield f"{paint(_DIM, f' {margin} |')}"
    yield f"{paint(_DIM, f' {number} |')} {text}"
    yield f"{paint(_DIM, f' {margin} |')} {' ' * begin}{paint(_COLORS[severity], '^' * length)}"
    for related in finding.related:
        source = related.place.source
        there = source.position(related.place.span.start)
        yield f"{paint(_DIM, f' {margin} =')} {related.message}: {source.path}:{there[0]}:{there[1]}"
    if finding.fix is not None:
        kind = {Applicability.SAFE: "fix", Applicability.UNSAFE: "unsafe fix"}.get(finding.fix.applicability, "hint")
        yield f"{paint(_DIM, f' {margin} =')} {kind}: {finding.fix.title}"


def summary(report: Report, *, color: bool = False) -> str:
    """The last lines: counts, time, and what was not checked."""
    counts = [
        _plural(report.count(severity), str(severity))
        for severity in sorted(Severity, reverse=True)
        if report.count(severity)
    ]
    found = ", ".join(counts) or "no findings"
    if color:
        worst = max((finding.severity or Severity.ERROR for finding in report.findings), default=None)
        found = f"{_COLORS[worst] if worst else _GREEN}{found}{_RESET}"
    silenced = f", {len(report.suppressed)} suppressed" if report.suppressed else ""
    where = f"{_plural(report.resources, 'resource')} in {_plural(report.files, 'file')}"
    lines = [f"{found}{silenced} ({where}, {report.seconds:.2f} s)"]
    safe, unsafe = (
        sum(finding.fix is not None and finding.fix.applicability is kind for finding in report.findings)
        for kind in (Applicability.SAFE, Applicability.UNSAFE)
    )
    if safe or unsafe:
        hints = [f"{safe} with `--fix`"] * bool(safe) + [f"{unsafe} with `--fix --unsafe-fixes`"] * bool(unsafe)
        lines.append(f"can be fixed: {', '.join(hints)}")
    lines += report.notes
    lines += [f"not checked: {reason}" for reason in report.not_checked]
    return "\n".join(lines)


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 or noun == "info" else f"{count} {noun}s"
