"""`lintkit baseline`: accept the findings of today, so that only new ones fail a run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from lintkit import baseline, configuration, engine
from lintkit.collect.repository import root_of
from lintkit.errors import BrokenRuleError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from lintkit.baseline import Verdict
    from lintkit.engine import Report
    from lintkit.options import Options


class _Asked(NamedTuple):
    """Which baseline of which tree."""

    root: Path
    options: Options
    file: Path


@click.group("baseline")
def command() -> None:
    """Accept the findings of today, so that only new ones fail a run."""


def _with_options(function: Callable[..., int]) -> Callable[..., int]:
    """The options that all of these commands have."""
    for option in (
        click.option("--root", type=click.Path(path_type=Path), help="Root of the tree."),
        click.option("--config", type=click.Path(path_type=Path), help="Configuration file."),
        click.option(
            "--baseline",
            "file",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help=f"The baseline; default `baseline:` of the configuration, else {baseline.FILE} in the root.",
        ),
    ):
        function = option(function)
    return function


@command.command("write")
@_with_options
def write(root: Path | None, config: Path | None, file: Path | None) -> int:
    """Write a baseline that accepts every finding of today."""
    asked = _asked(root, config, file)
    report = _run(asked)
    entries = baseline.entries_of(report.findings, report.sensitive)
    baseline.save(asked.file, entries)
    click.echo(f"{_plural(len(entries), 'finding', 'findings')} accepted in {_near(asked.file)}")
    if not asked.options.baseline:
        named = asked.file.relative_to(asked.root) if asked.file.is_relative_to(asked.root) else asked.file
        click.echo(f"`baseline: {named}` in {configuration.FILE} makes every run use it; `--baseline` makes one use it")
    return 0


@command.command("prune")
@_with_options
def prune(root: Path | None, config: Path | None, file: Path | None) -> int:
    """Take the entries out whose findings are gone."""
    asked = _asked(root, config, file)
    entries = baseline.read(asked.file, asked.root)
    stale = {entry[:3] for entry in _verdict(asked).stale}
    kept = [entry for entry in entries if entry[:3] not in stale]
    if len(kept) < len(entries):
        baseline.save(asked.file, kept)
    click.echo(f"{_plural(len(entries) - len(kept), 'entry', 'entries')} taken out, {len(kept)} left")
    return 0


@command.command("show")
@_with_options
def show(root: Path | None, config: Path | None, file: Path | None) -> int:
    """List what is accepted, where it is now, and what is stale."""
    asked = _asked(root, config, file)
    verdict = _verdict(asked)
    rows = [(finding.path, finding.position, finding.rule, finding.message) for _, finding in verdict.entries]
    for path, (line, column), rule, message in sorted(rows):
        click.echo(f"{path}:{line}:{column}: {message} [{rule}]")
    for entry in sorted(verdict.stale, key=lambda one: (one.path, one.rule)):
        click.echo(f"{entry.path}: stale [{entry.rule}]")
    accepted = _plural(len(rows), "finding", "findings")
    click.echo(f"{accepted} accepted, {_plural(len(verdict.stale), 'entry', 'entries')} stale")
    return 0


def _asked(root: Path | None, config: Path | None, file: Path | None) -> _Asked:
    if root is not None and not root.is_dir():
        message = f"--root {root} is not a folder"
        raise UsageError(message)
    found = (root or root_of(Path())).resolve()
    options = configuration.load(found, config)
    return _Asked(found, options, file.absolute() if file else baseline.file_of(found, options))


def _run(asked: _Asked) -> Report:
    """A whole run without a baseline."""
    report = engine.check(asked.root, root=asked.root, options=replace(asked.options, baseline=""))
    if report.failures:
        broken = ", ".join(f"`{failure.rule}`" for failure in report.failures)
        message = f"internal error in {broken}: what would be accepted is not known, and nothing is written"
        raise BrokenRuleError(message)
    return report


def _verdict(asked: _Asked) -> Verdict:
    entries = baseline.read(asked.file, asked.root)
    report = _run(asked)
    ran = {rule.name for rule in report.rules}
    return baseline.judge(report.findings, report.sensitive, entries, ran)


def _near(file: Path) -> str:
    here = Path.cwd()
    return str(file.relative_to(here) if file.is_relative_to(here) else file)


def _plural(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"
