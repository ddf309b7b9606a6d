"""`lintkit check --fix` and `--diff`: repair, then report what is left."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from lintkit.fix.loop import fixed
from lintkit.fix.patch import patch
from lintkit.fix.write import write

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from lintkit.finding import Finding
    from lintkit.fix.loop import Outcome
    from lintkit.options import Options


def repaired(root: Path, options: Options, paths: Sequence[Path], *, unsafe: bool) -> Outcome:
    """Repair the files below some paths, and say on standard error what was done."""
    outcome = fixed(root, options, paths=paths, unsafe=unsafe)
    write(root, {path: change.after for path, change in outcome.changes.items()})
    _tell(outcome, "fixed")
    return outcome


def show_patch(root: Path, options: Options, paths: Sequence[Path], *, unsafe: bool) -> int:
    """Print the patch that repairs the files below some paths; 1 when there is one."""
    outcome = fixed(root, options, paths=paths, unsafe=unsafe)
    sys.stdout.buffer.write(patch(outcome.changes).encode())
    sys.stdout.buffer.flush()
    _tell(outcome, "would fix")
    return int(bool(outcome.changes))


def _tell(outcome: Outcome, verb: str) -> None:
    lines = [f"  {_place(one)}: {one.fix.title if one.fix else ''} [{one.rule}]" for one in _sorted(outcome.applied)]
    if lines:
        files = len(outcome.changes)
        count = len(lines)
        click.echo(
            f"{verb} {count} {'finding' if count == 1 else 'findings'} in {files} {'file' if files == 1 else 'files'}:",
            err=True,
        )
    for line in lines:
        click.echo(line, err=True)
    for refused in outcome.refused:
        click.echo(f"not fixed: {_place(refused.finding)} [{refused.finding.rule}]: {refused.reason}", err=True)


def _sorted(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda one: (one.path, one.position, one.rule))


def _place(finding: Finding) -> str:
    return f"{finding.path}:{finding.position[0]}"
