"""One side of a comparison: every object that Flux applies, and who applies it."""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lintkit.diff.view import Secrets
from lintkit.model.secrets import sensitive_spans

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lintkit.model.cluster import Applied, Cluster
    from lintkit.model.resource import Resource
    from lintkit.model.tree import Tree
    from lintkit.syntax.node import Node
    from lintkit.text.edit import Span

_REFUSED = frozenset({"duplicate-resource", "invalid-kustomization"})
"""Rules about what makes kustomize fail; what is missing is a gap of its own."""
_BETWEEN = re.compile(r"[\"']?[ \t]*:[ \t]*(?:[|>][-+\d]*[ \t]*\r?\n[ \t]*|[\"'])?")
"""What stands between a key and its value."""
_PRUNE = "kustomize.toolkit.fluxcd.io/prune"


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """An object of one cluster.

    Attributes:
        resource: The object, as Flux applies it.
        owner: The Flux Kustomization that applies it, as `namespace/name`; the folder where no file declares one.
        applied: All that it applies; None for what is in no tree.
    """

    resource: Resource
    owner: str
    applied: Applied | None = None

    @property
    def is_kept(self) -> bool:
        """Whether Flux leaves the object in the cluster when it is no longer in the tree."""
        view = self.applied.kustomization if self.applied is not None else None
        if self.resource.annotation(_PRUNE) == "disabled":
            return True
        return view is not None and view.spec is not None and view.spec.text("prune") != "true"


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """What is applied to one cluster.

    Attributes:
        folders: Where Flux starts, or the folders that may be applied.
        members: Its objects.
    """

    folders: frozenset[str]
    members: tuple[Member, ...]

    @property
    def label(self) -> str:
        """What people call it: where Flux starts."""
        return ", ".join(sorted(folder or "." for folder in self.folders))


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """All that a tree applies.

    Attributes:
        groups: Cluster by cluster.
        secrets: What must not be shown.
        gaps: What files do not show: (who applies it, why).
        files: Files that take part in what is applied.
    """

    groups: tuple[Group, ...]
    secrets: Secrets
    gaps: frozenset[tuple[str, str]]
    files: frozenset[str] = frozenset()


def side_of(tree: Tree) -> Side:
    """What a tree applies."""
    groups = [_group(cluster, frozenset(entry.folder for entry in cluster.entries)) for cluster in tree.clusters]
    groups += [
        _group(cluster, frozenset(one.folder for one in cluster.applied if one.folder is not None))
        for cluster in tree.unattached
    ]
    spans = sensitive_spans(tree)
    texts: list[str] = []
    for path, found in spans.items():
        source = tree.repository.source(path)
        texts += [source.text[span.start : span.end] for span in found] if source is not None else []
    gaps = {(owner_of(applied), reason) for applied in tree.applied for reason in _unseen(tree, applied)}
    files: set[str] = set()
    for group in groups:
        files.update(*(one.applied.build.files for one in group.members if one.applied and one.applied.build))
        files.update(one.resource.path for one in group.members)
    texts += [plain for text in texts if (plain := _decoded(text.strip("\"'")))]
    secrets = Secrets(spans, texts, _secret_variables(groups, spans))
    return Side(tuple(groups), secrets, frozenset(gaps), frozenset(files))


def _secret_variables(groups: list[Group], spans: Mapping[str, list[Span]]) -> set[str]:
    """Names of variables whose values stand where secrets do."""
    applied = {id(one.applied): one.applied for group in groups for one in group.members if one.applied is not None}
    return {
        name
        for one in applied.values()
        for name, origin in one.variables.origins.items()
        if any(_is_value_of(origin, span) for span in spans.get(origin.source.path, ()))
    }


def _is_value_of(key: Node, span: Span) -> bool:
    """Whether a span is the value of a key."""
    return key.end < span.start and _BETWEEN.fullmatch(key.source.text, key.end, span.start) is not None


def _decoded(text: str) -> str:
    """What stands behind base64, where that is text."""
    try:
        return b64decode("".join(text.split()), validate=True).decode("utf-8")
    except ValueError:
        return ""


def _unseen(tree: Tree, applied: Applied) -> Iterator[str]:
    """Why not everything, or nothing at all, is known of what a Flux Kustomization applies."""
    build = applied.build
    if build is None:
        if applied.why_unknown:
            yield applied.why_unknown
        return
    yield from (gap.reason for gap in build.gaps)
    yield from (
        f"kustomize refuses it: {one.message}" for one in build.problems if one.certain and one.rule in _REFUSED
    )
    for path in build.files:
        stream = tree.repository.stream(path)
        for document in stream.documents if stream is not None else ():
            if any(defect.kind == "duplicate-key" for defect in document.defects):
                yield f"kustomize refuses it: a key is there twice in `{path}`"


def _group(cluster: Cluster, folders: frozenset[str]) -> Group:
    return Group(folders, tuple(_members(cluster)))


def _members(cluster: Cluster) -> Iterator[Member]:
    for applied in cluster.applied:
        owner = owner_of(applied)
        for resource in applied.resources:
            yield Member(resource, owner, applied)


def owner_of(applied: Applied) -> str:
    """Who applies something: `namespace/name` of a Flux Kustomization, else a folder."""
    view = applied.kustomization
    if view is None:
        return applied.folder or ""
    return f"{view.namespace}/{view.name}" if view.namespace else view.name
