"""What git knows of a file, asked by its plumbing: no hook, no filter and no program of the repository runs."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS = 20
_HASHES = {40: "sha1", 64: "sha256"}


def is_committed(root: Path, path: str) -> bool:
    """Whether a file stands in the last commit byte for byte as it stands on disk.

    Args:
        root: A folder of the work tree.
        path: Path of the file, relative to it.
    """
    try:
        raw = (root / path).read_bytes()
    except OSError:
        return False
    answer = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"HEAD:./{path}")
    known = answer.strip() if answer is not None else ""
    algorithm = _HASHES.get(len(known))
    if algorithm is None:
        return False
    return hashlib.new(algorithm, b"blob %d\0" % len(raw) + raw, usedforsecurity=False).hexdigest() == known


def is_ignored(root: Path, path: Path) -> bool:
    """Whether git ignores a path of the work tree that `root` is in."""
    return _git(root, "check-ignore", "--quiet", "--", str(path)) is not None


def _git(root: Path, *arguments: str) -> str | None:
    """What git prints; None when it fails or is not there."""
    git = shutil.which("git")
    if git is None:
        return None
    command = [git, "--no-optional-locks", "-c", "core.fsmonitor=false", "-C", str(root), *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(  # noqa: S603 - a program of the user's PATH, no shell
            command, capture_output=True, text=True, timeout=_SECONDS, check=False, env=environment
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
