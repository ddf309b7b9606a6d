"""The files of a chart, from a folder or an archive: hostile input, so nothing is unpacked and all has a limit."""

from __future__ import annotations

import io
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lintkit.errors import LintkitError

if TYPE_CHECKING:
    import gzip

MAX_ARCHIVE = 50_000_000
"""Bytes of an archive as it comes."""
MAX_TOTAL = 100 * 1024 * 1024
"""Bytes of all files of a chart with its subcharts; Helm's own limit."""
MAX_FILE = 5 * 1024 * 1024
"""Bytes of one file; Helm's own limit."""
MAX_FILES = 20_000
_DRIVE = re.compile(r"^[A-Za-z]:")
_ARCHIVES = (".tgz", ".tar.gz")


class ChartError(LintkitError):
    """A chart cannot be read; the text says why."""


class ChartLimitError(ChartError):
    """A chart is larger than any honest one, or reaches out of its archive."""


@dataclass(slots=True)
class Budget:
    """What may still be read: shared by a chart and the archives inside it."""

    bytes: int = MAX_TOTAL
    files: int = MAX_FILES

    def spend(self, size: int, files: int = 0) -> None:
        """Take from the budget.

        Raises:
            ChartError: It is used up.
        """
        self.bytes -= size
        self.files -= files
        if self.bytes < 0:
            message = f"the chart holds over {MAX_TOTAL // 1024 // 1024} MiB"
            raise ChartLimitError(message)
        if self.files < 0:
            message = f"the chart holds over {MAX_FILES} files"
            raise ChartLimitError(message)


class _Metered(io.RawIOBase):
    """A reader that takes what it reads from a budget."""

    def __init__(self, stream: gzip.GzipFile, budget: Budget) -> None:
        self._stream = stream
        self._budget = budget

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes, and never more than the budget holds."""
        asked = self._budget.bytes + 1 if size < 0 else min(size, self._budget.bytes + 1)
        content = self._stream.read(asked)
        self._budget.spend(len(content))
        return content


def is_archive(name: str) -> bool:
    """Whether a name is that of a packed chart."""
    return name.endswith(_ARCHIVES)


def files_of_archive(content: bytes, budget: Budget | None = None) -> dict[str, bytes]:
    """Path below the chart's own folder -> content, of a gzipped tar.

    Links and devices are left out; the first folder of each path is dropped, as Helm does.

    Raises:
        ChartError: It is no such archive, a path leaves it, or it is too large.
    """
    if len(content) > MAX_ARCHIVE:
        message = f"the archive is larger than {MAX_ARCHIVE // 1_000_000} MB"
        raise ChartLimitError(message)
    import gzip  # noqa: PLC0415 - these three bring many more, and few runs meet an archive
    import tarfile  # noqa: PLC0415 - as above
    import zlib  # noqa: PLC0415 - as above

    budget = budget or Budget()
    found: dict[str, bytes] = {}
    try:
        with (
            gzip.GzipFile(fileobj=io.BytesIO(content)) as unpacked,
            tarfile.open(fileobj=_Metered(unpacked, budget), mode="r|") as archive,
        ):
            for member in archive:
                budget.spend(0, 1)
                path = _inside(member.name)
                if not member.isreg() or path is None:
                    continue
                if member.size > MAX_FILE:
                    message = f"`{member.name}` is larger than {MAX_FILE // 1024 // 1024} MiB"
                    raise ChartLimitError(message)
                reader = archive.extractfile(member)
                if reader is not None:
                    found[path] = reader.read()
    except (OSError, EOFError, zlib.error, tarfile.TarError, ValueError, RecursionError) as error:
        message = f"this is no gzipped tar archive: {error}"
        raise ChartError(message) from None
    return found


def _inside(name: str) -> str | None:
    """The path without the chart's folder; None when it is that folder or something beside it.

    Raises:
        ChartError: The path leaves the archive.
    """
    clean = name.replace("\\", "/")
    parts = [part for part in clean.split("/") if part not in {"", "."}]
    if clean.startswith("/") or ".." in parts or _DRIVE.match(clean) or "\0" in clean:
        message = f"the archive holds the path `{name}`, which leads out of it"
        raise ChartLimitError(message)
    return "/".join(parts[1:]) or None


def files_of_folder(folder: Path, budget: Budget | None = None) -> dict[str, bytes]:
    """Path -> content of the files below a folder; links are not followed.

    Raises:
        ChartError: There is no such folder, or it is too large.
    """
    if not folder.is_dir():
        message = f"there is no folder `{folder}`"
        raise ChartError(message)
    budget = budget or Budget()
    found: dict[str, bytes] = {}
    for base, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != ".git" and not Path(base, name).is_symlink())
        for name in sorted(names):
            path = Path(base, name)
            if path.is_symlink() or not path.is_file():
                continue
            try:
                size = path.stat().st_size
                if size > MAX_FILE and not is_archive(name):
                    continue
                budget.spend(size, 1)
                found[path.relative_to(folder).as_posix()] = path.read_bytes()
            except OSError as error:
                message = f"`{path}` cannot be read: {error.strerror or error}"
                raise ChartError(message) from None
    return found
