"""A folder of what was worked out before; docs/cache.md says what is in it.

Nothing depends on it: what is absent, broken, or written by another version is worked out again. An entry is one file
with a checksum, and takes its place by a rename, so that a reader sees all of an entry or none, however many runs
share the folder and wherever one of them is killed.
"""

from __future__ import annotations

import marshal
import os
import sys
import time
from functools import cached_property
from pathlib import Path
from typing import Any

from lintkit import __version__

try:
    from _blake2 import blake2b  # `hashlib` loads OpenSSL, which takes longer than the hashing
except ImportError:  # pragma: no cover - another interpreter
    from hashlib import blake2b

FORMAT = 1
PARTS = {"runs": 64, "schemas": 4096}
"""Part -> how many entries are kept; the oldest go first."""
_MOST_BYTES = 20_000_000
"""A larger entry is not worth its place."""
_SIZE = 16
_SUFFIX = ".entry"
_LEFT_BEHIND = 3600
"""Age in seconds at which an unfinished file belongs to a run that is no more."""
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# The cache of lintkit. It may be removed at any time.\n"


def digest(*parts: object) -> str:
    """One name for several values."""
    return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=_SIZE).hexdigest()


def digest_of(content: bytes) -> bytes:
    """What a content is known by."""
    return blake2b(content, digest_size=_SIZE).digest()


def default_folder() -> Path | None:
    """Where the cache is: `LINTKIT_CACHE_DIR`, else where the platform has caches; None without a home folder."""
    given = os.environ.get("LINTKIT_CACHE_DIR")
    if given:
        return Path(given).expanduser()
    shared = os.environ.get("XDG_CACHE_HOME")
    if shared and Path(shared).is_absolute():
        return Path(shared, "lintkit")
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "lintkit"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "lintkit" / "Cache"
    return home / ".cache" / "lintkit"


