"""`lintkit new`: write a thing of a known kind into the repository, in its own style, judged beforehand."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lintkit import configuration
from lintkit.collect.repository import root_of
from lintkit.errors import PluginError, UsageError

if TYPE_CHECKING:
    from lintkit.generate.blueprint import Blueprint, Question
    from lintkit.generate.plan import Plan, Verdict
    from lintkit.options import Options

_EMPTY = frozenset({'""', "''"})


@click.command("new")
@click.argument("blueprint", required=False)
@click.argument("name", required=False)
@click.option("--namespace", metavar="N", default="", help="Namespace of the new thing.")
@click.option("--set", "given", metavar="KEY=VALUE", multiple=True, help="Answer a question; may be repeated.")
@click.option(
    "--answers", metavar="FILE", type=click.Path(path_type=Path), help="YAML file with answers; `-` for stdin."
)
@click.option("--dry-run", is_flag=True, help="Say what would be written, and judge it.")
@click.option("--diff", is_flag=True, help="Print the patch instead of writing; `git apply` takes it.")
@click.option("--list", "lists", is_flag=True, help="List the blueprints.")
@click.option("--describe", metavar="NAME", help="Explain a blueprint and its questions.")
@click.option("--yes", "-y", is_flag=True, help="Ask nothing: take the defaults.")
@click.option(
    "--plugin", "plugins", multiple=True, metavar="PACKAGE", help="Use the blueprints of this installed package too."
)
@click.option("--root", metavar="PATH", type=click.Path(path_type=Path), help="Root of the tree.")
def command(blueprint: str | None, name: str | None, root: Path | None, **given: Any) -> int:  # noqa: ANN401 - click
    r"""Make BLUEPRINT, called NAME, in the style of this repository.

    What it would write is judged first, with every rule on the whole tree and by kustomize where that is at hand: what
    would bring a finding is not written. Nothing is overwritten, and all is written or nothing. In a terminal it asks;
    elsewhere, and with --yes, every question has its default.

    \b
    lintkit new --list
    lintkit new --describe airflow
    lintkit new app web --namespace shop --set image=ghcr.io/example/web --set tag=1.2.3

    \b
    Exit codes:
      0  written, or nothing speaks against it
      1  what it would write brings findings; nothing is written
      2  wrong usage or answers, a name that is taken, a file that cannot be written
    """
    root = (root or root_of(Path())).resolve()
    if not root.is_dir():
        message = f"{root} is no folder"
        raise UsageError(message)
    options = configuration.load(root)
    options = replace(options, plugins=(*options.plugins, *given["plugins"]))
    if options.plugins:
        _refuse(root, options)
    if given["lists"]:
        return _list(root, options)
    if given["describe"]:
        return _describe(str(given["describe"]), root, options)
    is_asked = not given["yes"] and not given["diff"] and sys.stdin.isatty() and sys.stderr.isatty()
    if is_asked and not blueprint:
        _list(root, options, err=True)
        blueprint = click.prompt("Blueprint", err=True)
    if is_asked and not name:
        name = click.prompt("Name", err=True)
    if not blueprint or not name:
        message = "expected BLUEPRINT and NAME; `lintkit new --list` shows the blueprints"
        raise UsageError(message)
    return _new(blueprint, name, root, given | {"options": options, "is_asked": is_asked})


def _new(blueprint: str, name: str, root: Path, given: dict[str, Any]) -> int:
    from lintkit.fix.patch import patch  # noqa: PLC0415 - `--list` needs neither
    from lintkit.generate.plan import Request, carry_out, judge, plan  # noqa: PLC0415 - as above

    options: Options = given["options"]
    is_asked: bool = given["is_asked"]
    request = Request(blueprint, name, given["namespace"], _answers(given), _ask if is_asked else None)
    made = plan(root, request, options)
    verdict = judge(made, options)
    if given["diff"]:
        sys.stdout.buffer.write(patch(made.changes).encode())
        sys.stdout.buffer.flush()
    elif given["dry_run"]:
        _tell_files(made, "would write", "would change")
        _tell(made, verdict)
    if given["diff"] or given["dry_run"]:
        for line in verdict.lines():
            click.echo(line, err=True)
        return int(bool(verdict.lines()))
    if is_asked and not verdict.lines():
        _tell_files(made, "will write", "will change", err=True)
        if not click.confirm("Write them?", default=True, err=True):
            click.echo("nothing is written", err=True)
            return 0
    carry_out(made, verdict)
    if is_asked:
        click.echo(f"wrote {len(made.changes)} files")
    else:
        _tell_files(made, "wrote", "changed")
    _tell(made, verdict)
    return 0


def _answers(given: dict[str, Any]) -> dict[str, Any]:
    from lintkit.generate.questions import pairs, read_answers  # noqa: PLC0415 - `--list` needs neither

    answers: dict[str, Any] = {}
    if given["answers"]:
        path: Path = given["answers"]
        try:
            text = sys.stdin.read() if str(path) == "-" else path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "is not valid UTF-8"
            message = f"{path}: {reason}"
            raise UsageError(message) from error
        answers = read_answers(text, str(path))
    return answers | pairs(given["given"])


def _ask(question: Question, default: Any) -> Any:  # noqa: ANN401 - any YAML value
    """Ask until the answer fits; two quotes are an empty one."""
    from lintkit.generate.questions import checked, shown  # noqa: PLC0415 - only where there is somebody to ask

    choices = f" ({', '.join(question.enum)})" if question.enum else ""
    while True:
        text = click.style(question.description.rstrip("."), bold=True)
        answer = click.prompt(f"{text}{choices}", default=shown(default) or '""', err=True)
        try:
            return checked(question, "" if answer in _EMPTY else answer)
        except UsageError as error:
            click.echo(f"  {error}", err=True)


def _tell_files(made: Plan, wrote: str, changed: str, *, err: bool = False) -> None:
    for path in sorted(made.changes):
        click.echo(f"{wrote if made.changes[path].before is None else changed} {path}", err=err)


def _tell(made: Plan, verdict: Verdict) -> None:
    if len(made.made) > 1:
        click.echo(f"note: made first, because the tree had none: {', '.join(made.made[:-1])}", err=True)
    for one in verdict.infos:
        click.echo(f"note: {one.path}:{one.position[0]}: {one.message} [{one.rule}]", err=True)
    if not verdict.was_built:
        click.echo("note: kustomize is not on the PATH, so nothing was built", err=True)
    if made.items:
        click.echo("\nThe vault must have these items and fields:")
        for item, fields in made.items.items():
            click.echo(f"  {item}: {', '.join(fields)}")
        click.echo("Those that it lacks, by the 1Password command line (each value is random; put in what is given):")
        for item, fields in made.items.items():
            parts = " ".join(f"'{field}[password]='\"$(openssl rand -hex 24)\"" for field in fields)
            click.echo(f"  op item create --category=password --vault=VAULT --title='{item}' {parts}")
    for text in made.notes:
        click.echo(f"\n{text}")


def _refuse(root: Path, options: Options) -> None:
    """Name the blueprints of plugins whose name is taken."""
    from lintkit.generate.blueprint import names  # noqa: PLC0415 - only where there are plugins
    from lintkit.generate.brought import brought  # noqa: PLC0415 - as above

    shipped = [name for name, is_own in names(root).items() if not is_own]
    for entry, reason in brought(options.plugins, shipped).refused:
        click.echo(f"lintkit: {entry.error(reason)}", err=True)


def _list(root: Path, options: Options, *, err: bool = False) -> int:
    from lintkit.generate.blueprint import load, names  # noqa: PLC0415 - the command alone

    known = names(root, options.plugins)
    width = max(len(name) for name in known)
    code = 0
    for name, is_own in sorted(known.items()):
        try:
            title = load(name, root, options.plugins).title
        except PluginError as error:
            click.echo(f"lintkit: {error}", err=True)
            code = error.exit_code
            continue
        click.echo(f"{click.style(f'{name:{width}}', bold=True)}  {title}{' (of this repository)' * is_own}", err=err)
    return code


def _describe(name: str, root: Path, options: Options) -> int:
    from lintkit.generate.blueprint import load  # noqa: PLC0415 - the command alone
    from lintkit.generate.plan import defaults  # noqa: PLC0415 - as above
    from lintkit.generate.questions import shown  # noqa: PLC0415 - as above

    blueprint = load(name, root, options.plugins)
    click.echo(f"{click.style(blueprint.name, bold=True)}: {blueprint.title}")
    if blueprint.description:
        click.echo(click.wrap_text(f"\n{blueprint.description}", 100))
    namespace, values = defaults(root, blueprint, options)
    if namespace:
        click.echo(f"\nNamespace: {namespace}")
    if blueprint.needs:
        click.echo(f"\nMade first where the tree has none: {', '.join(one.blueprint for one in blueprint.needs)}")
    if blueprint.questions:
        click.echo("\nQuestions, with their defaults in this tree:")
    for question in blueprint.questions:
        kind = " | ".join(question.enum) if question.enum else question.type
        click.echo(f"  {click.style(question.name, bold=True)} ({kind}): {question.description}")
        click.echo(f"    {shown(values[question.name]) or 'empty'}")
    click.echo(f"\nExample:\n  {example(blueprint)}")
    return 0


def example(blueprint: Blueprint) -> str:
    """The command that makes the example of a blueprint."""
    one = blueprint.example
    answers = "".join(f" --set {key}={_quoted(value)}" for key, value in one.answers.items())
    return f"lintkit new {blueprint.name} {one.name}{f' --namespace {one.namespace}' * bool(one.namespace)}{answers}"


def _quoted(value: object) -> str:
    from shlex import quote  # noqa: PLC0415 - the description alone

    return quote(",".join(map(str, value)) if isinstance(value, list | tuple) else str(value))
