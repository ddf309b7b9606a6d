"""What a run depended on, and whether it is still as it was.

A state is made of plain types, so that the cache can keep it:

- `folders`: folder -> name -> what stands there: `d` or `o` for a folder or another thing that is not gone into, a
  record for a file;
- `contents`: file -> digest of what is in it, None where none is;
- `exists`: path -> whether something is there;
- `outside`: folder -> digest of the names, sizes and times of all below it.

A file is as it was when size and times are; else when its content is, where that is known.
"""

import os
import stat
import time

from lintkit.collect.cache import digest, digest_of, tree_state

TYPE_CHECKING = False  # `typing` takes longer to import than most states take to compare
if TYPE_CHECKING:
    from collections.abc import Iterable

    from lintkit.collect.repository import Repository

    Record = tuple[int, int, int, bytes]
    """Time of its content, time of its metadata, size; digest of its content, empty when that is not known."""
    State = dict[str, dict[str, object]]

_FRESH = 2_000_000_000
"""Nanoseconds within which a file may change twice and show one time."""
_UNSEEN = ".git"


def state_of(
    repository: "Repository",
    *,
    contents: "Iterable[str]" = (),
    exists: "Iterable[str]" = (),
    outside: "Iterable[str]" = (),
) -> "State | None":
    """What a run has depended on; None when it cannot be told, or has changed since.

    Args:
        repository: What was read.
        contents: Files outside of it that were read, or looked for.
        exists: Paths of which it counts whether they exist.
        outside: Folders of which everything counts.
    """
    now = time.time_ns()
    root = os.fspath(repository.root)
    listing = repository.listing
    inner = {skipped.path for skipped in listing.skipped if "root: true" in skipped.reason}
    folders: dict[str, object] = {}
    seen = 0
    for folder in listing.folders:
        if folder in listing.hidden:
            continue
        if folder in inner:
            folders[os.path.join(root, folder)] = {}
            continue
        found = _entries(repository, root, folder, now)
        if found is None:
            return None
        folders[os.path.join(root, folder) if folder else root] = found
        seen += sum(isinstance(one, tuple) for one in found.values())
    if seen < len(listing.files):
        return None  # a file went away meanwhile
    for folder in inner:
        del folders[os.path.join(root, folder)]
    marked = [os.path.join(root, folder, ".lintkit.yaml") for folder in inner]
    states = {folder: tree_state(folder, leave=()) for folder in outside}
    if any(one is None for one in states.values()):
        return None
    existing: dict[str, object] = {os.path.join(root, path): there for path, there in repository.looked_for.items()}
    return {
        "folders": folders,
        "contents": {path: _content(path) for path in (*contents, *marked)},
        "exists": existing | {path: os.path.lexists(path) for path in exists},
        "outside": {folder: digest(one) for folder, one in states.items()},
    }


def _entries(repository: "Repository", root: str, folder: str, now: int) -> "dict[str, object] | None":
    """What stands in a folder; None when it is not what the run has seen."""
    listing = repository.listing
    found: dict[str, object] = {}
    try:
        with os.scandir(os.path.join(root, folder) if folder else root) as entries:
            for entry in entries:
                if entry.name == _UNSEEN:
                    continue
                path = f"{folder}/{entry.name}" if folder else entry.name
                if path in listing.files:
                    record = _record(entry, repository, path, now)
                    if record is None:
                        return None
                    found[entry.name] = record
                elif path in listing.folders or path in listing.hidden or path in listing.links:
                    found[entry.name] = _kind(entry)
                else:
                    return None
    except OSError:
        return None
    return found


def _record(entry: "os.DirEntry[str]", repository: "Repository", path: str, now: int) -> "Record | None":
    status = entry.stat(follow_symlinks=False)
    read = repository.read.get(path)
    content = b""
    if read is not None:
        if (read.mtime, read.size, read.inode) != (status.st_mtime_ns, status.st_size, status.st_ino):
            return None
        content = read.digest
    is_fresh = now - max(status.st_mtime_ns, status.st_ctime_ns) < _FRESH
    if is_fresh and not content:
        content = _content(entry.path) or b""
    return 0 if is_fresh else status.st_mtime_ns, status.st_ctime_ns, status.st_size, content


def is_same(state: "State", moved: "list[str]") -> bool:
    """Whether everything is as it was.

    Args:
        state: What was; gets the new times of files whose times alone have changed.
        moved: Gets the paths of those.
    """
    try:
        return (
            all(os.path.lexists(path) == there for path, there in state["exists"].items())
            and all(_content(path) == content for path, content in state["contents"].items())
            and all(_has(folder, entries, moved) for folder, entries in state["folders"].items())
            and all(digest(tree_state(folder, leave=())) == one for folder, one in state["outside"].items())
        )
    except (OSError, KeyError, TypeError, AttributeError, ValueError):
        return False


def _has(folder: str, known: object, moved: "list[str]") -> bool:
    if not isinstance(known, dict):
        return False
    count = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name == _UNSEEN:
                continue
            count += 1
            record = known.get(entry.name)
            if isinstance(record, tuple):
                status = entry.stat(follow_symlinks=False)
                mtime, ctime, size, content = record
                if status.st_mtime_ns == mtime and status.st_ctime_ns == ctime and status.st_size == size:
                    continue
                if status.st_size != size or not stat.S_ISREG(status.st_mode) or _content(entry.path) != content:
                    return False
                if time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns) > _FRESH:
                    known[entry.name] = (status.st_mtime_ns, status.st_ctime_ns, size, content)
                    moved.append(entry.path)
            elif record != _kind(entry):
                return False
    return count == len(known)


def _kind(entry: "os.DirEntry[str]") -> str:
    if entry.is_symlink():
        return "l"
    if entry.is_dir(follow_symlinks=False):
        return "d"
    return "f" if entry.is_file(follow_symlinks=False) else "o"


def _content(path: str) -> bytes | None:
    """Digest of what is in a file; None when there is none that can be read."""
    try:
        with open(path, "rb") as file:
            return digest_of(file.read())
    except OSError:
        return None