class Cache:
    """A folder of entries; a folder that cannot be read or written is an empty one.

    Args:
        folder: Where it is; it need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def stamp(self) -> str:
        """Changes with lintkit, its data, the interpreter and the packages beside lintkit; a part of every name."""
        return version_stamp()

    @classmethod
    def own(cls) -> Cache | None:
        """That of the user; None when there is no place for it, or when it belongs to another user."""
        folder = default_folder()
        if folder is None or not _is_own(folder):
            return None
        return cls(folder)

    def read(self, part: str, name: str) -> Any:  # noqa: ANN401 - whatever was written
        """What was written under a name; None when there is nothing that can be read."""
        try:
            with open(self._path(part, name), "rb") as file:  # noqa: PTH123 - on the path of every run
                content = file.read(_MOST_BYTES + _SIZE + 1)
            payload = content[_SIZE:]
            return marshal.loads(payload) if digest_of(payload) == content[:_SIZE] else None  # noqa: S302 - own folder
        except (OSError, ValueError, EOFError, TypeError):
            return None

    def write(self, part: str, name: str, value: object) -> None:
        """Keep a value of plain types: None, bool, int, float, str, bytes, tuple, list, dict."""
        payload = marshal.dumps(value)  # type: ignore[arg-type] # what it cannot write, it refuses
        if len(payload) > _MOST_BYTES:
            return
        path = self._path(part, name)
        unfinished = f"{path.removesuffix(_SUFFIX)}.{os.getpid()}.{time.time_ns()}"
        try:
            self._prepare(part)
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(digest_of(payload))
                file.write(payload)
            os.replace(unfinished, path)  # noqa: PTH105 - as above
        except OSError:
            _remove(unfinished)
            return
        self._trim(part)

    def clean(self) -> int:
        """Remove every entry; returns how many there were. What else stands in the folder stays."""
        count = 0
        for part in PARTS:
            for path, _ in self._files(part):
                count += path.endswith(_SUFFIX)
                _remove(path)
            _remove_folder(self.folder / part)
        _remove(str(self.folder / "CACHEDIR.TAG"))
        _remove_folder(self.folder)
        return count

    def sizes(self) -> dict[str, tuple[int, int]]:
        """Part -> number of entries, and their bytes."""
        found: dict[str, tuple[int, int]] = {}
        for part in PARTS:
            entries = [status.st_size for path, status in self._files(part) if path.endswith(_SUFFIX)]
            found[part] = len(entries), sum(entries)
        return found

    def _path(self, part: str, name: str) -> str:
        return f"{self.folder}{os.sep}{part}{os.sep}{name}{_SUFFIX}"

    def _prepare(self, part: str) -> None:
        folder = self.folder / part
        if not folder.is_dir():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.mkdir(mode=0o700, exist_ok=True)
            tag = self.folder / "CACHEDIR.TAG"
            if not tag.exists():
                tag.write_text(_TAG, "utf-8")

    def _files(self, part: str) -> list[tuple[str, os.stat_result]]:
        found: list[tuple[str, os.stat_result]] = []
        try:
            with os.scandir(self.folder / part) as entries:
                for entry in entries:
                    try:
                        if entry.is_file(follow_symlinks=False):
                            found.append((entry.path, entry.stat(follow_symlinks=False)))
                    except OSError:  # another run has removed it
                        continue
        except OSError:
            return []
        return found

    def _trim(self, part: str) -> None:
        """Remove the oldest entries over the limit, and what killed runs have left."""
        try:
            count = len(os.listdir(self.folder / part))  # noqa: PTH208 - as above
        except OSError:
            return
        if count <= PARTS[part]:
            return
        files = sorted(self._files(part), key=lambda one: one[1].st_mtime_ns)
        entries = [path for path, _ in files if path.endswith(_SUFFIX)]
        for path in entries[: max(0, len(entries) - PARTS[part] * 3 // 4)]:
            _remove(path)
        for path, status in files:
            if not path.endswith(_SUFFIX) and status.st_mtime < time.time() - _LEFT_BEHIND:
                _remove(path)


def version_stamp() -> str:
    """Changes with lintkit, its data, the interpreter and the packages beside lintkit."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - as above
    found: list[object] = [FORMAT, __version__, sys.implementation.cache_tag, sys.version_info[:3]]
    above = os.path.dirname(package)  # noqa: PTH120 - as above
    is_installed = os.path.isdir(os.path.join(package, "_data"))  # noqa: PTH112, PTH118 - as above
    beside_package = () if is_installed else ("schemas", "templates")
    folders = [package, *(os.path.join(above, name) for name in beside_package)]  # noqa: PTH118 - as above
    for folder in folders:
        found += tree_state(folder, (".py", ".yaml", ".json", ".so", ".j2")) or ()
    import click  # noqa: PLC0415 - the command line has loaded it already

    beside = os.path.dirname(os.path.dirname(os.path.abspath(click.__file__)))  # noqa: PTH100, PTH120 - as above
    for name in (beside, above):
        status = _status(name)
        found.append(status.st_mtime_ns if status else 0)
    return digest(*found)


def tree_state(folder: str, suffixes: tuple[str, ...] = ("",), most: int = 50_000) -> list[object] | None:
    """Name, size and time of every file below a folder; None when there are more than `most`, empty for no folder."""
    found: list[object] = []
    pending = [folder]
    count = 0
    while pending:
        here = pending.pop()
        try:
            with os.scandir(here) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in listed:
            count += 1
            if count > most:
                return None
            try:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name != "__pycache__":
                        pending.append(entry.path)
                        found.append(entry.path)
                elif entry.name.endswith(suffixes):
                    status = entry.stat()
                    found.append((entry.path, status.st_size, status.st_mtime_ns))
            except OSError:
                found.append(entry.path)
    return found


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)  # noqa: PTH116 - as above
    except OSError:
        return None


def _is_own(folder: Path) -> bool:
    """Whether nobody else can have put something into a folder: what stands in it is believed."""
    status = _status(str(folder))
    return status is None or not hasattr(os, "getuid") or status.st_uid == os.getuid()


def _remove(path: str) -> None:
    try:
        os.unlink(path)  # noqa: PTH108 - as above
    except OSError:
        return


def _remove_folder(path: Path) -> None:
    try:
        path.rmdir()
    except OSError:
        return
