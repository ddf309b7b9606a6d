"""A verdict as a JUnit report: a suite for each probe, a case for each expectation; what is not known is skipped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.report.xml_text import document, element
from lintkit.verify.as_text import position, related_of
from lintkit.verify.expectation import Outcome

if TYPE_CHECKING:
    from lintkit.verify.expectation import Result
    from lintkit.verify.outcome import Verdict


def render(verdict: Verdict, *, color: bool = False, quiet: bool = False) -> str:  # noqa: ARG001 - one call for all
    """The whole report."""
    root = element("testsuites", {"name": "lintkit verify", **_counts(verdict.results)})
    for probe in verdict.probes:
        results = [one for one in verdict.results if one.expectation.probe == probe.name]
        if not results:
            continue
        suite = element("testsuite", {"name": probe.name, **_counts(results)})
        for result in results:
            one = result.expectation
            line, _ = one.position
            name = f"{one.subject} {one.claim}"
            case = element("testcase", {"classname": probe.name, "name": name, "file": one.path, "line": line})
            if result.outcome is Outcome.PASS:
                case.append(element("system-out", {}, result.answer.evidence))
            else:
                tag = "failure" if result.outcome is Outcome.FAIL else "skipped"
                more = {"type": probe.name} if result.outcome is Outcome.FAIL else {}
                case.append(element(tag, {"message": result.answer.evidence, **more}, _words(result)))
            suite.append(case)
        root.append(suite)
    return document(root)


def _words(result: Result) -> str:
    one = result.expectation
    related = [f"{words}: {where}" for words, where in related_of(result)]
    return "\n".join([f"promised at {position(one.place)}", *related, f"$ {one.command}"])


def _counts(results: tuple[Result, ...] | list[Result]) -> dict[str, object]:
    count = {outcome: sum(one.outcome is outcome for one in results) for outcome in Outcome}
    return {"tests": len(results), "failures": count[Outcome.FAIL], "errors": 0, "skipped": count[Outcome.UNKNOWN]}
