"""Findings as JSON, for programs; docs/output.md describes the form."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lintkit.finding import Severity

if TYPE_CHECKING:
    from lintkit.engine import Report
    from lintkit.finding import Finding, Fix
    from lintkit.syntax.node import Place

VERSION = 1


def render(report: Report, *, color: bool = False, quiet: bool = False) -> str:  # noqa: ARG001 - one call for all
    """The whole report."""
    return json.dumps(as_object(report), indent=2, ensure_ascii=False) + "\n"


def as_object(report: Report) -> dict[str, Any]:
    """The report as plain values."""
    return {
        "version": VERSION,
        "findings": [finding_object(finding) for finding in report.findings],
        "summary": {
            **{str(severity): report.count(severity) for severity in sorted(Severity, reverse=True)},
            "suppressed": len(report.suppressed),
            "files": report.files,
            "resources": report.resources,
            "not_checked": list(report.not_checked),
        },
        "failures": [{"rule": failure.rule, "message": failure.message} for failure in report.failures],
    }


def finding_object(finding: Finding) -> dict[str, Any]:
    """One finding as plain values."""
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "message": finding.message,
        **_place(finding.place),
        "related": [{"message": related.message, **_place(related.place)} for related in finding.related],
        "fix": _fix(finding.fix) if finding.fix else None,
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


def _fix(fix: Fix) -> dict[str, Any]:
    return {
        "title": fix.title,
        "applicability": fix.applicability.value,
        "edits": [
            {"path": edit.path, "start": edit.span.start, "end": edit.span.end, "text": edit.text} for edit in fix.edits
        ],
    }
