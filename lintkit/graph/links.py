"""Where a line of a file can be read: templates with `{path}` and `{line}` in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from lintkit.errors import UsageError

if TYPE_CHECKING:
    from lintkit.graph.graph import Position

_REMOTE = re.compile(
    r"^(?:[a-z+]+://(?:[^@/]*@)?(?P<host>[\w.-]+)(?::\d+)?/|(?:[^@/:]+@)?(?P<scp>[\w.-]+):)(?P<path>[^?#\s]+?)(?:\.git)?/*$",
    re.IGNORECASE,
)
_FIELD = re.compile(r"\{([^{}]*)\}")
_NOT_IN_ADDRESSES = re.compile(r"[\s\"'<>\\\x00-\x1f]")
_SCRIPTS = ("javascript:", "data:", "vbscript:")


def of_remote(remote: str) -> str:
    """The template for a git remote on GitHub or GitLab; empty for any other, whose pages are not known.

    A user name or a token in the remote is left out.
    """
    found = _REMOTE.match(remote.strip())
    if found is None:
        return ""
    host = (found["host"] or found["scp"]).lower()
    path = quote(found["path"].strip("/"), safe="/~")
    names = host.split(".")
    if "github" in names:
        return f"https://{host}/{path}/blob/HEAD/{{path}}#L{{line}}"
    if "gitlab" in names:
        return f"https://{host}/{path}/-/blob/HEAD/{{path}}#L{{line}}"
    return ""


def checked(template: str) -> str:
    """A template that a user wrote.

    Raises:
        UsageError: It lacks `{path}`, has another field, is no address, or would run a script.
    """
    fields = _FIELD.findall(template)
    for name in fields:
        if name not in {"path", "line"}:
            message = f"--link: `{{{name}}}` is no field; expected {{path}} and {{line}}"
            raise UsageError(message)
    if "path" not in fields:
        message = f"--link: `{template}` lacks {{path}}"
        raise UsageError(message)
    if template.lower().startswith(_SCRIPTS) or _NOT_IN_ADDRESSES.search(template):
        message = f"--link: `{template}` is no address of a page"
        raise UsageError(message)
    return template


def link(template: str, position: Position) -> str:
    """The address of a place; the path is percent-encoded."""
    path = quote(position.path, safe="/~")
    return template.replace("{path}", path).replace("{line}", str(position.line))
