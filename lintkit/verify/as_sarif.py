"""A verdict as SARIF 2.1.0: what fails as an error, what is not known as `open`; what passes is only counted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from lintkit import __version__
from lintkit.report.place import prefix
from lintkit.report.sarif import SCHEMA
from lintkit.verify.as_text import counted
from lintkit.verify.expectation import Outcome

if TYPE_CHECKING:
    from lintkit.syntax.node import Place
    from lintkit.verify.expectation import Result
    from lintkit.verify.outcome import Verdict

_KINDS = {Outcome.FAIL: {"kind": "fail", "level": "error"}, Outcome.UNKNOWN: {"kind": "open", "level": "none"}}


def render(verdict: Verdict, *, color: bool = False, quiet: bool = False) -> str:  # noqa: ARG001 - one call for all
    """The whole report."""
    base = prefix(verdict.root)
    indices = {one.name: index for index, one in enumerate(verdict.probes)}
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "lintkit verify",
                "semanticVersion": __version__,
                "rules": [{"id": one.name, "shortDescription": {"text": one.summary}} for one in verdict.probes],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"ROOT": {"description": {"text": "root of the repository"}}},
        "results": [
            {**_result(one, base), "ruleIndex": indices[one.expectation.probe]}
            for one in verdict.results
            if one.outcome in _KINDS
        ],
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [
                    {"level": "note", "message": {"text": text}}
                    for text in (counted(verdict.results), *(f"not asked: {one}" for one in verdict.left_out))
                ],
            }
        ],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _result(result: Result, base: str) -> dict[str, Any]:
    one = result.expectation
    made: dict[str, Any] = {
        "ruleId": one.probe,
        **_KINDS[result.outcome],
        "message": {"text": f"{one.subject} {one.claim}: {result.answer.evidence}\n\n$ {one.command}"},
        "locations": [_location(one.place, base)],
        "partialFingerprints": {"lintkit/v1": f"{one.probe}/{one.subject}"},
    }
    related = (*result.answer.related, *one.related)
    if related:
        made["relatedLocations"] = [
            {**_location(item.place, base), "id": number, "message": {"text": item.message}}
            for number, item in enumerate(related, start=1)
        ]
    return made


def _location(place: Place, base: str) -> dict[str, Any]:
    line, column = place.source.position(place.span.start)
    end_line, end_column = place.source.position(place.span.end)
    uri = quote((base + place.source.path).encode("utf-8", "surrogateescape"))
    region = {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}
    return {"physicalLocation": {"artifactLocation": {"uri": uri, "uriBaseId": "ROOT"}, "region": region}}
