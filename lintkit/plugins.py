"""Plugins: installed packages that bring rules, reports, blueprints and probes by entry point.

One is looked for only where the user names it, and only its own metadata is read: `importlib.metadata` takes longer
than many a run. What is wrong with a plugin is told with its name, and never takes more down than the plugin.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from lintkit.errors import PluginError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

RULES, REPORTS, BLUEPRINTS, PROBES = GROUPS = (
    "lintkit.rules",
    "lintkit.reports",
    "lintkit.blueprints",
    "lintkit.probes",
)
VARIABLE = "LINTKIT_PLUGINS"
"""Environment variable with the names of plugins, separated by commas."""
_ENDINGS = (".dist-info", ".egg-info")
_FILE = "entry_points.txt"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a plugin brings.

    Attributes:
        plugin: The package, as the package index compares names: small letters and dashes.
        version: Its version.
        group: One of `GROUPS`.
        name: Name of the thing.
        value: Where it is: `module` or `module:attribute`.
    """

    plugin: str
    version: str
    group: str
    name: str
    value: str

    @property
    def origin(self) -> str:
        """Package and version."""
        return f"{self.plugin} {self.version}"

    def load(self) -> object:
        """What it names.

        Raises:
            PluginError: It cannot be imported, whatever the reason.
        """
        module, _, attribute = self.value.partition(":")
        try:
            found: object = import_module(module.strip())
            for part in filter(None, attribute.strip().split(".")):
                found = getattr(found, part)
        except (Exception, SystemExit) as error:
            message = f"`{self.value}` cannot be imported: {described(error)}"
            raise self.error(message) from error
        return found

    def error(self, what: str) -> PluginError:
        """An error that names the plugin and the thing."""
        kind = self.group.removeprefix("lintkit.").removesuffix("s")
        return PluginError(f"the {kind} `{self.name}` of the plugin {self.origin}: {what}")


class Named(NamedTuple):
    """What plugins bring of one group.

    Attributes:
        entries: Name -> the first thing of that name.
        refused: Those whose name is taken, each with the reason.
    """

    entries: Mapping[str, Entry]
    refused: tuple[tuple[Entry, str], ...]


def described(error: BaseException) -> str:
    """An exception in one line."""
    first = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__


def from_environment() -> tuple[str, ...]:
    """The plugins that the environment names."""
    return tuple(name for part in os.environ.get(VARIABLE, "").split(",") if (name := part.strip()))


def named(plugins: Iterable[str], group: str, taken: Collection[str] = ()) -> Named:
    """What some plugins bring of one group.

    Args:
        plugins: Names of packages.
        group: One of `GROUPS`.
        taken: Names that lintkit has itself.

    Raises:
        UsageError: A package is not installed, or is no plugin.
    """
    entries: dict[str, Entry] = {}
    refused: list[tuple[Entry, str]] = []
    for plugin in dict.fromkeys(map(_normal, plugins)):
        for entry in _installed(plugin):
            if entry.group != group:
                continue
            if entry.name in taken:
                refused.append((entry, f"the name `{entry.name}` is taken: it is lintkit's own"))
            elif entry.name in entries:
                first = entries[entry.name]
                refused.append((entry, f"the name `{entry.name}` is taken by the plugin {first.origin}"))
            else:
                entries[entry.name] = entry
    return Named(entries, tuple(refused))


def _installed(plugin: str) -> tuple[Entry, ...]:
    """The entry points of a package, by its normalized name."""
    for folder, name, version in _packages():
        if _normal(name) == plugin:
            entries = tuple(_read(folder, name, version))
            if not entries:
                message = f"the package `{name}` is no plugin: it has no entry point in {', '.join(GROUPS)}"
                raise UsageError(message)
            return entries
    from difflib import get_close_matches  # noqa: PLC0415 - only for a mistake

    known = sorted({_normal(name) for folder, name, version in _packages() if any(_read(folder, name, version))})
    close = get_close_matches(plugin, known, 1)
    there = f"; there are {', '.join(known)}" if known else ""
    message = f"the plugin `{plugin}` is not installed" + (f"; did you mean `{close[0]}`?" if close else there)
    raise UsageError(message)


def _packages() -> Iterator[tuple[str, str, str]]:
    """Folder of metadata, name and version of each package, those that an import finds first go first."""
    for path in sys.path:
        try:
            with os.scandir(path or ".") as found:
                names = sorted(entry.name for entry in found if entry.name.endswith(_ENDINGS))
        except OSError:
            continue
        for name in names:
            stem = name.rpartition(".")[0]
            package, _, rest = stem.partition("-")
            yield os.path.join(path or ".", name), package, rest.partition("-py")[0]  # noqa: PTH118 - of `scandir`


def _read(folder: str, plugin: str, version: str) -> Iterator[Entry]:
    """The entry points for lintkit in a folder of metadata."""
    try:
        with open(os.path.join(folder, _FILE), encoding="utf-8") as file:  # noqa: PTH118, PTH123 - as above
            lines = file.read().splitlines()
    except (OSError, UnicodeDecodeError):
        return
    group = ""
    for line in map(str.strip, lines):
        if line.startswith("["):
            group = line.strip("[] ")
        elif group in GROUPS and "=" in line and not line.startswith(("#", ";")):
            name, _, value = line.partition("=")
            yield Entry(_normal(plugin), version, group, name.strip(), value.partition("[")[0].strip())


def _normal(name: str) -> str:
    """A name as the package index compares them."""
    return re.sub(r"[-_.]+", "-", name).lower()
