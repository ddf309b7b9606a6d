"""What is wrong with a field, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from lintkit.model.resource import Resource
    from lintkit.schema.validator import SchemaError
    from lintkit.syntax.node import Node, Place, Scalar

Path = tuple[str | int, ...]
Level = Literal["", "info", "warning"]


@dataclass(frozen=True, slots=True)
class Violation:
    """A field that its schema does not allow.

    Attributes:
        rule: Name of the rule that reports it.
        place: What a person must edit.
        message: What is there and what was expected.
        path: Key path of the field below the object.
        node: The value, where there is one.
        key: The key of a field that should not be there.
        suggestion: The name or value that was meant.
        belongs: Key path under which the field belongs.
        severity: `info` or `warning`, where it is not the rule's own.
        resource: The object.
        origin: Where the schema comes from.
        wanted: JSON types that the field takes, where it has another one.
    """

    rule: str
    place: Place
    message: str
    path: Path = ()
    node: Node | None = None
    key: Scalar | None = None
    suggestion: str | None = None
    belongs: Path | None = None
    severity: Level = ""
    resource: Resource | None = None
    origin: str = ""
    wanted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Subject:
    """What is held against a schema.

    Attributes:
        root: The node that the schema is for.
        schema: The whole schema; its references start here.
        name: What a message calls the root: `a Kustomization`, `the values`.
        prefix: Key path of the root below the object.
    """

    root: Node
    schema: dict[str, object]
    name: str
    prefix: Path = ()


def shown(path: Path) -> str:
    """A key path as people write it: `spec.containers[0].ports`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif "." in step or "/" in step:
            text += f'["{step}"]' if text else f'"{step}"'
        else:
            text += f".{step}" if text else step
    return text


def is_combined(error: SchemaError) -> bool:
    """Whether an error says that none, or more than one, of several schemas fits."""
    return error.keyword in {"oneOf", "anyOf"}
