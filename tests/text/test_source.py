"""Offsets, lines and columns; bytes into text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintkit.text.source import Source, decode, is_commented


@pytest.mark.parametrize(
    ("text", "offset", "position"),
    [
        ("", 0, (1, 1)),
        ("a", 0, (1, 1)),
        ("a", 9, (1, 2)),
        ("a", -1, (1, 1)),
        ("ab\ncd", 1, (1, 2)),
        ("ab\ncd", 2, (1, 3)),
        ("ab\ncd", 3, (2, 1)),
        ("ab\n", 3, (2, 1)),
        ("ab\r\ncd", 4, (2, 1)),
        ("ab\r\ncd", 3, (1, 4)),
        ("ab\rcd", 3, (2, 1)),
        ("\ufeffab", 1, (1, 1)),
        ("\ufeffab", 2, (1, 2)),
        ("\ufeffab\ncd", 5, (2, 2)),
        ("äöü\n€x", 5, (2, 2)),
        ("a\u2028b\x85c", 4, (1, 5)),
    ],
)
def test_position(text: str, offset: int, position: tuple[int, int]) -> None:
    assert Source("a.yaml", text).position(offset) == position


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a\n", ["a"]),
        ("a\n\nb", ["a", "", "b"]),
        ("a\r\nb\r\n", ["a", "b"]),
        ("\ufeffa\nb\n", ["a", "b"]),
        ("\n", [""]),
    ],
)
def test_lines(text: str, lines: list[str]) -> None:
    source = Source("a.yaml", text)
    assert source.line_count == len(lines)
    assert [source.line(number) for number in range(1, len(lines) + 1)] == lines


@given(st.text(alphabet="a\n\r\ufeffé€", max_size=40), st.integers(0, 40))
def test_a_position_leads_back_to_its_offset(text: str, offset: int) -> None:
    source = Source("a.yaml", text)
    offset = min(offset, len(text))
    line, column = source.position(offset)
    mark = line == 1 and text.startswith("\ufeff") and offset > 0
    assert source.line_starts[line - 1] + column - 1 + mark == offset


@pytest.mark.parametrize(
    ("raw", "text", "broken"),
    [
        (b"a: b", "a: b", None),
        ("ä: €".encode(), "ä: €", None),
        (b"\xef\xbb\xbfa: b", "\ufeffa: b", None),
        ("a: b".encode("utf-16"), "a: b", None),
        (b"\xfe\xff" + "a: b".encode("utf-16-be"), "a: b", None),
        (b"a: caf\xe9", "a: caf\ufffd", 6),
        ("ä".encode() + b"\xff", "ä\ufffd", 1),
        (b"\xff\xfea\x00\x00\xd8", "a\ufffd", 1),
        (b"", "", None),
    ],
)
def test_decode(raw: bytes, text: str, broken: int | None) -> None:
    assert decode(raw) == (text, broken)


@pytest.mark.parametrize(
    ("text", "offset", "answer"),
    [("# a\nb", 2, True), ("# a\nb", 4, False), ("  // a", 5, True), ("; a", 2, True), ("a # b", 4, False)],
)
def test_is_commented(text: str, offset: int, answer: bool) -> None:
    assert is_commented(text, offset) is answer


def test_a_source_shows_its_path_and_never_its_text() -> None:
    assert repr(Source("a.yaml", "password: x")) == "Source('a.yaml', 11 characters)"
