"""The patches of a kustomization: which objects they change, and which they miss."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from lintkit.model.kustomize.item import BuildId, Gap, Item, Problem, id_of
from lintkit.model.kustomize.json_patch import PatchFailedError, apply_operations
from lintkit.model.kustomize.kustomization import is_true
from lintkit.model.kustomize.merge import merge_patch
from lintkit.model.kustomize.selector import Selector, read_selector
from lintkit.syntax.embedded import embedded
from lintkit.syntax.node import Mapping, Node, Place, Scalar, Sequence

if TYPE_CHECKING:
    from lintkit.model.kustomize.files import Files
    from lintkit.syntax.node import Stream


class PatchUse(NamedTuple):
    """How many objects one patch with a `target` changed in one build.

    A patch of a component, or one that a parent hands to many children, may miss in one build and hit in another.
    """

    place: Place
    target: str
    matched: int


class Patch(NamedTuple):
    """One entry of `patches`, or of the deprecated lists.

    Attributes:
        entry: What a person would edit.
        parts: Its documents: mappings are strategic merge patches, sequences are JSON patches.
        target: The `target`, if there is one.
        target_node: Where that is written.
        rename: `options.allowNameChange`.
        retype: `options.allowKindChange`.
    """

    entry: Node
    parts: tuple[Mapping | Sequence, ...]
    target: Selector | None
    target_node: Mapping | None
    rename: bool = False
    retype: bool = False


class Patcher:
    """Applies the patches of one kustomization to the objects of a build."""

    def __init__(self, folder: str, files: Files, problems: list[Problem], gaps: list[Gap]) -> None:
        self.folder = folder
        self.files = files
        self.problems = problems
        self.gaps = gaps
        self.uses: list[PatchUse] = []

    def read(self, entry: Mapping) -> Patch | None:
        """Read an entry of `patches` or `patchesJson6902`; None after noting what is wrong with it."""
        inline, path = entry.get("patch"), entry.get("path")
        has_inline = isinstance(inline, Scalar) and inline.text.strip() != ""
        has_path = isinstance(path, Scalar) and path.text != ""
        if has_inline == has_path:
            what = "both `patch` and `path`" if has_inline else "neither `patch` nor `path`"
            message = f"this patch has {what}; expected one of them"
            self.problems.append(Problem("invalid-kustomization", message, entry.place))
            return None
        stream = self.file(path) if isinstance(path, Scalar) and has_path else embedded(inline)  # type: ignore[arg-type]
        if stream is None:
            return None
        target = entry.mapping_at("target")
        origin = (path if has_path else inline) or entry
        parts = self.parts(stream, origin)
        text = stream.source.text if has_path or not isinstance(inline, Scalar) else inline.text
        if stream.error is None and text.startswith("[") and not _is_json(text):
            message = "a patch that starts with `[` is read as JSON, and this is YAML"
            self.problems.append(Problem("invalid-kustomization", message, origin.place))
            return None
        return Patch(
            entry,
            parts,
            read_selector(target, self.problems, self.gaps) if target else None,
            target,
            rename=is_true(entry.at("options", "allowNameChange")),
            retype=is_true(entry.at("options", "allowKindChange")),
        )

    def read_merge(self, entry: Scalar) -> Patch | None:
        """Read an entry of `patchesStrategicMerge`: a path, or the patch itself."""
        if "\n" in entry.text.strip():
            stream: Stream | None = embedded(entry)
        else:
            stream = self.file(entry)
        return Patch(entry, self.parts(stream, entry), None, None) if stream else None

    def file(self, path: Scalar) -> Stream | None:
        """The documents of a patch file."""
        found = self.files.find_file(self.folder, path.text, path, self.problems, self.gaps)
        return self.files.stream(found) if found else None

    def parts(self, stream: Stream, origin: Node) -> tuple[Mapping | Sequence, ...]:
        """The documents of a patch."""
        if stream.error:
            self.gaps.append(Gap("a patch is not valid YAML", origin.place))
        return tuple(document.root for document in stream.documents if isinstance(document.root, (Mapping, Sequence)))

    def apply(self, patch: Patch, items: list[Item]) -> list[Item]:
        """Apply one patch.

        Returns:
            The objects that are left; a patch may delete one.
        """
        for part in patch.parts:
            if isinstance(part, Sequence):
                self.apply_operations(patch, part, items)
            elif not part.entries:
                continue  # kustomize skips an empty patch
            elif self.lacks_identity(patch, part) and patch.target is None:
                continue
            elif patch.target is not None:
                self.apply_to_targets(patch, part, items)
            else:
                self.apply_to_named(patch, part, items)
        return [item for item in items if item.root.entries]

    def lacks_identity(self, patch: Patch, part: Mapping) -> bool:
        """Whether a strategic merge patch has no kind or name, after noting it; a `target` does not stand for them."""
        missing = [f"`{'.'.join(path)}`" for path in (("kind",), ("metadata", "name")) if not part.text_at(*path)]
        if missing:
            beside = ", which it needs beside its `target`" if patch.target is not None else ""
            message = f"this patch has no {' and no '.join(missing)}{beside}"
            self.problems.append(Problem("invalid-kustomization", message, part.place))
        return bool(missing)

    def apply_operations(self, patch: Patch, operations: Sequence, items: list[Item]) -> None:
        """Apply a JSON patch to the objects its target selects."""
        if patch.target is None:
            if operations.elements:
                message = "a JSON patch needs a `target`"
                self.problems.append(Problem("invalid-kustomization", message, patch.entry.place))
            return
        selected = self.selected(patch, items)
        for item in selected:
            item.remember()
            try:
                item.set(apply_operations(item.root, operations))
            except PatchFailedError as error:
                self.failed(error, item)

    def failed(self, error: PatchFailedError, item: Item) -> None:
        """Note that an operation cannot be done to an object."""
        message = f"{error.message}, in {item.id}"
        related = ((item.root.place, "the object that the patch selects"),)
        self.problems.append(Problem("unmatched-patch", message, error.node.place, related))

    def selected(self, patch: Patch, items: list[Item]) -> list[Item]:
        """The objects that a patch's target selects."""
        selected = [item for item in items if patch.target and patch.target.selects(item)]
        if patch.target_node is not None:
            text = _described(patch.target_node)
            self.uses.append(PatchUse(patch.target_node.place, text, len(selected)))
        return selected

    def apply_to_targets(self, patch: Patch, part: Mapping, items: list[Item]) -> None:
        """Apply a strategic merge patch to the objects its target selects."""
        for item in self.selected(patch, items):
            self.merge(item, part, patch)

    def apply_to_named(self, patch: Patch, part: Mapping, items: list[Item]) -> None:
        """Apply a strategic merge patch to the one object that has its name."""
        wanted = id_of(part)
        matching = [item for item in items if wanted in item.ids]
        if len(matching) == 1:
            self.merge(matching[0], part, patch)
            return
        if matching:
            message = f"the patch for {wanted} matches {len(matching)} objects"
            self.problems.append(Problem("unmatched-patch", message, _name_place(part)))
            return
        if not self.gaps:
            self.problems.append(_unmatched(part, wanted, items))

    def merge(self, item: Item, part: Mapping, patch: Patch) -> None:
        """Merge a strategic merge patch into one object."""
        if patch.rename or patch.retype:
            item.remember()
        try:
            merged = merge_patch(item.root, part, rename=patch.rename, retype=patch.retype)
        except PatchFailedError as error:
            self.failed(error, item)
            return
        item.set(merged if merged is not None else _nothing(item.root))


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except json.JSONDecodeError:
        return False
    return True


