"""Asks a cluster what a plan expects: in parallel, and again while there is time."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from lintkit.verify.cluster import NoAccess, Unanswered
from lintkit.verify.expectation import Answer, Expectation, Outcome, Result, unknown
from lintkit.verify.live import Live
from lintkit.verify.trim import line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import timedelta

    from lintkit.verify.cluster import Cluster

_WORKERS = 8
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 10.0
_EVIDENCE = 600


class Progress(NamedTuple):
    """How far a round is.

    Attributes:
        results: What is answered so far, in no order.
        expected: How many expectations there are.
        seconds_left: Until waiting ends; 0 when nothing is waited for.
    """

    results: Sequence[Result]
    expected: int
    seconds_left: float


@dataclass(frozen=True, slots=True)
class Clock:
    """Time that passes, and how it is waited for."""

    seconds: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def ask(
    expectations: Sequence[Expectation],
    cluster: Cluster,
    namespaces: Iterable[str] = (),
    *,
    wait: timedelta | None = None,
    show: Callable[[Progress], None] | None = None,
    clock: Clock | None = None,
) -> tuple[Result, ...]:
    """Ask everything once; with `wait`, ask again what does not pass, until it passes or the time is over.

    Args:
        expectations: What to ask for.
        cluster: Who answers.
        namespaces: What may be listed one by one where the whole cluster may not be.
        wait: How long to ask again.
        show: Told of every answer.
        clock: Time; that of this machine when None.

    Returns:
        A result for each expectation, in their order.
    """
    clock = clock or Clock()
    until = clock.seconds() + (wait.total_seconds() if wait else 0.0)
    live = Live(cluster, namespaces)
    results: dict[int, Result] = {}
    pause = _FIRST_PAUSE
    while True:
        cluster.begin()
        open_ones = [
            number for number in range(len(expectations))
            if number not in results or results[number].outcome is not Outcome.PASS
        ]  # fmt: skip
        _round(expectations, open_ones, live, results, show, lambda: max(0.0, until - clock.seconds()))
        if not any(_may_heal(result) for result in results.values()):
            break
        if not cluster.may_ask_again(until - clock.seconds()):
            break
        clock.sleep(min(pause, max(0.0, until - clock.seconds())))
        pause = min(pause * 2, _LONGEST_PAUSE)
        live = live.again()
    return tuple(results[number] for number in range(len(expectations)))


def _may_heal(result: Result) -> bool:
    return result.outcome is not Outcome.PASS and not result.answer.is_lasting


def _round(
    expectations: Sequence[Expectation],
    numbers: Sequence[int],
    live: Live,
    results: dict[int, Result],
    show: Callable[[Progress], None] | None,
    left: Callable[[], float],
) -> None:
    pool = ThreadPoolExecutor(_WORKERS, "lintkit-verify")
    try:
        asked = {pool.submit(answer, expectations[number], live): number for number in numbers}
        for done in as_completed(asked):
            number = asked[done]
            results[number] = Result(expectations[number], done.result())
            if show is not None:
                show(Progress(tuple(results.values()), len(expectations), left()))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)  # after Ctrl-C nobody waits for answers


def answer(expectation: Expectation, live: Live) -> Answer:
    """The answer to one question; whatever goes wrong, it is an answer."""
    try:
        found = expectation.question(live)
    except NoAccess as refusal:
        return unknown(_line(str(refusal)), is_lasting=True)
    except Unanswered as refusal:
        return unknown(_line(str(refusal)))
    except Exception as error:  # noqa: BLE001 - an object of a form that a probe does not know must not take the run down
        text = f"{type(error).__name__}: {error}"
        return unknown(_line(f"internal error in probe {expectation.probe}, nothing is known: {text}"), is_lasting=True)
    return Answer(found.outcome, _line(found.evidence), found.related, found.is_lasting)


def _line(text: str) -> str:
    return line(text, _EVIDENCE)
