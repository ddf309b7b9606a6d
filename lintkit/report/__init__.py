"""Findings -> text; one file for each format."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from lintkit import plugins as installed
from lintkit.errors import UsageError
from lintkit.report.place import without_lengths

if TYPE_CHECKING:
    from lintkit.outcome import Report
    from lintkit.plugins import Entry, Named

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


def formats_of_plugins(plugins: tuple[str, ...]) -> Named:
    """The formats that plugins bring.

    Raises:
        UsageError: A plugin is not installed.
    """
    return installed.named(plugins, installed.REPORTS, FORMATS)


def render(
    report: Report, name: str, *, color: bool = False, quiet: bool = False, plugins: tuple[str, ...] = ()
) -> str:
    """Write a report in one of `FORMATS`, or in a format of a plugin; no secret in it, and not how long one is.

    Raises:
        UsageError: There is no such format.
        PluginError: The plugin cannot write it.
    """
    report = without_lengths(report)
    if name in FORMATS:
        module: Format = import_module(FORMATS[name])
        return module.render(report, color=color, quiet=quiet)
    more = formats_of_plugins(plugins).entries
    if name not in more:
        message = f"`{name}` is no output format; expected one of {', '.join([*FORMATS, *more])}"
        raise UsageError(message)
    return _render(more[name], report, color=color, quiet=quiet)


def _render(entry: Entry, report: Report, *, color: bool, quiet: bool) -> str:
    """As a plugin writes it: a module with `render`, or that function itself."""
    found = entry.load()
    write = found if callable(found) else getattr(found, "render", None)
    if not callable(write):
        message = f"`{entry.value}` is of type {type(found).__name__}; expected a function, or a module with `render`"
        raise entry.error(message)
    try:
        text: object = write(report, color=color, quiet=quiet)
    except (Exception, SystemExit) as error:
        raise entry.error(installed.described(error)) from error
    if not isinstance(text, str):
        message = f"`render` returns something of type {type(text).__name__}; expected text"
        raise entry.error(message)
    return text
