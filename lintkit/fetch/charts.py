"""A chart from wherever it is: a file, a folder, a registry, a repository."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from lintkit.errors import UsageError
from lintkit.fetch import chart_repository, registry
from lintkit.fetch.http import get, shown
from lintkit.schema.chart_archive import MAX_ARCHIVE, ChartError, is_archive
from lintkit.schema.chart_files import ChartFiles, read_archive, read_folder

if TYPE_CHECKING:
    from lintkit.fetch.http import Progress

_URL = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def fetch(source: str, more: tuple[str, ...], *, plain_http: bool, progress: Progress) -> tuple[ChartFiles, str]:
    """A chart, and where it comes from.

    Args:
        source: File, folder, `oci://...`, URL of an archive, or URL of a repository.
        more: Version of an `oci://` chart; name and version of one in a repository.
        plain_http: Whether registries speak no TLS.
        progress: Told what is going on.

    Raises:
        UsageError: The arguments do not fit together, or there is no such file.
        FetchError: It cannot be fetched.
        ChartError: What came is no chart.
    """
    if source.startswith("oci://"):
        _most(more, 1, "an `oci://` address takes a version and nothing else")
        reference = registry.parse(source)
        version = more[0] if more else ""
        if version and (reference.tag or reference.digest):
            message = f"the version is given twice: in `{source}` and as `{version}`"
            raise UsageError(message)
        content = registry.pull(reference, version, plain_http=plain_http, progress=progress)
        return _read(content, reference.origin), reference.origin
    if _URL.match(source):
        return _from_url(source, more, plain_http=plain_http, progress=progress)
    _most(more, 0, "a file or folder takes no chart name and no version")
    path = Path(source)
    if not path.exists():
        message = f"{source} does not exist"
        raise UsageError(message)
    progress(f"reading {source}")
    try:
        chart = read_folder(path) if path.is_dir() else read_archive(path)
    except ChartError as error:
        message = f"{source}: {error}"
        raise type(error)(message) from None
    return chart, str(path.resolve())


def _from_url(source: str, more: tuple[str, ...], *, plain_http: bool, progress: Progress) -> tuple[ChartFiles, str]:
    if is_archive(shown(source)):
        _most(more, 0, "the URL of an archive takes no chart name and no version")
        return _read(get(source, limit=MAX_ARCHIVE, progress=progress).body, shown(source)), shown(source)
    _most(more, 2, "a repository takes a chart name and a version, and nothing else")
    if not more:
        message = f"which chart of {shown(source)}? Give its name after the URL"
        raise UsageError(message)
    version = more[1] if len(more) > 1 else ""
    content = chart_repository.pull(source, more[0], version, plain_http=plain_http, progress=progress)
    return _read(content, shown(source)), shown(source)


def _most(more: tuple[str, ...], count: int, message: str) -> None:
    if len(more) > count:
        raise UsageError(message)


def _read(content: bytes, origin: str) -> ChartFiles:
    try:
        return read_archive(content)
    except ChartError as error:
        message = f"{origin}: {error}"
        raise type(error)(message) from None
