"""Findings as a code quality report of GitLab, shown in the widget and the diff of a merge request.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lintkit.finding import Severity
from lintkit.fingerprint import fingerprints
from lintkit.report.place import prefix

if TYPE_CHECKING:
    from lintkit.outcome import Report

_LEVELS = {Severity.INFO: "info", Severity.WARNING: "minor", Severity.ERROR: "major"}


def render(report: Report, *, color: bool = False, quiet: bool = False) -> str:  # noqa: ARG001 - one call for all
    """The whole report."""
    before = prefix(report.root)
    issues = [
        {
            "type": "issue",
            "check_name": finding.rule,
            "description": finding.message,
            "categories": ["Bug Risk"],
            "severity": _LEVELS[finding.severity or Severity.ERROR],
            "fingerprint": fingerprint,
            "location": {
                "path": before + finding.path,
                "lines": {"begin": finding.position[0], "end": finding.end_position[0]},
            },
        }
        for finding, fingerprint in zip(report.findings, fingerprints(report.findings, report.sensitive), strict=True)
    ]
    return json.dumps(issues, indent=2, ensure_ascii=False) + "\n"
