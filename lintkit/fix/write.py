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

    Every file is first written beside its place and flushed; only then all are renamed into place, and back again where
    one cannot be. A run that is killed leaves each file with its old or its new content.

    Args:
        root: Root of the tree.
        files: Path relative to the root -> whole text.

    Raises:
        WriteError: A file cannot be written, or its place is reached through a link.
    """
    prepared: list[tuple[Path, Path]] = []
    made: list[Path] = []
    replaced: list[tuple[Path, bytes | None]] = []
    try:
        for path in sorted(files):
            target = _place(root, path)
            _folders(target.parent, made)
            prepared.append((_beside(target, files[path].encode()), target))
        for temporary, target in prepared:
            replaced.append((target, target.read_bytes() if target.exists() else None))
            temporary.replace(target)
    except BaseException as error:
        for temporary, _ in prepared:
            temporary.unlink(missing_ok=True)
        for target, content in reversed(replaced):
            _restore(target, content)
        for folder in reversed(made):
            folder.rmdir()
        if isinstance(error, OSError):
            message = f"{error.filename or root} cannot be written: {error.strerror or error}"
            raise WriteError(message) from error
        raise
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


def _folders(folder: Path, made: list[Path]) -> None:
    """Make the folders that are missing, and add them to those that were made; the outermost comes first."""
    missing: list[Path] = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        one.mkdir()
        made.append(one)


def _restore(target: Path, content: bytes | None) -> None:
    """Put back what stood at a place; nothing where there was nothing."""
    if content is None:
        target.unlink(missing_ok=True)
    elif target.read_bytes() != content:
        os.replace(_beside(target, content), target)  # noqa: PTH105 - the same call may have failed just now


def _beside(target: Path, content: bytes) -> Path:
    """The content in a new file in the same folder, with the mode of the one that it will replace."""
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
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
