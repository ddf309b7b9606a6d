"""A verdict as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lintkit import __version__
from lintkit.verify.expectation import Outcome

if TYPE_CHECKING:
    from lintkit.syntax.node import Place
    from lintkit.verify.expectation import Result
    from lintkit.verify.outcome import Verdict


def render(verdict: Verdict, *, color: bool = False, quiet: bool = False) -> str:  # noqa: ARG001 - one call for all
    """The whole report."""
    whole = {
        "version": __version__,
        "cluster": verdict.cluster,
        "counts": {outcome.value: verdict.count(outcome) for outcome in Outcome},
        "left_out": list(verdict.left_out),
        "results": [_result(one) for one in verdict.results],
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _result(result: Result) -> dict[str, Any]:
    one = result.expectation
    related = {
        (item.message, item.place.source.path, item.place.span.start): item
        for item in (*result.answer.related, *one.related)
    }
    return {
        "probe": one.probe,
        "outcome": result.outcome.value,
        "subject": one.subject,
        "claim": one.claim,
        "evidence": result.answer.evidence,
        "namespace": one.namespace,
        **_place(one.place),
        "command": one.command,
        "related": [{"message": item.message, **_place(item.place)} for item in related.values()],
    }


def _place(place: Place) -> dict[str, Any]:
    line, column = place.source.position(place.span.start)
    return {"path": place.source.path, "line": line, "column": column}
