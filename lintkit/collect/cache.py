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

from lintkit import __version__

try:
    from _blake2 import blake2b  # `hashlib` loads OpenSSL, which takes longer than the hashing
except ImportError:  # pragma: no cover - another interpreter
    from hashlib import blake2b

TYPE_CHECKING = False  # `typing` and `pathlib` take longer to import than most of what follows takes to run
if TYPE_CHECKING:
    from collections.abc import Container

FORMAT = 1
PARTS = {"runs": 64, "schemas": 4096, "clean": 64}
"""Part -> how many entries are kept; the oldest go first."""
_MOST_BYTES = 20_000_000
"""A larger entry is not worth its place."""
_SIZE = 16
_SUFFIX = ".entry"
_LEFT_BEHIND = 3600
"""Age in seconds at which an unfinished file belongs to a run that is no more."""
_NO_PART = frozenset({"__pycache__", "fix", "graph", "generate", "verify", "diff", "server", "fetch"})
"""Parts of the package that no finding depends on: what makes findings imports none of them."""
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# The cache of lintkit. It may be removed at any time.\n"


def digest(*parts: object) -> str:
    """One name for several values."""
    return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=_SIZE).hexdigest()


def digest_of(content: bytes) -> bytes:
    """What a content is known by."""
    return blake2b(content, digest_size=_SIZE).digest()


def default_folder() -> str | None:
    """Where the cache is: `LINTKIT_CACHE_DIR`, else where the platform has caches; None without a home folder."""
    given = os.environ.get("LINTKIT_CACHE_DIR")
    if given:
        return _expanded(given)
    shared = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(shared):
        return os.path.join(shared, "lintkit")
    home = _expanded("~")
    if home is None:
        return None
    if sys.platform == "darwin":
        return os.path.join(home, "Library", "Caches", "lintkit")
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")
        return os.path.join(local, "lintkit", "Cache")
    return os.path.join(home, ".cache", "lintkit")


def _expanded(path: str) -> str | None:
    found = os.path.expanduser(path)
    return None if found.startswith("~") else os.path.abspath(found)


class Cache:
    """A folder of entries; a folder that cannot be read or written is an empty one.

    Args:
        folder: Where it is; it need not exist.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = os.fspath(folder)
        self._stamp = ""

    @property
    def stamp(self) -> str:
        """Changes with lintkit, its data, the interpreter and the packages beside lintkit; a part of every name."""
        if not self._stamp:
            self._stamp = version_stamp()
        return self._stamp

    @classmethod
    def own(cls) -> Cache | None:
        """That of the user; None when there is no place for it, or when it belongs to another user."""
        folder = default_folder()
        if folder is None or not _is_own(folder):
            return None
        return cls(folder)

    def has(self, part: str) -> bool:
        """Whether there is a folder for a part."""
        return os.path.isdir(os.path.join(self.folder, part))

    def read(self, part: str, name: str) -> object:
        """What was written under a name; None when there is nothing that can be read."""
        try:
            with open(self._path(part, name), "rb") as file:
                content = file.read(_MOST_BYTES + _SIZE + 1)
            payload = content[_SIZE:]
            found: object = marshal.loads(payload) if digest_of(payload) == content[:_SIZE] else None  # noqa: S302 - own
        except (OSError, ValueError, EOFError, TypeError):
            return None
        return found

    def write(self, part: str, name: str, value: object) -> None:
        """Keep a value of plain types: None, bool, int, float, str, bytes, tuple, list, dict, frozenset."""
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
            os.replace(unfinished, path)
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
            _remove_folder(os.path.join(self.folder, part))
        _remove(os.path.join(self.folder, "CACHEDIR.TAG"))
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
        folder = os.path.join(self.folder, part)
        if not os.path.isdir(folder):
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
            os.makedirs(folder, mode=0o700, exist_ok=True)
            tag = os.path.join(self.folder, "CACHEDIR.TAG")
            if not os.path.exists(tag):
                with open(tag, "w", encoding="utf-8") as file:
                    file.write(_TAG)

    def _files(self, part: str) -> list[tuple[str, os.stat_result]]:
        found: list[tuple[str, os.stat_result]] = []
        try:
            with os.scandir(os.path.join(self.folder, part)) as entries:
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
            count = len(os.listdir(os.path.join(self.folder, part)))
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
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    found: list[object] = [FORMAT, __version__, sys.implementation.cache_tag, sys.version_info[:3]]
    above = os.path.dirname(package)
    if _status(os.path.join(package, "_data")) is not None:
        # installed: what an installer brings has a new folder of metadata each time
        names = (f"lintkit-{__version__}.dist-info", "lintkit")
        beside = [os.path.join(above, name) for name in names]
    else:
        for folder in (package, os.path.join(above, "schemas")):
            found += tree_state(folder, (".py", ".yaml", ".json"), leave=_NO_PART) or ()
        beside = []
    for name in (*beside, *sys.path):
        status = _status(name)
        found.append((name, status.st_mtime_ns if status else 0))
    return digest(*found)


def tree_state(
    folder: str, suffixes: tuple[str, ...] = ("",), most: int = 50_000, leave: Container[str] = ("__pycache__",)
) -> list[object] | None:
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
                    if entry.name not in leave:
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
        return os.stat(path)
    except OSError:
        return None


def _is_own(folder: str) -> bool:
    """Whether nobody else can have put something into a folder: what stands in it is believed."""
    status = _status(folder)
    return status is None or not hasattr(os, "getuid") or status.st_uid == os.getuid()


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return


def _remove_folder(path: str) -> None:
    try:
        os.rmdir(path)
    except OSError:
        return
