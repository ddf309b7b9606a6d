"""Findings as JSON, for programs; docs/output.md describes the form."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lintkit.finding import Severity

if TYPE_CHECKING:
    from lintkit.finding import Finding, Fix
    from lintkit.outcome import Report
    from lintkit.syntax.node import Place

VERSION = 1
_LONG_ENOUGH = 4


def render(report: Report, *, color: bool = False, quiet: bool = False) -> str:  # noqa: ARG001 - one call for all
    """The whole report."""
    return json.dumps(as_object(report), indent=2, ensure_ascii=False) + "\n"


def as_object(report: Report) -> dict[str, Any]:
    """The report as plain values."""
    secrets = _secrets(report)
    return {
        "version": VERSION,
        "findings": [finding_object(finding, secrets) for finding in report.findings],
        "summary": {
            **{str(severity): report.count(severity) for severity in sorted(Severity, reverse=True)},
            "suppressed": len(report.suppressed),
            "files": report.files,
            "resources": report.resources,
            "not_checked": list(report.not_checked),
        },
        "failures": [{"rule": failure.rule, "message": failure.message} for failure in report.failures],
    }


def finding_object(finding: Finding, secrets: frozenset[str] = frozenset()) -> dict[str, Any]:
    """One finding as plain values; a fix that would write one of the secrets is told without its edits."""
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "message": finding.message,
        **_place(finding.place),
        "related": [{"message": related.message, **_place(related.place)} for related in finding.related],
        "fix": _fix(finding.fix, secrets) if finding.fix else None,
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


def _secrets(report: Report) -> frozenset[str]:
    """The texts that are never shown."""
    found: set[str] = set()
    tree = report.tree if any(one.fix for one in report.findings) else None
    for path, spans in report.sensitive.items() if tree is not None else ():
        source = tree.repository.source(path) if tree is not None else None
        for span in spans if source is not None else ():
            lines = source.text[span.start : span.end].splitlines() if source is not None else []
            found.update(text for line in lines if len(text := line.strip().strip("\"'")) >= _LONG_ENOUGH)
    return frozenset(found)


def _fix(fix: Fix, secrets: frozenset[str]) -> dict[str, Any]:
    is_shown = not any(secret in edit.text for edit in fix.edits for secret in secrets)
    return {
        "title": fix.title,
        "applicability": fix.applicability.value,
        "edits": [
            {"path": edit.path, "start": edit.span.start, "end": edit.span.end, "text": edit.text}
            for edit in fix.edits
            if is_shown
        ],
    }
