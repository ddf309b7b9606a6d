"""GET over HTTP with limits of time and size; nothing of a credential is in a message."""

from __future__ import annotations

import http.client
import time
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from lintkit import __version__
from lintkit.verify.cluster import Page, Unanswered
from lintkit.verify.trim import clean, line

if TYPE_CHECKING:
    import socket

_MOST = 8_000_000
_CHUNK = 64 * 1024


class _NoRedirects(HTTPRedirectHandler):
    """A redirect may lead to another host, and credentials are for one."""

    def redirect_request(self, *_: Any) -> None:  # noqa: ANN401
        """Follow none."""


def fetch(url: str, headers: dict[str, str], timeout: float) -> Page:
    """GET a URL, through the proxies of the environment.

    Raises:
        Unanswered: There is no answer in time.
    """
    if not url.startswith(("http://", "https://")):
        message = f"`{line(url)}` is no http or https URL"
        raise Unanswered(message)
    request = Request(url, headers={"User-Agent": f"lintkit/{__version__}", **headers})  # noqa: S310 - checked above
    until = time.monotonic() + timeout
    try:
        with build_opener(_NoRedirects()).open(request, timeout=timeout) as response:
            return Page(response.status, _read(response, until, timeout))
    except HTTPError as error:
        with error:
            return Page(error.code, clean(_read(error, until, timeout)))
    except TimeoutError:
        raise _slow(timeout) from None
    except URLError as error:
        if isinstance(error.reason, TimeoutError):
            raise _slow(timeout) from None
        message = f"`{_host(url)}` does not answer: {line(str(error.reason))}"
        raise Unanswered(message) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        message = f"`{_host(url)}` does not answer: {line(str(error)) or type(error).__name__}"
        raise Unanswered(message) from None


def over_socket(connected: socket.socket, target: str, headers: dict[str, str], timeout: float) -> Page:
    """GET a path over a socket that is connected already."""
    connected.settimeout(timeout)
    until = time.monotonic() + timeout
    connection = http.client.HTTPConnection("localhost", timeout=timeout)
    connection.sock = connected
    try:
        connection.request("GET", target, headers={"User-Agent": f"lintkit/{__version__}", **headers})
        response = connection.getresponse()
        return Page(response.status, _read(response, until, timeout))
    except TimeoutError:
        raise _slow(timeout) from None
    except ConnectionError:  # the pod refuses, or the API server went away: which of the two shows first is chance
        message = "the forwarded port closes the connection"
        raise Unanswered(message) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        message = f"the forwarded port does not answer: {line(str(error)) or type(error).__name__}"
        raise Unanswered(message) from None


def _read(response: Any, until: float, timeout: float) -> str:  # noqa: ANN401 - three classes, one method
    parts: list[bytes] = []
    size = 0
    while part := response.read1(_CHUNK) if hasattr(response, "read1") else response.read(_CHUNK):
        parts.append(part)
        size += len(part)
        if size > _MOST:
            message = f"the answer is larger than {_MOST // 1_000_000} MB"
            raise Unanswered(message)
        if time.monotonic() > until:
            raise _slow(timeout)
    return b"".join(parts).decode("utf-8", "replace")


def _slow(timeout: float) -> Unanswered:
    return Unanswered(f"no answer within {timeout:g} s")


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].rpartition("@")[2]