def _nothing(root: Mapping) -> Mapping:
    return Mapping(root.source, root.start, root.end, [], {})


def _unmatched(part: Mapping, wanted: BuildId, items: list[Item]) -> Problem:
    same_kind = [item for item in items if item.id.kind == wanted.kind]
    same_name = [item for item in same_kind if item.id.name == wanted.name]
    message = f"the patch for {wanted} matches no object of this build"
    related: tuple[tuple[Place, str], ...] = ()
    suggestion = None
    if "${" in wanted.name:
        message += ": kustomize looks for this very text, before Flux replaces variables"
    elif same_name:
        other = same_name[0].id
        if other.selector_namespace != wanted.selector_namespace:
            message += f"; it is in namespace `{other.selector_namespace}`"
        else:
            message += f"; there is one of version `{_api(other)}`"
        related = ((same_name[0].root.place, "the object with that name"),)
    elif len(same_kind) == 1 and wanted.name:
        suggestion = same_kind[0].id.name
        message += f"; did you mean `{suggestion}`?"
        related = ((same_kind[0].root.place, f"the only {wanted.kind}"),)
    return Problem("unmatched-patch", message, _name_place(part), related, suggestion)


def _api(identity: BuildId) -> str:
    return f"{identity.group}/{identity.version}" if identity.group else identity.version


def _name_place(part: Mapping) -> Place:
    node = part.at("metadata", "name") or part.get("kind") or part
    return node.place


def _described(target: Mapping) -> str:
    parts = [f"{key} `{target.text(key)}`" for key in target.entries if target.text(key)]
    return ", ".join(parts) or "everything"
