"""`kustomize build`, statically: from a folder to its objects, with the origin of every field.

A build never fails here: what would make kustomize fail is a `Problem`, what files cannot decide is a `Gap`, and the
rest is built all the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from lintkit.model.kustomize.files import Files
from lintkit.model.kustomize.folders import Folders
from lintkit.model.kustomize.generators import generate, merge_generated
from lintkit.model.kustomize.item import Gap, Item, Problem
from lintkit.model.kustomize.kustomization import GROUP, Kustomization, is_remote, resolve
from lintkit.model.kustomize.names import fix_references, read_configuration
from lintkit.model.kustomize.patches import Patcher, PatchUse
from lintkit.model.kustomize.replacements import replace
from lintkit.model.kustomize.transform import (
    add_affix,
    set_annotations,
    set_image,
    set_labels,
    set_namespace,
    set_replicas,
    with_text_annotations,
)
from lintkit.model.resource import Resource, is_manifest, make, manifests
from lintkit.syntax.node import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from lintkit.collect.repository import Repository
    from lintkit.model.kustomize.facts import NameReference
    from lintkit.syntax.node import Node

_LOCAL_CONFIG = "config.kubernetes.io/local-config"


class Overrides(NamedTuple):
    """What a Flux Kustomization changes in the kustomization file it builds, before the build.

    Each is the node that holds the value in the Flux Kustomization; `folder` is what relative paths start from.
    """

    namespace: Scalar | None = None
    prefix: Scalar | None = None
    suffix: Scalar | None = None
    patches: tuple[Mapping, ...] = ()
    components: tuple[Scalar, ...] = ()
    images: tuple[Mapping, ...] = ()
    ignore_missing_components: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Build:
    """What one folder builds to.

    Attributes:
        folder: The folder.
        resources: The objects, with the names that hashes are added to left as they are.
        problems: What makes kustomize fail or do nothing.
        gaps: What is not known; a build with gaps is partial.
        uses: How often each patch with a target changed something.
        kustomizations: Folders of all kustomizations that took part.
        files: All files that were read.
        references: Fields that hold names, besides those that kustomize knows: from `configurations:`.
    """

    folder: str
    resources: tuple[Resource, ...]
    problems: tuple[Problem, ...]
    gaps: tuple[Gap, ...]
    uses: tuple[PatchUse, ...]
    kustomizations: frozenset[str]
    files: frozenset[str]
    references: tuple[NameReference, ...] = ()

    @property
    def is_partial(self) -> bool:
        """Whether it may hold objects that files do not show."""
        return bool(self.gaps)


@dataclass(slots=True)
class _State:
    """What one build gathers on its way."""

    problems: list[Problem] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    uses: list[PatchUse] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    references: list[NameReference] = field(default_factory=list)
    stack: list[str] = field(default_factory=list)


class Builder:
    """Builds folders of one repository; a kustomization file is read once."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.files = Files(repository)
        self.folders = Folders(repository)

    def kustomization(self, folder: str) -> Kustomization | None:
        """The kustomization of a folder, or None when it has none that can be read."""
        return self.folders.kustomization(folder)

    def build(self, folder: str, overrides: Overrides | None = None) -> Build:
        """Build a folder as Flux does: a kustomization is generated when there is none.

        Args:
            folder: A folder of the repository.
            overrides: What a Flux Kustomization changes in the kustomization first.
        """
        state = _State()
        kustomization = self.kustomization(folder)
        if kustomization is None and not self.repository.kustomization_files(folder):
            kustomization = self.folders.generated(folder)
        items: list[Item] = []
        if kustomization is not None:
            items = self._accumulate(kustomization, [], state, overrides)
        items = [item for item in items if item.root.entries]
        fix_references(items, state.references)
        resources = tuple(
            make(with_text_annotations(item.root), item.written, hashed=item.hashed, generated=item.generated)
            for item in items
            if not _is_local(item)
        )
        return Build(
            folder,
            resources,
            tuple(state.problems),
            tuple(state.gaps),
            tuple(state.uses),
            frozenset(state.folders),
            frozenset(state.files),
            tuple(state.references),
        )

    def _accumulate(
        self, kustomization: Kustomization, items: list[Item], state: _State, overrides: Overrides | None = None
    ) -> list[Item]:
        """Resources, generators, components, transformers: in the order kustomize runs them."""
        state.folders.add(kustomization.folder)
        state.stack.append(kustomization.folder)
        if kustomization.path:
            state.files.add(kustomization.path)
        self.files.note_empty(kustomization, state.problems)
        for path in kustomization.generated_from or ():
            self._add_generated(path, kustomization, items, state)
        for entry in kustomization.resources():
            self._add_entry(entry, kustomization, items, state)
        self._read_configurations(kustomization, state)
        self._generate(kustomization, items, state)
        for entry in kustomization.scalars("components"):
            items = self._add_component(entry, kustomization.folder, items, state)
        if overrides is not None:
            for entry in overrides.components:
                items = self._add_component(
                    entry, kustomization.folder, items, state, optional=overrides.ignore_missing_components
                )
        items = self._transform(kustomization, items, state, overrides)
        state.stack.pop()
        return items

    def _add_generated(self, entry: str, kustomization: Kustomization, items: list[Item], state: _State) -> None:
        if self.repository.is_file(entry):
            self._add_file(entry, None, items, state)
            return
        child = self.kustomization(entry)
        if child is not None and not child.is_component:
            self._append(self._accumulate(child, [], state), kustomization.root, items, state)

    def _add_entry(self, entry: Scalar, kustomization: Kustomization, items: list[Item], state: _State) -> None:
        text = entry.text
        path = resolve(kustomization.folder, text)
        if path is not None and self.repository.is_file(path):
            self._add_file(path, entry, items, state)
        elif path is not None and self.repository.is_folder(path):
            child = self._child(path, entry, state, component=False)
            if child is not None:
                self._append(self._accumulate(child, [], state), entry, items, state)
        elif is_remote(text):
            state.gaps.append(Gap(f"`{text}` is remote", entry.place))
        else:
            self.files.note_absent(kustomization.folder, text, entry, state.problems, state.gaps, "file or folder")

    def _child(self, path: str, entry: Scalar, state: _State, *, component: bool) -> Kustomization | None:
        """The kustomization of a folder that an entry names, or None after noting what is wrong."""
        if path in state.stack:
            message = f"`{entry.text}` leads back to this kustomization"
            state.problems.append(Problem("invalid-kustomization", message, entry.place))
            return None
        child = self.kustomization(path)
        if child is None:
            if not self.repository.kustomization_files(path) and not self.repository.exists_unseen(path):
                message = f"the folder `{entry.text}` has no kustomization file"
                state.problems.append(Problem("missing-entry", message, entry.place))
            state.gaps.append(Gap(f"`{entry.text}` has no readable kustomization", entry.place))
            return None
        if child.is_component != component:
            field = "components" if component else "resources"
            message = (
                f"`{entry.text}` is a {'Component' if child.is_component else 'Kustomization'}, listed under `{field}`"
            )
            kind = child.fields.get("kind") or child.root
            related = ((kind.place, "its kind"),)
            state.problems.append(Problem("invalid-kustomization", message, entry.place, related))
            return None
        return child

    def _add_component(
        self, entry: Scalar, folder: str, items: list[Item], state: _State, *, optional: bool = False
    ) -> list[Item]:
        path = resolve(folder, entry.text)
        if path is not None and self.repository.is_folder(path):
            child = self._child(path, entry, state, component=True)
            return self._accumulate(child, items, state) if child is not None else items
        if is_remote(entry.text):
            state.gaps.append(Gap(f"`{entry.text}` is remote", entry.place))
        elif not optional:
            self.files.note_absent(folder, entry.text, entry, state.problems, state.gaps, "folder")
        return items

    def _add_file(self, path: str, entry: Scalar | None, items: list[Item], state: _State) -> None:
        """Add the objects of a manifest file."""
        state.files.add(path)
        stream = self.repository.stream(path)
        place = entry.place if entry is not None else None
        if stream is None:
            if place is not None:
                state.gaps.append(Gap(f"`{path}` {self.repository.unreadable.get(path, 'cannot be read')}", place))
            return
        if stream.error is not None:
            state.gaps.append(Gap(f"`{path}` is not valid YAML", stream.error.place))
        found = [Item(root) for root in manifests(stream)]
        state.problems += [_nameless(item.root) for item in found if not item.name]
        for document in stream.documents:
            root = document.root
            if root is not None and not is_manifest(root) and not _is_nothing(root):
                if isinstance(root, Mapping) and "kind" in root.entries and _named_group(root) == GROUP:
                    continue
                state.gaps.append(Gap(f"`{path}` holds what is no Kubernetes object", root.place))
        self._append(found, entry, items, state)

    def _append(self, new: list[Item], origin: Node | None, items: list[Item], state: _State) -> None:
        """Add objects; an identity that is taken is a problem."""
        taken = {item.id: item for item in items}
        for item in new:
            first = taken.get(item.id)
            if first is not None:
                state.problems.append(_duplicate(item, first, origin))
                continue
            taken[item.id] = item
            items.append(item)

    def _read_configurations(self, kustomization: Kustomization, state: _State) -> None:
        for entry in kustomization.scalars("configurations"):
            path = self.files.find_file(kustomization.folder, entry.text, entry, state.problems, state.gaps)
            stream = self.repository.stream(path) if path else None
            for document in stream.documents if stream else ():
                if isinstance(document.root, Mapping):
                    state.files.add(path or "")
                    state.references += read_configuration(document.root)

    def _generate(self, kustomization: Kustomization, items: list[Item], state: _State) -> None:
        made = generate(kustomization, self.files)
        state.problems += made.problems
        state.gaps += made.gaps
        for item in made.items:
            existing = next((old for old in items if item.id in old.ids), None)
            if existing is None:
                if item.behavior in {"merge", "replace"} and not state.gaps:
                    place = (item.written.at("behavior") or item.written).place
                    message = f"{item.id} is to be {item.behavior}d, and there is none of that name"
                    state.problems.append(Problem("unmatched-patch", message, place))
                items.append(item)
            elif item.behavior in {"merge", "replace"}:
                merge_generated(existing, item)
            else:
                state.problems.append(_duplicate(item, existing, item.written))
        self.files.note_plugins(kustomization, state.problems, state.gaps)
        for entry in kustomization.scalars("crds"):
            self.files.find_file(kustomization.folder, entry.text, entry, state.problems, state.gaps)
        variables = kustomization.fields.get("vars")
        if isinstance(variables, Sequence) and variables.elements:
            state.gaps.append(Gap("`vars` are not followed", variables.place))

    def _transform(
        self, kustomization: Kustomization, items: list[Item], state: _State, overrides: Overrides | None
    ) -> list[Item]:
        patcher = Patcher(kustomization.folder, self.files, state.problems, state.gaps)
        for merge in kustomization.scalars("patchesStrategicMerge"):
            patch = patcher.read_merge(merge)
            items = patcher.apply(patch, items) if patch else items
        for entry in (*kustomization.mappings("patches"), *(overrides.patches if overrides else ())):
            patch = patcher.read(entry)
            items = patcher.apply(patch, items) if patch else items
        namespace = (overrides.namespace if overrides else None) or kustomization.scalar("namespace")
        if namespace is not None:
            set_namespace(items, namespace)
            self._check_conflicts(items, namespace, state)
        for name, override, is_prefix in (
            ("namePrefix", overrides.prefix if overrides else None, True),
            ("nameSuffix", overrides.suffix if overrides else None, False),
        ):
            value = override or kustomization.scalar(name)
            if value is not None:
                add_affix(items, value, prefix=is_prefix)
        set_labels(items, kustomization)
        set_annotations(items, kustomization)
        for entry in kustomization.mappings("patchesJson6902"):
            patch = patcher.read(entry)
            items = patcher.apply(patch, items) if patch else items
        for entry in kustomization.mappings("replicas"):
            problem = set_replicas(items, entry)
            if problem is not None and not state.gaps:
                state.problems.append(problem)
        for entry in _images(kustomization, overrides):
            set_image(items, entry, state.problems, state.gaps)
        self._replace(kustomization, items, state)
        state.uses += patcher.uses
        return items

    @staticmethod
    def _check_conflicts(items: list[Item], namespace: Scalar, state: _State) -> None:
        seen: dict[object, Item] = {}
        for item in items:
            first = seen.setdefault(item.id, item)
            if first is not item:
                message = f"the namespace `{namespace.text}` makes two objects of one identity: {item.id}"
                related = ((first.root.place, "the first"), (item.root.place, "the second"))
                state.problems.append(Problem("duplicate-resource", message, namespace.place, related))

    def _replace(self, kustomization: Kustomization, items: list[Item], state: _State) -> None:
        for entry in kustomization.mappings("replacements"):
            path = entry.get("path")
            if not isinstance(path, Scalar):
                replace(entry, items, state.problems, state.gaps)
                continue
            found = self.files.find_file(kustomization.folder, path.text, path, state.problems, state.gaps)
            stream = self.repository.stream(found) if found else None
            for document in stream.documents if stream else ():
                state.files.add(found or "")
                root = document.root
                entries = root.elements if isinstance(root, Sequence) else [root]
                for part in entries:
                    if isinstance(part, Mapping):
                        replace(part, items, state.problems, state.gaps)


