"""Which fixes go together: none touches what another one touches, and a fix is applied wholly or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Applicability

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lintkit.finding import Finding, Fix
    from lintkit.text.edit import Edit


def is_applicable(fix: Fix | None, *, unsafe: bool) -> bool:
    """Whether a fix may be applied: the safe ones, and with `unsafe` those that may change what is meant."""
    if fix is None or not fix.edits or fix.applicability is Applicability.DISPLAY:
        return False
    return unsafe or fix.applicability is Applicability.SAFE


def chosen(findings: Iterable[Finding]) -> list[Finding]:
    """Findings whose fixes can be applied at the same time; the first in the order of the findings win.

    Findings with the very same edits come together: one edit repairs them all.
    """
    taken: dict[str, list[Edit]] = {}
    whole: set[tuple[Edit, ...]] = set()
    found: list[Finding] = []
    for finding in findings:
        edits = finding.fix.edits if finding.fix else ()
        if edits in whole:
            found.append(finding)
        elif not any(_clash(edit, other) for edit in edits for other in taken.get(edit.path, ())):
            whole.add(edits)
            found.append(finding)
            for edit in edits:
                taken.setdefault(edit.path, []).append(edit)
    return found


def edits_of(findings: Iterable[Finding]) -> dict[str, list[Edit]]:
    """Path -> edits, each once."""
    found: dict[str, list[Edit]] = {}
    done: set[tuple[Edit, ...]] = set()
    for finding in findings:
        edits = finding.fix.edits if finding.fix else ()
        if edits not in done:
            done.add(edits)
            for edit in edits:
                found.setdefault(edit.path, []).append(edit)
    return found


def _clash(one: Edit, other: Edit) -> bool:
    """Whether two edits touch the same text, or insert at the same place; elements of a list may follow each other."""
    if one.span.start == one.span.end and other.span.start == other.span.end:
        return one.span.start == other.span.start and not (_is_element(one) and _is_element(other))
    return one.span.start <= other.span.end and other.span.start <= one.span.end


def _is_element(edit: Edit) -> bool:
    """Whether an edit inserts whole lines that hold an element of a list."""
    text = edit.text
    is_whole = text.endswith(("\n", "\r")) != text.startswith(("\n", "\r"))
    return is_whole and text.lstrip().startswith("- ")
