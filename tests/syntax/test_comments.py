# ruff: noqa: E501 - one case a line reads as a table
"""Comments, and the suppressions in them."""

from __future__ import annotations

import pytest

from lintkit.syntax.comments import Suppression, comments, suppressions, without
from lintkit.syntax.parser import parse
from lintkit.text.edit import Span, apply
from lintkit.text.source import Source


def found(text: str) -> list[str]:
    stream = parse(Source("a.yaml", text))
    return [text[span.start : span.end] for span in comments(stream)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# a\nb: c # d\n", ["# a", "# d"]),
        ("a: b#c\n", []),
        ("a: 'b # c' # d\n", ["# d"]),
        ('a: "b # c"\n', []),
        ("a: b\n  # c\n  d: e\n".replace("  d: e\n", ""), ["# c"]),
        ("a: |\n  # b\n  c # d\n", ["# b", "# d"]),
        ("a: [b, # c\n  d] # e\n", ["# c", "# e"]),
        ("a: # b\n  c: d\n", ["# b"]),
        ("#a\r\nb: c #d\r\n", ["#a", "#d"]),
        ("a: x\n  # not a comment in a plain scalar\n", ["# not a comment in a plain scalar"]),
        ("'# a': b # c\n", ["# c"]),
        ("# only\n", ["# only"]),
        ("", []),
    ],
)
def test_comments(text: str, expected: list[str]) -> None:
    assert found(text) == expected


def directive(text: str) -> list[tuple[str, int, str, str]]:
    return [(one.rule, one.line, one.reason, one.mistake) for one in suppressions(parse(Source("a.yaml", text)))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: b # lintkit: ignore[x-y] because\n", [("x-y", 1, "because", "")]),
        ("# lintkit: ignore[x] why\na: b\n", [("x", 2, "why", "")]),
        ("# lintkit: ignore[x] why\n# more words\n# and more\na: b\n", [("x", 4, "why", "")]),
        ("a: b\n# lintkit: ignore-file[x] why\n", [("x", 0, "why", "")]),
        ("a: b # lintkit: ignore[x, y] why\n", [("x", 1, "why", ""), ("y", 1, "why", "")]),
        ("a: b # lintkit: ignore[x]\n", [("x", 1, "", "no reason is given after the bracket")]),
        ("a: b # lintkit:ignore[x]   two words  \n", [("x", 1, "two words", "")]),
        ("a: b # lintkit: ignore why\n", [("", 1, "why", "`ignore` names no rule; expected `ignore[rule-name] reason`")]),
        ("a: b # lintkit: ignore[] why\n", [("", 1, "why", "`ignore` names no rule; expected `ignore[rule-name] reason`")]),
        ("a: b # lintkit: skip[x] why\n", [("", 1, "why", "`skip` is not `ignore` or `ignore-file`")]),
        ("a: |\n  b # lintkit: ignore[x] why\n", [("x", 2, "why", "")]),
        ("a: 'b # lintkit: ignore[x] why'\n", []),
        ("a: b\r\n# lintkit: ignore[x] why\r\nc: d\r\n", [("x", 3, "why", "")]),
        ("\ufeff# lintkit: ignore[x] why\na: b\n", [("x", 2, "why", "")]),
        ("a: b # nothing\n", []),
    ],
)  # fmt: skip
def test_suppressions(text: str, expected: list[tuple[str, int, str, str]]) -> None:
    assert directive(text) == expected


def test_a_suppression_points_at_the_name_of_its_rule() -> None:
    text = "a: b # lintkit: ignore[x, long-name] why\n"
    names = [text[one.span.start : one.span.end] for one in suppressions(parse(Source("a.yaml", text)))]
    assert names == ["x", "long-name"]
    assert suppressions(parse(Source("a.yaml", text)))[0] == Suppression("x", (23, 24), 1, "why")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "rule", "after"),
    [
        ("a: b # lintkit: ignore[x] why\n", "x", "a: b\n"),
        ("a: b # lintkit: ignore[x, y] why\n", "x", "a: b # lintkit: ignore[y] why\n"),
        ("a: b # lintkit: ignore[x, y] why\n", "y", "a: b # lintkit: ignore[x] why\n"),
        ("a: b # lintkit: ignore[x, y, z] why\n", "y", "a: b # lintkit: ignore[x, z] why\n"),
        ("a: b\n  # lintkit: ignore[x] why\nc: d\n", "x", "a: b\nc: d\n"),
        ("\ufeff# lintkit: ignore-file[x] why\r\na: b\r\n", "x", "\ufeffa: b\r\n"),
        ("a: b  # lintkit: ignore[x] why", "x", "a: b"),
    ],
)
def test_a_name_is_taken_out_of_a_suppression(before: str, rule: str, after: str) -> None:
    source = Source("a.yaml", before)
    span = next(one.span for one in suppressions(parse(source)) if one.rule == rule)
    edit = without(source, span)
    assert edit is not None
    assert apply(before, [edit]) == after


def test_what_is_no_name_in_a_suppression_stays() -> None:
    assert without(Source("a.yaml", "a: b # x\n"), Span(7, 8)) is None
    assert without(Source("a.yaml", "a: b # lintkit: ignore[x] x\n"), Span(26, 27)) is None
