"""Repairs of the entries of a kustomization."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from lintkit.finding import Applicability, Fix
from lintkit.model.kustomize.kustomization import resolve
from lintkit.syntax.blocks import cut_item, fill_list, insert_in_order
from lintkit.syntax.node import Mapping, Node, Scalar, Sequence
from lintkit.syntax.rewrite import add_entry, append_item, quoted, replace_scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.collect.repository import Repository
    from lintkit.model.kustomize.kustomization import Kustomization
    from lintkit.syntax.node import Place
    from lintkit.text.edit import Edit

_LISTS = frozenset(
    {"resources", "bases", "components", "crds", "configurations", "generators", "transformers", "validators",
     "patchesStrategicMerge", "patches", "patchesJson6902", "replacements", "files", "envs"}
)  # fmt: skip
_CLIMBS = 3


def listed(kustomization: Kustomization, entry: str, field: str = "resources") -> Fix | None:
    """List a file or folder, in order where the list is in order."""
    node = kustomization.fields.get(field)
    text = f"./{entry}" if not entry.startswith(".") and _uses_dot(kustomization, node) else entry
    edits: list[Edit] | None = None
    key = next((key for key, _ in kustomization.root.pairs if isinstance(key, Scalar) and key.text == field), None)
    if isinstance(node, Sequence) and node.children:
        edits = _put(node, text)
    elif node is not None and key is not None:
        edits = fill_list(key, node, [text])
    elif node is None and kustomization.root.pairs:
        edits = add_entry(kustomization.root, f"{field}:\n  - {quoted(text)}")
    return Fix(f"list `{text}`", tuple(edits), Applicability.UNSAFE) if edits else None


def unlisted(kustomization: Kustomization, place: Place) -> Fix | None:
    """Take out the entry at a place: the file that it names is gone."""
    for key, sequence in _lists(kustomization.root):
        for index, child in enumerate(sequence.children):
            named = child.get("path") if isinstance(child, Mapping) else child
            if not isinstance(named, Scalar) or named.place != place:
                continue
            edits = cut_item(key, sequence, index)
            if edits:
                return Fix(f"take `{named.text}` out of `{key.text}`", tuple(edits), Applicability.UNSAFE)
    return None


def without_twin(kustomization: Kustomization, place: Place) -> Fix | None:
    """Take out an entry that stands in the same list twice."""
    for key, sequence in _lists(kustomization.root):
        named = [child for child in sequence.children if isinstance(child, Scalar)]
        targets = [resolve(kustomization.folder, child.text) for child in named]
        for index, child in enumerate(named):
            if child.place == place and len(named) == len(sequence.children) and targets.count(targets[index]) > 1:
                edits = cut_item(key, sequence, index)
                return Fix("take the second one out", tuple(edits), Applicability.SAFE) if edits else None
    return None


def to_its_list(kustomization: Kustomization, place: Place, field: str) -> Fix | None:
    """Move an entry to the list that it belongs to: `components` or `resources`."""
    gone = unlisted(kustomization, place)
    node = next((one for one in _scalars(kustomization.root) if one.place == place), None)
    come = listed(kustomization, node.text, field) if node is not None else None
    if gone is None or come is None or node is None:
        return None
    return Fix(f"list it under `{field}`", (*gone.edits, *come.edits), Applicability.UNSAFE)


def nearby(kustomization: Kustomization, place: Place, repository: Repository) -> Fix | None:
    """Change an entry to the one file or folder of that name on another level, or with the other extension of YAML."""
    node = next((one for one in _scalars(kustomization.root) if one.place == place), None)
    return moved(kustomization.folder, node, repository) if node is not None else None


def moved(folder: str, node: Scalar, repository: Repository) -> Fix | None:
    """The same for an entry that is seen from a folder."""
    if "=" in node.text or "${" in node.text:
        return None
    found = sorted(set(_candidates(folder, node.text, repository)))
    if len(found) != 1:
        return None
    return Fix(f"change it to `{found[0]}`", tuple(replace_scalar(node, found[0])), Applicability.UNSAFE)


def _candidates(folder: str, entry: str, repository: Repository) -> Iterator[str]:
    def is_there(text: str) -> bool:
        path = resolve(folder, text)
        return bool(path) and path is not None and (repository.is_file(path) or repository.is_folder(path))

    tail = entry
    while tail.startswith("../"):
        tail = tail[3:]
    if tail != entry and tail:
        level = (len(entry) - len(tail)) // 3
        for climbs in range(max(1, level - _CLIMBS), level + _CLIMBS + 1):
            if climbs != level and is_there("../" * climbs + tail):
                yield "../" * climbs + tail
    stem, extension = posixpath.splitext(entry)
    for other in (".yaml", ".yml"):
        if extension in {".yaml", ".yml"} and other != extension and is_there(stem + other):
            yield stem + other


def _put(node: Sequence, text: str) -> list[Edit] | None:
    if not node.flow:
        return insert_in_order(node, text)
    return append_item(node, text) if isinstance(node.children[-1], Scalar) else None


def _uses_dot(kustomization: Kustomization, node: Node | None) -> bool:
    """Whether the entries beside this one start with `./`; where there are none, those of the other lists."""
    own = [child.text for child in node.children if isinstance(child, Scalar)] if isinstance(node, Sequence) else []
    others = [one.text for name in ("resources", "components") for one in kustomization.scalars(name)]
    entries = own or others
    return not entries or sum(entry.startswith("./") for entry in entries) * 2 > len(entries)


def _lists(root: Node) -> Iterator[tuple[Scalar, Sequence]]:
    """The lists of a kustomization that name files, with their keys."""
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, Mapping):
            for key, value in node.pairs:
                if isinstance(key, Scalar) and isinstance(value, Sequence) and key.text in _LISTS:
                    yield key, value
                stack.append(value)
        elif isinstance(node, Sequence):
            stack.extend(node.children)


def _scalars(root: Node) -> Iterator[Scalar]:
    for _, sequence in _lists(root):
        for child in sequence.children:
            named = child.get("path") if isinstance(child, Mapping) else child
            if isinstance(named, Scalar):
                yield named
