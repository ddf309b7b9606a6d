"""A rule that spans fields, as the API server or a controller makes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from lintkit.syntax.node import Mapping, Node, Place, Sequence

Check: TypeAlias = Callable[[Node], Place | None]

API_SERVER = "the API server"
SCHEMA = "schema"


class UndecidedError(Exception):
    """The files alone do not tell: a text that another tool fills in, or a value of a type that the schema rejects."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """A rule that spans fields.

    Attributes:
        group: API group.
        kinds: The kinds that it is for.
        path: Where `self` stands: "" is the object, `spec.rules[].filters[]` each element, `spec.x.*` each value.
        rule: The CEL text; for rules that are written in Go, CEL that says the same, or nothing where CEL has no words.
        message: What is wrong.
        check: None where the rule holds, or where the files alone do not tell; else the place that a person edits: a
            key or a value, or the whole of `self` where something is missing from it.
        source: Where the fact is from.
        versions: The versions that have the rule; empty for all.
        by: Who refuses the object, or leaves it unused.
        also: Who else reports the same: `schema` for the authored schema, else the name of a rule.
        unless: An annotation, `name=value`, that turns the rule off.
        whole: Whether it asks for something that may come later to a manifest that no build holds: a part of an object.
    """

    group: str
    kinds: tuple[str, ...]
    path: str
    rule: str
    message: str
    check: Check
    source: str
    versions: tuple[str, ...] = ()
    by: str = API_SERVER
    also: str = ""
    unless: str = ""
    whole: bool = False


def of_mapping(judge: Callable[[Mapping], Node | None]) -> Check:
    """A check of a mapping from a function that finds the node that is wrong.

    The function raises UndecidedError where the files alone do not tell; what is no mapping is left to the schema.
    """

    def check(node: Node) -> Place | None:
        if not isinstance(node, Mapping):
            return None
        try:
            found = judge(node)
        except UndecidedError:
            return None
        return found.place if found is not None else None

    return check


def of_list(judge: Callable[[Sequence], Node | None]) -> Check:
    """The same for a list."""

    def check(node: Node) -> Place | None:
        if not isinstance(node, Sequence):
            return None
        try:
            found = judge(node)
        except UndecidedError:
            return None
        return found.place if found is not None else None

    return check
