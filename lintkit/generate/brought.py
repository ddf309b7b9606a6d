"""The blueprints of plugins: folders inside of installed packages."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from lintkit import plugins

if TYPE_CHECKING:
    from collections.abc import Collection

    from lintkit.plugins import Entry, Named


def brought(names: tuple[str, ...], taken: Collection[str]) -> Named:
    """The blueprints that plugins bring.

    Raises:
        UsageError: A plugin is not installed, or is none.
    """
    return plugins.named(names, plugins.BLUEPRINTS, taken)


def folder_of(entry: Entry, file: str) -> Path:
    """The folder that an entry point names, as a package; it need not have an `__init__.py`.

    Raises:
        PluginError: There is none, or it holds no such file.
    """
    try:
        spec = find_spec(entry.value)
    except (Exception, SystemExit) as error:
        message = f"`{entry.value}` cannot be found: {plugins.described(error)}"
        raise entry.error(message) from error
    for place in (spec.submodule_search_locations or ()) if spec is not None else ():
        if (Path(place) / file).is_file():
            return Path(place)
    message = f"`{entry.value}` is no folder with `{file}`"
    raise entry.error(message)
