"""Applies fixes in memory and judges the tree again, until nothing more can be repaired; writes nothing.

A fix stands only where its finding is gone afterwards, no rule finds more in any file than before, and nothing but what
the edits say has changed.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from lintkit import baseline, engine
from lintkit.fix.choose import chosen, edits_of, is_applicable
from lintkit.fix.hold import what_moved
from lintkit.fix.keep import why_lost
from lintkit.fix.settle import Failure, settle
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


def fixed(  # noqa: PLR0913 - the choices of one repair
    root: Path,
    options: Options,
    *,
    paths: Sequence[Path] = (),
    unsafe: bool = False,
    rules: tuple[Rule, ...] | None = None,
    lost: Callable[[Path, Fix], str] = why_lost,
    wanted: Callable[[Finding], bool] | None = None,
    report: Report | None = None,
) -> Outcome:
    """Repair what can be repaired.

    Args:
        root: Root of the tree.
        options: Options of the run.
        paths: Files and folders whose findings are repaired; empty for the whole tree.
        unsafe: Whether fixes that may change what is meant count too.
        rules: The rules to choose from; all of the package when None.
        lost: Why a fix that takes secrets out of the tree may not be applied; empty when it may.
        wanted: Which findings are repaired; all of them when None.
        report: A run on the whole tree as it is, when there is one.

    Raises:
        LintkitError: As `engine.check`.
    """
    run = _Run(root.resolve(), options, rules, report)
    applied: list[Finding] = []
    refused: dict[tuple[str, str, str], Refused] = {}
    report = run.report
    is_stale = False
    for _ in range(_MOST_ROUNDS):
        shown = report if not paths else replace(report, findings=engine.shown(report.findings, run.root, paths))
        asked = [
            finding
            for finding in shown.findings
            if is_applicable(finding.fix, unsafe=unsafe) and (wanted is None or wanted(finding))
        ]
        for finding in asked:
            reason = lost(run.root, finding.fix) if finding.fix is not None and finding.fix.moved else ""
            if reason:
                refused[_key(finding)] = Refused(finding, reason)
        asked = [finding for finding in asked if _key(finding) not in refused]
        settled = settle(chosen(asked), run.why_not)
        refused.update((_key(one), Refused(one, why)) for one, why in settled.refused)
        stood = settled.stood
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


class _Run:
    """The state of one repair: the texts so far, and what is found in them."""

    def __init__(
        self, root: Path, options: Options, rules: tuple[Rule, ...] | None, report: Report | None = None
    ) -> None:
        self.root = root
        self.options = options
        self.rules = rules if rules is not None else engine.rules_of(root)
        self.texts: dict[str, str] = {}
        self.first: dict[str, str | None] = {}
        self.report = report if report is not None else self._check({})
        self._tried: tuple[dict[str, str], Report] | None = None

    @property
    def changes(self) -> dict[str, Change]:
        """What differs from the disk."""
        return {path: Change(self.first[path], text) for path, text in self.texts.items() if text != self.first[path]}

    def keep(self, stood: Sequence[Finding]) -> Report:
        """Make what stood the state of the tree."""
        texts = self._applied(stood)
        for path in texts:
            self.first.setdefault(path, self._text(path))
        self.texts.update(texts)
        is_known = self._tried is not None and self._tried[0] == texts
        self.report = self._tried[1] if is_known and self._tried else self._check(texts)
        return self.report

    def why_not(self, findings: Sequence[Finding]) -> Failure | None:
        """Why the fixes of some findings do not stand together on the tree so far; None when they do."""
        try:
            texts = self._applied(findings)
        except OverlappingEditsError:
            return Failure(conflicts=[("another fix changes the same text", frozenset())])
        failure = Failure()
        for path, edits in edits_of(findings).items():
            before = self._text(path)
            if before is None and os.path.lexists(self.root / path):
                failure.conflicts.append((f"{path} is there, and no part of the tree", _touching(findings, {path})))
            elif before is not None and (moved := what_moved(path, before, texts[path], edits)):
                failure.conflicts.append((moved, _touching(findings, {path})))
        if failure.conflicts:
            return failure
        report = self._check(texts)
        self._tried = (texts, report)
        tried = Counter(map(_key, findings))
        had, left = Counter(map(_key, self.report.findings)), Counter(map(_key, report.findings))
        failure.sure = {
            index: "the finding would still be there"
            for index, one in enumerate(findings)
            if left[_key(one)] > had[_key(one)] - tried[_key(one)]
        }
        failure.conflicts = [
            (f"it would bring `{one.rule}` into {one.path}", _suspects(findings, one)) for one in self._new(report)
        ]
        return failure if failure.sure or failure.conflicts else None

    def _new(self, report: Report) -> list[Finding]:
        """A finding of each rule and file of which there are more than before."""
        before = Counter((one.rule, one.path) for one in self.report.findings)
        known = {_key(one) for one in self.report.findings}
        found: dict[tuple[str, str], Finding] = {}
        counts = Counter((one.rule, one.path) for one in report.findings)
        for one in report.findings:
            at = one.rule, one.path
            is_more = counts[at] > before[at] and one.rule != baseline.STALE
            if is_more and (at not in found or _key(found[at]) in known):
                found[at] = one
        return list(found.values())

    def _applied(self, findings: Sequence[Finding]) -> dict[str, str]:
        return {path: apply(self._text(path) or "", edits) for path, edits in edits_of(findings).items()}

    def _text(self, path: str) -> str | None:
        if path in self.texts:
            return self.texts[path]
        source = self.report.tree.repository.source(path) if self.report.tree is not None else None
        return source.text if source is not None else None

    def _check(self, texts: Mapping[str, str]) -> Report:
        overlay = {**self.texts, **texts}
        earlier = self.report if overlay else None
        return engine.check(
            self.root, root=self.root, options=self.options, overlay=overlay, rules=self.rules, earlier=earlier
        )


def _suspects(findings: Sequence[Finding], new: Finding) -> frozenset[int]:
    """The fixes that may have brought a finding: they edit its file or are about it, else a file that it is about."""
    found = _touching(findings, {new.path}) | {index for index, one in enumerate(findings) if one.path == new.path}
    return frozenset(found) or _touching(findings, {one.place.source.path for one in new.related})


def _touching(findings: Sequence[Finding], paths: set[str]) -> frozenset[int]:
    return frozenset(
        index
        for index, one in enumerate(findings)
        if one.fix is not None and any(edit.path in paths for edit in one.fix.edits)
    )


def _key(finding: Finding) -> tuple[str, str, str]:
    return finding.rule, finding.path, finding.message
