"""The graph as one HTML page that carries everything it needs; it asks no network for anything."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lintkit.graph.excerpts import Excerpts
    from lintkit.graph.graph import Edge, Graph, Keys, Node, Note

_FIELD = re.compile(r"\{\{([a-z-]+)\}\}")
_PAGE = Path(__file__).resolve().parent / "page"
_STYLES = ("page.css",)
_SCRIPTS = ("graph.js", "parts.js", "list.js", "source.js", "drawing.js", "overview.js", "page.js")
_FOR_SCRIPTS = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}


def render(graph: Graph, excerpts: Excerpts, *, title: str, template: str, chosen: str = "") -> str:
    """The page.

    Args:
        graph: The graph.
        excerpts: Lines of source around its places, secrets masked.
        title: Name of the repository.
        template: Address of a line of source, with `{path}` and `{line}` in it; may be relative to the page.
        chosen: Id of the node that the page opens with; empty for an overview.
    """
    style = "\n".join(_read(name) for name in _STYLES)
    script = '"use strict";\n(() => {\n' + "\n".join(_read(name) for name in _SCRIPTS) + "\n})();\n"
    parts = {
        "title": escape(title),
        "style": style,
        "script": script,
        "graph": embedded(_packed(graph, title, template, chosen)),
        "excerpts": embedded(excerpts),
        "style-hash": _hash(style),
        "script-hash": _hash(script),
    }
    return _FIELD.sub(lambda found: parts[found[1]], _read("page.html"))


def embedded(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """A value as JSON that is safe between `<script>` tags: no tag, no comment, no line separator of JavaScript."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_FOR_SCRIPTS)


def _read(name: str) -> str:
    return (_PAGE / name).read_text("utf-8")


def _hash(text: str) -> str:
    """How a content security policy names an inline script or style."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


class _Words:
    """Each text once; nodes and edges hold its number."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {"": 0}

    def of(self, text: str | None) -> int:
        """The number of a text; -1 for None."""
        return -1 if text is None else self.numbers.setdefault(text, len(self.numbers))


def _packed(graph: Graph, title: str, template: str, chosen: str) -> dict[str, Any]:
    """The graph as rows of numbers; page/graph.js reads the same columns in the same order."""
    words = _Words()
    notes = {note: index for index, note in enumerate(graph.findings)}
    places = {node.id: index for index, node in enumerate(graph.nodes)}
    return {
        "title": title,
        "template": template,
        "chosen": places.get(chosen, -1),
        "nodes": [_node(node, words, notes) for node in graph.nodes],
        "edges": [_edge(edge, words, places) for edge in graph.edges],
        "notes": [
            [words.of(note.rule), note.severity, note.message, words.of(note.position.path), *note.position[1:]]
            for note in graph.findings
        ],
        "elsewhere": [notes[note] for note in graph.elsewhere],
        "words": list(words.numbers),
    }


def _node(node: Node, words: _Words, notes: dict[Note, int]) -> list[Any]:
    return [
        node.id,
        node.name,
        words.of(node.role.value),
        words.of(node.kind),
        words.of(node.group),
        words.of(node.namespace),
        words.of(node.cluster),
        words.of(node.position.path if node.position else None),
        node.position.line if node.position else 0,
        words.of(node.folder),
        words.of(node.reason),
        _keys(node.keys),
        [notes[note] for note in node.findings],
    ]


def _edge(edge: Edge, words: _Words, places: dict[str, int]) -> list[Any]:
    return [
        places[edge.source],
        places[edge.target],
        words.of(edge.relation.value),
        words.of(edge.state.value),
        words.of(edge.position.path if edge.position else None),
        edge.position.line if edge.position else 0,
        words.of(edge.key),
        words.of(edge.purpose),
        words.of(edge.reason),
        int(edge.is_optional),
        _keys(edge.made),
    ]


def _keys(keys: Keys | None) -> list[Any] | None:
    return [list(keys.names), int(keys.is_open)] if keys else None
