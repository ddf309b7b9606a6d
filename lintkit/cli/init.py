"""`lintkit init`: what a repository needs to be linted from now on."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lintkit.collect.repository import root_of
from lintkit.errors import UsageError

if TYPE_CHECKING:
    from lintkit.generate.adopt import Adoption, Wish


@click.command("init")
@click.option(
    "--baseline/--no-baseline",
    "has_baseline",
    default=None,
    help="Accept the findings of today, so that only new ones fail.",
)
@click.option(
    "--ci",
    type=click.Choice(["auto", "github", "gitlab", "none"]),
    default="auto",
    show_default=True,
    help="The CI that gets a job; by default the one that the repository shows.",
)
@click.option(
    "--pre-commit/--no-pre-commit", "has_hook", default=True, help="Add the hooks to .pre-commit-config.yaml."
)
@click.option("--dry-run", is_flag=True, help="Say what would be written.")
@click.option("--diff", is_flag=True, help="Print the patch instead of writing; `git apply` takes it.")
@click.option("--yes", "-y", is_flag=True, help="Ask nothing.")
@click.option("--root", metavar="PATH", type=click.Path(path_type=Path), help="Root of the tree.")
def command(root: Path | None, ci: Any, **given: Any) -> int:  # noqa: ANN401 - click
    r"""Set lintkit up in this repository.

    Writes .lintkit.yaml with what cannot be read from the tree, the hooks of pre-commit, and a job of the CI. What is
    there stays as it is: a file that exists gets an entry at most, and keeps its comments.

    \b
    lintkit init              # in a terminal it asks, and shows what it will write
    lintkit init --baseline   # and accept what is wrong today
    """
    from lintkit.fix.patch import patch  # noqa: PLC0415 - as below
    from lintkit.fix.write import write  # noqa: PLC0415 - as below
    from lintkit.generate.adopt import Wish, adopt  # noqa: PLC0415 - a run loads all rules

    root = (root or root_of(Path())).resolve()
    if not root.is_dir():
        message = f"{root} is no folder"
        raise UsageError(message)
    wish = Wish(ci, given["has_hook"], bool(given["has_baseline"]))
    made = adopt(root, wish)
    is_asked = not (given["yes"] or given["diff"] or given["dry_run"]) and sys.stdin.isatty() and sys.stderr.isatty()
    if is_asked:
        made = _asked(root, wish, made, offers=given["has_baseline"] is None)
    if given["diff"]:
        sys.stdout.buffer.write(patch(made.changes).encode())
        sys.stdout.buffer.flush()
        return 0
    if is_asked and made.changes:
        _tell(made, "will write", "will change", err=True)
        if not click.confirm("Write them?", default=True, err=True):
            click.echo("nothing is written", err=True)
            return 0
    if given["dry_run"]:
        _tell(made, "would write", "would change")
    else:
        write(root, {path: change.after for path, change in made.changes.items()})
        _tell(made, "wrote", "changed")
    _advise(made)
    return 0


def _asked(root: Path, wish: Wish, made: Adoption, *, offers: bool) -> Adoption:
    """What a person wants besides."""
    from dataclasses import replace  # noqa: PLC0415 - only where there is somebody to ask

    from lintkit.generate.adopt import HOOKS, adopt  # noqa: PLC0415 - a run loads all rules

    if offers and made.failing:
        accepts = f"{_plural(made.failing)} today. Accept them in a baseline, so that only new ones fail?"
        wish = replace(wish, has_baseline=click.confirm(accepts, default=True, err=True))
    if HOOKS in made.changes and made.changes[HOOKS].before is None:
        wants = "There is no .pre-commit-config.yaml. Write one?"
        wish = replace(wish, has_hook=click.confirm(wants, default=True, err=True))
    if wish.ci == "auto" and not made.has_ci:
        chosen: Any = click.prompt("CI", type=click.Choice(["github", "gitlab", "none"]), default="none", err=True)
        wish = replace(wish, ci=chosen)
    return adopt(root, wish)


def _tell(made: Adoption, wrote: str, changed: str, *, err: bool = False) -> None:
    for path in sorted(made.changes):
        click.echo(f"{wrote if made.changes[path].before is None else changed} {path}", err=err)
    for line in () if err else made.kept:
        click.echo(f"kept: {line}")


def _advise(made: Adoption) -> None:
    for hint in made.hints:
        click.echo(f"note: {hint}", err=True)
    if made.accepted:
        click.echo(f"{_plural(made.accepted)} accepted; `lintkit baseline show` lists them")
    if made.failing:
        click.echo(f"{_plural(made.failing)} today; `lintkit check` shows them, `lintkit init --baseline` accepts them")


def _plural(count: int) -> str:
    return f"{count} finding{'' if count == 1 else 's'}"
