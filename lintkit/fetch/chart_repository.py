"""Charts in repositories with an `index.yaml`."""

from __future__ import annotations

import hashlib
import re
from typing import Any
from urllib.parse import urljoin, urlsplit

from lintkit.fetch import registry
from lintkit.fetch.http import FetchError, Progress, StatusError, get, shown
from lintkit.fetch.versions import chosen
from lintkit.model.names import closest
from lintkit.schema.chart_archive import MAX_ARCHIVE
from lintkit.schema.foreign import ForeignError, documents

_MAX_INDEX = 200_000_000


def pull(url: str, chart: str, version: str, *, plain_http: bool, progress: Progress) -> bytes:
    """The packed chart.

    Args:
        url: Of the repository, without `index.yaml`.
        chart: Name of the chart.
        version: Version or range; empty for the newest.
        plain_http: Whether registries that the index leads to speak no TLS.
        progress: Told what is going on.

    Raises:
        FetchError: There is none, or it is not what the index promises.
    """
    base = url if url.endswith("/") else f"{url}/"
    try:
        text = get(urljoin(base, "index.yaml"), limit=_MAX_INDEX, progress=progress).body.decode("utf-8-sig")
    except StatusError as error:
        message = f"{shown(url)} is no chart repository: {error}" if error.status == 404 else str(error)
        raise FetchError(message) from None
    except UnicodeDecodeError:
        message = f"{shown(url)}: its index.yaml is no text in UTF-8"
        raise FetchError(message) from None
    progress(f"{shown(url)}: reading its index")
    offered = {str(one["version"]): one for one in _entries(text, chart, url) if "version" in one}
    found = offered[chosen(offered, version, f"{shown(url)}: `{chart}`")]
    urls = found.get("urls")
    if not isinstance(urls, list) or not urls or not isinstance(urls[0], str):
        message = f"{shown(url)}: its index gives no URL for `{chart}` {found['version']}"
        raise FetchError(message)
    if urls[0].startswith("oci://"):
        content = registry.pull(registry.parse(urls[0]), "", plain_http=plain_http, progress=progress)
    else:
        content = _download(base, urls[0], progress)
    _verify(content, found, shown(url))
    return content


def _download(base: str, target: str, progress: Progress) -> bytes:
    """The archive; a user and password of the repository go to its own host only."""
    address = urljoin(base, target)
    user, at, host = urlsplit(base).netloc.rpartition("@")
    if at and urlsplit(address).netloc == host and urlsplit(address).scheme == urlsplit(base).scheme:
        address = address.replace("://", f"://{user}@", 1)
    if urlsplit(base).scheme == "https" and urlsplit(address).scheme == "http":
        message = f"{shown(base)}: its index leads to {shown(address)}, which is not encrypted"
        raise FetchError(message)
    return get(address, limit=MAX_ARCHIVE, progress=progress).body


def _entries(text: str, chart: str, url: str) -> list[dict[str, Any]]:
    part = _part(text, chart)
    try:
        index = next(documents(part or text, is_json=text.lstrip()[:1] == "{"), None)
    except ForeignError as error:
        message = f"{shown(url)}: its index.yaml is {error}"
        raise FetchError(message) from None
    entries = index.get("entries") if isinstance(index, dict) else None
    if not isinstance(entries, dict):
        message = f"{shown(url)} is no chart repository: its index.yaml has no `entries`"
        raise FetchError(message)
    found = entries.get(chart)
    if not isinstance(found, list):
        close = closest(chart, [str(name) for name in entries])
        message = f"{shown(url)}: it has no chart `{chart}`" + (f"; did you mean `{close}`?" if close else "")
        raise FetchError(message)
    return [one for one in found if isinstance(one, dict)]


def _part(text: str, chart: str) -> str:
    """The lines of one chart: an index as Helm writes it may have 20 MB, of which a thousandth is asked for."""
    start = re.search(rf"^entries:[ ]*\n(?:.*\n)*?(?=  {re.escape(chart)}:[ ]*$)", text, re.MULTILINE)
    if start is None:
        return ""
    end = re.compile(r"^(?:  )?[^\s#-].*$", re.MULTILINE)
    first = text.find("\n", start.end()) + 1
    stop = end.search(text, first)
    return f"entries:\n  {chart}:\n{text[first : stop.start() if stop else len(text)]}" if first else ""


def _verify(content: bytes, entry: dict[str, Any], where: str) -> None:
    digest = entry.get("digest")
    if not isinstance(digest, str) or not digest:
        return
    if hashlib.sha256(content).hexdigest() != digest.removeprefix("sha256:"):
        message = f"{where}: what came for `{entry.get('name')}` {entry.get('version')} is not what the index promises"
        raise FetchError(message)
