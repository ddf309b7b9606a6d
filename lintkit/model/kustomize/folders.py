"""Which kustomization a folder has: its own file, or the one that Flux generates when there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.model.kustomize.kustomization import Kustomization, read
from lintkit.syntax.node import Mapping

if TYPE_CHECKING:
    from lintkit.collect.repository import Repository


class Folders:
    """The kustomizations of one repository; each file is read once."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self._kustomizations: dict[str, Kustomization | None] = {}

    def kustomization(self, folder: str) -> Kustomization | None:
        """The kustomization of a folder, or None when it has none that can be read."""
        if folder not in self._kustomizations:
            self._kustomizations[folder] = self._read(folder)
        return self._kustomizations[folder]

    def _read(self, folder: str) -> Kustomization | None:
        for path in self.repository.kustomization_files(folder):
            stream = self.repository.stream(path)
            for document in stream.documents if stream else ():
                if isinstance(document.root, Mapping):
                    return read(path, document.root)
        return None

    def generated(self, folder: str) -> Kustomization | None:
        """The kustomization that Flux generates for a folder without one; None when nothing in it is a manifest."""
        entries = self._generated_entries(folder)
        source = next((self.repository.source(entry) for entry in entries if self.repository.is_file(entry)), None)
        source = source or next(
            (found.source for entry in entries if (found := self.kustomization(entry)) is not None), None
        )
        if source is None:
            return None
        root = Mapping(source, 0, 0, [], {})
        return Kustomization("", folder, root, {}, is_component=False, generated_from=tuple(entries))

    def _generated_entries(self, folder: str) -> list[str]:
        prefix = f"{folder}/" if folder else ""
        listing = self.repository.listing
        covered: list[str] = []
        below = sorted(child for child in listing.folders if child.startswith(prefix) and child != folder and child)
        for child in below:
            if not any(child == done or child.startswith(f"{done}/") for done in covered) and (
                self.repository.kustomization_files(child)
            ):
                covered.append(child)
        loose = [
            path
            for path in listing.files
            if path.startswith(prefix)
            and path.endswith((".yaml", ".yml"))
            and not any(path.startswith(f"{done}/") for done in covered)
        ]
        return sorted([*covered, *loose])
