"""Conditions of a chart profile: `path`, `!path`, `path=value`, `path!=value`; a leading dot means the entry."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from lintkit.model.consumers import select
from lintkit.syntax.node import Mapping, Scalar

if TYPE_CHECKING:
    from lintkit.model.helm_values import Values
    from lintkit.syntax.node import Node

_CONDITION = re.compile(r"(!?)(\.?)(.*?)(?:(!?=)(.*))?")


class Scope(NamedTuple):
    """What a condition is about.

    Attributes:
        values: The values of a release.
        prefix: Path of a subchart's values; empty for the chart's own.
        entry: The entry that a leading dot means.
    """

    values: Values
    prefix: str = ""
    entry: Node | None = None

    def path(self, path: str) -> str:
        """A path of the chart's own values, as a path of the release's."""
        return f"{self.prefix}.{path}" if self.prefix and path else path


def holds(condition: str, scope: Scope) -> bool:
    """Whether a condition holds.

    A path holds when it is set, and not to false or nothing. `a=b` compares the text that is written, `a!=b` holds for
    an absent one too.
    """
    found = _CONDITION.fullmatch(condition)
    if found is None or not condition:
        return True
    negated, local, path, sign, wanted = found.groups()
    nodes = _local(path, scope) if local else list(select(scope.values.root, scope.path(path)))
    if sign:
        is_equal = any(isinstance(node, Scalar) and not node.is_null and node.text == wanted for node in nodes)
        return is_equal == (sign == "=")
    is_set = any(is_something(node) for node in nodes)
    if not is_set and not local:
        is_set = scope.values.is_set(*scope.path(path).split("."))
    return is_set != bool(negated)


def _local(path: str, scope: Scope) -> list[Node]:
    return list(select(scope.entry, path)) if isinstance(scope.entry, Mapping) else []


def is_something(node: Node) -> bool:
    """Whether a chart takes a value for set."""
    if isinstance(node, Scalar):
        return not node.is_null and node.text != "" and node.value is not False
    return True
