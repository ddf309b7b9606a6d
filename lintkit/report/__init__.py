"""Findings -> text; one file for each format."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from lintkit.outcome import Report

FORMATS = {
    "text": "lintkit.report.text",
    "concise": "lintkit.report.concise",
    "json": "lintkit.report.as_json",
    "sarif": "lintkit.report.sarif",
    "github": "lintkit.report.github",
    "gitlab": "lintkit.report.gitlab",
    "azure": "lintkit.report.azure",
    "rdjson": "lintkit.report.rdjson",
    "junit": "lintkit.report.junit",
    "checkstyle": "lintkit.report.checkstyle",
    "markdown": "lintkit.report.markdown",
}


class Format(Protocol):
    """A module that writes a report."""

    def render(self, report: Report, *, color: bool = False, quiet: bool = False) -> str:
        """The whole report as text; `quiet`: without what a person reads after the findings."""


def render(report: Report, name: str, *, color: bool = False, quiet: bool = False) -> str:
    """Write a report in one of `FORMATS`."""
    module: Format = import_module(FORMATS[name])
    return module.render(report, color=color, quiet=quiet)
