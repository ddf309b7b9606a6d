"""Where every node of a document stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lintkit.syntax.node import Alias, Mapping, Node, Scalar, Sequence, scalars, walk
from lintkit.syntax.parser import parse
from lintkit.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator


def root_of(text: str) -> Node:
    stream = parse(Source("a.yaml", text))
    assert stream.error is None, stream.error
    root = stream.documents[0].root
    assert root is not None
    return root


def slice_of(node: Node) -> str:
    return node.source.text[node.start : node.end]


@pytest.mark.parametrize(
    ("text", "path", "written"),
    [
        ("a: b", ("a",), "b"),
        ("a: b # c\n", ("a",), "b"),
        ("a:   'b c'   # d\n", ("a",), "'b c'"),
        ('a: "b\\n\\"c"\n', ("a",), '"b\\n\\"c"'),
        ("a: b\n  c\n  d\ne: f\n", ("a",), "b\n  c\n  d"),
        ("a:\n  b: c\n  d: e\n\n# end\nf: g\n", ("a",), "b: c\n  d: e"),
        ("a:\n- b\n- c\n# end\n", ("a",), "- b\n- c"),
        ("a:\n- b: c\n  d: e\n- f\n", ("a", 0), "b: c\n  d: e"),
        ("a: {b: c, d: [e, f]}  \n", ("a",), "{b: c, d: [e, f]}"),
        ("a: {b: c, d: [e, f]}  \n", ("a", "d"), "[e, f]"),
        ("a: {}\n", ("a",), "{}"),
        ("a: []\n", ("a",), "[]"),
        ("a:\nb: c\n", ("a",), ""),
        ("- - b\n  - c\n", (0,), "- b\n  - c"),
        ("a: !t b\n", ("a",), "b"),
        ("a: &x b\n", ("a",), "b"),
        ("a: &x !t b\n", ("a",), "b"),
        ("a: !t &x b\n", ("a",), "b"),
        ("a: !!str\n  b\n", ("a",), "b"),
        ("a: &x # c\n  b\n", ("a",), "b"),
        ("a: &x\n  b: c\n", ("a",), "b: c"),
        ("a: &x [b]\n", ("a",), "[b]"),
        ("a: &x\n- b\n", ("a",), "- b"),
        ("a: &x\nb: c\n", ("a",), ""),
        ("a: !<tag:x,2000:y> b\n", ("a",), "b"),
        ("a: |\n  b\n  c\n\nd: e\n", ("a",), "|\n  b\n  c"),
        ("a: |-\n  b\n\n\n\nd: e\n", ("a",), "|-\n  b"),
        ("a: |+\n  b\n\nd: e\n", ("a",), "|+\n  b\n"),
        ("a: >2\n    b\n   c\n", ("a",), ">2\n    b\n   c"),
        ("a: |\n  b", ("a",), "|\n  b"),
        ("a: |\nb: c\n", ("a",), "|"),
        ("a: | # c\n  b\n", ("a",), "| # c\n  b"),
        ("a: &x |\n  b\n", ("a",), "|\n  b"),
        ("? a\n: b\n", ("a",), "b"),
        ("--- \na: b\n...\n", ("a",), "b"),
        ("%YAML 1.2\n---\na: b\n", ("a",), "b"),
        ("a: b\r\nc:\r\n  d: e\r\n", ("c",), "d: e"),
        ("a: |\r\n  b\r\n  c\r\nd: e\r\n", ("a",), "|\r\n  b\r\n  c"),
        ("\ufeffa: b\n", ("a",), "b"),
        ("\ufeff# c\r\na: &x é€\r\nb: *x\r\n", ("a",), "é€"),
        ("é: ü\n'ß': 🙂\nz: z\n", ("z",), "z"),
        ("é: ü\n'ß': 🙂\nz: z\n", ("ß",), "🙂"),
        ("a: http://b:80/#c\n", ("a",), "http://b:80/#c"),
        ("a: -1\n", ("a",), "-1"),
        ("a: '''b'''\n", ("a",), "'''b'''"),
    ],
)
def test_the_text_of_a_value(text: str, path: tuple[str | int, ...], written: str) -> None:
    node = root_of(text).at(*path)
    assert node is not None
    assert slice_of(node) == written


def test_keys_have_places_of_their_own() -> None:
    root = root_of("a: b\n'c d': e\n&x f: g\n? h\n: i\n{}: j\n".replace("{}: j\n", ""))
    assert isinstance(root, Mapping)
    assert [slice_of(key) for key, _ in root.pairs] == ["a", "'c d'", "f", "h"]
    key = root.key("c d")
    assert key is not None
    assert slice_of(key) == "'c d'"
    assert root.key("z") is None


def test_aliases_keep_their_own_place_and_read_as_their_target() -> None:
    root = root_of("a: &x {b: c}\nd: *x\ne: [*x, f]\n*x : g\n".replace("*x : g\n", ""))
    assert isinstance(root, Mapping)
    written = dict((key.text, value) for key, value in root.pairs if isinstance(key, Scalar))  # noqa: C402
    alias = written["d"]
    assert isinstance(alias, Alias)
    assert slice_of(alias) == "*x"
    assert (alias.start, alias.name, alias.value) == (16, "x", {"b": "c"})
    assert root.at("d") is root.at("a")
    assert root.at("e", 0, "b") is root.at("a", "b")
    sequence = root.at("e")
    assert isinstance(sequence, Sequence)
    assert [slice_of(child) for child in sequence.children] == ["*x", "f"]
    assert root.value == {"a": {"b": "c"}, "d": {"b": "c"}, "e": [{"b": "c"}, "f"]}


def test_an_anchor_may_be_defined_twice_and_the_last_one_counts() -> None:
    assert root_of("a: &x 1\nb: *x\nc: &x 2\nd: *x\n").value == {"a": 1, "b": 1, "c": 2, "d": 2}


def test_an_anchor_ends_with_its_document() -> None:
    stream = parse(Source("a.yaml", "a: &x 1\n---\nb: *x\n"))
    [defect] = stream.documents[1].defects
    assert (defect.kind, defect.message) == ("undefined-alias", "nothing defines the anchor `x`")
    assert defect.place.source.text[slice(*defect.place.span)] == "*x"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}\n", {"b": 1, "c": 3}),
        ("a: &x {b: 1, c: 2}\nd: {c: 3, <<: *x}\n", {"b": 1, "c": 3}),
        ("a: [&x {b: 1}, &y {b: 2, c: 3}]\nd: {<<: [*x, *y]}\n", {"b": 1, "c": 3}),
        ("a: 1\nd: {<<: {b: 1}}\n", {"b": 1}),
        ('a: 1\nd: {"<<": {b: 1}}\n', {"<<": {"b": 1}}),
        ("a: &x {b: 1}\ne: &y {<<: *x}\nd: {<<: *y}\n", {"b": 1}),
        ("a: &x {b: 1}\nd:\n  <<: *x\n  b: 2\n", {"b": 2}),
    ],
)
def test_merge_keys(text: str, value: dict[str, Any]) -> None:
    node = root_of(text).at("d")
    assert isinstance(node, Mapping)
    assert node.value == value
    assert {key.text: inner.value for key, inner in node.items()} == value
    for name in value:
        key = node.key(name)
        assert key is not None
        assert slice_of(key).strip("\"'") == name


def test_a_merged_value_stands_where_it_is_written() -> None:
    node = root_of("a: &x {b: 1}\nd: {<<: *x}\n").at("d", "b")
    assert node is not None
    assert node.start == 10


@pytest.mark.parametrize(
    ("text", "kind", "message", "place", "first"),
    [
        ("a: 1\nb: 2\na: 3\n", "duplicate-key", "the key `a` is already set on line 1", 10, 0),
        ('a: 1\n"a": 3\n', "duplicate-key", "the key `a` is already set on line 1", 5, 0),
        ("{a: 1, a: 2}\n", "duplicate-key", "the key `a` is already set on line 1", 7, 1),
        ("a: &x {}\nb:\n  <<: *x\n  <<: *x\n", "duplicate-key", "the key `<<` is already set on line 3", 23, 14),
        ("a: *x\n", "undefined-alias", "nothing defines the anchor `x`", 3, None),
    ],
)
def test_mistakes_that_leave_a_document_readable(
    text: str, kind: str, message: str, place: int, first: int | None
) -> None:
    [document] = parse(Source("a.yaml", text)).documents
    [defect] = document.defects
    assert (defect.kind, defect.message, defect.place.span.start) == (kind, message, place)
    assert (defect.first.span.start if defect.first else None) == first


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("a: [b\n", "did not find expected ',' or ']' while parsing a flow sequence", 1),
        ("a: b: c\n", "mapping values are not allowed in this context", 1),
        ("a: 'b\n", "found unexpected end of stream while scanning a quoted scalar", 1),
        ("a:\n\t- b\n", "found character that cannot start any token while scanning for the next token", 2),
        ("a: %b\n", "found character that cannot start any token while scanning for the next token", 1),
        ("{a: b}: c\n", "a key is text, not a list or mapping", 1),
        ("<<: text\n", "`<<` takes a mapping, or a list of mappings", 1),
        ("a: &x [*x]\n", "the anchor `x` contains itself", 1),
        ("a: \x01\n", "the character U+0001 is not allowed in YAML", 1),
        ("a: \ud800\n", "the character U+D800 is not allowed in YAML", 1),
        ("é: \x01\n", "the character U+0001 is not allowed in YAML", 1),
    ],
)
def test_mistakes_that_end_the_reading(text: str, message: str, line: int) -> None:
    stream = parse(Source("a.yaml", "first: document\n---\n" + text))
    assert stream.error is not None
    assert stream.error.message.startswith(message)
    assert stream.source.position(stream.error.place.span.start)[0] == line + 2
    if "U+" not in message:
        assert stream.documents[0].root is not None


def test_documents() -> None:
    stream = parse(Source("a.yaml", "# c\na: 1\n---\n---\n- b\n...\n# d\n---\ntext\n"))
    assert [document.root.value if document.root else None for document in stream.documents] == [
        {"a": 1},
        None,
        ["b"],
        "text",
    ]
    assert [document.number for document in stream.documents] == [0, 1, 2, 3]
    assert parse(Source("a.yaml", "")).documents == ()
    assert parse(Source("a.yaml", "# only this\n")).documents == ()


def test_a_document_finds_by_path() -> None:
    [document] = parse(Source("a.yaml", "a: {b: [c, {d: e}]}\n")).documents
    found = document.at("a/b/1/d")
    assert found is not None
    assert found.value == "e"
    assert document.at("a/b/7") is None
    assert document.at("a/b/c") is None
    assert document.at(("a", "b", -1, "d")) is found


def test_walk_and_scalars() -> None:
    root = root_of("a: &x [b, c]\nd: *x\n")
    assert [path for path, _ in walk(root)] == [(), ("a",), ("a", 0), ("a", 1), ("d",), ("d", 0), ("d", 1)]
    assert [scalar.text for scalar in scalars(root)] == ["b", "c"]


def test_a_changed_mapping_shares_the_rest() -> None:
    root = root_of("a: 1\nb: {c: 2}\n")
    assert isinstance(root, Mapping)
    key = root.key("a")
    assert key is not None
    changed = root.with_entry(key, Scalar(root.source, 0, 0, "9"))
    assert changed.value == {"a": 9, "b": {"c": 2}}
    assert changed.at("b") is root.at("b")
    assert root.value == {"a": 1, "b": {"c": 2}}
    assert root.without("a").value == {"b": {"c": 2}}


def test_within() -> None:
    node = root_of("a: x ${B} y ${B}\n").at("a")
    assert isinstance(node, Scalar)
    assert node.within("${B}").span == (5, 9)
    assert node.within("${B}", 1).span == (12, 16)
    assert node.within("absent").span == (node.start, node.end)


_TEXT = st.text(alphabet="ab1 :#-'\"\\{}[],&*!|>%@`\n\té€🙂.~0yn", max_size=12)
_VALUES = st.recursive(
    _TEXT | st.booleans() | st.none() | st.integers(-99, 99),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=12,
)


def _all(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Mapping):
        for key, value in node.pairs:
            yield from _all(key)
            yield from _all(value)
    elif isinstance(node, Sequence):
        for child in node.children:
            yield from _all(child)


@settings(max_examples=200)
@given(_VALUES, st.sampled_from([None, "'", '"', "|", ">"]), st.sampled_from([None, True, False]), st.booleans())
def test_every_span_holds_the_text_of_its_node(
    value: object, style: str | None, flow: bool | None, marked: bool
) -> None:
    text = yaml.safe_dump(value, default_style=style, default_flow_style=flow, allow_unicode=True, width=20)
    text = ("\ufeff" if marked else "") + text
    stream = parse(Source("a.yaml", text))
    assert stream.error is None
    for node in _all(stream.documents[0].root or Scalar(stream.source, 0, 0, "")):
        if isinstance(node, Scalar):
            written = slice_of(node)
            if node.style in {"'", '"'}:
                assert (written[:1], written[-1:]) == (node.style, node.style)
                assert yaml.safe_load(written) == node.text
            elif node.style in {"|", ">"}:
                assert written.startswith(node.style)
            else:
                assert "".join(written.split()) == "".join(node.text.split())
        elif isinstance(node, (Mapping, Sequence)) and node.flow:
            assert slice_of(node)[0] + slice_of(node)[-1] in {"{}", "[]"}
    everything = [node for node in _all(stream.documents[0].root) if node.start < node.end]  # type: ignore[arg-type]
    assert all(0 <= node.start <= node.end <= len(text) for node in everything)


@given(st.text(alphabet="ab:- \n{}[],'\"&*!|>#%\t\r\ufeff\0?é", max_size=60))
@settings(max_examples=300)
def test_no_text_makes_the_parser_fail(text: str) -> None:
    stream = parse(Source("a.yaml", text))
    for document in stream.documents:
        for node in _all(document.root) if document.root is not None else ():
            assert 0 <= node.start <= node.end <= len(text)
