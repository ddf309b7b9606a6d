"""The folders of a tree that are apps by a convention of the configuration."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from lintkit.model.cluster import is_archived
from lintkit.options import PLACEHOLDER, AppFolder
from lintkit.suppress import glob
from lintkit.syntax.node import Mapping, Place
from lintkit.text.edit import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lintkit.model.tree import Tree


class App(NamedTuple):
    """The folder of one app.

    Attributes:
        folder: Its path.
        names: What the parts of the path are called -> what stands there; `folder` for the whole of it.
        convention: What it must look like.
        files: Files below it, seen from it.
    """

    folder: str
    names: dict[str, str]
    convention: AppFolder
    files: tuple[str, ...]

    def fill(self, template: str) -> str:
        """A text of the convention with the names filled in."""
        return PLACEHOLDER.sub(lambda found: self.names[found[1]], template)

    def below(self, template: str) -> str:
        """A file that the convention names, seen from the root."""
        return f"{self.folder}/{self.fill(template)}"

    def has(self, template: str) -> bool:
        """Whether a file that the convention names, as a glob, is there."""
        pattern = glob(self.fill(template))
        return any(pattern.fullmatch(file) for file in self.files)


def apps(tree: Tree, conventions: Iterable[AppFolder]) -> Iterator[App]:
    """The folders that some convention speaks of, by convention and path."""
    below: dict[str, list[str]] = {}
    for path in sorted(tree.repository.listing.files):
        folder = path.rpartition("/")[0]
        while folder:
            below.setdefault(folder, []).append(path[len(folder) + 1 :])
            folder = folder.rpartition("/")[0]
    for convention in conventions:
        pattern = _pattern(convention.path)
        for folder, files in sorted(below.items()):
            names = _names(pattern, convention.path, folder)
            if names is None or is_archived(f"{folder}/"):
                continue
            if any(glob(one).fullmatch(folder) for one in convention.exclude):
                continue
            app = App(folder, names, convention, tuple(files))
            if not convention.when or any(app.has(one) for one in convention.when):
                yield app


def place_of(tree: Tree, path: str) -> Place | None:
    """Where a person looks first in a file: the name of its first object, else its first key, else its first line."""
    source = tree.repository.source(path)
    if source is None:
        return None
    stream = tree.repository.stream(path) if path.endswith((".yaml", ".yml")) else None
    for document in stream.documents if stream else ():
        root = document.root
        if isinstance(root, Mapping) and root.pairs:
            name = root.at("metadata", "name")
            return (name or root.pairs[0][0]).place
    return Place(source, Span(0, source.text.find("\n") if "\n" in source.text else len(source.text)))


def place_in(tree: Tree, app: App) -> Place | None:
    """The place that stands for an app: in a file that it must have, else in its first manifest, else in any file."""
    convention = app.convention
    wanted = [app.fill(file) for file in (convention.entry, convention.flux.file, *convention.files) if file]
    manifests = [file for file in app.files if file.endswith((".yaml", ".yml"))]
    for file in (*wanted, *manifests, *app.files):
        if file in app.files:
            place = place_of(tree, f"{app.folder}/{file}")
            if place is not None:
                return place
    return None


def _pattern(path: str) -> re.Pattern[str]:
    """The regular expression of a path with named parts; a group for each, in order."""
    parts = PLACEHOLDER.split(path.removeprefix("./").rstrip("/"))
    text = "".join("([^/]+)" if index % 2 else glob(part).pattern for index, part in enumerate(parts))
    return re.compile(text)


def _names(pattern: re.Pattern[str], path: str, folder: str) -> dict[str, str] | None:
    """What the named parts are in a folder; None when it is not of this form, or one name stands for two things."""
    found = pattern.fullmatch(folder)
    if found is None:
        return None
    names = {"folder": folder}
    for name, value in zip(PLACEHOLDER.findall(path), found.groups(), strict=True):
        if names.setdefault(name, value) != value:
            return None
    return names
