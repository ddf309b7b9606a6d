"""`lintkit check --watch`: what each save brings and takes away."""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING

import click

from lintkit import configuration
from lintkit.errors import ConfigurationError
from lintkit.report import render
from lintkit.report.text import summary
from lintkit.watch import Clock, Update, stamps_of, watch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lintkit.engine import Report
    from lintkit.finding import Finding
    from lintkit.watch import Stamps

_MOST_NAMES = 3


def run(
    root: Path,
    config: Path | None,
    check: Callable[[Report | None], Report],
    *,
    color: bool,
    clock: Clock | None = None,
) -> int:
    """Watch a tree until Ctrl-C.

    Args:
        root: Root of the tree.
        config: A configuration file named on the command line; it is watched as well.
        check: Judges the tree.
        color: Whether to use colour.
        clock: Seconds now, and how to wait; of this machine when None.
    """

    def look() -> Stamps:
        try:
            exclude = configuration.load(root, config).exclude
        except ConfigurationError:
            exclude = ()
        stamps = stamps_of(root, exclude)
        for more in filter(None, (config,)):
            stat = more.stat() if more.exists() else None
            stamps[str(more)] = (stat.st_mtime_ns, stat.st_size, stat.st_ino) if stat else (0, 0, 0)
        return stamps

    def show(update: Update) -> None:
        _show(update, color=color)
        gc.collect()  # the tree before holds on to itself

    watch(look, check, show, clock or Clock(time.monotonic, time.sleep))
    click.echo("")
    return 0


def _show(update: Update, *, color: bool) -> None:
    if update.files:
        names = ", ".join(update.files[:_MOST_NAMES])
        more = f" and {len(update.files) - _MOST_NAMES} more" if len(update.files) > _MOST_NAMES else ""
        click.echo(f"\n{time.strftime('%H:%M:%S')} {names}{more}")
    if update.report is None:
        click.echo(f"lintkit: {update.error}")
    elif not update.files:
        click.echo(render(update.report, "text", color=color), nl=False, color=True)
        click.echo(f"watching {update.report.root}; Ctrl-C ends")
    else:
        for finding in update.appeared:
            click.echo(_line("+", "\x1b[31m", finding, color=color), color=True)
        for finding in update.went:
            click.echo(_line("-", "\x1b[32m", finding, color=color), color=True)
        click.echo(summary(update.report, color=color).partition("\n")[0], color=True)
        for failure in update.report.failures:
            click.echo(f"internal error in rule {failure.rule}: {failure.message}")


def _line(sign: str, code: str, finding: Finding, *, color: bool) -> str:
    line, column = finding.position
    text = f"{sign} {finding.path}:{line}:{column}: {finding.severity}: {finding.message} [{finding.rule}]"
    return f"{code}{text}\x1b[0m" if color else text
