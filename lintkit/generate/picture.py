"""The files of a tree as they will be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.collect.repository import KUSTOMIZATION_NAMES
from lintkit.errors import UsageError

if TYPE_CHECKING:
    from lintkit.collect.repository import Repository


class Picture:
    """A tree, and what is added to it; nothing on disk changes.

    Attributes:
        repository: What is there.
        added: New files.
        changed: Files that are there, with their new text.
        namespaces: Namespaces that the new files make.
    """

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.added: dict[str, str] = {}
        self.changed: dict[str, str] = {}
        self.namespaces: set[str] = set()

    @property
    def overlay(self) -> dict[str, str]:
        """All files that are new or different."""
        return self.added | self.changed

    def follow(self, repository: Repository) -> None:
        """Go on with the same tree, read again."""
        self.repository = repository

    def text(self, path: str) -> str:
        """The text of a file.

        Raises:
            UsageError: It cannot be read.
        """
        for texts in (self.added, self.changed):
            if path in texts:
                return texts[path]
        source = self.repository.source(path)
        if source is None or path in self.repository.broken_bytes:
            message = f"{path} cannot be read"
            raise UsageError(message)
        return source.text

    def is_file(self, path: str) -> bool:
        """Whether a file is there, or will be, seen or unseen by git."""
        return path in self.added or self.repository.is_file(path) or (self.repository.root / path).exists()

    def has_folder(self, path: str) -> bool:
        """Whether a folder is there, or will be."""
        there = self.repository.is_folder(path) or (self.repository.root / path).exists()
        return there or any(one.startswith(f"{path}/") for one in self.added)

    def kustomization(self, folder: str) -> str:
        """Path of the kustomization file of a folder; empty where there is none."""
        paths = (f"{folder}/{name}" for name in KUSTOMIZATION_NAMES)
        return next((path for path in paths if path in self.added or self.repository.is_file(path)), "")

    def add(self, path: str, text: str) -> None:
        """A new file.

        Raises:
            UsageError: There is one.
        """
        if self.is_file(path):
            message = f"`{path}` exists; nothing is overwritten"
            raise UsageError(message)
        self.added[path] = text

    def move(self, folder: str, below: str) -> None:
        """Put all new files of a folder into another."""
        self.added = {
            below + path[len(folder) :] if path.startswith(f"{folder}/") else path: text
            for path, text in self.added.items()
        }

    def change(self, path: str, text: str) -> None:
        """Another text for a file that is there."""
        if path in self.added:
            self.added[path] = text
        elif self.repository.source(path) is not None:
            self.changed[path] = text
