"""Applies fixes in memory and judges the tree again, until nothing more can be repaired; writes nothing.

A fix stands only where its finding is gone afterwards, no rule finds more in any file than before, and nothing but what
the edits say has changed.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from lintkit import baseline, engine
from lintkit.fix.choose import chosen, edits_of, is_applicable
from lintkit.fix.hold import what_moved
from lintkit.fix.keep import why_lost
from lintkit.text.edit import OverlappingEditsError, apply

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from lintkit.engine import Report
    from lintkit.finding import Finding, Fix
    from lintkit.options import Options
    from lintkit.rules._rule import Rule

_MOST_ROUNDS = 20


class Change(NamedTuple):
    """A file before and after; `before` is None for a new file."""

    before: str | None
    after: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A fix that was not applied, and why."""

    finding: Finding
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What fixing came to.

    Attributes:
        changes: Path -> the file before and after.
        applied: The findings that are repaired.
        refused: The fixes that do not stand.
        report: The findings that are left.
    """

    changes: Mapping[str, Change]
    applied: tuple[Finding, ...]
    refused: tuple[Refused, ...]
    report: Report


def fixed(
    root: Path,
    options: Options,
    *,
    paths: Sequence[Path] = (),
    unsafe: bool = False,
    rules: tuple[Rule, ...] | None = None,
    lost: Callable[[Path, Fix], str] = why_lost,
) -> Outcome:
    """Repair what can be repaired.

    Args:
        root: Root of the tree.
        options: Options of the run.
        paths: Files and folders whose findings are repaired; empty for the whole tree.
        unsafe: Whether fixes that may change what is meant count too.
        rules: The rules to choose from; all of the package when None.
        lost: Why a fix that takes secrets out of the tree may not be applied; empty when it may.

    Raises:
        LintkitError: As `engine.check`.
    """
    run = _Run(root.resolve(), options, rules)
    applied: list[Finding] = []
    refused: dict[tuple[str, str, str], Refused] = {}
    report = run.report
    is_stale = False
    for _ in range(_MOST_ROUNDS):
        shown = report if not paths else replace(report, findings=engine.shown(report.findings, run.root, paths))
        wanted = [
            finding
            for finding in shown.findings
            if is_applicable(finding.fix, unsafe=unsafe) and _key(finding) not in refused
        ]
        for finding in wanted:
            reason = lost(run.root, finding.fix) if finding.fix is not None and finding.fix.moved else ""
            if reason:
                refused[_key(finding)] = Refused(finding, reason)
        wanted = [finding for finding in wanted if _key(finding) not in refused]
        stood: list[Finding] = []
        run.attempt(chosen(wanted), stood, refused)
        if not stood and is_stale:
            refused.clear()  # what stood since then may have changed their lot
            is_stale = False
            continue
        if not stood:
            break
        is_stale = bool(refused)
        applied += stood
        report = run.keep(stood)
    else:
        shown = report if not paths else replace(report, findings=engine.shown(report.findings, run.root, paths))
    return Outcome(run.changes, tuple(applied), tuple(refused.values()), shown)


@dataclass(slots=True)
class _Failure:
    """Why fixes do not stand together.

    Attributes:
        reason: One of the reasons.
        culprits: Fixes of the group that are surely a cause -> why.
        suspects: Fixes of the group that may be one.
    """

    reason: str = ""
    culprits: dict[int, str] = field(default_factory=dict)
    suspects: set[int] = field(default_factory=set)

    def note(self, reason: str, group: Sequence[Finding], path: str) -> None:
        """Note what is wrong in a file: the one fix that touches it is the cause."""
        self.reason = reason
        touching = [index for index, one in enumerate(group) if one.fix and any(e.path == path for e in one.fix.edits)]
        self.suspects.update(touching)
        if len(touching) == 1:
            self.culprits.setdefault(touching[0], reason)


def _parts(group: Sequence[Finding], suspects: set[int]) -> list[list[Finding]]:
    """A group in parts: without the suspects and they, else by rule, else in halves."""
    if 0 < len(suspects) < len(group):
        return [
            [one for index, one in enumerate(group) if (index in suspects) is is_suspect]
            for is_suspect in (False, True)
        ]
    rules = list(dict.fromkeys(one.rule for one in group))
    if len(rules) > 1:
        return [[one for one in group if one.rule == rule] for rule in rules]
    return [list(group[: len(group) // 2]), list(group[len(group) // 2 :])]


class _Run:
    """The state of one repair: the texts so far, and what is found in them."""

    def __init__(self, root: Path, options: Options, rules: tuple[Rule, ...] | None) -> None:
        self.root = root
        self.options = options
        self.rules = rules
        self.texts: dict[str, str] = {}
        self.first: dict[str, str | None] = {}
        self.report = self._check({})
        self._tried: tuple[dict[str, str], Report] | None = None

    @property
    def changes(self) -> dict[str, Change]:
        """What differs from the disk."""
        return {path: Change(self.first[path], text) for path, text in self.texts.items() if text != self.first[path]}

    def attempt(
        self, group: Sequence[Finding], stood: list[Finding], refused: dict[tuple[str, str, str], Refused]
    ) -> None:
        """Apply a group on top of what stood; where it does not hold, its parts: first those above suspicion."""
        if not group:
            return
        failure = self._why_not([*stood, *group], group)
        if failure is None:
            stood += group
        elif len(group) == 1:
            refused[_key(group[0])] = Refused(group[0], failure.reason)
        elif failure.culprits:
            for index, why in failure.culprits.items():
                refused[_key(group[index])] = Refused(group[index], why)
            self.attempt([one for one in group if _key(one) not in refused], stood, refused)
        else:
            for part in _parts(group, failure.suspects):
                self.attempt(part, stood, refused)

    def keep(self, stood: Sequence[Finding]) -> Report:
        """Make what stood the state of the tree."""
        texts = self._applied(stood)
        for path in texts:
            self.first.setdefault(path, self._text(path))
        self.texts.update(texts)
        is_known = self._tried is not None and self._tried[0] == texts
        self.report = self._tried[1] if is_known and self._tried else self._check(texts)
        return self.report

    def _why_not(self, findings: Sequence[Finding], group: Sequence[Finding]) -> _Failure | None:
        """Why fixes do not stand together; None when they do."""
        try:
            texts = self._applied(findings)
        except OverlappingEditsError:
            return _Failure("another fix changes the same text")
        failure = _Failure()
        for path, edits in edits_of(findings).items():
            before = self._text(path)
            if before is None and os.path.lexists(self.root / path):
                failure.note(f"{path} is there, and no part of the tree", group, path)
            elif before is not None and (moved := what_moved(path, before, texts[path], edits)):
                failure.note(moved, group, path)
        if failure.reason:
            return failure
        report = self._check(texts)
        self._tried = (texts, report)
        left = {_key(finding) for finding in report.findings}
        for index, finding in enumerate(group):
            if _key(finding) in left:
                failure.reason = failure.culprits[index] = "the finding would still be there"
        before_counts = Counter((one.rule, one.path) for one in self.report.findings)
        for (rule, path), count in Counter((one.rule, one.path) for one in report.findings).items():
            if count > before_counts[rule, path] and rule != baseline.STALE:
                failure.note(f"it would bring `{rule}` into {path}", group, path)
        return failure if failure.reason else None

    def _applied(self, findings: Sequence[Finding]) -> dict[str, str]:
        return {path: apply(self._text(path) or "", edits) for path, edits in edits_of(findings).items()}

    def _text(self, path: str) -> str | None:
        if path in self.texts:
            return self.texts[path]
        source = self.report.tree.repository.source(path) if self.report.tree is not None else None
        return source.text if source is not None else None

    def _check(self, texts: Mapping[str, str]) -> Report:
        overlay = {**self.texts, **texts}
        return engine.check(self.root, root=self.root, options=self.options, overlay=overlay, rules=self.rules)


def _key(finding: Finding) -> tuple[str, str, str]:
    return finding.rule, finding.path, finding.message
