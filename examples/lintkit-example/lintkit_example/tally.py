"""The report `tally`: how many findings each folder has."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lintkit import Report


def render(report: Report, *, color: bool = False, quiet: bool = False) -> str:
    """One line a folder; `quiet` leaves the sum out."""
    _ = color
    counts = Counter(finding.path.rpartition("/")[0] or "." for finding in report.findings)
    lines = [f"{count:4}  {folder}\n" for folder, count in sorted(counts.items())]
    return "".join(lines if quiet else [*lines, f"{counts.total():4}  in all\n"])
