"""`lintkit new`: write a thing of a known kind into the repository, in its own style, judged beforehand."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lintkit import configuration
from lintkit.collect.repository import root_of
from lintkit.errors import UsageError

if TYPE_CHECKING:
    from lintkit.generate.blueprint import Question
    from lintkit.generate.plan import Plan, Verdict


@click.command("new")
@click.argument("blueprint", required=False)
@click.argument("name", required=False)
@click.option("--namespace", metavar="N", default="", help="Namespace of the new thing.")
@click.option("--set", "given", metavar="KEY=VALUE", multiple=True, help="Answer a question; may be repeated.")
@click.option("--answers", metavar="FILE", type=click.Path(path_type=Path), help="YAML file with answers.")
@click.option("--dry-run", is_flag=True, help="Say what would be written, and judge it.")
@click.option("--diff", is_flag=True, help="Print the patch instead of writing; `git apply` takes it.")
@click.option("--list", "lists", is_flag=True, help="List the blueprints.")
@click.option("--describe", metavar="NAME", help="Explain a blueprint and its questions.")
@click.option("--yes", "-y", is_flag=True, help="Ask nothing: take the defaults.")
@click.option("--root", metavar="PATH", type=click.Path(path_type=Path), help="Root of the tree.")
def command(blueprint: str | None, name: str | None, root: Path | None, **given: Any) -> int:  # noqa: ANN401 - click
    """Make BLUEPRINT, called NAME, in the style of this repository.

    Nothing is written that would bring a finding, and nothing is overwritten.
    """
    root = (root or root_of(Path())).resolve()
    if not root.is_dir():
        message = f"{root} is no folder"
        raise UsageError(message)
    if given["lists"]:
        return _list(root)
    if given["describe"]:
        return _describe(str(given["describe"]), root)
    if not blueprint or not name:
        message = "expected BLUEPRINT and NAME; `lintkit new --list` shows the blueprints"
        raise UsageError(message)
    return _new(blueprint, name, root, given)


def _new(blueprint: str, name: str, root: Path, given: dict[str, Any]) -> int:
    from lintkit.fix.patch import patch  # noqa: PLC0415 - `--list` needs neither
    from lintkit.generate.plan import Request, carry_out, judge, plan  # noqa: PLC0415 - as above

    options = configuration.load(root)
    asks = not given["yes"] and not given["diff"] and sys.stdin.isatty() and sys.stderr.isatty()
    request = Request(blueprint, name, given["namespace"], _answers(given), _ask if asks else None)
    made = plan(root, request, options)
    verdict = judge(made, options)
    if given["diff"]:
        sys.stdout.buffer.write(patch(made.changes).encode())
        sys.stdout.buffer.flush()
    if given["diff"] or given["dry_run"]:
        if not given["diff"]:
            _tell(made, verdict, "would write")
        for line in _against(verdict):
            click.echo(line, err=True)
        return int(bool(verdict.findings or verdict.broken))
    carry_out(made, verdict)
    _tell(made, verdict, "wrote")
    return 0


def _answers(given: dict[str, Any]) -> dict[str, Any]:
    from lintkit.generate.questions import pairs, read_answers  # noqa: PLC0415 - `--list` needs neither

    answers: dict[str, Any] = {}
    if given["answers"]:
        path: Path = given["answers"]
        try:
            answers = read_answers(path.read_text("utf-8"), str(path))
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "is not valid UTF-8"
            message = f"{path}: {reason}"
            raise UsageError(message) from error
    return answers | pairs(given["given"])


def _ask(question: Question, default: Any) -> Any:  # noqa: ANN401 - any YAML value
    from lintkit.generate.emit import scalar  # noqa: PLC0415 - as below
    from lintkit.generate.questions import checked  # noqa: PLC0415 - only where there is somebody to ask

    shown = ", ".join(default) if isinstance(default, list) else scalar(default)
    choices = f" ({', '.join(question.enum)})" if question.enum else ""
    while True:
        answer = click.prompt(f"{question.description.rstrip('.')}{choices}", default=shown, err=True)
        try:
            return checked(question, answer)
        except UsageError as error:
            click.echo(f"  {error}", err=True)


def _tell(made: Plan, verdict: Verdict, verb: str) -> None:
    for path in sorted(made.changes):
        change = made.changes[path]
        click.echo(f"{verb} {path}" if change.before is None else f"{verb} {path} (changed)")
    for one in verdict.infos:
        click.echo(f"note: {one.path}:{one.position[0]}: {one.message} [{one.rule}]", err=True)
    if not verdict.was_built:
        click.echo("note: kustomize is not on the PATH, so nothing was built", err=True)
    if made.items:
        click.echo("\nThese items and fields must exist in the vault:")
        for item, fields in made.items.items():
            click.echo(f"  {item}: {', '.join(fields)}")
        click.echo("With the 1Password command line, for items that are not there (each value is generated):")
        for item, fields in made.items.items():
            parts = " ".join(f"'{field}[password]='\"$(openssl rand -hex 24)\"" for field in fields)
            click.echo(f"  op item create --category=password --vault=VAULT --title='{item}' {parts}")
    for text in made.notes:
        click.echo(f"\n{text}")


def _against(verdict: Verdict) -> list[str]:
    lines = [f"{one.path}:{one.position[0]}: {one.message} [{one.rule}]" for one in verdict.findings]
    return lines + [f"{folder}: does not build: {why}" for folder, why in sorted(verdict.broken.items())]


def _list(root: Path) -> int:
    from lintkit.generate.blueprint import load, names  # noqa: PLC0415 - the command alone

    known = names(root)
    width = max(len(name) for name in known)
    for name, is_own in sorted(known.items()):
        click.echo(f"{name:{width}}  {load(name, root).title}{' (of this repository)' if is_own else ''}")
    return 0


def _describe(name: str, root: Path) -> int:
    from lintkit.generate.blueprint import load  # noqa: PLC0415 - the command alone

    blueprint = load(name, root)
    click.echo(f"{blueprint.name}: {blueprint.title}")
    if blueprint.description:
        click.echo(f"\n{blueprint.description}")
    if blueprint.namespace:
        click.echo(f"\nNamespace: {blueprint.namespace}")
    if blueprint.needs:
        click.echo(f"\nGoes first where it is missing: {', '.join(one.blueprint for one in blueprint.needs)}")
    if blueprint.questions:
        click.echo("\nQuestions:")
    for question in blueprint.questions:
        kind = " | ".join(question.enum) if question.enum else question.type
        default = str(question.default).lower() if isinstance(question.default, bool) else question.default
        click.echo(f"  {question.name} ({kind}): {question.description}\n    default: {default}")
    return 0
