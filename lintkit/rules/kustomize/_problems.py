"""Problems that a build has found, as findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Finding, Related, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lintkit.finding import Fix
    from lintkit.model.kustomize.item import Problem
    from lintkit.model.tree import Tree


def findings(tree: Tree, rule: str, fix: Callable[[Problem], Fix | None] | None = None) -> Iterator[Finding]:
    """The problems that a rule reports.

    What Flux builds fails: an error. What nothing builds is a warning; in an archive it is no more than worth knowing.
    """
    for found in tree.problems(rule):
        problem = found.problem
        severity = Severity.ERROR if found.is_reached or not tree.clusters else Severity.WARNING
        if found.is_archived:
            severity = Severity.INFO
        if not problem.certain:
            severity = min(severity, Severity.WARNING)
        related = tuple(Related(place, text) for place, text in problem.related)
        yield Finding.at(
            problem.place,
            problem.message,
            severity=severity,
            related=related,
            fix=fix(problem) if fix else None,
        )
