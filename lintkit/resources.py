"""The one look-up of lintkit's own data: `schemas/` and `templates/`.

A wheel carries them inside the package, in `_data`; an editable install and a checkout have them beside it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from lintkit.errors import LintkitError

_NAME = re.compile(r"[A-Za-z0-9._-]{1,255}")
_PACKAGE = Path(__file__).resolve().parent


@lru_cache(maxsize=4)
def folder(name: str) -> Path:
    """The folder `schemas` or `templates`.

    Raises:
        LintkitError: The installation lacks it.
    """
    for candidate in (_PACKAGE / "_data" / name, _PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    message = f"this installation of lintkit lacks its folder `{name}`"
    raise LintkitError(message)


def read(name: str, *parts: str) -> str | None:
    """The text of a data file, or None when there is none.

    The parts may come from the files that are linted, so none of them leads to another folder.
    """
    if any(part in {"", ".", ".."} or not _NAME.fullmatch(part) for part in parts):
        return None
    path = folder(name).joinpath(*parts)
    try:
        return path.read_text("utf-8")
    except (FileNotFoundError, IsADirectoryError):
        return None
