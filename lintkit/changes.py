"""What a change brought: the findings of a tree that it did not have before."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from lintkit import engine
from lintkit.collect.past import Past
from lintkit.errors import NothingLintedError
from lintkit.render.changed import changed_since

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lintkit.engine import Report
    from lintkit.finding import Finding
    from lintkit.options import Options
    from lintkit.rules._rule import Rule

_NUMBER = re.compile(r"\d+")
_SHORT = 9


def difference(
    before: Iterable[Finding], after: Iterable[Finding], renames: Mapping[str, str] | None = None
) -> tuple[list[Finding], list[Finding]]:
    """The findings that appeared, and those that went; lines that only moved count as the same.

    Args:
        before: Findings of the earlier tree.
        after: Findings of the later one.
        renames: New path -> old path.
    """
    renames = renames or {}
    appeared = _without(after, Counter(_key(one, {}) for one in before), renames)
    went = _without(before, Counter(_key(one, renames) for one in after), {})
    return appeared, went


def since(
    report: Report, reference: str, *, options: Options | None = None, rules: tuple[Rule, ...] | None = None
) -> Report:
    """A report with the findings alone that the tree did not have where it left a commit.

    The tree of that commit is read through git into memory. It is judged by the rules and options of today, so that
    turning a rule on makes no old finding new.

    Args:
        report: The run on the tree as it is.
        reference: A commit, a branch or a tag.
        options: The options of that run.
        rules: The rules it chose from.

    Raises:
        ToolMissingError: There is no git.
        UsageError: There is no such commit, or no history that leads to it.
    """
    changed = changed_since(report.root, reference)
    where = f"`{reference}`" if changed.commit.startswith(reference) else f"`{reference}` ({changed.commit[:_SHORT]})"
    if not changed.files and not changed.links:
        note = f"nothing changed since {where}{_old(len(report.findings))}"
        return replace(report, findings=(), notes=(*report.notes, note))
    past = Past(report.root, changed.files, changed.links)
    try:
        before = engine.check(report.root, root=report.root, options=options, rules=rules, past=past, earlier=report)
    except NothingLintedError:
        note = f"there was nothing to lint at {where}: every finding is new"
        return replace(report, notes=(*report.notes, note))
    broken = {failure.rule for failure in before.failures}
    appeared, _ = difference(before.findings, report.findings, changed.renames)
    appeared = [finding for finding in appeared if finding.rule not in broken]
    note = f"since {where}{_old(len(report.findings) - len(appeared))}"
    return replace(
        report,
        findings=tuple(appeared),
        failures=tuple(dict.fromkeys((*report.failures, *before.failures))),
        notes=(*report.notes, note),
        seconds=report.seconds + before.seconds,
    )


def _old(count: int) -> str:
    return f": {count} {'finding' if count == 1 else 'findings'} from before not shown"


def _without(findings: Iterable[Finding], known: Counter[tuple[str, ...]], renames: Mapping[str, str]) -> list[Finding]:
    left = Counter(known)
    found: list[Finding] = []
    for finding in findings:
        key = _key(finding, renames)
        if left[key]:
            left[key] -= 1
        else:
            found.append(finding)
    return found


def _key(finding: Finding, renames: Mapping[str, str]) -> tuple[str, ...]:
    """What one and the same finding has in two trees: not its line, no number of its message, and no advice."""
    source = finding.place.source
    line = " ".join(source.line(finding.position[0]).split())
    subject = _NUMBER.sub("0", finding.message.partition("; did you mean ")[0])
    return finding.rule, renames.get(finding.path, finding.path), line, subject
