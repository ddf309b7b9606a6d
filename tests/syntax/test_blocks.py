"""Entries and elements that move, come or go as whole lines, with their comments."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lintkit.syntax import blocks
from lintkit.syntax.node import Mapping, Scalar
from lintkit.syntax.parser import parse
from lintkit.text.edit import apply
from lintkit.text.source import Source
from tests.syntax.test_rewrite import done, mapping_at, node_at, sequence_at


@pytest.mark.parametrize(
    ("before", "new", "after"),
    [
        ("a:\n- a\n- c\n", "b", "a:\n- a\n- b\n- c\n"),
        ("a:\n  # on c\n  - c\n  - d\n", "b", "a:\n  - b\n  # on c\n  - c\n  - d\n"),
        ("a:\n- c\n- a\n", "b", "a:\n- c\n- a\n- b\n"),
        ("a:\n- a\n- b", "c", "a:\n- a\n- b\n- c"),
        ("a:\r\n- ./a\r\n- ./c\r\n", "./b", "a:\r\n- ./a\r\n- ./b\r\n- ./c\r\n"),
        ("a:\n-   'a'\n-   'c'\n", "b", "a:\n-   'a'\n-   'b'\n-   'c'\n"),
    ],
)
def test_insert_in_order(before: str, new: str, after: str) -> None:
    assert done(before, blocks.insert_in_order(sequence_at(before, "a"), new)) == after


@pytest.mark.parametrize("before", ["a: []\n", "a: [b]\n", "a:\n- b: c\n", "a:\n- - b\n"])
def test_insert_in_order_where_there_is_no_certain_way(before: str) -> None:
    assert blocks.insert_in_order(sequence_at(before, "a"), "x") is None


@pytest.mark.parametrize(
    ("before", "new", "after"),
    [
        ("a:\n  - b: 1 # c\nd: 2\n", "b: 2\ne:\n  - f", "a:\n  - b: 1 # c\n  - b: 2\n    e:\n      - f\nd: 2\n"),
        ("a:\r\n-   b\r\n", "c: |\n  d\n\n  e", "a:\r\n-   b\r\n-   c: |\r\n      d\r\n\r\n      e\r\n"),
    ],
)
def test_add_item(before: str, new: str, after: str) -> None:
    assert done(before, blocks.add_item(sequence_at(before, "a"), new)) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a:\nd: e\n", "a:\n  - x\nd: e\n"),
        ("a: [] # none\nd: e\n", "a: # none\n  - x\nd: e\n"),
        ("a: null\n", "a:\n  - x\n"),
        ("d: e\na:", "d: e\na:\n  - x"),
        ("d: e\r\na:\r\n", "d: e\r\na:\r\n  - x\r\n"),
    ],
)
def test_fill_list(before: str, after: str) -> None:
    root = mapping_at(before)
    key = root.key("a")
    assert key is not None
    assert done(before, blocks.fill_list(key, root.entries["a"], ["x"])) == after


@pytest.mark.parametrize("before", ["a: b\n", "a: [b]\n", "{a: []}\n", "a: &m\n", "a:\n  []\n"])
def test_fill_list_where_there_is_no_certain_way(before: str) -> None:
    root = mapping_at(before)
    key = root.key("a")
    assert key is not None
    assert blocks.fill_list(key, root.entries["a"], ["x"]) is None


@pytest.mark.parametrize(
    ("before", "index", "after"),
    [
        ("a:\n- b\n- c\n", 0, "a:\n- c\n"),
        ("a: # why\n  - b\nd: e\n", 0, "a: [] # why\nd: e\n"),
        ("a: [b, c, d]\n", 0, "a: [c, d]\n"),
        ("a: [b, c, d]\n", 1, "a: [b, d]\n"),
        ("a: [b, c, d]\n", 2, "a: [b, c]\n"),
        ("a: [b]\n", 0, "a: []\n"),
        ("a: [ *b, c ]\nx: &b 1\n".replace("*b", "&b 1").replace("x: &b 1", "x: *b"), 1, "a: [ &b 1 ]\nx: *b\n"),
    ],
)
def test_cut_item(before: str, index: int, after: str) -> None:
    key = mapping_at(before).key("a")
    assert key is not None
    assert done(before, blocks.cut_item(key, sequence_at(before, "a"), index)) == after


@pytest.mark.parametrize("before", ["a: [b, # c\n d]\n", "a: &m\n- b\n"])
def test_cut_item_where_there_is_no_certain_way(before: str) -> None:
    key = mapping_at(before).key("a")
    assert key is not None
    assert blocks.cut_item(key, sequence_at(before, "a"), 0) is None


@pytest.mark.parametrize(
    ("before", "name", "after"),
    [
        ("a: b\n# on c\n# and more\nc:\n  d: e # f\ng: h\n", "c", "a: b\ng: h\n"),
        ("a: b\n\n# far\n\nc: d\n", "c", "a: b\n\n# far\n\n"),
    ],
)
def test_cut_entry(before: str, name: str, after: str) -> None:
    assert done(before, blocks.cut_entry(mapping_at(before), name)) == after


@pytest.mark.parametrize(
    ("before", "owner", "name", "target", "after"),
    [
        # up
        (
            "spec:\n  a: 1\n  # why\n  t: 2 # c\nmeta:\n  n: x\n",
            ("spec",),
            "t",
            ("meta",),
            "spec:\n  a: 1\nmeta:\n  n: x\n  # why\n  t: 2 # c\n",
        ),
        # to an outer mapping that ends at the same place
        (
            "spec:\n  r:\n  - h: x\n    tls:\n    - a\n",
            ("spec", "r", 0),
            "tls",
            ("spec",),
            "spec:\n  r:\n  - h: x\n  tls:\n  - a\n",
        ),
        # below a key that is not there yet, in the same mapping
        ("m:\n  enabled: true\n", ("m",), "enabled", ("m", "tls"), "m:\n  tls:\n    enabled: true\n"),
        (
            "m:\n  a: 1\n  e: true\n  b: 2\n",
            ("m",),
            "e",
            ("m", "t", "u"),
            "m:\n  a: 1\n  b: 2\n  t:\n    u:\n      e: true\n",
        ),
        # below a key with no value
        ("m:\n  a: 1\n  t:\n  e: 2\n", ("m",), "e", ("m", "t"), "m:\n  a: 1\n  t:\n    e: 2\n"),
        # to the front, with a text block and blank lines
        (
            "m:\n  n: x\n  d: |\n    one\n\n      two\ns: {}\n",
            ("m",),
            "d",
            (),
            "m:\n  n: x\ns: {}\nd: |\n  one\n\n    two\n",
        ),
        # without a last line break
        ("a:\n  b: 1\n  c: 2", ("a",), "c", (), "a:\n  b: 1\nc: 2"),
        ("a:\n  b: 1\n  c: 2\nd: 1", ("a",), "c", (), "a:\n  b: 1\nd: 1\nc: 2"),
        ("a:\r\n  b: 1\r\n  c: 2\r\n", ("a",), "c", (), "a:\r\n  b: 1\r\nc: 2\r\n"),
    ],
)
def test_move_entries(before: str, owner: tuple[Any, ...], name: str, target: tuple[Any, ...], after: str) -> None:
    assert done(before, blocks.move_entries(mapping_at(before), owner, [name], target)) == after


@pytest.mark.parametrize(
    ("before", "owner", "name", "target"),
    [
        ("a: {b: 1, c: 2}\nd:\n  e: 1\n", ("a",), "b", ("d",)),
        ("a:\n- b: 1\n  c: 2\n", ("a", 0), "b", ()),
        ("a:\n  b: 1\nd:\n  e: 1\n", ("a",), "b", ("d",)),
        ("a:\n  b: 1\n  c: 2\nd: {e: 1}\n", ("a",), "b", ("d",)),
        ("a:\n  b: 1\n  c: 2\nd:\n  b: 1\n", ("a",), "b", ("d",)),
        ("a:\n  b: 1\n  c: 2\nd: text\n", ("a",), "b", ("d",)),
        ("a:\n  b: 1\n  c: 2\nd: text\n", ("a",), "b", ("d", "e")),
    ],
)
def test_move_entries_where_there_is_no_certain_way(
    before: str, owner: tuple[Any, ...], name: str, target: tuple[Any, ...]
) -> None:
    assert blocks.move_entries(mapping_at(before), owner, [name], target) is None


_LEAVES = st.sampled_from(
    ["1", "text # c", "'q'", "|\n{0}  block\n\n{0}    more", "\n{0}  k: v", "\n{0}- i\n{0}- j", "[x, y]"]
)


@settings(max_examples=150)
@given(st.lists(_LEAVES, min_size=2, max_size=4), st.lists(_LEAVES, min_size=1, max_size=3), st.data(), st.booleans())
def test_what_moves_keeps_its_value_and_its_comments(
    first: list[str], second: list[str], data: st.DataObject, outward: bool
) -> None:
    lines = ["one:", *(f"  # on k{n}\n  k{n}: {leaf.format('  ')}" for n, leaf in enumerate(first))]
    lines += ["two:", "  three:", *(f"    m{n}: {leaf.format('    ')}" for n, leaf in enumerate(second))]
    text = "\n".join(lines) + "\n"
    root = mapping_at(text)
    before = root.value
    owner, target = (("two", "three"), ("one",)) if outward else (("one",), ("two", "three"))
    holder = node_at(text, *owner)
    assert isinstance(holder, Mapping)
    name = data.draw(st.sampled_from(sorted(holder.entries)))
    edits = blocks.move_entries(root, owner, [name], target)
    if len(holder.pairs) < 2:
        assert edits is None
        return
    after = parse(Source("a.yaml", done(text, edits)))
    assert after.error is None
    assert after.documents[0].root is not None
    moved = before["two"]["three"].pop(name) if outward else before["one"].pop(name)
    (before["one"] if outward else before["two"]["three"])[name] = moved
    assert after.documents[0].root.value == before
    assert sorted(line.strip() for line in done(text, edits).split("\n") if "#" in line) == sorted(
        line.strip() for line in text.split("\n") if "#" in line
    )


@pytest.mark.parametrize(
    ("before", "names", "target", "after"),
    [
        ("m:\n  n: x\n  a: 1\n  l: y\n  b: 2\n", ["a", "b"], ("s",), "m:\n  n: x\n  l: y\ns:\n  a: 1\n  b: 2\n"),
        ("m:\n  a: 1\n  b: 2", ["a", "b"], ("m", "s"), "m:\n  s:\n    a: 1\n    b: 2"),
        ("m:\n  n: x\n  a: 1\n  b: 2\ns:\n  c: 3", ["a", "b"], ("s",), "m:\n  n: x\ns:\n  c: 3\n  a: 1\n  b: 2"),
    ],
)
def test_several_entries_move_together(before: str, names: list[str], target: tuple[str, ...], after: str) -> None:
    assert done(before, blocks.move_entries(mapping_at(before), ("m",), names, target)) == after


def test_apply_of_a_move_leaves_every_other_character() -> None:
    text = "a:\n  b:   1\n  c: 2\nd:\n   e:  3  # x\n"
    edits = blocks.move_entries(mapping_at(text), ("a",), ["c"], ("d",))
    assert edits is not None
    assert apply(text, edits) == "a:\n  b:   1\nd:\n   e:  3  # x\n   c: 2\n"


def test_a_key_of_a_list_element_counts_its_dash() -> None:
    root = mapping_at("a:\n- b: 1\n")
    key = root.at("a", 0)
    assert isinstance(key, Mapping)
    assert isinstance(key.pairs[0][0], Scalar)
    assert blocks.block_lead(root.source, key.pairs[0][0]) == 2


@pytest.mark.parametrize(
    ("before", "path", "after"),
    [
        ("- name: a # c\n- b\n", (0,), "- name: a # c\n  x: z\n- b\n"),
        ("- {name: a}\n", (0,), "- {name: a, x: z}\n"),
        ("- {name: a} # c\n", (0,), "- {name: a, x: z} # c\n"),
    ],
)
def test_add_pair(before: str, path: tuple[Any, ...], after: str) -> None:
    assert done(before, blocks.add_pair(mapping_at(before, *path), "x", "z")) == after


def test_add_pair_to_nothing() -> None:
    assert blocks.add_pair(mapping_at("a: {}\n", "a"), "x", "z") is None


def test_the_holder_of_a_node_is_the_one_that_writes_it() -> None:
    root = mapping_at("a: &m {b: c}\nd: *m\ne:\n- f: g\n")
    for path, name in ((("a", "b"), "b"), (("e", 0, "f"), "f")):
        node = root.at(*path)
        assert node is not None
        found = blocks.holder(root, node)
        assert found is not None
        assert found[0] is root.at(*path[:-1])
        assert found[1].text == name
    assert blocks.holder(root, mapping_at("x: y\n")) is None
