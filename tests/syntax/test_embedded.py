"""YAML inside a scalar: its nodes point at the real lines."""

from __future__ import annotations

import pytest

from lintkit.syntax.embedded import MASK, embedded, is_masked, mask
from lintkit.syntax.node import Node, Scalar, Sequence, walk
from lintkit.syntax.parser import parse
from lintkit.text.source import Source


def scalar(text: str, *path: str | int) -> Scalar:
    root = parse(Source("a.yaml", text)).documents[0].root
    assert root is not None
    node = root.at(*(path or ("a",)))
    assert isinstance(node, Scalar)
    return node


def inner(text: str, *path: str | int, templated: bool = False) -> Node:
    stream = embedded(scalar(text, *path), templated=templated)
    assert stream.error is None
    root = stream.documents[0].root
    assert root is not None
    return root


@pytest.mark.parametrize(
    ("text", "path", "position"),
    [
        ("a: |\n  b: c\n  d:\n    e: f\n", ("d", "e"), (4, 8)),
        ("a: |-\n\n  b: c\n\n\n  d: e\n", ("d",), (6, 6)),
        ("a: |\n    b:\n    - c\n    - d: e\n", ("b", 1, "d"), (4, 10)),
        ("x:\n- a: |2\n      b: c\n     d: e\n".replace("|2", "|").replace("     d", "      d"), None, None),
        ("a: |+\n  b: 'c d'\n\n", ("b",), (2, 6)),
        ("a: | # comment\n  b: c\n", ("b",), (2, 6)),
        ("a: '{b: c}'\n", ("b",), (1, 9)),
        ('a: "{b: c}"\n', ("b",), (1, 9)),
        ("a: &x |\n  b: c\n", ("b",), (2, 6)),
        ("a: |\r\n  b: c\r\n  d: e\r\n", ("d",), (3, 6)),
        ("\ufeffa: |\n  b: c\n  d: e\n", ("d",), (3, 6)),
        ("a: |\n  é: ü\n  d: e\n", ("d",), (3, 6)),
        ("a: |\n  b: |\n    c\n  d: e", ("d",), (4, 6)),
    ],
)
def test_nodes_point_at_the_real_line(
    text: str, path: tuple[str | int, ...] | None, position: tuple[int, int] | None
) -> None:
    if path is None:
        node = inner(text, "x", 0, "a").at("d")
        position = (4, 10)
    else:
        node = inner(text).at(*path)
    assert node is not None
    assert node.source.position(node.start) == position
    assert node.source.path == "a.yaml"


@pytest.mark.parametrize(
    "text", ["a: |\n  b: c\n  d: [e, 'f g']\n", "a: |\n    b:\n      c: d\n", "a: '{b: c, d: [e]}'\n"]
)
def test_spans_hold_the_text_of_their_nodes(text: str) -> None:
    for _, node in walk(inner(text)):
        if isinstance(node, Scalar):
            assert node.source.text[node.start : node.end].strip("'") == node.text


def test_what_cannot_be_told_apart_points_at_the_whole() -> None:
    for text in ("a: >\n  b: c\n  d: e\n", 'a: "b: c\\nd: e"\n', "a: 'b: ''c'''\n"):
        stream = embedded(scalar(text))
        root = stream.documents[0].root if stream.documents else None
        node = root.at("b") if root is not None else None
        assert node is None or node.start == 3


def test_an_error_points_at_the_real_line() -> None:
    stream = embedded(scalar("a: |\n  b: c\n  d: [e\nf: g\n"))
    assert stream.error is not None
    line, _ = stream.source.position(stream.error.place.span.start)
    assert line in {3, 4}
    assert stream.error.message.startswith("did not find expected ',' or ']'")


def test_yaml_in_yaml_in_yaml() -> None:
    outer = inner("a: |\n  b: |\n    c:\n      d: e\n")
    middle = outer.at("b")
    assert isinstance(middle, Scalar)
    root = embedded(middle).documents[0].root
    assert root is not None
    node = root.at("c", "d")
    assert node is not None
    assert node.source.position(node.start) == (4, 10)


def test_template_actions_are_masked() -> None:
    text = "a: |\n  {{- if .x }}\n  b: {{ .y }}\n  c: pre-{{ .z }}\n  {{- end }}\n  d: e\n"
    root = inner(text, templated=True)
    values = {name: root.text_at(name) for name in ("b", "c", "d")}
    assert values == {"b": MASK * len("{{ .y }}"), "c": "pre-" + MASK * len("{{ .z }}"), "d": "e"}
    assert [is_masked(value or "") for value in values.values()] == [True, True, False]
    node = root.at("d")
    assert node is not None
    assert node.source.position(node.start) == (6, 6)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("a", "a"),
        ("{{ a }}", " " * 7),
        ("x {{ a }} y", "x " + MASK * 7 + " y"),
        ("{{ a }} {{ b }}", " " * 15),
        ("{{ a\nb }}", " " * 4 + "\n" + " " * 4),
        ("x {{ a\nb }}", "x " + MASK * 4 + "\n" + MASK * 4),
        ("{{ a }}: {\nb: {}}", MASK * 7 + ": {\nb: {}}"),
        ("{{ a", "{{ a"),
        ("a }}", "a }}"),
        ("x {{ a }} {{ b", "x " + MASK * 7 + " {{ b"),
    ],
)
def test_mask(text: str, after: str) -> None:
    assert mask(text) == after


def test_masking_takes_linear_time() -> None:
    assert len(mask("{{ " * 100_000 + "}}")) == 300_002
    assert len(mask("{{ a }} " * 50_000 + "x")) == 400_001
    assert len(mask("{{ a\n" + "}} b\n" * 50_000 + "{{ c }}")) == 250_012
    assert len(mask("{{ a\n}}\n{{ b }} c }}\n" * 20_000)) == 420_000


def test_a_json_list_inside() -> None:
    root = inner('a: \'[{"b": "c"}]\'\n')
    assert isinstance(root, Sequence)
    node = root.at(0, "b")
    assert node is not None
    assert node.source.position(node.start) == (1, 12)
