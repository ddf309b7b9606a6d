"""What an editor shows beside the text: the page of a rule, and what a reference leads to. Values are never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lintkit.rules._rule import Rule
    from lintkit.server.lookup import Link

PAGES = "https://github.com/lintkit/lintkit/blob/main/docs/rules"


def address(rule: Rule) -> str | None:
    """Where the page of a rule can be read; None for a rule of the repository's own."""
    return None if rule.origin else f"{PAGES}/{rule.name}.md"


def of_rule(rule: Rule, *, whole: bool) -> str:
    """A rule in Markdown: its summary and the reason for it, or its whole page."""
    where = address(rule)
    title = f"[{rule.name}]({where})" if where else rule.name
    parts = [f"**{title}** ({rule.category}, {rule.severity})", rule.summary]
    for heading, text in rule.sections().items():
        if whole or heading == "Why":
            parts += [f"### {heading}", text]
    if not whole:
        parts.append(f"`lintkit rule {rule.name}` shows a bad and a good example.")
    return "\n\n".join(parts)


def of_link(link: Link) -> str:
    """A reference in Markdown: what is meant, and who makes it where."""
    lines = [f"**{link.title}**"]
    for target in link.targets:
        place = target.place
        line, _ = place.source.position(place.span.start)
        file = f"`{place.source.path}`"
        lines.append(target.what if target.what == file else f"{target.what}, in {file} line {line}")
    if link.note:
        lines.append(link.note)
    return "\n\n".join(lines)
