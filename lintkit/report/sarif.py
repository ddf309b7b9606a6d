"""Findings as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), for code scanning."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from lintkit import __version__
from lintkit.finding import Finding, Severity

if TYPE_CHECKING:
    from lintkit.engine import Report
    from lintkit.rules._rule import Rule
    from lintkit.suppress import Silenced
    from lintkit.syntax.node import Place

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LINE = re.compile(r"\bline \d+\b")
_LEVELS = {Severity.INFO: "note", Severity.WARNING: "warning", Severity.ERROR: "error"}


def render(report: Report, *, color: bool = False, quiet: bool = False) -> str:  # noqa: ARG001 - one call for all
    """The whole report."""
    return json.dumps(as_object(report), indent=2, ensure_ascii=False) + "\n"


def as_object(report: Report) -> dict[str, Any]:
    """The report as plain values."""
    rules = sorted(report.rules, key=lambda rule: rule.name)
    indices = {rule.name: index for index, rule in enumerate(rules)}
    seen: dict[str, int] = {}
    results = [
        *({**_result(finding, indices, seen), "suppressions": []} for finding in report.findings),
        *({**_result(one.finding, indices, seen), "suppressions": [_suppression(one)]} for one in report.suppressed),
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
        "originalUriBaseIds": {"ROOT": {"description": {"text": "root of the linted tree"}}},
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


def _rule(rule: Rule) -> dict[str, Any]:
    why = rule.section("Why")
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": f"{rule.summary}\n\n{why}" if why else rule.summary},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": [rule.category]},
    }


def _result(finding: Finding, indices: dict[str, int], seen: dict[str, int]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "level": _LEVELS[finding.severity or Severity.ERROR],
        "message": {"text": finding.message},
        "locations": [_location(finding.place)],
        "partialFingerprints": {"lintkit/v1": fingerprint(finding, seen)},
    }
    if finding.rule in indices:
        result["ruleIndex"] = indices[finding.rule]
    if finding.related:
        result["relatedLocations"] = [
            {**_location(related.place), "id": number, "message": {"text": related.message}}
            for number, related in enumerate(finding.related, start=1)
        ]
    return result


def _suppression(silenced: Silenced) -> dict[str, Any]:
    kind = "inSource" if silenced.in_source else "external"
    return {"kind": kind, "justification": silenced.reason} if silenced.reason else {"kind": kind}


def fingerprint(finding: Finding, seen: dict[str, int]) -> str:
    """What stays the same when lines move: rule, file, message without lines, and which of its kind it is.

    Args:
        finding: The finding.
        seen: Counts those of one kind; start a run with an empty one.
    """
    message = _LINE.sub("line", finding.message)
    text = f"{finding.rule}\0{finding.path}\0{message}"
    seen[text] = seen.get(text, 0) + 1
    return sha256(f"{text}\0{seen[text]}".encode()).hexdigest()[:32]


def _location(place: Place) -> dict[str, Any]:
    line, column = place.source.position(place.span.start)
    end_line, end_column = place.source.position(place.span.end)
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(place.source.path), "uriBaseId": "ROOT"},
            "region": {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column},
        }
    }
