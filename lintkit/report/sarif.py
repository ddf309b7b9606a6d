"""Findings as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), for code scanning."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from lintkit import __version__
from lintkit.finding import Applicability, Finding, Severity
from lintkit.fingerprint import fingerprints
from lintkit.report.place import prefix
from lintkit.report.suggestion import Replacement, Suggestions

if TYPE_CHECKING:
    from lintkit.finding import Silenced
    from lintkit.outcome import Report
    from lintkit.rules._rule import Rule
    from lintkit.syntax.node import Place
    from lintkit.text.edit import Span
    from lintkit.text.source import Source

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.INFO: "note", Severity.WARNING: "warning", Severity.ERROR: "error"}


def render(report: Report, *, color: bool = False, quiet: bool = False) -> str:  # noqa: ARG001 - one call for all
    """The whole report."""
    return json.dumps(as_object(report), indent=2, ensure_ascii=False) + "\n"


def as_object(report: Report) -> dict[str, Any]:
    """The report as plain values."""
    rules = sorted(report.rules, key=lambda rule: rule.name)
    silenced = {id(one.finding): one for one in report.suppressed}
    found = sorted([*report.findings, *(one.finding for one in report.suppressed)], key=_order)
    marks = zip(found, fingerprints(found, report.sensitive), strict=True)
    writer = _Writer(report, {rule.name: index for index, rule in enumerate(rules)})
    results = [
        {
            **writer.result(finding),
            "partialFingerprints": {"lintkit/v1": mark},
            "suppressions": [_suppression(silenced[id(finding)])] if id(finding) in silenced else [],
        }
        for finding, mark in sorted(marks, key=lambda pair: id(pair[0]) in silenced)
    ]
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "lintkit",
                "semanticVersion": __version__,
                "rules": [_rule(rule) for rule in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"ROOT": {"description": {"text": "root of the repository"}}},
        "results": results,
        "invocations": [
            {
                "executionSuccessful": not report.failures,
                "toolExecutionNotifications": [
                    {"level": "error", "message": {"text": f"{failure.rule}: {failure.message}"}}
                    for failure in report.failures
                ]
                + [{"level": "note", "message": {"text": f"not checked: {text}"}} for text in report.not_checked],
            }
        ],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _order(finding: Finding) -> tuple[str, tuple[int, int], str, str]:
    return finding.path, finding.position, finding.rule, finding.message


def _rule(rule: Rule) -> dict[str, Any]:
    why = rule.section("Why")
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": f"{rule.summary}\n\n{why}" if why else rule.summary},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": [rule.category]},
    }


class _Writer:
    """Findings of one report as results."""

    def __init__(self, report: Report, indices: dict[str, int]) -> None:
        self.indices = indices
        self.suggestions = Suggestions(report)
        self.prefix = prefix(report.root)

    def result(self, finding: Finding) -> dict[str, Any]:
        result: dict[str, Any] = {
            "ruleId": finding.rule,
            "level": _LEVELS[finding.severity or Severity.ERROR],
            "message": {"text": finding.message},
            "locations": [self.location(finding.place)],
        }
        if finding.rule in self.indices:
            result["ruleIndex"] = self.indices[finding.rule]
        if finding.related:
            result["relatedLocations"] = [
                {**self.location(related.place), "id": number, "message": {"text": related.message}}
                for number, related in enumerate(finding.related, start=1)
            ]
        edits = self.suggestions.of(finding)
        if finding.fix is not None and finding.fix.applicability is not Applicability.DISPLAY and edits:
            result["fixes"] = [
                {
                    "description": {"text": finding.fix.title},
                    "artifactChanges": [
                        {
                            "artifactLocation": self.artifact(path),
                            "replacements": [_replacement(one) for one in found],
                        }
                        for path, found in groupby(edits, key=lambda one: one.source.path)
                    ],
                    "properties": {"applicability": finding.fix.applicability.value},
                }
            ]
        return result

    def location(self, place: Place) -> dict[str, Any]:
        return {
            "physicalLocation": {
                "artifactLocation": self.artifact(place.source.path),
                "region": _region(place.source, place.span),
            }
        }

    def artifact(self, path: str) -> dict[str, Any]:
        return {"uri": quote((self.prefix + path).encode("utf-8", "surrogateescape")), "uriBaseId": "ROOT"}


def _suppression(silenced: Silenced) -> dict[str, Any]:
    kind = "inSource" if silenced.in_source else "external"
    return {"kind": kind, "justification": silenced.reason} if silenced.reason else {"kind": kind}


def _replacement(one: Replacement) -> dict[str, Any]:
    return {"deletedRegion": _region(one.source, one.span), "insertedContent": {"text": one.text}}


def _region(source: Source, span: Span) -> dict[str, Any]:
    line, column = source.position(span.start)
    end_line, end_column = source.position(span.end)
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}
