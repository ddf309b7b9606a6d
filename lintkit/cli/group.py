"""The group that all commands hang on."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

from lintkit import __version__
from lintkit.errors import LintkitError, UsageError

COMMANDS = {
    "baseline": "accept the findings of today, so that only new ones fail",
    "cache": "what is kept between runs: where it is, what is in it, away with it",
    "check": "lint a repository",
    "diff": "show what a merge would change in the cluster",
    "graph": "draw the tree, or say who needs an object",
    "init": "set lintkit up in a repository: configuration, pre-commit, CI, baseline",
    "new": "write an app or another known thing in the style of this repository",
    "rule": "explain a rule, or list all",
    "schemas": "import schemas of kinds and charts, and see what is there",
    "server": "serve an editor over the Language Server Protocol",
    "verify": "ask a cluster whether what the repository promises is so",
}


class _Lazy(click.Group):
    """Imports a command when it is asked for; what it does not need stays unimported."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        _ = ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        _ = ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"lintkit.cli.{cmd_name}"), "command")  # noqa: B009
        _keep_lines(command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches  # noqa: PLC0415 - only for a mistake

            close = get_close_matches(args[0], COMMANDS, 1)
            hint = f"; did you mean `{close[0]}`?" if close else f"; expected one of {', '.join(sorted(COMMANDS))}"
            message = f"`{args[0]}` is no command{hint}"
            raise UsageError(message)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _ = ctx
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


def _keep_lines(command: click.Command) -> None:
    """Turn a backslash and a b, as raw docstrings have them, into the mark after which click keeps lines."""
    command.help = (command.help or "").replace("\\b\n", "\b\n")
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        _keep_lines(inner)


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="lintkit")
def lintkit() -> None:
    """Lint, generate and verify GitOps repositories that Flux applies to Kubernetes."""


def run(arguments: list[str] | None) -> int:
    """Run a command.

    Args:
        arguments: What follows the program's name; what the process was given when None.

    Returns:
        The exit code.
    """
    try:
        code: Any = lintkit.main(arguments, standalone_mode=False, obj=sys.argv[1:] if arguments is None else arguments)
    except click.exceptions.Abort:
        return 130
    except click.ClickException as error:
        error.show()
        return 2
    except LintkitError as error:
        click.echo(f"lintkit: {error}", err=True)
        return error.exit_code
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception:  # noqa: BLE001 - exit code 1 would mean findings
        import traceback  # noqa: PLC0415 - only for a defect

        traceback.print_exc()
        click.echo("lintkit: this is a defect of lintkit, and nothing is known about the tree", err=True)
        return 3
    return code if isinstance(code, int) else 0
