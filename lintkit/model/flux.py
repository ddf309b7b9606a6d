"""Typed views of Flux's own objects (https://fluxcd.io/flux/components/)."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from lintkit.model.kustomize.build import Overrides
from lintkit.syntax.node import Mapping, Node, Scalar

if TYPE_CHECKING:
    from lintkit.model.resource import Resource

KUSTOMIZE = "kustomize.toolkit.fluxcd.io"
HELM = "helm.toolkit.fluxcd.io"
SOURCE = "source.toolkit.fluxcd.io"
NOTIFICATION = "notification.toolkit.fluxcd.io"
IMAGE = "image.toolkit.fluxcd.io"
OPERATOR = "fluxcd.controlplane.io"
GROUPS = frozenset({KUSTOMIZE, HELM, SOURCE, NOTIFICATION, IMAGE, OPERATOR, "source.extensions.fluxcd.io"})


class Named(NamedTuple):
    """A reference by kind, name and namespace, and the node that a person would edit.

    `namespace_node` is None where the namespace is not written and defaults to that of the referring object.
    """

    kind: str
    name: str
    namespace: str
    node: Node
    namespace_node: Node | None = None
    optional: bool = False


def is_kustomization(resource: Resource) -> bool:
    """Whether a resource is a Flux Kustomization."""
    return resource.group == KUSTOMIZE and resource.kind == "Kustomization"


def is_helm_release(resource: Resource) -> bool:
    """Whether a resource is a HelmRelease."""
    return resource.group == HELM and resource.kind == "HelmRelease"


def normal_path(path: str) -> str:
    """A `spec.path` as a folder of the repository: `./a`, `a` and `/a` are the same, `..` cannot leave the root."""
    normal = posixpath.normpath(posixpath.join("/", path)).lstrip("/")
    return "" if normal == "." else normal


@dataclass(frozen=True, slots=True, eq=False)
class FluxKustomization:
    """A view of a Flux Kustomization."""

    resource: Resource

    @property
    def name(self) -> str:
        """Its name."""
        return self.resource.name

    @property
    def namespace(self) -> str:
        """Its namespace; empty when it has none."""
        return self.resource.namespace

    @property
    def spec(self) -> Mapping | None:
        """`spec`."""
        return self.resource.root.mapping_at("spec")

    @property
    def path_node(self) -> Scalar | None:
        """`spec.path`."""
        node = self.resource.at("spec", "path")
        return node if isinstance(node, Scalar) else None

    @property
    def path(self) -> str | None:
        """The folder it builds; None when a variable decides it."""
        node = self.path_node
        if node is None or node.is_null:
            return ""
        return None if "${" in node.text else normal_path(node.text)

    @property
    def source(self) -> Named | None:
        """`spec.sourceRef`."""
        return named(self.resource, "spec", "sourceRef")

    @property
    def depends_on(self) -> list[Named]:
        """`spec.dependsOn`."""
        return depends_on(self.resource, "Kustomization")

    @property
    def is_suspended(self) -> bool:
        """`spec.suspend`."""
        return flag(self.resource.at("spec", "suspend"))

    @property
    def waits(self) -> bool:
        """Whether others that depend on it wait for its objects: `spec.wait` or health checks."""
        return flag(self.resource.at("spec", "wait")) or bool(self.resource.root.elements_at("spec", "healthChecks"))

    @property
    def target_namespace(self) -> Scalar | None:
        """`spec.targetNamespace`."""
        return _text(self.resource.at("spec", "targetNamespace"))

    @property
    def post_build(self) -> Mapping | None:
        """`spec.postBuild`, when it is there and not null."""
        return self.resource.root.mapping_at("spec", "postBuild")

    @property
    def components(self) -> tuple[Scalar, ...]:
        """`spec.components`."""
        elements = self.resource.root.elements_at("spec", "components")
        return tuple(node for node in elements if isinstance(node, Scalar) and "${" not in node.text)

    def overrides(self) -> Overrides:
        """What it changes in the kustomization it builds."""
        root = self.resource.root
        return Overrides(
            self.target_namespace,
            _text(root.at("spec", "namePrefix")),
            _text(root.at("spec", "nameSuffix")),
            tuple(root.mappings_at("spec", "patches")),
            self.components,
            tuple(root.mappings_at("spec", "images")),
            flag(root.at("spec", "ignoreMissingComponents")),
        )


def _text(node: Node | None) -> Scalar | None:
    return node if isinstance(node, Scalar) and not node.is_null and node.text else None


def flag(node: Node | None) -> bool:
    """Whether a field is set to true."""
    return isinstance(node, Scalar) and node.value is True


def named(resource: Resource, *path: str | int, kind: str = "", namespace: str | None = None) -> Named | None:
    """The reference that stands at a key path; its namespace defaults to the resource's own.

    Args:
        resource: The referring object.
        path: Where a mapping with `name`, and maybe `kind` and `namespace`, stands.
        kind: The kind when none is written.
        namespace: The default namespace, when it is not the resource's own.
    """
    node = resource.root.mapping_at(*path)
    name = node.get("name") if node else None
    if node is None or not isinstance(name, Scalar) or name.is_null or not name.text:
        return None
    written = _text(node.get("namespace"))
    default = resource.namespace if namespace is None else namespace
    return Named(
        node.text("kind") or kind,
        name.text,
        written.text if written else default,
        name,
        written,
        flag(node.get("optional")),
    )


def depends_on(resource: Resource, kind: str) -> list[Named]:
    """The `spec.dependsOn` of a Flux Kustomization or HelmRelease."""
    count = len(resource.root.elements_at("spec", "dependsOn"))
    found = [named(resource, "spec", "dependsOn", index, kind=kind) for index in range(count)]
    return [one._replace(kind=kind) for one in found if one is not None]


def sync_of(resource: Resource) -> Mapping | None:
    """What a FluxInstance syncs, as an object or as values of its chart."""
    if resource.group == OPERATOR and resource.kind == "FluxInstance":
        return resource.root.mapping_at("spec", "sync")
    if is_helm_release(resource):
        sync = resource.root.mapping_at("spec", "values", "instance", "sync")
        return sync if sync is not None and sync.text("url") else None
    return None


def sync_paths(resource: Resource) -> list[Scalar]:
    """The folders that a FluxInstance syncs."""
    sync = sync_of(resource)
    node = sync.get("path") if sync is not None else None
    return [node] if isinstance(node, Scalar) and not node.is_null else []
