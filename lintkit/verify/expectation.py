"""What must be true in the cluster, and what was found there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from lintkit.finding import Related
    from lintkit.syntax.node import Place
    from lintkit.verify.live import Live


class Outcome(Enum):
    """How an expectation stands; `unknown` is never taken for a pass."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the cluster says to one expectation.

    Attributes:
        outcome: Pass, fail or unknown.
        evidence: What was seen, in one line; why it is unknown.
        related: Places in the tree that explain it.
        is_lasting: Whether waiting cannot change it: no access, suspended.
    """

    outcome: Outcome
    evidence: str
    related: tuple[Related, ...] = ()
    is_lasting: bool = False


Question = Callable[["Live"], Answer]


class Need(NamedTuple):
    """A right in one namespace that a question needs, besides those to list kinds.

    Attributes:
        resource: `secrets`, `services`, `pods/exec`, `pods/log` or `pods/portforward`.
        namespace: Where.
        names: The objects it is about; empty for all.
    """

    resource: str
    namespace: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Expectation:
    """One thing that the tree promises.

    Attributes:
        probe: Name of the probe; the registry fills it in.
        subject: The object it is about: `Kustomization/flux-system/apps`.
        claim: What must be true of it; reads on after the subject.
        place: Where the tree promises it.
        command: What a person would type to see it.
        question: Asks for it.
        namespace: Namespace of the subject; empty when it has none.
        related: Other places it rests on.
        needs: Rights that its question needs in single namespaces.
    """

    subject: str
    claim: str
    place: Place
    command: str
    question: Question
    namespace: str = ""
    related: tuple[Related, ...] = ()
    probe: str = ""
    needs: tuple[Need, ...] = ()

    @property
    def path(self) -> str:
        """The file that promises it."""
        return self.place.source.path

    @property
    def position(self) -> tuple[int, int]:
        """1-based line and column of the promise."""
        return self.place.source.position(self.place.span.start)


@dataclass(frozen=True, slots=True)
class Result:
    """An expectation and its answer."""

    expectation: Expectation
    answer: Answer

    @property
    def outcome(self) -> Outcome:
        """Pass, fail or unknown."""
        return self.answer.outcome


def passed(evidence: str) -> Answer:
    """It is true."""
    return Answer(Outcome.PASS, evidence)


def failed(evidence: str, *related: Related) -> Answer:
    """It is not true."""
    return Answer(Outcome.FAIL, evidence, related)


def unknown(reason: str, *related: Related, is_lasting: bool = False) -> Answer:
    """It cannot be told."""
    return Answer(Outcome.UNKNOWN, reason, related, is_lasting)
