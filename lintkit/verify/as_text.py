"""A verdict for a person at a terminal: one line for each expectation, and where to look for those that are not met."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.verify.expectation import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lintkit.syntax.node import Place
    from lintkit.verify.expectation import Result
    from lintkit.verify.outcome import Verdict

_COLORS = {Outcome.PASS: "\x1b[32m", Outcome.FAIL: "\x1b[1;31m", Outcome.UNKNOWN: "\x1b[1;33m"}
_BOLD, _DIM, _RESET = "\x1b[1m", "\x1b[2m", "\x1b[0m"
_WORDS = {Outcome.PASS: "pass", Outcome.FAIL: "FAIL", Outcome.UNKNOWN: "unknown"}
_WIDTH = max(len(word) for word in _WORDS.values())


def render(verdict: Verdict, *, color: bool = False, quiet: bool = False) -> str:
    """The whole report; `quiet` leaves out what passes."""
    shown = [one for one in verdict.results if not quiet or one.outcome is not Outcome.PASS]
    lines = [line for result in shown for line in _result(result, color=color)]
    return "".join(f"{line}\n" for line in (*lines, *([""] if lines else []), summary(verdict, color=color)))


def _result(result: Result, *, color: bool) -> Iterator[str]:
    def paint(code: str, text: str) -> str:
        return f"{code}{text}{_RESET}" if color else text

    one = result.expectation
    word = paint(_COLORS[result.outcome], f"{_WORDS[result.outcome]:{_WIDTH}}")
    text = printable(f"{one.subject} {one.claim}: {result.answer.evidence}")
    yield f"{word}  {text} {paint(_DIM, f'[{one.probe}]')}"
    if result.outcome is Outcome.PASS:
        return
    margin = " " * (_WIDTH + 2)
    yield f"{margin}promised at {paint(_BOLD, position(one.place))}"
    for related in related_of(result):
        yield f"{margin}{related[0]}: {related[1]}"
    yield f"{margin}{paint(_DIM, '$')} {printable(one.command)}"


def printable(text: str) -> str:
    """A text of a tree or of a cluster, without what a terminal would take for orders."""
    return "".join(one if one.isprintable() else "�" for one in text)


def position(place: Place) -> str:
    """`path:line:column`."""
    line, column = place.source.position(place.span.start)
    return printable(f"{place.source.path}:{line}:{column}")


def related_of(result: Result) -> list[tuple[str, str]]:
    """What else explains a result: (words, `path:line:column`), each once."""
    found = [
        (printable(one.message), position(one.place)) for one in (*result.answer.related, *result.expectation.related)
    ]
    return list(dict.fromkeys(one for one in found if one[1] != position(result.expectation.place)))


def summary(verdict: Verdict, *, color: bool = False) -> str:
    """The last lines: counts, time, and what was not asked."""
    counts = counted(verdict.results)
    worst = next((one for one in (Outcome.FAIL, Outcome.UNKNOWN) if verdict.count(one)), Outcome.PASS)
    if color:
        counts = f"{_COLORS[worst]}{counts}{_RESET}"
    took = f", {verdict.seconds:.1f} s" if verdict.seconds else ""
    calls = f", {verdict.calls} calls" if verdict.calls else ""
    lines = [f"{counts} (cluster `{verdict.cluster}`{calls}{took})"]
    return "\n".join([*lines, *(f"not asked: {one}" for one in verdict.left_out)])


def counted(results: Sequence[Result]) -> str:
    """`3 pass, 1 fail`."""
    found = [(sum(one.outcome is outcome for one in results), outcome.value) for outcome in Outcome]
    return ", ".join(f"{count} {word}" for count, word in found if count) or "nothing was asked"
