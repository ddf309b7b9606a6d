"""Reads the fields that a rule is about, as the API server sees them.

Null is absent. What another tool fills in later (`${VAR}`, `{{ .Values.x }}`, `<< inputs.x >>`, a value that SOPS has
encrypted) and what is not of the type that the schema asks for raises UndecidedError: of these no rule says anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.schema.constraints.constraint import UndecidedError
from lintkit.syntax.node import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

_NULL = "tag:yaml.org,2002:null"


def is_undecided(text: str) -> bool:
    """Whether another tool makes the final text."""
    return "${" in text or "{{" in text or "<<" in text or text.startswith("ENC[")


def is_null(node: Node) -> bool:
    """Whether a value counts as absent."""
    return isinstance(node, Scalar) and (node.is_null or node.tag == _NULL)


def has(parent: Mapping, name: str) -> bool:
    """Whether a field is there, as `has(parent.name)` in CEL."""
    return find(parent, name) is not None


def find(parent: Mapping, name: str) -> Node | None:
    """The value of a field, or None where it is absent or null."""
    node = parent.entries.get(name)
    if node is None:
        if any(is_undecided(key) for key in parent.entries):
            raise UndecidedError
        return None
    if isinstance(node, Scalar):
        if is_null(node):
            return None
        if is_undecided(node.text):
            raise UndecidedError
    return node


def text(parent: Mapping, name: str, default: str = "") -> str:
    """The text of a field; the default where it is absent."""
    node = find(parent, name)
    return default if node is None else text_of(node)


def text_of(node: Node) -> str:
    """The text of a scalar."""
    if not isinstance(node, Scalar) or not node.is_text or is_undecided(node.text):
        raise UndecidedError
    return node.text


def flag(parent: Mapping, name: str, *, default: bool = False) -> bool:
    """The truth of a field; the default where it is absent."""
    node = find(parent, name)
    if node is None:
        return default
    value = node.value
    if not isinstance(value, bool):
        raise UndecidedError
    return value


def number(parent: Mapping, name: str) -> int | None:
    """The whole number of a field, or None where it is absent."""
    node = find(parent, name)
    if node is None:
        return None
    value = node.value
    if not isinstance(value, int) or isinstance(value, bool):
        raise UndecidedError
    return value


def mapping(parent: Mapping, *names: str) -> Mapping | None:
    """The mapping below some fields, or None where one of them is absent."""
    node: Node | None = parent
    for name in names:
        if not isinstance(node, Mapping):
            raise UndecidedError
        node = find(node, name)
        if node is None:
            return None
    if not isinstance(node, Mapping):
        raise UndecidedError
    return node


def elements(parent: Mapping, name: str) -> list[Node]:
    """The elements of a list; none where it is absent."""
    node = find(parent, name)
    if node is None:
        return []
    if not isinstance(node, Sequence):
        raise UndecidedError
    return node.elements


def mappings(parent: Mapping, name: str) -> list[Mapping]:
    """The elements of a list of mappings; none where it is absent."""
    return mappings_of(elements(parent, name))


def mappings_of(nodes: list[Node]) -> list[Mapping]:
    """The same nodes, all of them mappings."""
    found = [node for node in nodes if isinstance(node, Mapping)]
    if len(found) < len(nodes):
        raise UndecidedError
    return found


def present(parent: Mapping, *names: str) -> list[str]:
    """Those of some fields that are there, in the order they are written."""
    found = [name for name in names if has(parent, name)]
    return sorted(found, key=lambda name: _start(parent, name)) if len(found) > 1 else found


def key_of(parent: Mapping, name: str) -> Node:
    """The key of a field, to point at."""
    return parent.key(name) or parent


def first_key(parent: Mapping) -> Node:
    """The first key of a mapping, to point at what lacks something; the mapping itself when it is empty."""
    return parent.pairs[0][0] if parent.pairs else parent


def fields_of(parent: Mapping) -> Iterator[tuple[str, Node]]:
    """Every field that is there, with its value."""
    for name, node in parent.entries.items():
        if is_undecided(name):
            raise UndecidedError
        if not is_null(node):
            yield name, node


def _start(parent: Mapping, name: str) -> int:
    return key_of(parent, name).start
