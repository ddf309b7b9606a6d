"""Where a tree starts."""

from __future__ import annotations

from pathlib import Path


def root_of(path: Path) -> Path:
    """The root of the tree that `path` is in.

    The nearest folder at or above it that holds `.git` or `.lintkit.yaml`; else the current folder when it holds
    `path`, else `path` itself or its folder.
    """
    start = path.resolve()
    if not start.is_dir():
        start = start.parent
    for folder in (start, *start.parents):
        if (folder / ".git").exists() or (folder / ".lintkit.yaml").is_file():
            return folder
    here = Path.cwd()
    return here if start.is_relative_to(here) else start
