"""Findings as JSON, for programs; docs/output.md describes the form."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lintkit.finding import Severity
from lintkit.report.suggestion import Suggestions

if TYPE_CHECKING:
    from lintkit.finding import Finding, Fix
    from lintkit.outcome import Report
    from lintkit.report.suggestion import Replacement
    from lintkit.syntax.node import Place

VERSION = 1


def render(report: Report, *, color: bool = False, quiet: bool = False) -> str:  # noqa: ARG001 - one call for all
    """The whole report."""
    return json.dumps(as_object(report), indent=2, ensure_ascii=False) + "\n"


def as_object(report: Report) -> dict[str, Any]:
    """The report as plain values."""
    suggestions = Suggestions(report)
    return {
        "version": VERSION,
        "findings": [_finding(finding, suggestions) for finding in report.findings],
        "summary": {
            **{str(severity): report.count(severity) for severity in sorted(Severity, reverse=True)},
            "suppressed": len(report.suppressed),
            "files": report.files,
            "resources": report.resources,
            "not_checked": list(report.not_checked),
        },
        "failures": [{"rule": failure.rule, "message": failure.message} for failure in report.failures],
    }


def _finding(finding: Finding, suggestions: Suggestions) -> dict[str, Any]:
    """One finding as plain values; a fix that writes or takes away a secret is told without its edits."""
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "message": finding.message,
        **_place(finding.place),
        "related": [{"message": related.message, **_place(related.place)} for related in finding.related],
        "fix": _fix(finding.fix, suggestions.of(finding)) if finding.fix else None,
    }


def _place(place: Place) -> dict[str, Any]:
    line, column = place.source.position(place.span.start)
    end_line, end_column = place.source.position(place.span.end)
    return {
        "path": place.source.path,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    }


def _fix(fix: Fix, edits: list[Replacement]) -> dict[str, Any]:
    return {
        "title": fix.title,
        "applicability": fix.applicability.value,
        "edits": [
            {"path": one.source.path, "start": one.span.start, "end": one.span.end, "text": one.text} for one in edits
        ],
    }
