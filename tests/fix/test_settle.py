"""Which fixes of a group stand: told apart with few trials, and what stands was tried as it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from lintkit.finding import Applicability, Finding, Fix
from lintkit.fix.settle import MOST_TRIALS, Failure, settle
from lintkit.syntax.node import Place
from lintkit.text.edit import Edit, Span
from lintkit.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SOURCE = Source("a.yaml", "x" * 1000)


def fixable(name: str, rule: str = "a-rule") -> Finding:
    """A finding whose fix is known by its name."""
    place = Place(SOURCE, Span(0, 1))
    edits = (Edit("a.yaml", Span(0, 0), name),)
    return Finding(place, name, rule=rule, fix=Fix(name, edits, Applicability.SAFE))


def judge(
    bad: set[str], pairs: set[frozenset[str]], needs: dict[str, str], *, names_suspects: bool
) -> tuple[Callable[[Sequence[Finding]], Failure | None], list[list[str]]]:
    """A trial: some are wrong alone, some beside another, some without another; and what was tried."""
    tried: list[list[str]] = []

    def trial(findings: Sequence[Finding]) -> Failure | None:
        names = [one.message for one in findings]
        tried.append(names)
        failure = Failure()
        for index, name in enumerate(names):
            if name in bad:
                failure.sure[index] = "the finding would still be there"
            if name in needs and needs[name] not in names:
                failure.conflicts.append(("alone", frozenset({index} if names_suspects else ())))
        for pair in pairs:
            if pair <= set(names):
                suspects = {index for index, name in enumerate(names) if name in pair}
                failure.conflicts.append(("both", frozenset(suspects if names_suspects else ())))
        return failure if failure.sure or failure.conflicts else None

    return trial, tried


def names(findings: Sequence[Finding]) -> list[str]:
    return [one.message for one in findings]


def test_what_stands_at_once_is_tried_once() -> None:
    trial, tried = judge(set(), set(), {}, names_suspects=True)
    settled = settle([fixable("a"), fixable("b")], trial)
    assert names(settled.stood) == ["a", "b"]
    assert tried == [["a", "b"]]


def test_a_sure_cause_goes_and_the_others_stand() -> None:
    trial, tried = judge({"b"}, set(), {}, names_suspects=True)
    settled = settle([fixable("a"), fixable("b"), fixable("c")], trial)
    assert names(settled.stood) == ["a", "c"]
    assert [(one.message, why) for one, why in settled.refused] == [("b", "the finding would still be there")]
    assert len(tried) == 2


def test_of_two_that_do_not_go_together_the_first_stands() -> None:
    group = [fixable(name) for name in "abcdefgh"]
    trial, tried = judge(set(), {frozenset("bg")}, {}, names_suspects=True)
    settled = settle(group, trial)
    assert sorted(names(settled.stood)) == list("abcdefh")
    assert [(one.message, why) for one, why in settled.refused] == [("g", "both")]
    assert tried == [list("abcdefgh"), list("acdefh"), [*"acdefh", "b"], [*"acdefh", "b", "g"]]


def test_places_that_have_nothing_to_do_with_each_other_are_told_apart_at_the_same_time() -> None:
    pairs = {frozenset(pair) for pair in ("ab", "cd", "ef", "gh", "ij", "kl", "mn", "op")}
    trial, tried = judge(set(), pairs, {}, names_suspects=True)
    settled = settle([fixable(name) for name in "abcdefghijklmnop"], trial)
    assert sorted(names(settled.stood)) == list("acegikmo")
    assert len(tried) == 3


def test_where_nobody_knows_the_cause_halves_tell_it() -> None:
    trial, tried = judge(set(), {frozenset("bg")}, {}, names_suspects=False)
    settled = settle([fixable(name) for name in "abcdefgh"], trial)
    assert sorted(names(settled.stood)) == list("abcdefh")
    assert len(tried) <= 8


def test_findings_with_one_fix_go_together() -> None:
    one, other = fixable("a"), fixable("a", "another-rule")
    trial, tried = judge({"a"}, set(), {}, names_suspects=True)
    settled = settle([one, other], trial)
    assert settled.stood == []
    assert [finding for finding, _ in settled.refused] == [one, other]
    assert tried == [["a", "a"]]


NAMES = st.sampled_from("abcdefghij")


@given(
    bad=st.sets(NAMES, max_size=3),
    pairs=st.sets(st.frozensets(NAMES, min_size=2, max_size=2), max_size=12),
    needs=st.dictionaries(NAMES, NAMES, max_size=5),
    names_suspects=st.booleans(),
)
def test_what_stands_stands_as_it_was_tried(
    bad: set[str], pairs: set[frozenset[str]], needs: dict[str, str], *, names_suspects: bool
) -> None:
    group = [fixable(name) for name in "abcdefghij"]
    trial, tried = judge(bad, pairs, needs, names_suspects=names_suspects)
    settled = settle(group, trial)
    assert sorted([*names(settled.stood), *(one.message for one, _ in settled.refused)]) == list("abcdefghij")
    assert len(tried) <= 2 * MOST_TRIALS
    assert not settled.stood or trial(settled.stood) is None
