"""The rules of plugins. One that is broken becomes a rule that says so when it runs, so that the others go on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from lintkit import plugins
from lintkit.errors import PluginError
from lintkit.finding import Finding, Fix, Severity
from lintkit.rules._rule import Rule
from lintkit.syntax.node import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lintkit.plugins import Entry

_BROKEN = "plugin"
"""Category of rules that cannot be loaded."""
_TYPES = {"message": str, "severity": Severity | None, "related": tuple, "fix": Fix | None}
"""What the parts of a finding are, for authors without a type checker."""


def rules_of_plugins(names: tuple[str, ...], known: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """The rules of plugins, sorted by category and name.

    Args:
        names: The plugins.
        known: lintkit's own rules.

    Raises:
        UsageError: A plugin is not installed, or is none.
    """
    if not names:
        return ()
    categories = {"all", "custom", *(rule.category for rule in known)}
    found = plugins.named(names, plugins.RULES, {*categories, *(rule.name for rule in known)})
    rules = [_broken(entry, entry.error(reason), f"{entry.plugin}:{entry.name}") for entry, reason in found.refused]
    taken = {*found.entries, *(rule.name for rule in known), "all"}
    for entry in found.entries.values():
        try:
            rules.append(_sound(entry, taken))
        except PluginError as error:
            rules.append(_broken(entry, error, entry.name))
    return tuple(sorted(rules, key=lambda rule: (rule.category, rule.name)))


def _sound(entry: Entry, taken: set[str]) -> Rule:
    """The rule that an entry point names.

    Raises:
        PluginError: It names none, or one of another name.
    """
    rule = entry.load()
    if not isinstance(rule, Rule):
        message = f"`{entry.value}` is of type {type(rule).__name__}; expected a function with `@lintkit.rule(...)`"
        raise entry.error(message)
    if rule.name != entry.name:
        message = f"`{entry.value}` is the rule `{rule.name}`; the entry point has the rule's name"
        raise entry.error(message)
    if rule.category in taken:
        message = f"its category `{rule.category}`, the name of its folder, is the name of a rule"
        raise entry.error(message)
    return replace(rule, check=_guarded(entry, rule.check), origin=entry.origin)


def _guarded(entry: Entry, check: Callable[..., Iterator[Finding]]) -> Callable[..., Iterator[Finding]]:
    """A check whose errors name the plugin, and whose findings are findings."""

    def guarded(*arguments: object) -> Iterator[Finding]:
        try:
            findings: list[object] = list(check(*arguments))
        except (Exception, SystemExit) as error:
            raise entry.error(plugins.described(error)) from error
        for finding in findings:
            if not isinstance(finding, Finding) or not isinstance(finding.place, Place):
                message = f"yields {finding!r:.60}; expected a `Finding` at a node or a place"
                raise entry.error(message)
            for name, wanted in _TYPES.items():
                value: object = getattr(finding, name)
                if not isinstance(value, wanted):
                    message = f"yields a finding whose {name} is of type {type(value).__name__}"
                    raise entry.error(message)
            yield finding

    return guarded


def _broken(entry: Entry, error: PluginError, name: str) -> Rule:
    """In place of a rule that cannot be had: one that breaks."""

    def check(_: object) -> NoReturn:
        raise error

    summary = f"Cannot be used: {error}"
    return Rule(name, _BROKEN, Severity.ERROR, "", "Tree", check, False, frozenset(), True, summary, entry.origin)  # noqa: FBT003 - as declared
