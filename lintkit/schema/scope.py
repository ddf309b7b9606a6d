"""Kinds that live in no namespace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.schema.violation import Violation
from lintkit.syntax.node import Mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.resource import Resource
    from lintkit.schema.catalog import KindSchema

_PATH = ("metadata", "namespace")


def out_of_scope(resource: Resource, known: KindSchema) -> Iterator[Violation]:
    """A namespace that is written on an object of a cluster-scoped kind; the API server drops it."""
    is_cluster_scoped = known.scope == "Cluster" if known.scope else resource.is_cluster_scoped
    metadata = resource.written.at("metadata")
    key = metadata.key("namespace") if isinstance(metadata, Mapping) else None
    if key is None or not is_cluster_scoped or not resource.written.text_at(*_PATH):
        return
    message = f"`metadata.namespace` has no effect: a {resource.kind} belongs to no namespace"
    yield Violation("misplaced-field", key.place, message, _PATH, resource.written.at(*_PATH), severity="info")
