"""What a run says, and what of it is shown.

Nothing here needs the tree, so that a run that is known already is shown without the modules that make one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lintkit.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from lintkit.collect.discover import Skipped
    from lintkit.finding import Silenced
    from lintkit.model.tree import Tree
    from lintkit.rules._rule import Rule
    from lintkit.schema.validation import Validation
    from lintkit.text.edit import Span


@dataclass(frozen=True, slots=True)
class Failure:
    """A rule that broke; a defect of lintkit, never of the tree."""

    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a run.

    Attributes:
        root: Root of the tree.
        findings: What is shown, sorted by path, line, column and rule.
        suppressed: Findings that a comment, the configuration or a baseline silences.
        files: Number of files with manifests.
        resources: Number of objects in them.
        not_checked: What could not be judged, and why: one line each.
        skipped: Files that were left alone, and why.
        sensitive: Path -> spans that are never shown.
        failures: Rules that broke.
        seconds: Wall time.
        timings: Stage or rule -> seconds.
        fail_on: The lowest severity that makes the run fail.
        rules: The rules that ran.
        tree: What was read.
        validation: The tree, held against its schemas, where a rule asked for it.
        notes: What else a person should know: what is left out because it is old.
    """

    root: Path
    findings: tuple[Finding, ...]
    suppressed: tuple[Silenced, ...] = ()
    files: int = 0
    resources: int = 0
    not_checked: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    sensitive: Mapping[str, Sequence[Span]] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    seconds: float = 0.0
    timings: Mapping[str, float] = field(default_factory=dict)
    fail_on: Severity = Severity.WARNING
    rules: tuple[Rule, ...] = ()
    tree: Tree | None = field(default=None, repr=False, compare=False)
    validation: Validation | None = field(default=None, repr=False, compare=False)
    notes: tuple[str, ...] = ()

    def count(self, severity: Severity) -> int:
        """Number of findings of one severity."""
        return sum(finding.severity == severity for finding in self.findings)

    @property
    def exit_code(self) -> int:
        """0 when no finding reaches `fail_on`, 1 when one does, 3 when a rule broke."""
        if self.failures:
            return 3
        return int(any((finding.severity or Severity.ERROR) >= self.fail_on for finding in self.findings))


def narrowed(report: Report, paths: Sequence[Path], files: Collection[str]) -> Report:
    """A report with the findings in some files and folders alone.

    Args:
        report: That of the whole tree.
        paths: The files and folders.
        files: Every file of the tree.
    """
    resolved = [path.resolve() for path in paths]
    silenced = tuple(one for one in report.suppressed if is_shown(one.finding.path, report.root, resolved))
    reasons = {skipped.path: skipped.reason for skipped in report.skipped}
    return replace(
        report,
        findings=shown(report.findings, report.root, paths),
        suppressed=silenced,
        not_checked=(*_not_shown(reasons, files, report.root, paths), *report.not_checked),
    )


def _not_shown(reasons: Mapping[str, str], files: Collection[str], root: Path, paths: Sequence[Path]) -> Iterator[str]:
    """Folders that were asked for and are no part of the tree, and trees inside of this one."""
    for one in paths:
        where = one.resolve()
        if not where.is_relative_to(root):
            yield f"{one}: not below the root {root}"
            continue
        inside = where.relative_to(root).as_posix() if where != root else ""
        if inside and inside not in files and not any(path.startswith(f"{inside}/") for path in files):
            parts = inside.split("/")
            above = ("/".join(parts[:count]) for count in range(len(parts), 0, -1))
            reason = next((reasons[path] for path in above if path in reasons), "no file of this tree")
            yield f"{one}: {reason}"
        for path, reason in reasons.items():
            if "root: true" in reason and path.startswith(f"{inside}/" if inside else ""):
                yield f"{path}: {reason}"


def shown(findings: Iterable[Finding], root: Path, paths: Sequence[Path]) -> tuple[Finding, ...]:
    """The findings in some files and folders."""
    resolved = [path.resolve() for path in paths]
    return tuple(finding for finding in findings if is_shown(finding.path, root, resolved))


def is_shown(path: str, root: Path, paths: Iterable[Path]) -> bool:
    """Whether a file of the tree is one of some files, or below one of some folders; all resolved."""
    where = root / path
    return any(where == one or where.is_relative_to(one) for one in paths)
