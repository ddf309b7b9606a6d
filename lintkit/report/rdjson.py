"""Findings for reviewdog, with fixes as suggestions that a reviewer can take with a click.

https://github.com/reviewdog/reviewdog/tree/master/proto/rdf (message DiagnosticResult)
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lintkit.finding import Applicability, Finding, Severity
from lintkit.report.place import prefix
from lintkit.report.suggestion import Suggestions

if TYPE_CHECKING:
    from lintkit.outcome import Report
    from lintkit.text.edit import Span
    from lintkit.text.source import Source


def render(report: Report, *, color: bool = False, quiet: bool = False) -> str:  # noqa: ARG001 - one call for all
    """The whole report."""
    before = prefix(report.root)
    suggestions = Suggestions(report)
    whole = {
        "source": {"name": "lintkit"},
        "diagnostics": [_diagnostic(finding, before, suggestions) for finding in report.findings],
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _diagnostic(finding: Finding, before: str, suggestions: Suggestions) -> dict[str, Any]:
    found: dict[str, Any] = {
        "message": finding.message,
        "location": {"path": before + finding.path, "range": _range(finding.place.source, finding.place.span)},
        "severity": str(finding.severity or Severity.ERROR).upper(),
        "code": {"value": finding.rule},
    }
    if finding.fix is not None and finding.fix.applicability is not Applicability.DISPLAY:
        one = suggestions.as_one(finding)
        if one is not None:
            found["suggestions"] = [{"range": _range(one.source, one.span), "text": one.text}]
    return found


def _range(source: Source, span: Span) -> dict[str, Any]:
    return {"start": _position(source, span.start), "end": _position(source, span.end)}


def _position(source: Source, offset: int) -> dict[str, int]:
    """Line, and column in bytes of UTF-8, both from 1."""
    line, column = source.position(offset)
    return {"line": line, "column": len(source.line(line)[: column - 1].encode("utf-8", "replace")) + 1}
