"""A summary in Markdown, for the page of a run or a comment: `--output markdown:$GITHUB_STEP_SUMMARY`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lintkit.report.text import summary

if TYPE_CHECKING:
    from lintkit.outcome import Report

MOST_ROWS = 500
"""A summary on GitHub may have one megabyte, and nobody reads more."""
_CODE = re.compile(r"`([^`]*)`")
_SPECIAL = re.compile(r"[\\`*_\[\]<>|~&#@$!]|://|(?<=www)\.")


def render(report: Report, *, color: bool = False, quiet: bool = False) -> str:  # noqa: ARG001 - one call for all
    """The whole report."""
    counts, *notes = summary(report).splitlines()
    lines = ["### lintkit", "", _plain(counts), ""]
    if report.findings:
        lines += ["| severity | place | finding | rule |", "|---|---|---|---|"]
        for finding in report.findings[:MOST_ROWS]:
            line, column = finding.position
            place = _code(f"{finding.path}:{line}:{column}")
            lines.append(f"| {finding.severity} | {place} | {_message(finding.message)} | {_code(finding.rule)} |")
        lines.append("")
        if len(report.findings) > MOST_ROWS:
            lines += [f"and {len(report.findings) - MOST_ROWS} more", ""]
    lines += [f"- {_message(failure.message)} (internal error in {_code(failure.rule)})" for failure in report.failures]
    if notes and not quiet:
        lines += ["<details><summary>More about this run</summary>", ""]
        lines += [f"- {_message(note)}" for note in notes]
        lines += ["", "</details>"]
    return "\n".join(lines).rstrip() + "\n"


def _message(text: str) -> str:
    """A message: its words in backticks as code, and nothing else of it as markup."""
    parts = _CODE.split(" ".join(text.split()))
    return "".join(_code(part) if index % 2 else _plain(part) for index, part in enumerate(parts))


def _code(text: str) -> str:
    return f"<code>{_plain(text)}</code>"


def _plain(text: str) -> str:
    """A text in which no character is markup: character references never are."""
    text = text.replace("\n", " ").replace("\r", " ")
    return _SPECIAL.sub(lambda found: "".join(f"&#{ord(char)};" for char in found[0]), text)
