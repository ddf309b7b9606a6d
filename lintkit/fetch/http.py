"""GET over HTTP with limits: size, time, redirects, and no word of a credential to another host."""

from __future__ import annotations

import base64
import http.client
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from lintkit import __version__
from lintkit.errors import LintkitError, UsageError

if TYPE_CHECKING:
    from email.message import Message

Progress = Callable[[str], None]
_TIMEOUT = 30.0
_DEADLINE = 600.0
_CHUNK = 256 * 1024
_MOST_OF_AN_ERROR = 64 * 1024


class FetchError(LintkitError):
    """Something cannot be fetched; the text says what and why."""

    exit_code = 3


class StatusError(FetchError):
    """The server answered with an error."""

    def __init__(self, url: str, status: int, reason: str, headers: Message) -> None:
        super().__init__(f"{shown(url)}: {status} {''.join(filter(str.isprintable, reason))}")
        self.status = status
        self.headers = headers


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered; `url` is where it came from in the end."""

    url: str
    headers: Message
    body: bytes


def shown(url: str) -> str:
    """A URL without user, query and fragment, which may hold credentials."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def get(url: str, *, limit: int, headers: dict[str, str] | None = None, progress: Progress = lambda _: None) -> Answer:
    """Fetch a URL.

    Args:
        url: `http` or `https`; a user and password in it are sent as basic authentication.
        limit: Most bytes of the body.
        headers: More headers; `Authorization` goes to this host only.
        progress: Told how much has come.

    Raises:
        StatusError: The server says no.
        FetchError: It cannot be reached, is too slow, sends too much, or leads to where it must not.
        UsageError: The URL is none.
    """
    request = _request(url, headers or {})
    opener = build_opener(_Redirects())
    until = time.monotonic() + _DEADLINE
    try:
        with opener.open(request, timeout=_TIMEOUT) as response:
            body = _read(response, limit, until, url, progress)
            return Answer(response.url, response.headers, body)
    except HTTPError as error:
        with error:
            raise StatusError(url, error.code, str(error.reason), error.headers) from None
    except URLError as error:
        message = f"{shown(url)}: {error.reason}"
        raise FetchError(message) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        message = f"{shown(url)}: {error or type(error).__name__}"
        raise FetchError(message) from None


def _request(url: str, headers: dict[str, str]) -> Request:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not host or any(ord(char) <= 32 for char in url):
        message = f"`{shown(url) if host else url}` is no URL that can be fetched; expected https://..."
        raise UsageError(message)
    user, at, netloc = parts.netloc.rpartition("@")
    request = Request(  # noqa: S310 - the scheme is looked at above
        urlunsplit((parts.scheme, netloc, parts.path or "/", parts.query, "")),
        headers={"User-Agent": f"lintkit/{__version__}"},
    )
    if at and "Authorization" not in headers:
        token = base64.b64encode(unquote(user).encode()).decode()
        headers = {**headers, "Authorization": f"Basic {token}"}
    for name, value in headers.items():
        if name == "Authorization":
            request.add_unredirected_header(name, value)
        else:
            request.add_header(name, value)
    return request


def _read(response: http.client.HTTPResponse, limit: int, until: float, url: str, progress: Progress) -> bytes:
    length = response.headers.get("Content-Length", "")
    total = int(length) if length.isdigit() else 0
    if total > limit:
        raise _too_large(url, limit)
    parts: list[bytes] = []
    size = 0
    while chunk := response.read1(_CHUNK):
        parts.append(chunk)
        size += len(chunk)
        if size > limit:
            raise _too_large(url, limit)
        if time.monotonic() > until:
            message = f"{shown(url)}: not finished in {_DEADLINE / 60:.0f} minutes"
            raise FetchError(message)
        progress(f"{shown(url)}: {size / 1e6:.1f} MB" + (f" of {total / 1e6:.1f} MB" if total else ""))
    if total and size < total:
        message = f"{shown(url)}: the connection ended after {size} of {total} bytes"
        raise FetchError(message)
    return b"".join(parts)


def _too_large(url: str, limit: int) -> FetchError:
    return FetchError(f"{shown(url)}: larger than {limit / 1e6:.0f} MB")


class _Redirects(HTTPRedirectHandler):
    """Follows to `http` and `https`, never from the second to the first, and takes no credential to another host."""

    max_redirections = 5

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage, newurl: str
    ) -> Request | None:
        """The request that follows a redirect."""
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        if new.scheme not in {"http", "https"} or (old.scheme == "https" and new.scheme != "https"):
            fp.close()
            message = f"it leads to {shown(newurl)}, which is not encrypted"
            raise URLError(message)
        found = super().redirect_request(req, fp, code, msg, headers, newurl)
        authorization = req.unredirected_hdrs.get("Authorization")
        if found is not None and authorization and (old.scheme, old.netloc) == (new.scheme, new.netloc):
            found.add_unredirected_header("Authorization", authorization)
        return found
