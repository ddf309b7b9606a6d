"""The graph in the DOT language of Graphviz (https://graphviz.org/doc/info/lang.html)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.graph.drawing import captions
from lintkit.graph.drawing import lines as drawn
from lintkit.graph.graph import Relation, Role, State
from lintkit.graph.links import link

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.graph.drawing import Line
    from lintkit.graph.graph import Graph, Node

_STYLES = {
    Role.ENTRY: 'shape=oval, fillcolor="#dbe7ff"',
    Role.FOLDER: 'shape=oval, fillcolor="#dbe7ff"',
    Role.KUSTOMIZATION: 'fillcolor="#eef2f7"',
    Role.RESOURCE: 'fillcolor="white"',
    Role.MADE: 'fillcolor="#e5f4e8", style="filled,rounded"',
    Role.OUTSIDE: 'fillcolor="white", style="filled,rounded,dashed", color="#888888", fontcolor="#444444"',
    Role.MISSING: 'shape=octagon, fillcolor="#ffe3e0", color="#b3261e", penwidth=2',
    Role.UNAPPLIED: 'fillcolor="white", style="filled,dashed", color="#bbbbbb", fontcolor="#777777"',
}
_LINES = {
    Relation.APPLIES: 'color="#5b6b82"',
    Relation.SOURCE: 'color="#8a6d3b", style=dashed',
    Relation.DEPENDS_ON: 'color="#3357a8", style=dashed, constraint=false',
    Relation.NEEDS: 'color="#444444"',
    Relation.MAKES: 'color="#3d8a52", penwidth=1.5',
}
_RED = 'color="#b3261e", fontcolor="#b3261e", penwidth=2'


def render(graph: Graph, *, template: str = "") -> str:
    """The digraph.

    Args:
        graph: The graph.
        template: Address of a line of source, for links in SVG output; empty for none.
    """
    names = {node.id: f"n{index}" for index, node in enumerate(graph.nodes)}
    lines = [
        "digraph lintkit {",
        "  rankdir=LR;",
        '  node [shape=box, style=filled, fontname="Helvetica", fontsize=11];',
        '  edge [fontname="Helvetica", fontsize=9];',
    ]
    for index, cluster in enumerate(graph.clusters):
        members = [node for node in graph.nodes if node.cluster == cluster]
        margin = "  " if cluster else ""
        if cluster:
            lines += [f"  subgraph cluster_{index} {{", f"    label={quoted(cluster)};"]
        lines += [f"{margin}  {names[node.id]} [{', '.join(_node(node, template))}];" for node in members]
        if cluster:
            lines.append("  }")
    lines += [f"  {names[line.source]} -> {names[line.target]} [{_line(line)}];" for line in drawn(graph)]
    return "\n".join([*lines, "}"]) + "\n"


def quoted(text: str) -> str:
    """A text as a DOT string that is shown as it stands."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "\\n".join(plain.splitlines() or [""]) + '"'


def _node(node: Node, template: str) -> Iterator[str]:
    label = "\n".join(captions(node))
    yield f"label={quoted(label)}"
    yield _STYLES[node.role]
    if node.position:
        yield f"tooltip={quoted(node.position.short)}"
        if template:
            yield f"URL={quoted(link(template, node.position))}"


def _line(line: Line) -> str:
    style = _RED if line.state is State.UNMET else _LINES[line.relation]
    # dot fails at labels of lines that do not rank ("lost edge"), which those of dependencies are
    name = "tooltip" if line.relation is Relation.DEPENDS_ON else "label"
    return f"{name}={quoted(line.label)}, {style}" if line.label else style
