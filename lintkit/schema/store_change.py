"""Changes of the store: all of it or nothing, one at a time, and safe against a crash in the middle."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import sys
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lintkit.errors import LintkitError
from lintkit.schema.chart_store import chart_to
from lintkit.schema.store import INDEX, OBJECTS, load_index, object_path, plain_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from lintkit.schema.chart_files import ChartFiles
    from lintkit.schema.crd import CustomKind
    from lintkit.schema.imports import Definition, Imported, NamedSchema
    from lintkit.schema.store import StoredChart, StoredKind

_LOCK = "lock"
_WAIT = 60.0
_NAP = 0.05


class StoreError(LintkitError):
    """The store cannot be changed; it is as it was."""

    exit_code = 3


class Change:
    """What will be different; nothing is written before the end of `changing`."""

    def __init__(self, index: dict[str, Any]) -> None:
        self.index = copy.deepcopy(index)
        self.objects: dict[str, bytes] = {}
        self.now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def put(self, imported: Imported, origin: str, *, mirror: bool = False) -> list[str]:
        """Take in what was imported; a kind that is there is replaced.

        Args:
            imported: Kinds and schemas.
            origin: What they were imported from.
            mirror: Whether kinds of that origin that are not among them are to go.

        Returns:
            `Kind.group` of the kinds that went.
        """
        gone: list[str] = []
        if mirror:
            kept = {f"{one.kind.group}/{one.kind.kind}" for one in imported.definitions}
            for key in [key for key, entry in self.index["kinds"].items() if entry["origin"] == origin]:
                if key not in kept:
                    del self.index["kinds"][key]
                    gone.append(".".join(reversed(key.rsplit("/", 1))))
        for definition in imported.definitions:
            self._put_kind(definition, origin)
        for schema in imported.schemas:
            self._put_schema(schema, origin)
        return sorted(gone)

    def _put_kind(self, definition: Definition, origin: str) -> None:
        kind = definition.kind
        self.index["kinds"][f"{kind.group}/{kind.kind}"] = {
            "object": self._hold(_kind_to(kind, origin)),
            "versions": [version.name for version in kind.versions],
            "names": list(definition.names),
            "origin": origin,
            "imported": self.now,
        }

    def _put_schema(self, schema: NamedSchema, origin: str) -> None:
        self.index["schemas"][f"{schema.group}/{schema.version}/{schema.kind.lower()}"] = {
            "object": self._hold(schema.content),
            "kind": schema.kind,
            "origin": origin,
            "imported": self.now,
        }

    def put_chart(self, chart: ChartFiles, origin: str) -> None:
        """Take in a chart; the same version from the same place, and the same content, are replaced."""
        name = self._hold(chart_to(chart))
        self.index["charts"] = [
            entry
            for entry in self.index["charts"]
            if entry["name"] != chart.name
            or plain_version(entry["version"]) != plain_version(chart.version)
            or (entry["origin"] != origin and entry["object"] != name)
        ]
        self.index["charts"].append(
            {"name": chart.name, "version": chart.version, "origin": origin, "imported": self.now, "object": name}
        )

    def remove(self, kinds: Iterable[StoredKind], charts: Iterable[StoredChart]) -> list[str]:
        """Take kinds and charts out.

        Returns:
            What went, in words.
        """
        gone: list[str] = []
        for kind in kinds:
            part = "kinds" if kind.is_whole else "schemas"
            key = (
                f"{kind.group}/{kind.kind}" if kind.is_whole else f"{kind.group}/{kind.versions[0]}/{kind.kind.lower()}"
            )
            if self.index[part].pop(key, None) is not None:
                gone.append(f"kind {kind.id}" + ("" if kind.is_whole else f" {kind.versions[0]}"))
        for chart in charts:
            kept = [
                one
                for one in self.index["charts"]
                if (one["name"], one["version"], one["origin"]) != (chart.name, chart.version, chart.origin)
            ]
            if len(kept) < len(self.index["charts"]):
                self.index["charts"] = kept
                gone.append(f"chart {chart.id}")
        return gone

    def _hold(self, content: dict[str, Any]) -> str:
        try:
            raw = json.dumps(content, separators=(",", ":"), allow_nan=False).encode("ascii")
        except (TypeError, ValueError, RecursionError) as error:
            message = f"what was imported has values that JSON lacks: {error}"
            raise StoreError(message) from None
        name = hashlib.sha256(raw).hexdigest()
        self.objects[name] = raw
        return name

    def names(self) -> set[str]:
        """The objects that the index names."""
        parts = (*self.index["kinds"].values(), *self.index["schemas"].values(), *self.index["charts"])
        return {entry["object"] for entry in parts}


def _kind_to(kind: CustomKind, origin: str) -> dict[str, Any]:
    return {
        "group": kind.group,
        "kind": kind.kind,
        "scope": kind.scope,
        "origin": origin,
        "versions": [
            {"name": one.name, "schema": one.schema, "served": one.served, "deprecation": one.deprecation}
            for one in kind.versions
        ],
    }


@contextmanager
def changing(folder: Path, progress: Callable[[str], None] = lambda _: None) -> Iterator[Change]:
    """Change a store; an error within leaves it as it was.

    Raises:
        StoreError: It cannot be written, or another process holds it for over a minute.
        ConfigurationError: It is damaged.
    """
    try:
        (folder / OBJECTS).mkdir(parents=True, exist_ok=True)
        with _locked(folder, progress):
            change = Change(load_index(folder))
            yield change
            _write(folder, change)
    except OSError as error:
        message = f"the store `{folder}` cannot be written: {error.strerror or error}"
        raise StoreError(message) from None


def _write(folder: Path, change: Change) -> None:
    named = change.names()
    for name in sorted(named & change.objects.keys()):
        path = object_path(folder, name)
        if not path.exists():
            _replace(path, change.objects[name])
    _sync_folder(folder / OBJECTS)
    index = json.dumps(change.index, separators=(",", ":"), sort_keys=True)
    _replace(folder / INDEX, index.encode("ascii"))
    _sync_folder(folder)
    _sweep(folder, named)


def _replace(path: Path, content: bytes) -> None:
    """Write a file aside, make sure that it is on disk, and put it in place."""
    aside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with aside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError:
        with suppress(OSError):
            aside.unlink()
        raise


def _sync_folder(folder: Path) -> None:
    """Make a rename last; Windows cannot, and does not need to."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sweep(folder: Path, named: set[str]) -> None:
    """Remove what nothing names any more, and what a crash left behind; only the holder of the lock does it."""
    with suppress(OSError):
        for path in (folder / OBJECTS).iterdir():
            if path.name.removesuffix(".json") not in named:
                path.unlink(missing_ok=True)
        for path in folder.glob(f"{INDEX}.*.tmp"):
            path.unlink(missing_ok=True)


@contextmanager
def _locked(folder: Path, progress: Callable[[str], None]) -> Iterator[None]:
    handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        until = time.monotonic() + _WAIT
        while not _try_lock(handle):
            if time.monotonic() > until:
                message = f"another lintkit changes the store `{folder}`; try again when it has ended"
                raise StoreError(message)
            progress("waiting for another import to end")
            time.sleep(_NAP)
        yield
    finally:
        os.close(handle)  # which unlocks it


if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
