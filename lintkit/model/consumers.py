"""References out of the objects of a cluster: who needs what."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING

from lintkit.model.references import ANY, CLUSTER, OWN, TARGET_GROUPS, Row, rows_for
from lintkit.model.resource import split_api_version
from lintkit.syntax.node import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.resource import Resource

_SPLIT = re.compile(r"(?<!\\)\.")


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """One need of one object.

    Attributes:
        consumer: The object that needs it.
        row: What the table says of it.
        group: Group of the object that is named; empty for the core group.
        kind: Its kind.
        namespace: Its namespace; None for any, empty for objects without one.
        name: Its name.
        node: Where the name is written.
        namespace_node: Where the namespace is written, when it is.
        key: The key that is needed; None when the object alone is.
        key_node: Where the key is written; the name when it is implied.
        is_optional: Whether it may be absent.
        port: The port that is used.
        is_guessed: Found by the names of fields, not by a row for this very field.
    """

    consumer: Resource
    row: Row
    group: str
    kind: str
    namespace: str | None
    name: str
    node: Node
    namespace_node: Scalar | None = None
    key: str | None = None
    key_node: Node | None = None
    is_optional: bool = False
    port: Scalar | None = None
    is_guessed: bool = False

    @property
    def is_decided(self) -> bool:
        """Whether no variable or template is left in it."""
        parts = (self.name, self.namespace or "", self.key or "")
        return not any("${" in part or "{{" in part or "$(" in part for part in parts)

    @property
    def target(self) -> str:
        """What is named, for messages: `Secret/airflow/database`."""
        return f"{self.kind}/{self.namespace}/{self.name}" if self.namespace else f"{self.kind}/{self.name}"


def references_of(resource: Resource) -> list[Reference]:
    """All references of an object that the table knows."""
    found: dict[tuple[int, int, str | None], Reference] = {}
    for row in rows_for(resource.group, resource.kind):
        for holder in select(resource.root, row.path):
            for reference in _read(resource, row, holder):
                found.setdefault((id(reference.node), id(reference.key_node), reference.key), reference)
    return list(found.values())


@lru_cache(maxsize=4096)
def _steps(path: str) -> tuple[str, ...]:
    steps: list[str] = []
    for part in _SPLIT.split(path):
        name = part.replace("\\.", ".")
        if name.endswith("[]"):
            steps += ([name[:-2]] if name != "[]" else []) + ["[]"]
        else:
            steps.append(name)
    return tuple(steps)


def select(root: Node, path: str) -> Iterator[Node]:
    """The nodes at a key path of the table's form."""
    yield from _select(root, _steps(path), 0)


def _select(node: Node, steps: tuple[str, ...], at: int) -> Iterator[Node]:
    if at == len(steps):
        yield node
        return
    step = steps[at]
    if step == "**":
        yield from _select(node, steps, at + 1)
        for child in _children(node):
            if not isinstance(child, Scalar):
                yield from _select(child, steps, at)
        return
    for child in _matching(node, step):
        yield from _select(child, steps, at + 1)


def _matching(node: Node, step: str) -> list[Node]:
    """The children that one step of a path means."""
    if step == "[]":
        return list(node.elements) if isinstance(node, Sequence) else []
    if not isinstance(node, Mapping):
        return []
    if "*" in step:
        return [child for key, child in node.entries.items() if fnmatchcase(key, step)]
    return [node.entries[step]] if step in node.entries else []


def _children(node: Node) -> list[Node]:
    if isinstance(node, Mapping):
        return list(node.entries.values())
    return list(node.elements) if isinstance(node, Sequence) else []


def _read(resource: Resource, row: Row, holder: Node) -> Iterator[Reference]:
    node = holder if not row.name else holder.at(*_steps(row.name))
    if not isinstance(node, Scalar) or node.is_null or not node.text:
        return
    kind, group = row.target, None
    if row.kinds and isinstance(holder, Mapping):
        kind = holder.text(row.kind) or row.target
        if row.kinds != ("*",) and kind not in row.kinds:
            return
        group = _written_group(holder, kind)
    if not kind:
        return
    if "/" in kind:
        group, _, kind = kind.rpartition("/")
    if group is None:
        group = TARGET_GROUPS.get(kind, "")
    written = holder.at(*_steps(row.namespace)) if row.namespace not in {OWN, CLUSTER, ANY} else None
    namespace_node = written if isinstance(written, Scalar) and not written.is_null and written.text else None
    namespace = _namespace(resource, row, namespace_node, kind)
    optional = holder.at(row.optional) if isinstance(holder, Mapping) else None
    port = _port(holder.at(row.port)) if row.port else None
    base = Reference(
        resource,
        row,
        group,
        kind,
        namespace,
        node.text,
        node,
        namespace_node,
        is_optional=isinstance(optional, Scalar) and optional.value is True,
        port=port,
    )
    keys = list(_keys(row, holder, node))
    if not keys:
        yield base
    for key, key_node in keys:
        yield Reference(
            base.consumer, row, group, kind, namespace, base.name, node, namespace_node, key, key_node,
            base.is_optional, port,
        )  # fmt: skip


def _written_group(holder: Mapping, kind: str) -> str | None:
    for field in ("apiGroup", "group"):
        written = holder.text(field)
        if written is not None and written != "core":
            return written
    api_version = holder.text("apiVersion")
    if api_version:
        return split_api_version(api_version)[0]
    return TARGET_GROUPS.get(kind)


_CLUSTER_KINDS = frozenset(
    {
        "ClusterSecretStore",
        "ClusterIssuer",
        "ClusterRole",
        "ClusterGenerator",
        "ClusterImageCatalog",
        "ClusterTriggerAuthentication",
    }
)


def _namespace(resource: Resource, row: Row, written: Scalar | None, kind: str) -> str | None:
    if row.namespace == CLUSTER or kind in _CLUSTER_KINDS:
        return ""
    if row.namespace == ANY:
        return None
    if written is not None:
        return written.text
    return None if resource.is_cluster_scoped else resource.namespace or None


def _port(node: Node | None) -> Scalar | None:
    if isinstance(node, Mapping):
        node = node.get("name") or node.get("number")
    return node if isinstance(node, Scalar) and not node.is_null else None


def _keys(row: Row, holder: Node, name: Scalar) -> Iterator[tuple[str, Node]]:
    written = [
        node
        for path in row.keys
        for node in select(holder, path)
        if isinstance(node, Scalar) and not node.is_null and node.text
    ]
    for node in written:
        yield node.text, node
    if not written and row.default_key:
        yield row.default_key, name
    for key in row.needs:
        yield key, name
