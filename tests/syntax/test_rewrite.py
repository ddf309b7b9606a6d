# ruff: noqa: E501 - one case a line reads as a table
"""Edits of YAML: what they change, and that they change nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lintkit.syntax import rewrite
from lintkit.syntax.node import Mapping, Node, Scalar, Sequence, scalars
from lintkit.syntax.parser import parse
from lintkit.syntax.plain import flux_value, kubectl_value
from lintkit.text.edit import apply
from lintkit.text.source import Source

if TYPE_CHECKING:
    from lintkit.text.edit import Edit


def node_at(text: str, *path: str | int) -> Node:
    root = parse(Source("a.yaml", text)).documents[0].root
    assert root is not None
    node = root.at(*path)
    assert node is not None
    return node


def scalar_at(text: str, *path: str | int) -> Scalar:
    node = node_at(text, *path)
    assert isinstance(node, Scalar)
    return node


def mapping_at(text: str, *path: str | int) -> Mapping:
    node = node_at(text, *path)
    assert isinstance(node, Mapping)
    return node


def sequence_at(text: str, *path: str | int) -> Sequence:
    node = node_at(text, *path)
    assert isinstance(node, Sequence)
    return node


def done(text: str, edits: list[Edit] | None) -> str:
    assert edits is not None
    return apply(text, edits)


@pytest.mark.parametrize(
    ("text", "style", "written"),
    [
        ("plain", "", "plain"),
        ("two words", "", "two words"),
        ("plain", "'", "'plain'"),
        ("plain", '"', '"plain"'),
        ("it's", "'", "'it''s'"),
        ("it's", "", '"it\'s"'),
        ("yes", "", '"yes"'),
        ("true", "", '"true"'),
        ("0755", "", '"0755"'),
        ("1e3", "", '"1e3"'),
        ("12:30", "", '"12:30"'),
        ("2024-01-15", "", '"2024-01-15"'),
        ("", "", '""'),
        (" a", "", '" a"'),
        ("a: b", "", '"a: b"'),
        ("a #b", "", '"a #b"'),
        ("- a", "", '"- a"'),
        ("a\nb", "'", '"a\\nb"'),
        ("a\x00b", "", '"a\\x00b"'),
        ("a\u2028b", "", '"a\\u2028b"'),
        ("back\\slash", '"', '"back\\\\slash"'),
        ("/path/to.yaml", "", "/path/to.yaml"),
    ],
)
def test_quoted(text: str, style: str, written: str) -> None:
    assert rewrite.quoted(text, style) == written
    assert yaml.safe_load(written) == text


@given(st.text(max_size=20), st.sampled_from(["", "'", '"']))
def test_what_is_quoted_reads_back(text: str, style: str) -> None:
    if any(0xD800 <= ord(char) < 0xE000 for char in text):
        return
    written = f"a: {rewrite.quoted(text, style)} # c\nb: 1\n"
    stream = parse(Source("a.yaml", written))
    assert stream.error is None
    root = stream.documents[0].root
    assert root is not None
    assert root.value == {"a": text, "b": 1}
    plain = root.at("a")
    if isinstance(plain, Scalar) and not plain.style:
        assert flux_value(text) == kubectl_value(text) == text


@pytest.mark.parametrize(
    ("before", "new", "after"),
    [
        ("a: b # c\n", "x", "a: x # c\n"),
        ("a: 'b'\n", "x", "a: 'x'\n"),
        ('a: "b"\n', "yes", 'a: "yes"\n'),
        ("a: b\n", "yes", 'a: "yes"\n'),
        ("a: &m b\n", "x", "a: &m x\n"),
        ("a: !t b\n", "x", "a: !t x\n"),
        ("a: b\n  c\nd: e\n", "x", "a: x\nd: e\n"),
        ("a:\nd: e\n", "x", "a: x\nd: e\n"),
        ("a: |\n  b\nd: e\n", "x", "a: x\nd: e\n"),
        ("{a: b, d: e}\n", "x", "{a: x, d: e}\n"),
        ("\ufeffa: b\r\nd: e\r\n", "x", "\ufeffa: x\r\nd: e\r\n"),
    ],
)
def test_replace_scalar(before: str, new: str, after: str) -> None:
    assert done(before, rewrite.replace_scalar(scalar_at(before, "a"), new)) == after


def test_rename_key() -> None:
    for before, after in (("a: b # c\n", "x: b # c\n"), ("'a': b\n", "'x': b\n"), ("{a: b}\n", "{x: b}\n")):
        key = mapping_at(before).key("a")
        assert key is not None
        assert done(before, rewrite.rename_key(key, "x")) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a:\n- b\n", "a:\n- b\n- x\n"),
        ("a:\n  - b # c\nd: e\n", "a:\n  - b # c\n  - x\nd: e\n"),
        ("a:\n- b", "a:\n- b\n- x"),
        ("a:\r\n- b\r\n", "a:\r\n- b\r\n- x\r\n"),
        ("a: [b, c]\n", "a: [b, c, x]\n"),
        ("a:\n-   b\n", "a:\n-   b\n-   x\n"),
        ("a:\n- 'b'\n", "a:\n- 'b'\n- 'x'\n"),
        ("a:\n- b: c\n  d: e\nf: g\n", "a:\n- b: c\n  d: e\n- x\nf: g\n"),
        ("a:\n- |\n  b\nf: g\n", "a:\n- |\n  b\n- x\nf: g\n"),
    ],
)
def test_append_item(before: str, after: str) -> None:
    assert done(before, rewrite.append_item(sequence_at(before, "a"), "x")) == after


@pytest.mark.parametrize("before", ["a: []\n", "a:\n- - b\n- - c\n"])
def test_append_item_where_there_is_no_certain_way(before: str) -> None:
    node = sequence_at(before, "a") if before == "a: []\n" else sequence_at(before, "a", 0)
    assert rewrite.append_item(node, "x") is None


@pytest.mark.parametrize(
    ("before", "index", "after"),
    [
        ("a:\n- b\n- c\n", 0, "a:\n- c\n"),
        ("a:\n- b\n- c # d\n", 1, "a:\n- b\n"),
        ("a:\n  - b: c\n    d: e\n  - f\n", 0, "a:\n  - f\n"),
        ("a:\r\n- b\r\n- c\r\n", 1, "a:\r\n- b\r\n"),
        ("a:\n- b\n- c", 1, "a:\n- b\n"),
    ],
)
def test_remove_item(before: str, index: int, after: str) -> None:
    assert done(before, rewrite.remove_item(sequence_at(before, "a"), index)) == after


@pytest.mark.parametrize("before", ["a: [b, c]\n", "a:\n- b\n"])
def test_remove_item_where_there_is_no_certain_way(before: str) -> None:
    assert rewrite.remove_item(sequence_at(before, "a"), 0) is None


@pytest.mark.parametrize(
    ("before", "path", "name", "after"),
    [
        ("a: b\nc: d\n", (), "a", "c: d\n"),
        ("a: b\nc:\n  d: e\n  f: g # h\ni: j\n", (), "c", "a: b\ni: j\n"),
        ("a:\n  b: c\n  d: e\n", ("a",), "d", "a:\n  b: c\n"),
        ("a: |\n  b\nc: d\n", (), "a", "c: d\n"),
        ("a: b\r\nc: d\r\n", (), "c", "a: b\r\n"),
    ],
)
def test_remove_entry(before: str, path: tuple[str, ...], name: str, after: str) -> None:
    assert done(before, rewrite.remove_entry(mapping_at(before, *path), name)) == after


@pytest.mark.parametrize(
    ("before", "path", "name"),
    [("{a: b, c: d}\n", (), "a"), ("a: b\n", (), "a"), ("a: b\nc: d\n", (), "x"), ("- a: b\n  c: d\n", (0,), "a")],
)
def test_remove_entry_where_there_is_no_certain_way(before: str, path: tuple[Any, ...], name: str) -> None:
    assert rewrite.remove_entry(mapping_at(before, *path), name) is None


@pytest.mark.parametrize(
    ("before", "path", "after"),
    [
        ("a: b\n", (), "a: b\nx: y\n"),
        ("a:\n  b: c # d\ne: f\n", ("a",), "a:\n  b: c # d\n  x: y\ne: f\n"),
        ("- a: b\n  c: d\n- e\n", (0,), "- a: b\n  c: d\n  x: y\n- e\n"),
        ("- - a: b\n", (0, 0), "- - a: b\n    x: y\n"),
        ("a: b", (), "a: b\nx: y"),
        ("a: |\n  b\n", (), "a: |\n  b\nx: y\n"),
        ("\ufeffa: b\r\n", (), "\ufeffa: b\r\nx: y\r\n"),
        ("a:\n", (), "a:\nx: y\n"),
    ],
)
def test_add_entry(before: str, path: tuple[Any, ...], after: str) -> None:
    assert done(before, rewrite.add_entry(mapping_at(before, *path), "x: y")) == after


def test_add_entry_of_several_lines() -> None:
    before = "a:\n  b: c\n"
    assert done(before, rewrite.add_entry(mapping_at(before, "a"), "x:\n  y: z")) == "a:\n  b: c\n  x:\n    y: z\n"


@pytest.mark.parametrize(("before", "path"), [("{a: b}\n", ()), ("{}\n", ()), ("--- {a: b}\n", ())])
def test_add_entry_where_there_is_no_certain_way(before: str, path: tuple[Any, ...]) -> None:
    assert rewrite.add_entry(mapping_at(before, *path), "x: y") is None


def test_what_is_written_once() -> None:
    root = mapping_at("a: &x b\nc: *x\nd: e\n")
    answers = {key.text: rewrite.is_written_once(value) for key, value in root.pairs if isinstance(key, Scalar)}
    assert answers == {"a": False, "c": False, "d": True}


_WORD = st.text(alphabet="ab1:# -'\"é\n", min_size=0, max_size=8)
_TREES = st.recursive(
    _WORD, lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(_WORD, inner, min_size=1, max_size=3),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=200)
@given(_TREES, st.data(), st.sampled_from([None, True, False]), st.sampled_from([None, "'", '"', "|"]))
def test_replacing_a_scalar_changes_that_scalar_alone(
    tree: object, data: st.DataObject, flow: bool | None, style: str | None
) -> None:
    text = yaml.safe_dump({"root": tree}, default_flow_style=flow, default_style=style, allow_unicode=True)
    root = parse(Source("a.yaml", text)).documents[0].root
    assert root is not None
    nodes = list(scalars(root))
    chosen = data.draw(st.integers(0, len(nodes) - 1))
    new = data.draw(_WORD)
    node = nodes[chosen]
    after = apply(text, rewrite.replace_scalar(node, new))
    again = parse(Source("a.yaml", after))
    assert again.error is None
    assert again.documents[0].root is not None
    texts = [one.text for one in scalars(again.documents[0].root)]
    assert texts == [new if index == chosen else one.text for index, one in enumerate(nodes)]
    assert after.startswith(text[: node.start])
    assert after.endswith(text[node.end :])
