"""Adds an entry to a kustomization, by an edit of the lines it must."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.errors import UsageError
from lintkit.model.kustomize.kustomization import resolve
from lintkit.syntax.node import Mapping, Scalar, Sequence
from lintkit.syntax.parser import parse
from lintkit.syntax.rewrite import add_entry, insert_item, line_break
from lintkit.text.edit import Edit, Span, apply
from lintkit.text.source import Source

if TYPE_CHECKING:
    from lintkit.generate.style import Style

_SELECTORS = frozenset({"name", "namespace", "labelSelector", "annotationSelector"})


def registered(path: str, text: str, entry: str, style: Style, field: str = "resources") -> str:
    """The text of a kustomization that lists one entry more; the same text when it lists it already.

    Args:
        path: Path of the kustomization file.
        text: Its text.
        entry: What to add, relative to its folder.
        style: The repository's style, for a list that has no entry yet.
        field: The list.

    Raises:
        UsageError: The list is written in a way that leaves no certain place.
    """
    stream = parse(Source(path, text))
    root = stream.documents[0].root if stream.documents and stream.error is None else None
    if not isinstance(root, Mapping):
        return _refuse(path, entry)
    folder = path.rpartition("/")[0]
    node = next((value for key, value in root.items() if key.text.lower() == field.lower()), None)
    edits: list[Edit] | None
    if isinstance(node, Sequence) and node.children:
        there = [child.text if isinstance(child, Scalar) else "" for child in node.children]
        wanted = resolve(folder, entry)
        if any(resolve(folder, one) == wanted for one in there):
            return text
        edits = _inserted(node, _place(there, entry), _in_kind(there, entry))
    elif node is None:
        dash = "  - " if style.has_indented_lists else "- "
        edits = add_entry(root, f"{field}:\n{dash}{entry}")
    elif isinstance(node, Sequence):
        # `resources: []`
        lead = "\n  - " if style.has_indented_lists else "\n- "
        before = text[: node.start].rstrip(" ")
        lines = f"{lead}{entry}".replace("\n", line_break(node.source))
        edits = [Edit(path, Span(len(before), node.end), lines)]
    else:
        edits = None
    if edits is None:
        return _refuse(path, entry)
    return apply(text, edits)


def narrowed(path: str, text: str, names: dict[str, str]) -> str:
    """The text of a kustomization whose patches with a target of a kind alone also name it.

    Args:
        path: Path of the kustomization file.
        text: Its text.
        names: Kind -> the only object of that kind that it builds.
    """
    stream = parse(Source(path, text))
    root = stream.documents[0].root if stream.documents and stream.error is None else None
    edits: list[Edit] = []
    for patch in root.mappings_at("patches") if isinstance(root, Mapping) else ():
        target = patch.get("target")
        kind = target.text("kind") if isinstance(target, Mapping) else None
        if isinstance(target, Mapping) and kind in names and not _SELECTORS & target.entries.keys():
            edits += add_entry(target, f"name: {names[kind]}") or []
    return apply(text, edits)


def _inserted(node: Sequence, index: int, entry: str) -> list[Edit] | None:
    """The entry at a place in a list; the first of its like goes below the comment that heads them."""
    edits = insert_item(node, index, entry)
    if not edits or not 0 < index < len(node.children):
        return edits
    source, before, follower = node.source, node.children[index - 1], node.children[index]
    if isinstance(before, Scalar) and _shape(before.text) == _shape(entry):
        return edits
    last = source.line_index(source.text.rfind("-", 0, follower.start))
    between = source.text[source.line_starts[source.line_index(before.end) + 1] : source.line_starts[last]]
    if not between.strip().startswith("#"):
        return edits
    start = source.line_starts[last]
    return [Edit(edits[0].path, Span(start, start), edits[0].text)]


def _refuse(path: str, entry: str) -> str:
    message = f"{path} is written in a way that leaves no certain place for `{entry}`; add it by hand"
    raise UsageError(message)


def _in_kind(there: list[str], entry: str) -> str:
    """An entry with or without `./`, as its neighbours have it."""
    inner = [one for one in there if not one.startswith("../")]
    if entry.startswith("../") or not inner:
        return entry
    bare = entry.removeprefix("./")
    return f"./{bare}" if sum(one.startswith("./") for one in inner) * 2 > len(inner) else bare


def _place(there: list[str], entry: str) -> int:
    """Where an entry goes: into the order of those that look like it, else behind the last of them."""
    shape = _shape(entry)
    alike = [index for index, one in enumerate(there) if _shape(one) == shape]
    if not alike:
        return len(there)
    for separator in ("/", "\0"):  # `a/x` before `a-b/x`, or as one text
        keys = [_plain(there[index]).split(separator) for index in alike]
        if keys == sorted(keys) and len(alike) > 1:
            later = [index for index, key in zip(alike, keys, strict=True) if key > _plain(entry).split(separator)]
            return later[0] if later else alike[-1] + 1
    if len(alike) == 1:
        return alike[0] + int(_parts(there[alike[0]]) < _parts(entry))
    return alike[-1] + 1


def _parts(entry: str) -> list[str]:
    return _plain(entry).split("/")


def _plain(entry: str) -> str:
    return entry.removeprefix("./")


def _shape(entry: str) -> tuple[int, int, str]:
    """How deep an entry leads, how far up it starts, and the file it ends in: `./a/ks.yaml` is like `./b/ks.yaml`."""
    parts = _parts(entry)
    last = parts[-1]
    is_file = last.endswith((".yaml", ".yml"))
    return len(parts), parts.count(".."), (last if is_file and len(parts) > 1 else "file" if is_file else "folder")
