"""The files of a build: what its entries name, and what is wrong when they name nothing."""

from __future__ import annotations

import posixpath
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from lintkit.model.kustomize.item import Gap, Problem
from lintkit.model.kustomize.kustomization import is_remote, resolve
from lintkit.syntax.node import Scalar, Sequence

if TYPE_CHECKING:
    from lintkit.collect.repository import Repository
    from lintkit.model.kustomize.kustomization import Kustomization
    from lintkit.syntax.node import Stream
    from lintkit.text.source import Source

_URL = re.compile(r"https?://", re.IGNORECASE)
_PLUGINS = ("generators", "transformers", "validators")


class Files:
    """The repository as a build sees it; remembers what the builds have read."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.used: set[str] = set()

    def source(self, path: str) -> Source | None:
        """A file's text."""
        return self.repository.source(path)

    def stream(self, path: str) -> Stream | None:
        """A file's documents."""
        return self.repository.stream(path)

    def is_binary(self, path: str) -> bool:
        """Whether a file that has been read is not UTF-8."""
        return path in self.repository.broken_bytes

    def find_file(self, folder: str, entry: str, node: Scalar, problems: list[Problem], gaps: list[Gap]) -> str | None:
        """The path of the file that an entry names, or None after noting why there is none."""
        path = resolve(folder, entry)
        if path is not None and self.repository.is_file(path):
            self.used.add(path)
            return path
        self.note_absent(folder, entry, node, problems, gaps)
        return None

    def note_absent(
        self, folder: str, entry: str, node: Scalar, problems: list[Problem], gaps: list[Gap], what: str = "file"
    ) -> None:
        """Note that an entry names nothing that is there: a problem, or a gap where files cannot tell."""
        path = resolve(folder, entry)
        if "${" in entry or "{{" in entry:
            gaps.append(Gap(f"`{entry}` is decided elsewhere", node.place))
        elif _URL.match(entry):
            gaps.append(Gap(f"`{entry}` is remote", node.place))
        elif path is None and not posixpath.isabs(entry) and (self.repository.root / ".git").exists():
            gaps.append(Gap(f"`{entry}` is missing", node.place))
            problems.append(Problem("missing-entry", f"`{entry}` leads out of the repository", node.place))
        elif path is None:
            gaps.append(Gap(f"`{entry}` lies outside of the repository", node.place))
        elif unseen := self.repository.exists_unseen(path):
            gaps.append(Gap(f"`{entry}` is {unseen}", node.place))
        else:
            gaps.append(Gap(f"`{entry}` is missing", node.place))
            suggestion = self.close_entry(folder, path, entry)
            hint = f"; did you mean `{suggestion}`?" if suggestion else ""
            if suggestion and suggestion.lower() == entry.lower():
                hint = f"; `{suggestion}` differs in letter case"
            problems.append(
                Problem("missing-entry", f"no {what} at `{entry}`{hint}", node.place, suggestion=suggestion)
            )

    def note_plugins(self, kustomization: Kustomization, problems: list[Problem], gaps: list[Gap]) -> None:
        """Note the plugins of a kustomization, which are not run, and those of their files that are not there."""
        for field in _PLUGINS:
            node = kustomization.fields.get(field)
            if isinstance(node, Sequence) and node.elements:
                gaps.append(Gap(f"`{field}` run plugins", node.place))
            for entry in kustomization.scalars(field):
                path = resolve(kustomization.folder, entry.text)
                is_folder = path is not None and self.repository.is_folder(path)
                if "\n" not in entry.text and not is_folder and not is_remote(entry.text):
                    self.find_file(kustomization.folder, entry.text, entry, problems, gaps)
        openapi = kustomization.mapping("openapi")
        schema = openapi.get("path") if openapi is not None else None
        if isinstance(schema, Scalar) and schema.text:
            self.find_file(kustomization.folder, schema.text, schema, problems, gaps)

    @staticmethod
    def note_empty(kustomization: Kustomization, problems: list[Problem]) -> None:
        """Note the entries that name nothing."""
        for field in ("resources", "bases", "components"):
            for entry in kustomization.entries(field):
                if entry.is_null or not entry.text:
                    message = f"this entry of `{field}` is empty"
                    problems.append(Problem("invalid-kustomization", message, entry.place))

    def close_entry(self, folder: str, path: str, entry: str) -> str | None:
        """An entry that would name something, written as `entry` is."""
        other = self.repository.other_case(path)
        if other is None:
            parent, name = posixpath.split(path)
            close = get_close_matches(name, self.repository.names_in(parent), 1, 0.8)
            if not close:
                return None
            other = posixpath.join(parent, close[0])
        relative = posixpath.relpath(other, folder or ".")
        return f"./{relative}" if entry.startswith("./") and not relative.startswith(".") else relative
