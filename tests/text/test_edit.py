"""Edits: what lies outside of them never changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintkit.text.edit import Edit, OverlappingEditsError, Span, apply


def edit(start: int, end: int, text: str) -> Edit:
    return Edit("a.yaml", Span(start, end), text)


@pytest.mark.parametrize(
    ("edits", "after"),
    [
        ([], "abcdef"),
        ([edit(0, 1, "X")], "Xbcdef"),
        ([edit(5, 6, "")], "abcde"),
        ([edit(3, 3, "-")], "abc-def"),
        ([edit(4, 5, "E"), edit(1, 2, "B")], "aBcdEf"),
        ([edit(1, 2, "B"), edit(2, 3, "C")], "aBCdef"),
        ([edit(2, 2, "1"), edit(2, 2, "2")], "ab12cdef"),
        ([edit(2, 4, "XY"), edit(2, 2, "1")], "ab1XYef"),
        ([edit(6, 6, "\n")], "abcdef\n"),
    ],
)
def test_apply(edits: list[Edit], after: str) -> None:
    assert apply("abcdef", edits) == after


@pytest.mark.parametrize(
    "edits",
    [
        [edit(0, 3, ""), edit(2, 4, "")],
        [edit(0, 4, ""), edit(1, 2, "")],
        [edit(0, 4, ""), edit(2, 2, "x")],
        [edit(5, 7, "")],
        [edit(3, 2, "")],
        [edit(-1, 2, "")],
    ],
)
def test_edits_that_overlap_or_leave_the_text(edits: list[Edit]) -> None:
    with pytest.raises(OverlappingEditsError, match=r"edits overlap or leave the text at a\.yaml:"):
        apply("abcdef", edits)


@pytest.mark.parametrize(
    ("one", "other", "answer"),
    [
        (Span(0, 2), Span(1, 3), True),
        (Span(0, 2), Span(2, 3), False),
        (Span(0, 4), Span(2, 2), True),
        (Span(2, 2), Span(2, 2), False),
        (Span(2, 2), Span(2, 4), False),
    ],
)
def test_overlaps(one: Span, other: Span, answer: bool) -> None:
    assert one.overlaps(other) is answer
    assert other.overlaps(one) is answer


@st.composite
def texts_with_edits(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    text = draw(st.text(alphabet="ab:\n\r -#é", max_size=60))
    marks = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8, unique=True)))
    pairs = zip(marks[::2], marks[1::2], strict=False)
    edits = [edit(start, end, draw(st.text(alphabet="xyz\n", max_size=4))) for start, end in pairs]
    return text, draw(st.permutations(edits))


@given(texts_with_edits())
def test_characters_outside_of_the_edits_never_change(case: tuple[str, list[Edit]]) -> None:
    text, edits = case
    after = apply(text, edits)
    at = shift = 0
    for one in sorted(edits):
        assert after[at + shift : one.span.start + shift] == text[at : one.span.start]
        assert after[one.span.start + shift :].startswith(one.text)
        shift += len(one.text) - (one.span.end - one.span.start)
        at = one.span.end
    assert after[at + shift :] == text[at:]
