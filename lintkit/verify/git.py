"""What git knows of the commits of a checkout; nothing is written."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_TIMEOUT = 30


def head(root: Path) -> str:
    """The commit that is checked out; empty where there is none."""
    return _git(root, "rev-parse", "--verify", "--quiet", "HEAD")


def is_dirty(root: Path) -> bool:
    """Whether files differ from the commit that is checked out."""
    return bool(_git(root, "status", "--porcelain", "--untracked-files=no"))


def knows(root: Path, commit: str) -> bool:
    """Whether a commit is in this checkout."""
    return bool(_git(root, "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}"))


def count(root: Path, since: str, until: str) -> int:
    """How many commits of `until` are not in `since`."""
    text = _git(root, "rev-list", "--count", f"{since}..{until}")
    return int(text) if text.isdigit() else 0


def _git(root: Path, *arguments: str) -> str:
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        ended = subprocess.run(  # noqa: S603 - a fixed program; refs are hashes
            ["git", "-c", "core.fsmonitor=false", "-C", str(root), *arguments],  # noqa: S607 - git of the PATH
            capture_output=True, timeout=_TIMEOUT, check=False, env=environment, text=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ""
    return ended.stdout.strip() if ended.returncode == 0 else ""
