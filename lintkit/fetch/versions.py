"""Which of the versions that a repository offers is meant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lintkit.fetch.http import FetchError
from lintkit.model.version_range import is_valid, satisfies
from lintkit.schema.store import plain_version, version_order

if TYPE_CHECKING:
    from collections.abc import Iterable

_VERSION = re.compile(r"v?\d+(?:\.\d+){0,2}(?:-[\w.-]+)?(?:[+_][\w.-]+)?")


def chosen(offered: Iterable[str], wanted: str, where: str) -> str:
    """The offered version that is meant, as it is written there.

    Args:
        offered: All versions.
        wanted: A version, a range, or nothing for the newest one; of ranges and of nothing, no release candidate.
        where: For the message.

    Raises:
        FetchError: None of them is.
    """
    versions = sorted((one for one in offered if _VERSION.fullmatch(one)), key=version_order)
    if wanted:
        exact = [one for one in versions if plain_version(one) == plain_version(wanted)]
        if exact:
            return exact[-1]
    released = [one for one in versions if "-" not in one.partition("+")[0]]
    if not wanted:
        fitting = released or versions
    else:
        fitting = [one for one in released if satisfies(one, wanted)] if is_valid(wanted) else []
    if fitting:
        return fitting[-1]
    newest = f"; the newest is `{(released or versions)[-1]}`" if versions else ""
    message = f"{where}: there is no version `{wanted}`{newest}" if wanted else f"{where}: it has no versions"
    raise FetchError(message)
