"""What stands at a place of a file, and where it leads: the answers of the contracts, paths, entries, variables."""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from lintkit.collect.repository import KUSTOMIZATION_NAMES
from lintkit.model.consumers import references_of
from lintkit.model.contracts import State
from lintkit.model.flux import FluxKustomization, is_kustomization
from lintkit.model.kustomize.kustomization import read, resolve
from lintkit.model.resource import make, manifests
from lintkit.model.substitution import expressions
from lintkit.syntax.node import Mapping, Place, Scalar, Sequence, scalars
from lintkit.text.edit import Span
from lintkit.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.contracts import Answer, Contracts
    from lintkit.model.producers import Producer
    from lintkit.model.resource import Resource
    from lintkit.model.tree import Tree
    from lintkit.syntax.node import Node, Stream

_FILES = ("resources", "bases", "components", "crds", "configurations", "patchesStrategicMerge", "generators")
_PATHS = ("patches", "patchesJson6902", "replacements")
_GENERATORS = ("configMapGenerator", "secretGenerator")
_NAMES = {State.MET: 0, State.UNDECIDED: 1, State.UNMET: 2}


class Target(NamedTuple):
    """Where something leads: a place, and what it is, in words."""

    place: Place
    what: str


@dataclass(frozen=True, slots=True)
class Link:
    """A reference at a place of a file.

    Attributes:
        span: The text that refers.
        title: What is meant: ``Secret `default/database`, key `password` ``.
        targets: Where it leads; empty when nothing in the tree makes it.
        note: Why it is undecided or unmet; else empty.
    """

    span: Span
    title: str
    targets: tuple[Target, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Index:
    """The answers of a tree by file and place; made once for each whole run."""

    tree: Tree
    answers: dict[str, list[tuple[int, int, Contracts, Answer]]] = field(default_factory=dict)

    @classmethod
    def of(cls, tree: Tree) -> Index:
        """Index every need of every cluster."""
        found: dict[str, list[tuple[int, int, Contracts, Answer]]] = {}
        for contracts in tree.contracts:
            for answer in contracts.answers:
                reference = answer.reference
                for node in {id(one): one for one in (reference.node, reference.key_node) if one is not None}.values():
                    found.setdefault(node.source.path, []).append((node.start, node.end, contracts, answer))
        for entries in found.values():
            entries.sort(key=lambda entry: (entry[0], _NAMES[entry[3].state]))
        return cls(tree, found)

    def at(self, path: str, offset: int) -> Iterator[tuple[Contracts, Answer]]:
        """The needs that are written at an offset, those that are met first."""
        entries = self.answers.get(path, [])
        upto = bisect_right(entries, offset, key=lambda entry: entry[0])
        for start, end, contracts, answer in reversed(entries[max(0, upto - 16) : upto]):
            if start <= offset <= end:
                yield contracts, answer


def link_at(index: Index, stream: Stream, offset: int, old_offset: int | None) -> Link | None:
    """What the text at an offset refers to.

    Args:
        index: The needs of the last whole run.
        stream: The file as it is now.
        offset: Offset in it.
        old_offset: The same place in the text of the last whole run; None where that has no such place.
    """
    scalar = _scalar_at(stream, offset)
    if scalar is None:
        return None
    return (
        _variable(index.tree, stream, offset)
        or _need(index, stream, scalar, old_offset)
        or _path(index.tree, stream, scalar)
        or _entry(index.tree, stream, scalar)
    )


def _scalar_at(stream: Stream, offset: int) -> Scalar | None:
    for document in stream.documents:
        if document.root is not None and document.root.start <= offset <= document.root.end:
            for scalar in scalars(document.root):
                if scalar.start <= offset <= scalar.end:
                    return scalar
    return None


def _need(index: Index, stream: Stream, scalar: Scalar, old_offset: int | None) -> Link | None:
    path = stream.source.path
    span = Span(scalar.start, scalar.end)
    found = list(index.at(path, old_offset)) if old_offset is not None else []
    if not found:
        found = list(_fresh(index.tree, stream, scalar))
    if not found:
        return None
    found.sort(key=lambda one: _NAMES[one[1].state])
    _, answer = found[0]
    reference = answer.reference
    is_key = reference.key is not None and reference.key_node is not None and reference.key_node is not reference.node
    if is_key and reference.key != scalar.text:
        is_key = False
    title = f"{reference.kind} `{_full(reference.namespace, reference.name)}`"
    if is_key:
        title += f", key `{reference.key}`"
    targets = {
        (target.place.source.path, target.place.span): target
        for _, one in found
        for target in _targets(one, reference.key if is_key else None)
    }
    return Link(span, title, tuple(targets.values()), _note(answer))


def _full(namespace: str | None, name: str) -> str:
    return f"{namespace}/{name}" if namespace else name


def _note(answer: Answer) -> str:
    if answer.state is State.MET:
        return ""
    if answer.state is State.UNDECIDED:
        return f"not known from files alone: {answer.reason}"
    if answer.is_key:
        return "the object is there, and nothing gives it this key"
    if answer.is_hashed:
        return "kustomize adds a hash to its name, and does not write that name here"
    return "nothing in this tree makes it"


def _targets(answer: Answer, key: str | None) -> Iterator[Target]:
    for producer in answer.producers:
        node: Node | None = producer.keys.get(key) if key is not None else None
        if key is not None and node is None:
            continue
        yield Target((node or _own(producer)).place, _maker(producer.resource))
    if answer.producers and key is not None and any(key in one.keys for one in answer.producers):
        return
    if answer.target is not None and (key is not None or not answer.producers):
        yield Target(answer.target.name_place, _maker(answer.target))


def _own(producer: Producer) -> Node:
    return producer.resource.at("metadata", "name") or producer.node


def _maker(resource: Resource) -> str:
    made = "a generator's " if resource.generated else ""
    return f"{made}{resource.kind} `{_full(resource.namespace, resource.name)}`"


def _fresh(tree: Tree, stream: Stream, scalar: Scalar) -> Iterator[tuple[Contracts, Answer]]:
    """The needs of an object as it is typed; its namespace is the one that the last build gave it."""
    root = next((one for one in manifests(stream) if one.start <= scalar.start <= one.end), None)
    if root is None:
        return
    written = make(root)
    for contracts in tree.contracts:
        built = next(
            (
                one
                for one in contracts.cluster.named(written.group, written.kind, written.name)
                if one.path == stream.source.path
            ),
            None,
        )
        resource = written.renamed(built.namespace) if built is not None else written
        for reference in references_of(resource):
            if scalar in {reference.node, reference.key_node}:
                yield contracts, contracts.answer(reference)


def _path(tree: Tree, stream: Stream, scalar: Scalar) -> Link | None:
    """`spec.path` of a Flux Kustomization: the kustomization of the folder, or its first file."""
    for root in manifests(stream):
        resource = make(root)
        view = FluxKustomization(resource)
        if not is_kustomization(resource) or view.path_node is not scalar or view.path is None:
            continue
        return _folder(tree, scalar, view.path)
    return None


def _folder(tree: Tree, scalar: Scalar, folder: str) -> Link:
    span, title = Span(scalar.start, scalar.end), f"folder `{folder or '.'}`"
    repository = tree.repository
    if not repository.is_folder(folder):
        return Link(span, title, (), "there is no such folder in this tree")
    inside = [path for path in sorted(repository.yaml_files()) if posixpath.dirname(path) == folder]
    files = [*repository.kustomization_files(folder), *inside][:1]
    if not files:
        return Link(span, title, (), "it has no manifest of its own")
    return Link(span, title, (_file(tree, files[0]),))


def _file(tree: Tree, path: str) -> Target:
    return Target(Place(tree.repository.source(path) or Source(path, ""), Span(0, 0)), f"`{path}`")


def _entry(tree: Tree, stream: Stream, scalar: Scalar) -> Link | None:
    """An entry of a kustomization: the file, or the kustomization of the folder."""
    path = stream.source.path
    if posixpath.basename(path) not in KUSTOMIZATION_NAMES or not stream.documents:
        return None
    root = stream.documents[0].root
    if not isinstance(root, Mapping) or not any(scalar is one for one in _entries(path, root)):
        return None
    entry = scalar.text.rpartition("=")[2]
    target = resolve(posixpath.dirname(path), entry)
    if target is None:
        return None
    if tree.repository.is_file(target):
        return Link(Span(scalar.start, scalar.end), f"`{target}`", (_file(tree, target),))
    return _folder(tree, scalar, target) if tree.repository.is_folder(target) else None


def _entries(path: str, root: Mapping) -> Iterator[Node]:
    kustomization = read(path, root)
    for name in _FILES:
        yield from kustomization.scalars(name)
    for name in _PATHS:
        yield from (node for entry in kustomization.mappings(name) if (node := entry.get("path")) is not None)
    for name in _GENERATORS:
        for entry in kustomization.mappings(name):
            for files in ("files", "envs"):
                node = entry.get(files)
                yield from node.elements if isinstance(node, Sequence) else ()
            single = entry.get("env")
            if single is not None:
                yield single


def _variable(tree: Tree, stream: Stream, offset: int) -> Link | None:
    """`${NAME}`: where the Kustomizations that build the file define it. Its value is never shown."""
    source = stream.source
    start, end = source.line_span(source.line_index(offset) + 1)
    for one in expressions(source.text[start:end]):
        if not (one.name and start + one.start <= offset <= start + one.end):
            continue
        builds = [applied for applied in tree.applied if applied.build and source.path in applied.build.files]
        found: dict[tuple[str, int], Target] = {}
        for applied in builds:
            node = applied.variables.origins.get(one.name)
            name = applied.kustomization.name if applied.kustomization else ""
            if node is not None:
                what = f"defined for Kustomization `{name}`"
                found.setdefault((node.source.path, node.start), Target(node.place, what))
        if not builds or not any(applied.variables.is_on for applied in builds):
            return None
        is_open = any(applied.variables.is_open for applied in builds)
        note = "" if found else "not known from files alone" if is_open else "nothing in this tree defines it"
        return Link(Span(start + one.start, start + one.end), f"variable `{one.name}`", tuple(found.values()), note)
    return None


_DIRECTIVE = re.compile(r"#\s*lintkit:\s*ignore(?:-file)?\s*\[(?P<rules>[^\]]*)\]")


def rule_named_at(source: Source, offset: int) -> tuple[str, Span] | None:
    """The rule that a suppression names at an offset."""
    start, end = source.line_span(source.line_index(offset) + 1)
    directive = _DIRECTIVE.search(source.text, start, end)
    if directive is None:
        return None
    for name in re.finditer(r"[A-Za-z0-9_-]+", directive["rules"]):
        span = Span(directive.start("rules") + name.start(), directive.start("rules") + name.end())
        if span.start <= offset <= span.end:
            return name[0], span
    return None