def _images(kustomization: Kustomization, overrides: Overrides | None) -> list[Mapping]:
    entries = {entry.text("name"): entry for entry in kustomization.mappings("images")}
    entries.update({entry.text("name"): entry for entry in (overrides.images if overrides else ())})
    return list(entries.values())


def _duplicate(item: Item, first: Item, origin: Node | None) -> Problem:
    node = item.root.at("metadata", "name") or item.root
    message = f"{item.id} is here twice: it is also in `{first.written.source.path}`"
    place = node.place
    if first.root is item.root and origin is not None:
        message = f"`{item.written.source.path}` is listed twice, so {item.id} is here twice"
        place = origin.place
    related = (((first.root.at("metadata", "name") or first.root).place, "the first one"),)
    return Problem("duplicate-resource", message, place, related)


def _nameless(root: Mapping) -> Problem:
    place = (root.at("metadata", "generateName") or root.key("metadata") or root.key("kind") or root).place
    instead = "`generateName` in place of" if root.at("metadata", "generateName") else "no"
    message = f"this {root.text('kind')} has {instead} `metadata.name`, and kustomize refuses the file"
    return Problem("invalid-kustomization", message, place)


def _is_local(item: Item) -> bool:
    value = item.root.text_at("metadata", "annotations", _LOCAL_CONFIG)
    return value is not None and value != "false"


def _is_nothing(root: Node) -> bool:
    return isinstance(root, Scalar) and root.is_null


def _named_group(root: Mapping) -> str:
    return (root.text("apiVersion") or GROUP).partition("/")[0]
