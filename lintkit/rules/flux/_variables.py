"""Variables in the objects that Flux applies, and what the rules about them share."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lintkit.model.tree import Tree
    from lintkit.model.variable_uses import Used

_ASSIGNED = (
    r"(?:^|[\s;&|(`])(?:export\s+|local\s+|readonly\s+|declare\s+(?:-\w+\s+)?)?{name}\+?="
    r"|\bfor\s+{name}\s+in\b|\bread\s+(?:-\w+\s+)*[\w ]*\b{name}\b"
)
_MANY = 5


def used(tree: Tree) -> tuple[Used, ...]:
    """Every `${...}` that a substituting Kustomization meets."""
    return tree.variable_uses


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
