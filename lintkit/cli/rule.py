"""`lintkit rule`: explain a rule, list all, or run the examples of a repository's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lintkit import configuration, engine
from lintkit.collect.repository import root_of
from lintkit.custom.examples import mistakes
from lintkit.errors import NothingLintedError, UsageError
from lintkit.plugins import from_environment
from lintkit.suppress import closest

if TYPE_CHECKING:
    from lintkit.finding import Finding
    from lintkit.rules._rule import Rule


@click.command("rule")
@click.argument("name", required=False)
@click.option(
    "--test", is_flag=True, help="Run the examples of the rules of this repository and of plugins, or of NAME alone."
)
@click.option("--plugin", "plugins", multiple=True, metavar="PACKAGE", help="The rules of this plugin too.")
@click.option("--root", type=click.Path(path_type=Path), help="Root of the tree whose `.lintkit/rules` count.")
def command(name: str | None, *, test: bool, plugins: tuple[str, ...], root: Path | None) -> int:
    r"""Explain the rule NAME; without NAME, list every rule.

    \b
    Exit codes:
      0  shown, or every example finds what it says
      1  an example finds something else
      2  no such rule, or a rule file is wrong
    """
    if root is not None and not root.is_dir():
        message = f"--root {root} is not a folder"
        raise UsageError(message)
    root = root or root_of(Path())
    rules = engine.rules_of(root, (*from_environment(), *plugins))
    found = next((rule for rule in rules if rule.name == name), None)
    if name is not None and found is None:
        message = f"`{name}` is no rule{closest(name, [rule.name for rule in rules])}"
        raise UsageError(message)
    if test:
        return _test([found] if found else [rule for rule in rules if rule.origin])
    click.echo(page(found) if found else listing(rules) + "\n", nl=False)
    return 0


def _test(rules: list[Rule]) -> int:
    """Run the examples of rules; 1 when one of them is wrong."""
    failed = False
    for rule in rules:
        if not rule.origin:
            message = f"`{rule.name}` is built in; --test is for the rules in `.lintkit/rules` and of plugins"
            raise UsageError(message)
        wrong = list(mistakes(rule, _check))
        failed = failed or bool(wrong)
        click.echo(f"{rule.name}: {'ok' if not wrong else 'wrong'}")
        for line in wrong:
            click.echo(f"  {line}")
    if not rules:
        click.echo("no rules in .lintkit/rules")
    return int(failed)


def _check(folder: Path, rule: Rule) -> list[Finding]:
    """The findings of one rule in a folder."""
    options = replace(configuration.load(folder), select=(rule.name,), ignore=())
    try:
        return list(engine.check(folder, root=folder, options=options, rules=(rule,)).findings)
    except NothingLintedError:
        message = f"an example of `{rule.name}` has no Kubernetes object"
        raise UsageError(message) from None


def listing(rules: tuple[Rule, ...]) -> str:
    """One line a rule, under its category."""
    width = max(len(rule.name) for rule in rules)
    lines: list[str] = []
    category = ""
    for rule in rules:
        if rule.category != category:
            category = rule.category
            lines += [*([""] if lines else []), f"{category}:"]
        lines.append(f"  {rule.name:{width}}  {rule.summary}")
    return "\n".join(lines)


def page(rule: Rule) -> str:
    """A rule's page in Markdown."""
    default = "" if rule.on_by_default else ", off unless selected"
    origin = f"from `{rule.origin}`" if rule.origin else f"since {rule.since}"
    head = [
        f"# {rule.name}",
        "",
        rule.summary,
        "",
        f"Category `{rule.category}`, {rule.severity}{default}, {origin}.",
    ]
    body = rule.docstring.strip().split("\n", 1)
    rest = body[1] if len(body) > 1 else ""
    lines = rest.split("\n")
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join([*head, *(line[margin:] for line in lines)]).rstrip() + "\n"
