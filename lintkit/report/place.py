"""Where findings are, in the words of a forge: paths from the root of the git repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from lintkit.finding import Finding


def prefix(root: Path) -> str:
    """What stands before the paths of a tree when its root is a folder of a repository: `cluster/`, or nothing."""
    for folder in (root, *root.parents):
        if (folder / ".git").exists():
            inside = root.relative_to(folder).as_posix()
            return "" if inside == "." else f"{inside}/"
    return ""


class Lines:
    """Start and end of a finding: 1-based, the end after the last character."""

    def __init__(self, finding: Finding) -> None:
        self.line, self.column = finding.position
        self.end_line, self.end_column = finding.end_position
        if self.end_line > self.line and self.end_column == 1:
            source = finding.place.source
            self.end_line -= 1
            start, end = source.line_span(self.end_line)
            self.end_column = end - start + 1
