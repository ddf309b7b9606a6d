"""The manual page and the completions of the shells, made from the commands as click knows them."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

from lintkit import __version__
from lintkit.cli.main import lintkit

if TYPE_CHECKING:
    from collections.abc import Iterator

SHELLS = {
    "bash-completion/completions/lintkit": BashComplete,
    "zsh/site-functions/_lintkit": ZshComplete,
    "fish/vendor_completions.d/lintkit.fish": FishComplete,
}
_ENVIRONMENT = {
    "NO_COLOR": "Set to anything: no colour.",
    "LINTKIT_STORE": "Folder of imported schemas, in place of the user's own.",
}
_FILES = {
    ".lintkit.yaml": "The configuration, at the root of a repository; or the table tool.lintkit of pyproject.toml.",
    ".lintkit/rules": "A repository's own rules.",
    ".lintkit-baseline": "Findings that are accepted for now.",
}


def completions() -> Iterator[tuple[str, str]]:
    """Path below `share/`, and the script for the shell."""
    for path, shell in SHELLS.items():
        complete = shell(lintkit, {}, "lintkit", "_LINTKIT_COMPLETE")
        yield path, (complete.source_template % complete.source_vars()).lstrip("\n").rstrip() + "\n"


def manual() -> str:
    """lintkit(1) as man reads it."""
    context = click.Context(lintkit, info_name="lintkit")
    lines = [
        '.\\" Written by `make docs`.',
        f'.TH LINTKIT 1 "" "lintkit {__version__}" "User Commands"',
        ".SH NAME",
        "lintkit \\- lint and generate GitOps repositories that Flux applies to Kubernetes",
        ".SH SYNOPSIS",
    ]
    names = lintkit.list_commands(context)
    for name in names:
        lines += [f".B lintkit {_escaped(name)}", *_usage(lintkit.get_command(context, name), context), ".br"]
    lines[-1:] = [
        ".SH DESCRIPTION",
        "lintkit reads a whole repository once, works out what Flux and kustomize would build from it, and reports",
        "what will break, with the exact place, the reason, and where it is known the fix. No cluster and no network",
        "is needed, and nothing that the repository brings is executed.",
        ".SH COMMANDS",
    ]
    for name in names:
        command = lintkit.get_command(context, name)
        if command is not None:
            lines += _command(command, f"lintkit {name}", context)
    lines += [
        ".SH EXIT STATUS",
        *_item("0", "No finding of warning or error; info never fails unless \\-\\-fail\\-on says so."),
        *_item("1", "Findings."),
        *_item("2", "Wrong usage or configuration."),
        *_item("3", "Nothing linted, a tool is missing, or a cluster is out of reach."),
        ".SH ENVIRONMENT",
    ]
    for name, text in _ENVIRONMENT.items():
        lines += _item(f".B {name}", _escaped(text))
    lines.append(".SH FILES")
    for name, text in _FILES.items():
        lines += _item(f".I {_escaped(name)}", _escaped(text))
    lines += [".SH SEE ALSO", ".BR flux (1),", ".BR kustomize (1)"]
    return "\n".join(lines) + "\n"


def _usage(command: click.Command | None, above: click.Context) -> list[str]:
    if command is None:
        return []
    context = click.Context(command, parent=above, info_name=command.name)
    return [_escaped(" ".join(command.collect_usage_pieces(context)))]


def _command(command: click.Command, name: str, above: click.Context) -> Iterator[str]:
    """A command, its options, and the commands below it."""
    context = click.Context(command, parent=above, info_name=command.name)
    yield f".SS {_escaped(' '.join([name, *command.collect_usage_pieces(context)]))}"
    yield from _text(command.help or "")
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and record[1] and "--help" not in record[0]:
            yield from _item(f".B {_escaped(record[0])}", _escaped(record[1]))
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            if found is not None:
                yield from _command(found, f"{name} {inner}", context)


def _text(help_text: str) -> Iterator[str]:
    """Paragraphs; one after a backspace keeps its lines."""
    for number, paragraph in enumerate(inspect.cleandoc(help_text).split("\n\n")):
        if number:
            yield ".PP"
        if paragraph.startswith("\b\n"):
            yield from (".nf", *(_escaped(line) for line in paragraph[2:].split("\n")), ".fi")
        else:
            yield _escaped(" ".join(paragraph.split()))


def _item(term: str, text: str) -> list[str]:
    return [".TP", term, text]


def _escaped(text: str) -> str:
    """Text as troff shows it: every dash and quote as it is typed."""
    for char, name in (("\\", "\\e"), ("-", "\\-"), ("`", "\\(ga"), ("'", "\\(aq"), ("~", "\\(ti")):
        text = text.replace(char, name)
    return f"\\&{text}" if text.startswith(".") else text
