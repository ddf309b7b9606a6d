"""Findings in the form of Checkstyle, which many review tools read.

https://github.com/checkstyle/checkstyle (XMLLogger): `checkstyle` holds a `file` for each file, and that an `error` for
each finding.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from lintkit import __version__
from lintkit.report.place import prefix
from lintkit.report.xml_text import document, element

if TYPE_CHECKING:
    from lintkit.outcome import Report


def render(report: Report, *, color: bool = False, quiet: bool = False) -> str:  # noqa: ARG001 - one call for all
    """The whole report."""
    before = prefix(report.root)
    root = element("checkstyle", {"version": __version__})
    for path, findings in groupby(report.findings, key=lambda one: one.path):
        file = element("file", {"name": before + path})
        for finding in findings:
            line, column = finding.position
            file.append(
                element(
                    "error",
                    {
                        "line": line,
                        "column": column,
                        "severity": finding.severity,
                        "message": finding.message,
                        "source": f"lintkit.{finding.rule}",
                    },
                )
            )
        root.append(file)
    return document(root)
