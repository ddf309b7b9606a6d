"""The graph as JSON, for programs; docs/graph.md describes the form."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lintkit.graph.graph import Edge, Graph, Keys, Node, Note, Position

VERSION = 1


def render(graph: Graph) -> str:
    """The whole graph."""
    return written(
        {
            "version": VERSION,
            "nodes": [node_object(node) for node in graph.nodes],
            "edges": [edge_object(edge) for edge in graph.edges],
            "findings_elsewhere": [note_object(note) for note in graph.elsewhere],
        }
    )


def written(values: dict[str, Any]) -> str:
    """Plain values as text."""
    return json.dumps(values, indent=2, ensure_ascii=False) + "\n"


def node_object(node: Node) -> dict[str, Any]:
    """A node as plain values."""
    return {
        "id": node.id,
        "role": node.role.value,
        "group": node.group,
        "kind": node.kind,
        "namespace": node.namespace,
        "name": node.name,
        "cluster": node.cluster,
        **position_object(node.position),
        "folder": node.folder,
        "keys": keys_object(node.keys),
        "reason": node.reason,
        "findings": [note_object(note) for note in node.findings],
    }


def edge_object(edge: Edge) -> dict[str, Any]:
    """An edge as plain values."""
    return {
        "source": edge.source,
        "target": edge.target,
        "relation": edge.relation.value,
        "state": edge.state.value,
        "reason": edge.reason,
        "key": edge.key,
        "optional": edge.is_optional,
        "role": edge.role,
        **position_object(edge.position),
        "keys": keys_object(edge.made),
    }


def note_object(note: Note) -> dict[str, Any]:
    """A finding as plain values."""
    return {"rule": note.rule, "severity": note.severity, "message": note.message, **position_object(note.position)}


def keys_object(keys: Keys | None) -> dict[str, Any] | None:
    """Names of keys, and whether these are all; None when nothing is known."""
    return {"names": list(keys.names), "complete": not keys.is_open} if keys else None


def position_object(position: Position | None) -> dict[str, Any]:
    """`path`, `line` and `column`; all null where there is none."""
    if position is None:
        return {"path": None, "line": None, "column": None}
    return {"path": position.path, "line": position.line, "column": position.column}
