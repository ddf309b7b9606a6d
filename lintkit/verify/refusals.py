"""Why an API server, or the way to it, gives no answer."""

from __future__ import annotations

import json

from lintkit.verify.cluster import NoAccess, Unanswered
from lintkit.verify.trim import line


class GoneError(Unanswered):
    """The list that was asked for is too old."""


class MissingError(Unanswered):
    """There is nothing at this path."""


class NotLoggedInError(Unanswered):
    """The API server does not know who asks."""


class SlowError(Unanswered):
    """There was no answer in time: no use to ask again at once."""


def refused(status: int, body: str, what: str) -> Unanswered:
    """Why the API server says no."""
    body = body.rpartition("-+-+- ")[2]  # what the client joins: status, headers, body
    try:
        said = json.loads(body).get("message") or ""
    except (ValueError, AttributeError):
        said = body
    said = line(said)
    if status == 401:
        return NotLoggedInError(
            "the credentials are refused (401): they have expired, or the cluster does not know them"
        )
    if status == 403:
        if said.endswith(":"):  # a real API server gives no reason where exec and forwarded ports are denied
            said = f"{said} cannot {what}"
        return NoAccess(f"no access (403): {said or what}")
    if status == 404:
        return MissingError(f"not found (404): {said or what}")
    if status == 410:
        return GoneError(f"out of date (410 Gone): {said or what}")
    return Unanswered(f"the API server answers {status}: {said or what}")


def status_in(reason: str) -> int:
    """The status in what a failed handshake says: `Handshake status 403 Forbidden`."""
    words = reason.split()
    return next((int(one) for one in words if one.isdigit() and len(one) == 3), 0)


def cause(error: BaseException) -> str:
    """The words of the innermost error."""
    reason = getattr(error, "reason", None) or error
    text = line(str(reason).rpartition(": ")[2] or str(reason))
    return text or type(error).__name__


def exit_code(text: str) -> int | None:
    """The exit code in the last message of a command; None where it cannot be told."""
    try:
        status = json.loads(text)
        if status.get("status") == "Success":
            return 0
        if status.get("reason") == "NonZeroExitCode":
            return int(status["details"]["causes"][0]["message"])
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        pass
    return None
