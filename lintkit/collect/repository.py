"""The files of a tree, read once and on demand."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from lintkit.collect.cache import digest_of
from lintkit.collect.discover import Listing, Skipped, discover
from lintkit.collect.root import root_of as root_of  # noqa: PLC0414 - whoever has a repository asks here
from lintkit.syntax.node import Defect, Place, Stream
from lintkit.syntax.parser import parse
from lintkit.text.edit import Span
from lintkit.text.source import Source, decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from lintkit.collect.past import Past

MAX_BYTES = 10_000_000
"""Larger files are not read: no manifest that a cluster takes is a tenth of it."""

KUSTOMIZATION_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_YAML = (".yaml", ".yml")
_MANIFEST = re.compile(r"^[\"']?(?:apiVersion|kind)[\"']?[ \t]*:", re.MULTILINE)
_FLOW = re.compile(r"\A\ufeff?(?:\s|---|#[^\n]*\n)*\{(?![{%])")
_IN_FLOW = re.compile(r"[{,\s][\"']?(?:apiVersion|kind)[\"']?[ \t]*:")
_TEMPLATED = re.compile(r"\{\{|\{%|^\s*<%", re.MULTILINE)


class Read(NamedTuple):
    """What a file was when it was read."""

    mtime: int
    size: int
    inode: int
    digest: bytes


class Repository:
    """A folder of files, or a picture of one.

    Reading is lazy and every file is read and parsed at most once. `overlay` holds files that are not, or not yet, on
    disk: unsaved text of an editor, manifests about to be written.

    Args:
        root: An existing folder.
        listing: What stands in it.
        overlay: Path -> text that replaces or adds to what is on disk.
        earlier: A repository that was read before; its documents are taken over where the text is still the same.
        past: What the folder had at a commit, in place of what it has now.

    `read` says of each file that was read what it was; `looked_for`, of ignored paths, whether they exist.
    """

    def __init__(
        self,
        root: Path,
        listing: Listing,
        overlay: Mapping[str, str] | None = None,
        earlier: Repository | None = None,
        past: Past | None = None,
    ) -> None:
        self.past = past
        self.root = root
        self.listing = listing
        self.overlay = dict(overlay or {})
        self.unreadable = dict(listing.unreadable)
        self.broken_bytes: dict[str, int] = {}
        self.read: dict[str, Read] = {}
        self.looked_for: dict[str, bool] = {}
        self._sources: dict[str, Source | None] = {}
        self._streams: dict[str, Stream] = {}
        self._earlier: dict[str, Stream] = earlier.known() if earlier is not None else {}
        self._lowered: dict[str, str] | None = None
        self._names: dict[str, list[str]] | None = None
        for path, text in self.overlay.items():
            listing.files[path] = len(text)
            folder = path.rpartition("/")[0]
            while folder not in listing.folders:
                listing.folders.add(folder)
                folder = folder.rpartition("/")[0]

    @classmethod
    def open(
        cls,
        root: Path,
        *,
        exclude: Iterable[str] = (),
        overlay: Mapping[str, str] | None = None,
        earlier: Repository | None = None,
        past: Past | None = None,
    ) -> Repository:
        """List the files below `root`."""
        return cls(root, discover(root, exclude=exclude, past=past), overlay, earlier, past)

    @property
    def skipped(self) -> list[Skipped]:
        """What was left out, and why."""
        return self.listing.skipped

    def is_file(self, path: str) -> bool:
        """Whether a file that git and Flux see stands at `path`."""
        return path in self.listing.files

    def is_folder(self, path: str) -> bool:
        """Whether a folder that git and Flux see stands at `path`; the root is the empty text."""
        return path in self.listing.folders

    def exists_unseen(self, path: str) -> str | None:
        """Why a path that exists on disk counts as absent, or None when nothing is there.

        Links are reported as well: what they point to is not followed.
        """
        parts = path.split("/")
        for count in range(1, len(parts) + 1):
            above = "/".join(parts[:count])
            if above in self.listing.links:
                return "reached through a symbolic link"
            if above in self.listing.unreadable:
                return f"in `{above}`, which {self.listing.unreadable[above]}"
        reason = self.listing.is_hidden(path)
        if reason and path not in self.looked_for:
            self.looked_for[path] = os.path.lexists(self.root / path)
        return reason if reason and self.looked_for[path] else None

    def other_case(self, path: str) -> str | None:
        """An existing path that differs from `path` by letter case alone."""
        if self._lowered is None:
            self._lowered = {name.lower(): name for name in (*self.listing.files, *self.listing.folders)}
        found = self._lowered.get(path.lower())
        return found if found != path else None

    def names_in(self, folder: str) -> list[str]:
        """Names of what git and Flux see in a folder."""
        if self._names is None:
            self._names = {}
            for path in (*self.listing.files, *self.listing.folders):
                if path:
                    above, _, name = path.rpartition("/")
                    self._names.setdefault(above, []).append(name)
        return self._names.get(folder, [])

    def source(self, path: str) -> Source | None:
        """The text of a file, or None when there is none or it cannot be read (see `unreadable`)."""
        if path not in self._sources:
            source = self._read(path)
            known = self._earlier.get(path)
            same = known is not None and source is not None and known.source.text == source.text
            self._sources[path] = known.source if same and known is not None else source
        return self._sources[path]

    def _read(self, path: str) -> Source | None:
        if path in self.overlay:
            return Source(path, self.overlay[path])
        size = self.listing.files.get(path)
        if size is None:
            return None
        if size > MAX_BYTES:
            self.unreadable[path] = f"larger than {MAX_BYTES // 1_000_000} MB ({size / 1e6:.0f} MB)"
            return None
        try:
            raw = self.past.read(path) if self.past is not None else self._bytes(path)
        except OSError as error:
            self.unreadable[path] = f"cannot be read: {error.strerror}"
            return None
        text, broken = decode(raw)
        if broken is not None:
            self.broken_bytes[path] = broken
        return Source(path, text)

    def _bytes(self, path: str) -> bytes:
        with open(os.path.join(self.root, path), "rb") as file:  # noqa: PTH118, PTH123 - one call a file
            status = os.fstat(file.fileno())
            raw = file.read()
        self.read[path] = Read(status.st_mtime_ns, status.st_size, status.st_ino, digest_of(raw))
        return raw

    def stream(self, path: str) -> Stream | None:
        """The documents of a file, or None when it cannot be read."""
        if path not in self._streams:
            source = self.source(path)
            if source is None:
                return None
            known = self._earlier.get(path)
            stream = known if known is not None and known.source is source else parse(source)
            if path in self.broken_bytes and stream.error is None:
                at = self.broken_bytes[path]
                place = Place(source, Span(at, at + 1))
                stream = stream._replace(error=Defect("syntax-error", "this byte is not valid UTF-8", place))
            self._streams[path] = stream
        return self._streams[path]

    def known(self) -> dict[str, Stream]:
        """All streams that are at hand, by path: those parsed so far, and those of earlier runs."""
        return {**self._earlier, **self._streams}

    def parsed(self) -> dict[str, Stream]:
        """All streams parsed so far, by path."""
        return self._streams

    def kustomization_files(self, folder: str) -> list[str]:
        """Paths of the kustomization files in a folder, in the order kustomize looks for them."""
        prefix = f"{folder}/" if folder else ""
        return [prefix + name for name in KUSTOMIZATION_NAMES if prefix + name in self.listing.files]

    def yaml_files(self) -> list[str]:
        """Paths that may hold manifests, by their names."""
        return [
            path
            for path in self.listing.files
            if path.endswith(_YAML) or path.rpartition("/")[2] in KUSTOMIZATION_NAMES
        ]


def looks_like_manifest(text: str) -> bool:
    """Whether a text has `apiVersion` or `kind` at the left margin, as every manifest has, or in braces, as JSON."""
    if _MANIFEST.search(text) is not None:
        return True
    return _FLOW.match(text) is not None and _IN_FLOW.search(text) is not None


def looks_templated(text: str) -> bool:
    """Whether a text holds template actions, so that it is no YAML before a tool has rendered it."""
    return _TEMPLATED.search(text) is not None
