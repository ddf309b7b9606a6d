"""What a rule is, and how the engine finds all of them.

A rule is one function in one file: the file, the function and the rule have one name (`-` in the rule's name is `_` in
the file's), the folder is the category, the first line of the docstring is the summary and its headings are the docs.
The annotation of the first argument says what the rule looks at: every `Document`, every `Resource`, the `Tree`,
or the `Validation` of the tree against its schemas.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from lintkit.errors import LintkitError
from lintkit.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lintkit.finding import Finding

SCOPES = ("Document", "Resource", "Tree", "Validation")
_HEADING = re.compile(r"^## +(.+)$", re.MULTILINE)


class RuleError(LintkitError):
    """A rule is declared wrongly."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as the engine sees it.

    Attributes:
        name: Kebab-case name.
        category: The folder it stands in.
        severity: Severity of its findings, where they name none.
        since: Version of lintkit that brought it.
        scope: `Document`, `Resource`, `Tree` or `Validation`.
        check: The function; takes what its scope says, and the tree's options when `wants_options`.
        wants_options: Whether `check` takes a second argument.
        kinds: For `Resource`: the kinds it looks at; empty for all.
        on_by_default: Whether it runs when nothing selects it.
        docstring: Summary and headings, as written.
        origin: The rule file or the plugin it comes from; empty for a rule of the package.
        instead_of: Rules that say less of the same: their findings at the place of one of its own are left out.
    """

    name: str
    category: str
    severity: Severity
    since: str
    scope: str
    check: Callable[..., Iterator[Finding]]
    wants_options: bool
    kinds: frozenset[str]
    on_by_default: bool
    docstring: str
    origin: str = ""
    instead_of: frozenset[str] = frozenset()

    @property
    def summary(self) -> str:
        """The first line of its docs."""
        return self.docstring.strip().split("\n", 1)[0].strip()

    def section(self, heading: str) -> str:
        """The text under a heading of its docs; empty when there is none."""
        return self.sections().get(heading, "")

    def sections(self) -> dict[str, str]:
        """Heading -> text."""
        parts = _HEADING.split(_dedented(self.docstring))
        return {heading.strip(): text.strip("\n") for heading, text in zip(parts[1::2], parts[2::2], strict=True)}


def rule(
    *,
    severity: Severity = Severity.ERROR,
    since: str,
    kinds: tuple[str, ...] = (),
    on_by_default: bool = True,
    instead_of: tuple[str, ...] = (),
) -> Callable[[Callable[..., Iterator[Finding]]], Rule]:
    """Declare a rule.

    Args:
        severity: Severity of its findings where they name none.
        since: Version of lintkit that brings it.
        kinds: For rules on a `Resource`: the kinds to look at.
        on_by_default: Whether it runs when nothing selects it.
        instead_of: Rules that say less of the same: their findings at the place of one of its own are left out.

    Raises:
        RuleError: The function's name is not its file's, or its annotation is no scope.
    """

    def declare(check: Callable[..., Iterator[Finding]]) -> Rule:
        module = check.__module__.split(".")
        if check.__name__ != module[-1]:
            message = f"the rule {check.__name__} stands in {module[-1]}.py"
            raise RuleError(message)
        if len(module) < 2:
            message = f"the rule {check.__name__} stands in no folder, whose name would be its category"
            raise RuleError(message)
        names = [name for name in check.__annotations__ if name != "return"]
        annotation = check.__annotations__[names[0]] if names else "nothing that is annotated"
        scope = str(getattr(annotation, "__name__", annotation)).rpartition(".")[2]
        if scope not in SCOPES:
            message = f"the rule {check.__name__} takes a {scope}; expected one of {', '.join(SCOPES)}"
            raise RuleError(message)
        return Rule(
            check.__name__.replace("_", "-"),
            module[-2],
            severity,
            since,
            scope,
            check,
            len(names) > 1,
            frozenset(kinds),
            on_by_default,
            check.__doc__ or "",
            instead_of=frozenset(instead_of),
        )

    return declare


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule of the package, sorted by category and name."""
    package = importlib.import_module("lintkit.rules")
    found: list[Rule] = []
    for category in pkgutil.iter_modules(package.__path__):
        if not category.ispkg:
            continue
        folder = importlib.import_module(f"lintkit.rules.{category.name}")
        for entry in pkgutil.iter_modules(folder.__path__):
            if entry.name.startswith("_"):
                continue
            module: Any = importlib.import_module(f"lintkit.rules.{category.name}.{entry.name}")
            declared = getattr(module, entry.name, None)
            if not isinstance(declared, Rule):
                message = f"lintkit/rules/{category.name}/{entry.name}.py declares no rule of that name"
                raise RuleError(message)
            found.append(declared)
    return tuple(sorted(found, key=lambda one: (one.category, one.name)))


def _dedented(docstring: str) -> str:
    first, newline, rest = docstring.partition("\n")
    lines = rest.expandtabs().split("\n")
    indents = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    margin = min(indents, default=0)
    return first.strip() + newline + "\n".join(line[margin:] for line in lines)
