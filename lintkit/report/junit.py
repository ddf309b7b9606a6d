"""Findings as a JUnit report: a test suite for each file, a test case for each finding.

https://github.com/testmoapp/junitxml
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from lintkit.finding import Severity
from lintkit.report.xml_text import document, element

if TYPE_CHECKING:
    from lintkit.finding import Finding
    from lintkit.outcome import Report


def render(report: Report, *, color: bool = False, quiet: bool = False) -> str:  # noqa: ARG001 - one call for all
    """The whole report; findings that do not fail the run are cases that pass, with their words as output."""
    failing = [one for one in report.findings if _fails(one, report)]
    cases = len(report.findings) + len(report.failures)
    counts = {"tests": cases or 1, "failures": len(failing), "errors": len(report.failures), "skipped": 0}
    root = element("testsuites", {"name": "lintkit", **counts})
    for path, found in groupby(report.findings, key=lambda one: one.path):
        findings = list(found)
        failed = sum(_fails(one, report) for one in findings)
        suite = element("testsuite", {"name": path, **_counts(len(findings), failed, 0)})
        for finding in findings:
            line, column = finding.position
            where = f"{path}:{line}:{column}"
            case = element(
                "testcase",
                {"classname": path, "name": f"{finding.rule} at {line}:{column}", "file": path, "line": line},
            )
            words = f"{where}: {finding.severity}: {finding.message} [{finding.rule}]"
            if _fails(finding, report):
                case.append(element("failure", {"type": finding.rule, "message": finding.message}, words))
            else:
                case.append(element("system-out", {}, words))
            suite.append(case)
        root.append(suite)
    if report.failures or not report.findings:
        broken = len(report.failures)
        suite = element("testsuite", {"name": "lintkit", **_counts(broken or 1, 0, broken)})
        for failure in report.failures:
            case = element("testcase", {"classname": "lintkit", "name": failure.rule})
            case.append(element("error", {"type": "internal error", "message": failure.message}, failure.message))
            suite.append(case)
        if not report.failures:
            suite.append(element("testcase", {"classname": "lintkit", "name": "no findings"}))
        root.append(suite)
    return document(root)


def _fails(finding: Finding, report: Report) -> bool:
    return (finding.severity or Severity.ERROR) >= report.fail_on


def _counts(tests: int, failures: int, errors: int) -> dict[str, object]:
    return {"tests": tests, "failures": failures, "errors": errors, "skipped": 0}
