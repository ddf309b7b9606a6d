"""Variables in the objects that Flux applies, and what the rules about them share."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from lintkit.model.substitution import expressions, is_exempt
from lintkit.syntax.node import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.cluster import Applied
    from lintkit.model.resource import Resource
    from lintkit.model.substitution import Expression
    from lintkit.model.tree import Tree

_ASSIGNED = (
    r"(?:^|[\s;&|(`])(?:export\s+|local\s+|readonly\s+|declare\s+(?:-\w+\s+)?)?{name}\+?="
    r"|\bfor\s+{name}\s+in\b|\bread\s+(?:-\w+\s+)*[\w ]*\b{name}\b"
)
_SHELL = re.compile(
    r"^#!|\$\(|\bthen\b|\bfi\b|\bdone\b|\$\{[#!]?\w+\[|(?:^|\s)(?:set -|echo |exit \d|export )|&&|\|\|", re.MULTILINE
)
_MANY = 5
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


def used(tree: Tree) -> Iterator[Used]:
    """Every `${...}` that a substituting Kustomization meets."""
    seen: set[tuple[int, int]] = set()
    for applied in tree.applied:
        if applied.build is None:
            continue
        for resource in applied.build.resources:
            if resource.root is resource.written and "${" not in resource.source.text:
                continue
            if is_exempt(resource.root) or (id(resource.root), id(applied.variables)) in seen:
                continue
            seen.add((id(resource.root), id(applied.variables)))
            yield from _in_resource(applied, resource)


def _in_resource(applied: Applied, resource: Resource) -> Iterator[Used]:
    names: frozenset[str] | None = None
    stack: list[tuple[Node, str]] = [(resource.root, "")]
    while stack:
        node, key = stack.pop()
        if isinstance(node, Mapping):
            for inner_key, value in node.items():
                if "${" in inner_key.text:
                    stack.append((inner_key, ""))
                stack.append((value, inner_key.text))
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


def is_assigned(text: str, name: str) -> bool:
    """Whether a script gives a variable its value itself."""
    return re.search(_ASSIGNED.replace("{name}", re.escape(name)), text, re.MULTILINE) is not None


def is_external(tree: Tree, name: str) -> bool:
    """Whether the configuration says that a variable comes from outside."""
    return any(fnmatchcase(name, pattern) for pattern in tree.options.external_variables)


def belongs_to_program(one: Used) -> bool:
    """Whether a variable is certainly meant for the program that reads the text, not for Flux."""
    name = one.expression.name
    if not name:
        return False
    if name.isdigit():
        return True
    return (one.is_script and name in one.names) or is_assigned(one.node.text, name)


def is_systemic(counts: dict[str, set[str]], name: str) -> bool:
    """Whether so many Kustomizations use an undefined variable that something outside must define it."""
    return len(counts.get(name, ())) >= _MANY


def undefined_uses(tree: Tree) -> dict[str, set[str]]:
    """Undefined variable -> the Kustomizations that use it."""
    found: dict[str, set[str]] = {}
    for one in used(tree):
        name, view = one.expression.name, one.applied.kustomization
        if one.applied.variables.is_on and view is not None and name not in one.applied.variables.values:
            found.setdefault(name, set()).add(view.name)
    return found
