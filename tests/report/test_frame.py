"""Lines of source with what is underlined, secrets masked."""

from __future__ import annotations

import pytest

from lintkit.report.frame import frame, masked_line
from lintkit.syntax.node import Place
from lintkit.text.edit import Span
from lintkit.text.source import Source

M = "•" * 8


def shown(text: str, wanted: str, *secrets: str) -> str:
    """The frame around a part of a text, as two lines."""
    source = Source("a.yaml", text)
    start = text.index(wanted)
    spans = [Span(text.index(one), text.index(one) + len(one)) for one in secrets]
    _, line, begin, length = frame(Place(source, Span(start, start + len(wanted))), spans)
    return f"{line}\n{' ' * begin}{'^' * length}"


@pytest.mark.parametrize(
    ("text", "wanted", "secrets", "expected"),
    [
        ("a: b\n", "b", (), "a: b\n   ^"),
        ("\ta: b\r\n", "b", (), " a: b\n    ^"),
        ("\ufeffa: b\n", "b", (), "a: b\n   ^"),
        ("a: b\n  c\n", "b\n  c", (), "a: b\n   ^"),
        ("a: pw # why\n", "pw", ("pw",), f"a: {M} # why\n   ^^^^^^^^"),
        ("a: pw # why\n", "why", ("pw",), f"a: {M} # why\n              ^^^"),
        ("a: 0123456789abc # why\n", "0123456789abc", ("0123456789abc",), f"a: {M} # why\n   ^^^^^^^^"),
        ("a: secret\n", "cre", ("secret",), f"a: {M}\n   ^^^^^^^^"),
        ("u://a:pw@h\n", "u://a:pw@h", ("pw",), f"u://a:{M}@h\n^^^^^^^^^^^^^^^^"),
        ("[ab, cd]\n", "cd", ("ab", "cd"), f"[{M}, {M}]\n           ^^^^^^^^"),
        ("abcd\n", "abcd", ("abc", "cd"), f"{M}\n^^^^^^^^"),
        ("a: |\n  one\n  two\n", "two", ("|\n  one\n  two",), f"{M}\n^^^^^^^^"),
    ],
)
def test_frame(text: str, wanted: str, secrets: tuple[str, ...], expected: str) -> None:
    assert shown(text, wanted, *secrets) == expected


def test_a_long_line_is_cut_around_what_is_underlined() -> None:
    line, marks = shown(f"{'x' * 300}here{'y' * 300}\n", "here").split("\n")
    assert line.startswith("…x")
    assert line.endswith("y…")
    assert len(line) < 170
    assert line[marks.index("^") : marks.index("^") + marks.count("^")] == "here"


def test_a_line_inside_of_a_secret_says_nothing_of_it() -> None:
    source = Source("a.yaml", "a: |\n  one\n\n  twelve\n")
    assert [masked_line(source, line, [Span(3, 21)]) for line in (1, 2, 3, 4)] == [f"a: {M}", M, "", M]
