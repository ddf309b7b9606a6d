"""Which files make up the tree, and which were left out and why.

Only the folder structure is read here. Links are noted and never followed, so that nothing outside of the root is read
and no link can loop. `.gitignore` hides a file from the repository and `.sourceignore` hides it from Flux; both are
honoured in every folder, as git and Flux's source-controller do.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lintkit.collect.ignore import IgnoreFile, parse_patterns

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from lintkit.collect.past import Entry, Past

ROOT_MARKER = ".lintkit.yaml"
_GIT = ".gitignore"
_FLUX = ".sourceignore"
_NEVER = frozenset({".git"})
_LEFT_OUT_BY_FLUX = frozenset({".github", ".circleci"})
_SPECIAL = "neither a file nor a folder"
_DEFAULT_REASON = "Flux leaves this folder out of every artifact"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file or folder that is not linted, and the reason."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What stands below the root.

    All paths are relative to the root, with `/` between the parts.

    Attributes:
        files: Files to read, with their size in bytes.
        folders: Folders; the root is the empty text.
        links: Symbolic links, to files or folders.
        hidden: What exists and git or Flux does not see, or is neither a file nor a folder, with the reason. What
            stands in ignored folders is not listed one by one; ask `is_hidden`.
        unreadable: What could not be read, with the reason.
        skipped: What was left out, for people.
    """

    files: dict[str, int] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)
    hidden: dict[str, str] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)

    def is_hidden(self, path: str) -> str | None:
        """Why an existing path counts as absent; None when nothing hides it."""
        while path:
            if path in self.hidden:
                return self.hidden[path]
            path = path.rpartition("/")[0]
        return None


class _Disk:
    """The folder as it is."""

    def __init__(self, root: str) -> None:
        self.root = root

    def entries(self, folder: str) -> Sequence[os.DirEntry[str]]:
        with os.scandir(os.path.join(self.root, folder) if folder else self.root) as entries:  # noqa: PTH118 - hot
            return list(entries)

    def read(self, path: str) -> bytes:
        with open(os.path.join(self.root, path), "rb") as file:  # noqa: PTH118, PTH123 - hot
            return file.read()


def discover(root: Path, *, exclude: Iterable[str] = (), past: Past | None = None) -> Listing:
    """List the tree below `root`.

    Args:
        root: An existing folder.
        exclude: More patterns in gitignore form, from the configuration.
        past: What the folder had at a commit, in place of what it has now.
    """
    listing = Listing(folders={""})
    configured = IgnoreFile("", parse_patterns("\n".join(exclude)), "exclude")
    _scan(past or _Disk(str(root)), listing, [configured] if configured.patterns else [])
    return listing


def _scan(disk: _Disk | Past, listing: Listing, above: list[IgnoreFile]) -> None:
    """Add the root and, one after the other, the folders below it."""
    pending: list[tuple[str, list[IgnoreFile]]] = [("", above)]
    while pending:
        folder, above = pending.pop()
        try:
            found = sorted(disk.entries(folder), key=lambda entry: entry.name)
        except OSError as error:
            listing.unreadable[folder or "."] = f"cannot be read: {error.strerror}"
            continue
        names = {entry.name for entry in found if entry.is_file(follow_symlinks=False)}
        if folder and ROOT_MARKER in names and _says_root(disk, f"{folder}/{ROOT_MARKER}"):
            listing.skipped.append(Skipped(folder, f"a tree of its own: its {ROOT_MARKER} says `root: true`"))
            continue
        here = [*above, *_ignore_files(disk, folder, names)]
        for entry in found:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if _add(entry, path, listing, here):
                pending.append((path, here))


def _add(entry: os.DirEntry[str] | Entry, path: str, listing: Listing, ignores: list[IgnoreFile]) -> bool:
    """Note one entry; True for a folder to go into."""
    if entry.is_symlink():
        listing.links.add(path)
        return False
    is_folder = entry.is_dir(follow_symlinks=False)
    if entry.name in _NEVER:
        return False
    reason = _reason(path, ignores, is_folder=is_folder)
    if reason:
        listing.hidden[path] = reason
        listing.skipped.append(Skipped(path, reason))
    elif is_folder:
        listing.folders.add(path)
        if entry.name not in _LEFT_OUT_BY_FLUX:
            return True
        listing.hidden[path] = _DEFAULT_REASON
        listing.skipped.append(Skipped(path, _DEFAULT_REASON))
    elif entry.is_file(follow_symlinks=False):
        try:
            listing.files[path] = entry.stat(follow_symlinks=False).st_size
        except OSError as error:
            listing.unreadable[path] = f"cannot be read: {error.strerror}"
    else:
        listing.hidden[path] = _SPECIAL
        listing.skipped.append(Skipped(path, _SPECIAL))
    return False


def _reason(path: str, ignores: list[IgnoreFile], *, is_folder: bool) -> str | None:
    verdicts: dict[str, tuple[bool, IgnoreFile]] = {}
    for ignore in ignores:
        verdict = ignore.verdict(path, is_folder=is_folder)
        if verdict is not None:
            verdicts[ignore.name] = (verdict, ignore)
    for name, (ignored, ignore) in verdicts.items():
        if ignored:
            where = f"{ignore.folder}/{name}" if ignore.folder else name
            return "excluded by the configuration" if name == "exclude" else f"ignored by {where}"
    return None


def _ignore_files(disk: _Disk | Past, folder: str, names: set[str]) -> list[IgnoreFile]:
    found: list[IgnoreFile] = []
    for name in (_GIT, _FLUX):
        if name in names:
            try:
                patterns = parse_patterns(_text(disk, f"{folder}/{name}" if folder else name))
            except OSError:
                continue
            if patterns:
                found.append(IgnoreFile(folder, patterns, name))
    return found


def _says_root(disk: _Disk | Past, path: str) -> bool:
    try:
        lines = _text(disk, path).splitlines()
    except OSError:
        return False
    return any(line.split("#")[0].strip().replace(" ", "") == "root:true" for line in lines)


def _text(disk: _Disk | Past, path: str) -> str:
    return disk.read(path).decode("utf-8", "replace").replace("\r\n", "\n")
