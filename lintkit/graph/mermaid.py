"""The graph as a Mermaid flowchart (https://mermaid.js.org/syntax/flowchart.html)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lintkit.graph.drawing import captions
from lintkit.graph.drawing import lines as drawn
from lintkit.graph.graph import Relation, Role, State
from lintkit.graph.links import link

if TYPE_CHECKING:
    from lintkit.graph.drawing import Line
    from lintkit.graph.graph import Graph, Node

MAX_EDGES = 500
"""More are not drawn unless the page that shows the chart raises its `maxEdges`; a chart cannot."""
MAX_TEXT = 50_000
"""A longer text is not drawn unless the page raises its `maxTextSize`."""

_PLAIN = re.compile(r"[^\w ./:-]")
_SHAPES = {
    Role.ENTRY: ('(["', '"])'),
    Role.FOLDER: ('(["', '"])'),
    Role.MADE: ('("', '")'),
    Role.OUTSIDE: ('("', '")'),
    Role.MISSING: ('{{"', '"}}'),
}
_CLASSES = (
    "classDef entry fill:#dbe7ff,stroke:#3357a8,color:#111",
    "classDef kustomization fill:#eef2f7,stroke:#5b6b82,color:#111",
    "classDef made fill:#e5f4e8,stroke:#3d8a52,color:#111",
    "classDef outside fill:#fff,stroke:#888,color:#444,stroke-dasharray:4 3",
    "classDef missing fill:#ffe3e0,stroke:#b3261e,color:#111,stroke-width:2px",
    "classDef unapplied fill:#fff,stroke:#bbb,color:#777,stroke-dasharray:2 3",
)
_CLASS_OF = {
    Role.ENTRY: "entry",
    Role.FOLDER: "entry",
    Role.KUSTOMIZATION: "kustomization",
    Role.MADE: "made",
    Role.OUTSIDE: "outside",
    Role.MISSING: "missing",
    Role.UNAPPLIED: "unapplied",
}


def render(graph: Graph, *, template: str = "") -> str:
    """The chart.

    Args:
        graph: The graph.
        template: Address of a line of source, for clicks; empty for none.
    """
    names = {node.id: f"n{index}" for index, node in enumerate(graph.nodes)}
    lines = ["flowchart LR"]
    for index, cluster in enumerate(graph.clusters):
        members = [node for node in graph.nodes if node.cluster == cluster]
        margin = "  " if cluster else ""
        if cluster:
            lines.append(f'  subgraph c{index}["{escaped(cluster)}"]')
        lines += [f"{margin}  {_node(node, names[node.id])}" for node in members]
        if cluster:
            lines.append("  end")
    lines += [f"  {names[line.source]} {_arrow(line)} {names[line.target]}" for line in drawn(graph)]
    used = dict.fromkeys(_CLASS_OF.get(node.role, "") for node in graph.nodes)
    lines += [f"  {line}" for line in _CLASSES if line.split()[1] in used]
    if template:
        lines += [
            f'  click {names[node.id]} href "{link(template, node.position)}" _blank'
            for node in graph.nodes
            if node.position
        ]
    return "\n".join(lines) + "\n"


def limits(graph: Graph, text: str) -> str:
    """What keeps most pages from drawing a chart, in words; empty when nothing does."""
    count = sum(1 for _ in drawn(graph))
    if count > MAX_EDGES:
        return f"{count} edges: GitHub and most other pages draw {MAX_EDGES} at most"
    if len(text) > MAX_TEXT:
        return f"{len(text):,} characters: GitHub and most other pages draw {MAX_TEXT:,} at most"
    return ""


def escaped(text: str) -> str:
    """A text for use between double quotes: all that Mermaid could take for its own becomes `#code;`."""
    return _PLAIN.sub(lambda found: f"#{ord(found[0])};", " ".join(text.split()))


def _node(node: Node, name: str) -> str:
    begin, end = _SHAPES.get(node.role, ('["', '"]'))
    label = "<br>".join(escaped(caption) for caption in captions(node))
    style = _CLASS_OF.get(node.role, "")
    return f"{name}{begin}{label}{end}{':::' + style if style else ''}"


def _arrow(line: Line) -> str:
    arrow = "==>" if line.relation is Relation.MAKES else "-->"
    if line.relation is Relation.DEPENDS_ON or line.state is not State.MET:
        arrow = "-.->"
    return f'{arrow}|"{escaped(line.label)}"|' if line.label else arrow
