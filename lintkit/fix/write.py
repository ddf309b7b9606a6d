"""Puts changed files on disk: each as a whole or not at all, with its mode kept, never through a link."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from lintkit.errors import WriteError

if TYPE_CHECKING:
    from collections.abc import Mapping

_NEW_MODE = 0o666


def write(root: Path, files: Mapping[str, str]) -> None:
    """Write files below a root; where one cannot be written, those before it stay as they were.

    Every file is first written beside its place and flushed; only then all are renamed into place. A run that is
    killed leaves each file with its old or its new content.

    Args:
        root: Root of the tree.
        files: Path relative to the root -> whole text.

    Raises:
        WriteError: A file cannot be written, or its place is reached through a link.
    """
    prepared: list[tuple[Path, Path]] = []
    made: list[Path] = []
    try:
        for path in sorted(files):
            target = _place(root, path)
            made += _folders(target.parent)
            prepared.append((_beside(target, files[path]), target))
    except BaseException as error:
        for temporary, _ in prepared:
            temporary.unlink(missing_ok=True)
        for folder in reversed(made):
            folder.rmdir()
        if isinstance(error, OSError):
            message = f"{error.filename or root} cannot be written: {error.strerror or error}"
            raise WriteError(message) from error
        raise
    for temporary, target in prepared:
        temporary.replace(target)
    for folder in {target.parent for _, target in prepared}:
        _flush(folder)


def _place(root: Path, path: str) -> Path:
    """Where a file stands; no part of the way to it may be a link.

    Raises:
        WriteError: One is, or the way leads out of the root.
    """
    at = root.resolve()
    for part in path.split("/"):
        at /= part
        if part in {"", ".", ".."} or at.is_symlink():
            message = f"{path} is reached through a link and is not written"
            raise WriteError(message)
    return at


def _folders(folder: Path) -> list[Path]:
    """Make the folders that are missing; the outermost comes first."""
    missing: list[Path] = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        one.mkdir()
    return list(reversed(missing))


def _beside(target: Path, text: str) -> Path:
    """The text in a new file in the same folder, with the mode of the one that it will replace."""
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, _mode(target))  # noqa: PTH101 - a path as mkstemp gives it
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def _mode(target: Path) -> int:
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return _NEW_MODE & ~mask


def _flush(folder: Path) -> None:
    """Make the renames in a folder last."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
