"""Where a tree comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def git_remote(root: Path) -> str:
    """URL of the remote `origin` of a git work tree, read from its configuration; empty when there is none."""
    path = root / ".git" / "config"
    try:
        text = path.read_text("utf-8", "replace") if path.is_file() else ""
    except OSError:
        return ""
    section = text.partition('[remote "origin"]')[2].partition("\n[")[0]
    for line in section.splitlines():
        name, _, value = line.partition("=")
        if name.strip() == "url":
            return value.strip()
    return ""
