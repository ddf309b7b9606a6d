"""Schemas and charts that were imported on this machine: `lintkit schemas import` fills the store, `check` reads it.

The store is a folder: `index.json` says what there is, `objects/` holds each schema and chart under the hash of its
content. The index is replaced as a whole, so a reader sees the state before a change or the one after it.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lintkit.errors import ConfigurationError
from lintkit.schema.crd import CustomKind, Version

if TYPE_CHECKING:
    from lintkit.schema.chart_files import ChartFiles

FORMAT = 1
INDEX = "index.json"
OBJECTS = "objects"
EMPTY: dict[str, Any] = {"format": FORMAT, "kinds": {}, "schemas": {}, "charts": []}
_ENTRY = frozenset({"object", "origin", "imported"})
_ENTRIES = {
    "kinds": _ENTRY | {"versions", "names"}, "schemas": _ENTRY | {"kind"}, "charts": _ENTRY | {"name", "version"}
}  # fmt: skip
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class StoredKind:
    """What the index says of a kind.

    Attributes:
        group: API group.
        kind: Kind; in lower case when only a JSON Schema's file name tells it.
        versions: Names of its versions.
        origin: File or cluster that it was imported from.
        imported: When, in UTC: `2026-01-31T12:00:00Z`.
        is_whole: Whether a CRD says everything of the kind; else only schemas of some versions are there.
        names: Plural, singular and short names.
    """

    group: str
    kind: str
    versions: tuple[str, ...]
    origin: str
    imported: str
    is_whole: bool
    names: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """`Kind.group`."""
        return f"{self.kind}.{self.group}" if self.group else self.kind


@dataclass(frozen=True, slots=True)
class StoredChart:
    """What the index says of a chart."""

    name: str
    version: str
    origin: str
    imported: str
    object: str

    @property
    def id(self) -> str:
        """`name@version`."""
        return f"{self.name}@{self.version}"


def default_folder() -> Path:
    """Where the store is: `LINTKIT_STORE`, else the folder that the platform has for the data of a user."""
    given = os.environ.get("LINTKIT_STORE")
    if given:
        return Path(given).expanduser()
    shared = os.environ.get("XDG_DATA_HOME")
    if shared and Path(shared).is_absolute():
        return Path(shared, "lintkit", "store")
    try:
        home = Path.home()
    except RuntimeError:
        message = "there is no home folder for the store of schemas; set LINTKIT_STORE"
        raise ConfigurationError(message) from None
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "lintkit" / "store"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "lintkit" / "store"
    return home / ".local" / "share" / "lintkit" / "store"


class Store:
    """A folder of imported schemas and charts, read when it is asked.

    Args:
        folder: Where it is; by default that of the user. It need not exist.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or default_folder()
        self._seen: dict[tuple[str, str], CustomKind | None] = {}

    @cached_property
    def _index(self) -> dict[str, Any]:
        return load_index(self.folder)

    @property
    def fingerprint(self) -> str:
        """Changes whenever the content of the store does; empty when the store is."""
        if self.is_empty:
            return ""
        import hashlib  # noqa: PLC0415 - OpenSSL, which a run without a cache does not need

        return hashlib.sha256(json.dumps(self._index, sort_keys=True).encode()).hexdigest()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was imported."""
        return not (self._index["kinds"] or self._index["schemas"] or self._index["charts"])

    def kind(self, group: str, kind: str) -> CustomKind | None:
        """The kind, when its CRD was imported.

        Raises:
            ConfigurationError: The store is damaged.
        """
        if (group, kind) not in self._seen:
            content = self._object("kinds", f"{group}/{kind}")
            self._seen[group, kind] = kind_from(content) if content is not None else None
        return self._seen[group, kind]

    def schema(self, group: str, version: str, kind: str) -> dict[str, Any] | None:
        """The JSON Schema of a version of a kind, when it was imported as such: it tells nothing of other versions.

        Raises:
            ConfigurationError: The store is damaged.
        """
        return self._object("schemas", f"{group}/{version}/{kind.lower()}")

    def origin(self, group: str, version: str, kind: str) -> str:
        """Where the JSON Schema of a version of a kind was imported from."""
        return str(self._index["schemas"].get(f"{group}/{version}/{kind.lower()}", {}).get("origin", ""))

    def kinds(self) -> tuple[StoredKind, ...]:
        """All kinds, by group and name."""
        found = [
            StoredKind(
                key.rpartition("/")[0], key.rpartition("/")[2], tuple(entry["versions"]), entry["origin"],
                entry["imported"], is_whole=True, names=tuple(entry["names"]),
            )
            for key, entry in self._index["kinds"].items()
        ]  # fmt: skip
        for key, entry in self._index["schemas"].items():
            group, version, _ = key.rsplit("/", 2)
            found.append(
                StoredKind(group, entry["kind"], (version,), entry["origin"], entry["imported"], is_whole=False)
            )
        return tuple(sorted(found, key=lambda one: (one.group, one.kind.lower(), one.versions)))

    def charts(self) -> tuple[StoredChart, ...]:
        """All charts, by name, the newest version first."""
        found = [StoredChart(**entry) for entry in self._index["charts"]]
        found.sort(key=lambda one: version_order(one.version), reverse=True)
        return tuple(sorted(found, key=lambda one: one.name))

    def chart(self, name: str, version: str | None = None) -> list[ChartFiles]:
        """The charts of a name, the newest first; of one version only, when it is given.

        One version of one name may come from several places: see `ChartFiles.origin`.

        Raises:
            ConfigurationError: The store is damaged.
        """
        for _ in range(_ATTEMPTS):
            wanted = [
                one
                for one in self.charts()
                if one.name == name and (version is None or plain_version(one.version) == plain_version(version))
            ]
            found = [(one, self._content(one.object)) for one in wanted]
            if all(content is not None for _, content in found):
                break
            self.__dict__.pop("_index", None)  # another process replaced both while they were read
        if not found:
            return []
        from lintkit.schema.chart_store import chart_from  # noqa: PLC0415 - only where there is a chart

        return [chart_from(content, one.origin) for one, content in found if content is not None]

    def _object(self, part: str, key: str) -> dict[str, Any] | None:
        """An object of the index; another process may replace both while they are read."""
        for _ in range(_ATTEMPTS):
            entry = self._index[part].get(key)
            if entry is None:
                return None
            content = self._content(entry["object"])
            if content is not None:
                return content
            self.__dict__.pop("_index", None)
        message = f"the store `{self.folder}` lacks the object of `{key}`; import it again"
        raise ConfigurationError(message)

    def _content(self, name: str) -> dict[str, Any] | None:
        path = object_path(self.folder, name)
        try:
            found = json.loads(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError) as error:
            message = f"the store's `{path}` cannot be read: {error}"
            raise ConfigurationError(message) from None
        return found if isinstance(found, dict) else None


def load_index(folder: Path) -> dict[str, Any]:
    """The index of a store; empty when there is none.

    Raises:
        ConfigurationError: It is damaged, or of a newer lintkit.
    """
    path = folder / INDEX
    try:
        found = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return EMPTY
    except (OSError, ValueError, RecursionError) as error:
        message = f"the store's `{path}` cannot be read: {error}; remove it and import again"
        raise ConfigurationError(message) from None
    form = found.get("format") if isinstance(found, dict) else None
    if isinstance(form, int) and form > FORMAT:
        message = f"the store `{folder}` was written by a newer lintkit; set LINTKIT_STORE to another folder"
        raise ConfigurationError(message)
    if form != FORMAT or not all(_is_whole(found.get(part), part) for part in _ENTRIES):
        message = f"the store's `{path}` is no index; remove it and import again"
        raise ConfigurationError(message)
    index: dict[str, Any] = found
    return index


def _is_whole(entries: object, part: str) -> bool:
    """Whether a part of the index has what is read of it."""
    if not isinstance(entries, type(EMPTY[part])):
        return False
    every = entries.values() if isinstance(entries, dict) else entries
    return all(isinstance(one, dict) and one.keys() >= _ENTRIES[part] for one in every)


def object_path(folder: Path, name: str) -> Path:
    """Where an object of the store stands.

    Raises:
        ConfigurationError: The name is no hash.
    """
    if len(name) != 64 or not set(name) <= set("0123456789abcdef"):
        message = f"the store `{folder}` is damaged: `{name}` is no object; remove it and import again"
        raise ConfigurationError(message)
    return folder / OBJECTS / f"{name}.json"


def kind_from(content: dict[str, Any]) -> CustomKind:
    """A kind from its object in the store."""
    versions = tuple(
        Version(one["name"], one["schema"], one["served"], one["deprecation"]) for one in content["versions"]
    )
    return CustomKind(content["group"], content["kind"], content["scope"], versions, content["origin"])


def plain_version(version: str) -> str:
    """A version of a chart without what repositories and registries add to or change in it."""
    return version.strip().removeprefix("v").replace("_", "+")


def version_order(version: str) -> tuple[object, ...]:
    """Sorts versions as semantic versioning does."""
    core, _, before = plain_version(version).partition("+")[0].partition("-")
    numbers = tuple(int(part) if part.isdigit() else -1 for part in core.split("."))
    parts = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in before.split("."))
    return numbers, not before, parts
