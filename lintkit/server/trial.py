"""Which fixes stand: tried on the text as it is now, before an editor offers them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from lintkit.fix.choose import chosen, edits_of, is_applicable
from lintkit.fix.hold import what_moved
from lintkit.server import quick
from lintkit.text.edit import OverlappingEditsError, apply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from lintkit.finding import Finding
    from lintkit.rules._rule import Rule

    Judge = Callable[[Mapping[str, str]], Iterable[Finding]]

Key = tuple[str, str, int, str]
MOST = 8
"""So many fixes of one run are tried one by one, where they do not stand together."""


def key(finding: Finding) -> Key:
    """What a finding of one run is known by."""
    return finding.rule, finding.path, finding.place.span.start, finding.message


def may_be_offered(finding: Finding) -> bool:
    """Whether an editor can apply a fix: it has edits, and takes no secret away that must be kept elsewhere."""
    return is_applicable(finding.fix, unsafe=True) and finding.fix is not None and not finding.fix.moved


def edited(findings: Iterable[Finding], text_of: Callable[[str], str | None]) -> dict[str, str] | None:
    """Path -> text after fixes; None where they overlap, or change more than they say."""
    found: dict[str, str] = {}
    for path, edits in edits_of(findings).items():
        before = text_of(path)
        try:
            after = apply(before or "", edits)
        except OverlappingEditsError:
            return None
        if before is not None and what_moved(path, before, after, edits):
            return None
        found[path] = after
    return found


def stands(
    group: Sequence[Finding], before: Iterable[Finding], judge: Judge, text_of: Callable[[str], str | None]
) -> bool:
    """Whether fixes together take their findings away, and bring no other.

    Args:
        group: Findings with their fixes.
        before: All findings that `judge` has of the text as it is.
        judge: Path -> new text, to findings.
        text_of: A file as it is, or None.
    """
    texts = edited(group, text_of)
    if texts is None:
        return False
    after = list(judge(texts))
    left = {(one.rule, one.path, one.message) for one in after}
    if any((one.rule, one.path, one.message) in left for one in group):
        return False
    counts = Counter((one.rule, one.path) for one in before)
    return all(count <= counts[one] for one, count in Counter((one.rule, one.path) for one in after).items())


def standing(
    findings: Iterable[Finding], before: Sequence[Finding], judge: Judge, text_of: Callable[[str], str | None]
) -> frozenset[Key]:
    """The fixes that stand, of those that can be offered: tried together first, then one by one."""
    group = chosen([one for one in findings if may_be_offered(one)])
    if not group:
        return frozenset()
    if stands(group, before, judge, text_of):
        return frozenset(map(key, group))
    if len(group) == 1:
        return frozenset()
    return frozenset(key(one) for one in group[:MOST] if stands([one], before, judge, text_of))


def is_tried_at_once(finding: Finding, rules: Iterable[Rule]) -> bool:
    """Whether the rule of a finding is one that judges a single changed file."""
    return any(rule.name == finding.rule and quick.is_quick(rule) for rule in rules)
