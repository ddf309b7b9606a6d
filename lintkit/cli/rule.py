"""`lintkit rule`: explain a rule, or list all."""

from __future__ import annotations

import click

from lintkit.errors import UsageError
from lintkit.rules._rule import Rule, all_rules
from lintkit.suppress import closest


@click.command("rule")
@click.argument("name", required=False)
def command(name: str | None) -> int:
    """Explain the rule NAME; without NAME, list every rule."""
    rules = all_rules()
    if name is None:
        click.echo(listing(rules))
        return 0
    found = next((rule for rule in rules if rule.name == name), None)
    if found is None:
        message = f"`{name}` is no rule{closest(name, [rule.name for rule in rules])}"
        raise UsageError(message)
    click.echo(page(found), nl=False)
    return 0


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
    head = [
        f"# {rule.name}",
        "",
        rule.summary,
        "",
        f"Category `{rule.category}`, {rule.severity}{default}, since {rule.since}.",
    ]
    body = rule.docstring.strip().split("\n", 1)
    rest = body[1] if len(body) > 1 else ""
    lines = rest.split("\n")
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join([*head, *(line[margin:] for line in lines)]).rstrip() + "\n"
