"""Every `${...}` in what Flux applies; read once for all rules about variables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from lintkit.model.substitution import expressions, is_exempt
from lintkit.syntax.node import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lintkit.model.cluster import Applied
    from lintkit.model.resource import Resource
    from lintkit.model.substitution import Expression

_SHELL = re.compile(
    r"^#!|\$\(|\bthen\b|\bfi\b|\bdone\b|\$\{[#!]?\w+\[|(?:^|\s)(?:set -|echo |exit \d|export )|&&|\|\|", re.MULTILINE
)
_PROGRAM = re.compile(r"\.(?:json|sh|bash|py|js|lua|rb|pl|xml|conf|toml|ini|cfg|env|tmpl|template)$", re.IGNORECASE)
_SCRIPT_KEYS = frozenset(
    {"args", "command", "script", "cmd", "entrypoint", "run", "exec", "execute", "startup", "preStop"}
)


class Used(NamedTuple):
    """One `${...}` in an object.

    Attributes:
        applied: What the Flux Kustomization applies.
        resource: The object, before substitution.
        node: The text.
        expression: The expression in it.
        is_script: Whether the text is read by a shell or another program that has variables of its own.
        names: Names that the object itself defines for that program.
    """

    applied: Applied
    resource: Resource
    node: Scalar
    expression: Expression
    is_script: bool
    names: frozenset[str]


def uses(applied: Iterable[Applied]) -> Iterator[Used]:
    """Every `${...}` that a substituting Kustomization meets."""
    seen: set[tuple[int, int]] = set()
    for one in applied:
        if one.build is None:
            continue
        for resource in one.build.resources:
            if resource.root is resource.written and "${" not in resource.source.text:
                continue
            if is_exempt(resource.root) or (id(resource.root), id(one.variables)) in seen:
                continue
            seen.add((id(resource.root), id(one.variables)))
            yield from _in_resource(one, resource)


def _in_resource(applied: Applied, resource: Resource) -> Iterator[Used]:
    names: frozenset[str] | None = None
    stack: list[tuple[Node, str]] = [(resource.root, "")]
    while stack:
        node, key = stack.pop()
        if isinstance(node, Mapping):
            for name, value in node.entries.items():
                if "${" in name:
                    written = node.key(name)
                    stack += [(written, "")] if written is not None else []
                if not isinstance(value, Scalar) or "${" in value.text:
                    stack.append((value, name))
        elif isinstance(node, Sequence):
            stack.extend((element, key) for element in node.elements)
        elif isinstance(node, Scalar) and "${" in node.text:
            if names is None:
                names = frozenset(_environment(resource.root))
            is_script = key in _SCRIPT_KEYS or _PROGRAM.search(key) or _SHELL.search(node.text)
            for expression in expressions(node.text):
                yield Used(applied, resource, node, expression, bool(is_script), names)


def _environment(root: Node) -> Iterator[str]:
    """Names of environment variables that an object sets."""
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, Mapping):
            name = node.text("name")
            if name and ("value" in node.entries or "valueFrom" in node.entries):
                yield name
            env = node.get("env")
            if isinstance(env, Mapping):
                yield from env.entries
            stack.extend(node.entries.values())
        elif isinstance(node, Sequence):
            stack.extend(node.elements)
