"""What a rule file may say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lintkit.options import Level, option

NAME = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The objects a rule is for; every part that is given must match."""

    group: str = option("API group, as a glob; empty for the core group.", "*")
    kind: str | tuple[str, ...] = option("Kind or kinds: `Kind` or `group/Kind`, as globs.", "*")
    namespace: str = option("Namespace, as a glob.", "*")
    name: str = option("Name, as a glob.", "*")
    labels: dict[str, str] | None = option("Labels -> their values, as globs.", None)
    paths: str | tuple[str, ...] = option("Files, as globs; `**` crosses folders.", "**")


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A value that has a name: `variables.NAME`."""

    name: str = option("Its name.", pattern=r"^[A-Za-z_]\w*$")
    expression: str = option("Its value, in CEL.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """Small trees: path -> text; `# error: text` ends a line where a finding starts."""

    bad: dict[str, str] | None = option("Files with findings.", None)
    good: dict[str, str] | None = option("Files laid over those of `bad`, without findings.", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A rule file."""

    name: str = option("Name of the rule, in kebab case; it names the bad thing.", pattern=NAME)
    summary: str = option("One sentence: what is wrong.")
    severity: Level = option("Severity of its findings.", "error")
    scope: Literal["resource", "tree"] = option("What its expressions see: one object, or all of the tree.", "resource")
    match: Match = option("The objects it judges.", Match())
    each: str | tuple[str, ...] = option("Lists or maps in the object whose elements are judged one by one.", ())
    variables: tuple[Variable, ...] = option("Values that its expressions share.", ())
    expression: str = option("What must be true, in CEL, as in a ValidatingAdmissionPolicy.")
    message: str = option("What a finding says.", "")
    messageExpression: str = option("The same in CEL; wins where it gives a text.", "")  # noqa: N815 - Kubernetes' word
    at: str = option("Where a finding stands, as a path in the object or in the element of `each`.", "")
    enabled: bool = option("Whether it runs when nothing selects it.", default=True)
    why: str = option("Why it matters, for the page of the rule.", "")
    examples: Examples = option("Examples; `lintkit rule --test` runs them.", Examples())


def listed(value: str | tuple[str, ...]) -> tuple[str, ...]:
    """One text or several, as several."""
    return (value,) if isinstance(value, str) else value
