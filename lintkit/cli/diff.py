"""`lintkit diff`: what a merge would change in the cluster."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lintkit import configuration
from lintkit.collect.repository import root_of
from lintkit.diff import as_json, markdown, past, text
from lintkit.diff.compare import State
from lintkit.errors import UsageError

if TYPE_CHECKING:
    from lintkit.diff.compare import Difference

_FORMATS = ("text", "markdown", "json")


@click.command("diff")
@click.argument("reference", metavar="[REF]", default="")
@click.option("--live", is_flag=True, help="Compare with the cluster, by server-side dry-run.")
@click.option("--context", default="", metavar="NAME", help="With --live: context of the kubeconfig.")
@click.option("--cluster", default="", metavar="FOLDER", help="With --live: where Flux starts, of several clusters.")
@click.option("--output-format", type=click.Choice(_FORMATS), default="text", help="Form of the output; default text.")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE, not to the terminal.")
@click.option("--full", is_flag=True, help="With text: every line of every object.")
@click.option("--exit-code", is_flag=True, help="Exit 1 when something changes.")
@click.option("--config", type=click.Path(path_type=Path), help="Configuration file.")
@click.option("--root", type=click.Path(path_type=Path), help="Root of the tree.")
@click.option("--color", type=click.Choice(("auto", "always", "never")), default="auto", help="When to use colour.")
def command(  # noqa: PLR0913, PLR0917 - one for each option
    reference: str,
    live: bool,  # noqa: FBT001 - click passes it by name
    context: str,
    cluster: str,
    output_format: str,
    output: Path | None,
    full: bool,  # noqa: FBT001 - as above
    exit_code: bool,  # noqa: FBT001 - as above
    config: Path | None,
    root: Path | None,
    color: str,
) -> int:
    r"""Show what a merge would change in the cluster, object by object.

    Both sides are built as Flux builds them: the tree as it is, files that are not committed too, and the tree of
    commit REF. The default REF is where this branch left the default branch. With --live the other side is the
    cluster: what Flux would change there now. Values of Secrets are never shown, only what becomes of each key.

    \b
    Exit codes:
      0  compared; with --exit-code: nothing changes
      1  with --exit-code: something changes
      2  wrong usage or configuration
      3  git or the Kubernetes client is missing, or the cluster is out of reach
      4  with --exit-code and --live: nothing is known to change, and of some objects nothing is known
    """
    if live and reference:
        message = "--live compares with the cluster: it takes no REF"
        raise UsageError(message)
    if (context or cluster) and not live:
        message = "--context and --cluster go with --live"
        raise UsageError(message)
    where = (root or root_of(Path())).resolve()
    if not where.is_dir():
        message = f"--root {root} is not a folder"
        raise UsageError(message)
    options = configuration.load(where, config)
    if live:
        from lintkit.diff.live import against_cluster  # noqa: PLC0415 - only where a cluster is asked

        difference = against_cluster(where, options, context, cluster)
    else:
        difference = past.since(where, options, reference)
    _write(_rendered(difference, output_format, output, color, full=full), output)
    return _code(difference) if exit_code else 0


def _code(difference: Difference) -> int:
    if any(change.state is not State.UNKNOWN for change in difference.changes):
        return 1
    return 4 if difference.changes else 0


def _rendered(difference: Difference, form: str, output: Path | None, color: str, *, full: bool) -> str:
    if form == "markdown":
        return markdown.render(difference)
    if form == "json":
        return as_json.render(difference)
    is_plain = "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
    is_terminal = output is None and not is_plain and sys.stdout.isatty()
    return text.render(difference, color=color == "always" or (color == "auto" and is_terminal), full=full)


def _write(content: str, output: Path | None) -> None:
    if output is None:
        click.echo(content, nl=False, color=True)
        return
    try:
        output.write_text(content, "utf-8")
    except OSError as error:
        message = f"--output {output}: {error.strerror or error}"
        raise UsageError(message) from None
