"""`lintkit check --fix` and `--diff`: repair, then report what is left."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from lintkit.errors import UsageError
from lintkit.fix.keep import kept, save, why_lost, why_no_place, why_shown
from lintkit.fix.loop import fixed
from lintkit.fix.patch import patch
from lintkit.fix.write import write

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from lintkit.finding import Finding
    from lintkit.fix.loop import Change, Outcome
    from lintkit.options import Options


def repaired(
    root: Path, options: Options, paths: Sequence[Path], *, unsafe: bool, secrets_to: Path | None = None
) -> Outcome:
    """Repair the files below some paths, and say on standard error what was done.

    Args:
        root: Root of the tree.
        options: Options of the run.
        paths: Files and folders whose findings are repaired.
        unsafe: Whether fixes that may change what is meant count too.
        secrets_to: New file for the secrets that are taken out of the tree; without one git must have them.

    Raises:
        UsageError: The file may not hold secrets.
    """
    reason = why_no_place(root, secrets_to) if secrets_to is not None else ""
    if reason:
        message = f"--secrets-to: {reason}"
        raise UsageError(message)
    outcome = fixed(root, options, paths=paths, unsafe=unsafe, lost=why_lost if secrets_to is None else kept)
    count = save(secrets_to, outcome.applied) if secrets_to is not None else 0
    write(root, {path: change.after for path, change in outcome.changes.items()})
    _tell(outcome, "fixed")
    if count:
        click.echo(f"{count} {'secret' if count == 1 else 'secrets'} written to {secrets_to}: delete it soon", err=True)
    return outcome


def show_patch(root: Path, options: Options, paths: Sequence[Path], *, unsafe: bool) -> int:
    """Print the patch that repairs the files below some paths; 1 when there is one.

    A file of which the patch would show a secret is left out, and said on standard error.
    """
    outcome = fixed(root, options, paths=paths, unsafe=unsafe, lost=why_shown)
    shown: dict[str, Change] = {}
    for path, change in outcome.changes.items():
        if _shows_secret(outcome, path, patch({path: change})):
            click.echo(f"not shown: {path}: a secret stands close to what is fixed", err=True)
        else:
            shown[path] = change
    sys.stdout.buffer.write(patch(shown).encode())
    sys.stdout.buffer.flush()
    _tell(outcome, "would fix")
    return int(bool(outcome.changes))


def _shows_secret(outcome: Outcome, path: str, text: str) -> bool:
    tree = outcome.report.tree
    source = tree.repository.source(path) if tree is not None else None
    if source is None:
        return False
    secret: set[str] = set()
    for span in outcome.report.sensitive.get(path, ()):
        first, last = source.position(span.start)[0], source.position(max(span.end - 1, span.start))[0]
        secret |= {source.line(line).strip() for line in range(first, last + 1)}
    return any(line[1:].strip() in secret for line in text.split("\n") if line[:1] in {" ", "-", "+"})


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
    for notes in dict.fromkeys(one.fix.notes for one in outcome.applied if one.fix is not None and one.fix.notes):
        click.echo("to do:", err=True)
        for note in notes:
            click.echo(f"  {note}", err=True)
    for refused in outcome.refused:
        click.echo(f"not fixed: {_place(refused.finding)} [{refused.finding.rule}]: {refused.reason}", err=True)


def _sorted(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda one: (one.path, one.position, one.rule))


def _place(finding: Finding) -> str:
    return f"{finding.path}:{finding.position[0]}"
