"""From a kind to its schema: what the repository brings, what was imported, what lintkit knows; else unknown.

The order is that of trust in what the cluster really has: `schemas:` of the configuration, CRDs in the tree, the store
that `lintkit schemas import` fills, lintkit's own schemas, and the kinds of Kubernetes itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lintkit.collect.cache import digest
from lintkit.model.resource import CLUSTER_SCOPED
from lintkit.schema import authored, built_in
from lintkit.schema.crd import CustomKind, custom_kind
from lintkit.schema.local import LocalSchemas
from lintkit.schema.shapes import SUBDOMAIN
from lintkit.schema.structural import closed, with_object_fields

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from lintkit.collect.cache import Cache
    from lintkit.model.resource import Resource
    from lintkit.schema.store import Store

_PLAIN = ("group", "version", "kind", "schema", "where", "scope", "served", "deprecation", "versions")
_CRD = ("apiextensions.k8s.io", "CustomResourceDefinition")


class Origin(Enum):
    """Where a schema comes from, the most trusted first."""

    LOCAL = "the configuration's `schemas`"
    TREE = "a CRD in this tree"
    STORE = "the store of imported schemas"
    KUBERNETES = "Kubernetes"
    LINTKIT = "lintkit"


@dataclass(frozen=True, slots=True)
class KindSchema:
    """What is known of one version of one kind.

    Attributes:
        group: API group.
        version: API version.
        kind: Kind.
        schema: JSON Schema of the whole object; None when only the existence of the version is known.
        origin: Where it comes from.
        where: File, or version of Kubernetes.
        scope: `Namespaced`, `Cluster`, or empty when not known.
        served: Whether the API server serves this version.
        deprecation: Why it is deprecated; empty when it is not.
        versions: Served versions of the kind, for messages.
    """

    group: str
    version: str
    kind: str
    schema: dict[str, Any] | None
    origin: Origin
    where: str = ""
    scope: str = ""
    served: bool = True
    deprecation: str = ""
    versions: tuple[str, ...] = ()

    @property
    def is_exact(self) -> bool:
        """Whether this is what the cluster has, rather than what lintkit knows of the kind."""
        return self.origin is not Origin.LINTKIT


class Catalog:
    """Looks schemas up.

    Args:
        root: Root of the tree; relative paths of `schemas` start there.
        schemas: Entries of `schemas:` in the configuration.
        definitions: CustomResourceDefinitions of the tree.
        kubernetes_version: `1.33`; empty for the newest known.
        store: What was imported on this machine.
        cache: Where schemas of the package are kept once they are made.

    Raises:
        ConfigurationError: An entry of `schemas` is wrong.
    """

    def __init__(
        self,
        root: Path,
        schemas: tuple[str, ...] = (),
        definitions: Iterable[Resource] = (),
        kubernetes_version: str = "",
        store: Store | None = None,
        cache: Cache | None = None,
    ) -> None:
        self.local = tuple(LocalSchemas(entry, root) for entry in schemas)
        self._definitions = tuple(definitions)
        self.kubernetes_version = kubernetes_version
        self.store = store
        self.cache = cache
        self._known: dict[tuple[str, str, str], KindSchema | None] = {}

    @cached_property
    def built_in(self) -> built_in.BuiltIn | None:
        """The kinds of Kubernetes itself; None when kubernetes-validate is not installed."""
        return built_in.load(self.kubernetes_version)

    @cached_property
    def tree_kinds(self) -> dict[tuple[str, str], CustomKind]:
        """(group, kind) -> what a CRD of the tree says."""
        found: dict[tuple[str, str], CustomKind] = {}
        for resource in self._definitions:
            kind = custom_kind(resource.root.value, resource.path)
            if kind is not None:
                found.setdefault((kind.group, kind.kind), kind)
        return found

    def find(self, group: str, version: str, kind: str) -> KindSchema | None:
        """What is known of a version of a kind; None when nothing is.

        A kind that is known with other versions only comes back with `served` False and no schema.
        """
        key = (group, version, kind)
        if key not in self._known:
            self._known[key] = self._look_up(group, version, kind)
        return self._known[key]

    def _look_up(self, group: str, version: str, kind: str) -> KindSchema | None:
        for local in self.local:
            file = local.find(group, version, kind, self.kubernetes_version)
            if file is not None:
                schema = self._whole(closed(file.content, close=False), group, version, kind)
                return KindSchema(group, version, kind, schema, Origin.LOCAL, str(file.path))
        custom = self._custom(group, kind)
        if custom is not None:
            return self._of_custom(*custom, version)
        stored = self.store.schema(group, version, kind) if self.store is not None else None
        if self.store is not None and stored is not None:
            schema = self._whole(closed(stored, close=False), group, version, kind)
            return KindSchema(group, version, kind, schema, Origin.STORE, self.store.origin(group, version, kind))
        return self._of_package(group, version, kind)

    def _of_package(self, group: str, version: str, kind: str) -> KindSchema | None:
        """What Kubernetes and lintkit say of a kind; the cache may have it from an earlier run."""
        if self.cache is None:
            return self._made(group, version, kind)
        name = digest(self.cache.stamp, self.kubernetes_version, group, version, kind)
        kept = self.cache.read("schemas", name)
        if isinstance(kept, tuple):
            return _unpacked(kept)
        made = self._made(group, version, kind)
        self.cache.write("schemas", name, _packed(made))
        return made

    def _made(self, group: str, version: str, kind: str) -> KindSchema | None:
        if self.built_in is not None:
            built = self.built_in.schema(group, version, kind)
            if built is not None:
                scope = "Cluster" if (group, kind) in CLUSTER_SCOPED else "Namespaced"
                return KindSchema(
                    group, version, kind, built, Origin.KUBERNETES, self.built_in.version, scope,
                    versions=self._served(group, kind),
                )  # fmt: skip
        return self._of_lintkit(group, version, kind)

    def _custom(self, group: str, kind: str) -> tuple[CustomKind, Origin] | None:
        for local in self.local:
            found = local.custom_kind(group, kind)
            if found is not None:
                return found, Origin.LOCAL
        in_tree = self.tree_kinds.get((group, kind))
        if in_tree is not None:
            return in_tree, Origin.TREE
        stored = self.store.kind(group, kind) if self.store is not None else None
        return (stored, Origin.STORE) if stored is not None else None

    def _of_custom(self, custom: CustomKind, origin: Origin, version: str) -> KindSchema:
        found = custom.version(version)
        served = tuple(one.name for one in custom.versions if one.served)
        if found is None or not found.served:
            return KindSchema(
                custom.group, version, custom.kind, None, origin, custom.origin, custom.scope,
                served=False, versions=served,
            )  # fmt: skip
        schema = None
        if found.schema is not None:
            schema = self._whole(closed(found.schema), custom.group, version, custom.kind)
        return KindSchema(
            custom.group, version, custom.kind, schema, origin, custom.origin, custom.scope,
            deprecation=found.deprecation, versions=served,
        )  # fmt: skip

    def _of_lintkit(self, group: str, version: str, kind: str) -> KindSchema | None:
        known = authored.load(group, kind)
        if known is None or known.kind != kind or version not in known.versions:
            return None
        schema = self._whole(closed(known.versions[version], close=False), group, version, kind)
        return KindSchema(
            group, version, kind, schema, Origin.LINTKIT, scope=known.scope, versions=tuple(known.versions)
        )

    def _served(self, group: str, kind: str) -> tuple[str, ...]:
        if self.built_in is None:
            return ()
        return tuple(version for found, version, name in self.built_in.kinds if (found, name) == (group, kind))

    def _whole(self, schema: dict[str, Any], group: str, version: str, kind: str) -> dict[str, Any]:
        """The schema of a whole object, with the types of Kubernetes that it refers to."""
        names: list[str] = []
        linked = built_in.linked(schema, self.built_in, names)
        metadata: dict[str, Any] = {}
        if self.built_in is not None:
            names.append(built_in.OBJECT_META)
            metadata = {"$ref": f"#/$defs/{built_in.OBJECT_META}"}
            if group and kind not in self.known_kinds(group):
                metadata["properties"] = {"name": SUBDOMAIN}
        whole = with_object_fields(linked, f"{group}/{version}" if group else version, kind, metadata)
        if self.built_in is not None:
            whole["$defs"] = {**whole.get("$defs", {}), **self.built_in.closure(tuple(names))}
        return whole

    @property
    def known(self) -> frozenset[tuple[str, str, str]]:
        """(group, version, kind) of the kinds of Kubernetes itself."""
        return frozenset(self.built_in.kinds) if self.built_in is not None else frozenset()

    def known_kinds(self, group: str) -> frozenset[str]:
        """Kinds of a group of Kubernetes itself; empty for other groups."""
        if self.built_in is None:
            return frozenset()
        return frozenset(kind for found, _, kind in self.built_in.kinds if found == group)


def _packed(known: KindSchema | None) -> tuple[object, ...]:
    """A schema in plain types."""
    return () if known is None else (*(getattr(known, name) for name in _PLAIN), known.origin.name)


def _unpacked(kept: tuple[Any, ...]) -> KindSchema | None:
    if not kept:
        return None
    return KindSchema(**dict(zip(_PLAIN, kept, strict=False)), origin=Origin[kept[-1]])


def is_definition(resource: Resource) -> bool:
    """Whether an object is a CustomResourceDefinition."""
    return (resource.group, resource.kind) == _CRD
