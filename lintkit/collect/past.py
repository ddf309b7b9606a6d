"""A folder as it was at a commit: what changed since is as it was then, everything else is as it is on disk."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Entry(NamedTuple):
    """A file, folder or link of a commit; answers as `os.DirEntry` does."""

    name: str
    size: int = 0
    is_folder: bool = False
    is_link: bool = False

    def is_symlink(self) -> bool:
        """Whether it is a symbolic link."""
        return self.is_link

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:
        """Whether it is a folder."""
        _ = follow_symlinks
        return self.is_folder

    def is_file(self, *, follow_symlinks: bool = True) -> bool:
        """Whether it is a file."""
        _ = follow_symlinks
        return not self.is_folder and not self.is_link

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        """Its size; everything else is 0."""
        _ = follow_symlinks
        return os.stat_result((0, 0, 0, 0, 0, 0, self.size, 0, 0, 0))


@dataclass(frozen=True)
class Past:
    """What a folder had at a commit.

    Attributes:
        root: The folder.
        files: Path of each file that changed -> its content at the commit, None where there was none.
        links: Paths that were symbolic links and have changed.
    """

    root: Path
    files: Mapping[str, bytes | None]
    links: frozenset[str] = frozenset()

    def entries(self, folder: str) -> list[os.DirEntry[str] | Entry]:
        """What stood in a folder.

        Raises:
            OSError: The folder cannot be read.
        """
        then = self._then.get(folder, {})
        now: list[os.DirEntry[str]] = []
        if not then or self._is_folder_now(folder):
            with os.scandir(self.root / folder) as found:
                now = list(found)
        prefix = f"{folder}/" if folder else ""
        kept: dict[str, os.DirEntry[str] | Entry] = {one.name: one for one in now if self._stood(prefix, one)}
        for entry in then.values():
            if not entry.is_folder or entry.name not in kept:
                kept[entry.name] = entry
        return list(kept.values())

    def read(self, path: str) -> bytes:
        """Content of a file.

        Raises:
            OSError: It cannot be read.
        """
        raw = self.files.get(path)
        return raw if raw is not None else (self.root / path).read_bytes()

    def _is_folder_now(self, folder: str) -> bool:
        """Whether a folder is one on disk, and reached without a link."""
        parts = [self.root / above for above in (*_above(folder), folder)] if folder else []
        return all(part.is_dir() and not part.is_symlink() for part in parts)

    def _stood(self, prefix: str, entry: os.DirEntry[str]) -> bool:
        """Whether what stands on disk stood there at the commit as it is now; git knows no empty folder."""
        path = prefix + entry.name
        if path in self.files or path in self.links:
            return False
        if path not in self._grown or not entry.is_dir(follow_symlinks=False):
            return True
        return bool(self.entries(path))

    @cached_property
    def _grown(self) -> frozenset[str]:
        """Folders with files that were not there."""
        return frozenset(above for path, raw in self.files.items() if raw is None for above in _above(path))

    @cached_property
    def _then(self) -> dict[str, dict[str, Entry]]:
        """Folder -> what stood in it, of all that changed."""
        found: dict[str, dict[str, Entry]] = {}
        sizes = {path: len(raw) for path, raw in self.files.items() if raw is not None}
        for path in (*sizes, *self.links):
            folder, _, name = path.rpartition("/")
            found.setdefault(folder, {})[name] = Entry(name, sizes.get(path, 0), is_link=path in self.links)
            for above in _above(path):
                outer, _, name = above.rpartition("/")
                found.setdefault(outer, {}).setdefault(name, Entry(name, is_folder=True))
        return found


def _above(path: str) -> list[str]:
    """The folders that a path is in, but the root."""
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]
