"""A Kubernetes object with the place of each of its fields."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from lintkit.syntax.node import Mapping, Node, Place, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.syntax.node import Stream
    from lintkit.text.source import Source

CLUSTER_SCOPED = frozenset(
    {
        ("", "ComponentStatus"), ("", "Namespace"), ("", "Node"), ("", "PersistentVolume"),
        ("admissionregistration.k8s.io", "MutatingAdmissionPolicy"),
        ("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"),
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
        ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
        ("apiextensions.k8s.io", "CustomResourceDefinition"),
        ("apiregistration.k8s.io", "APIService"),
        ("authentication.k8s.io", "SelfSubjectReview"), ("authentication.k8s.io", "TokenReview"),
        ("authorization.k8s.io", "SelfSubjectAccessReview"), ("authorization.k8s.io", "SelfSubjectRulesReview"),
        ("authorization.k8s.io", "SubjectAccessReview"),
        ("certificates.k8s.io", "CertificateSigningRequest"), ("certificates.k8s.io", "ClusterTrustBundle"),
        ("flowcontrol.apiserver.k8s.io", "FlowSchema"),
        ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"),
        ("internal.apiserver.k8s.io", "StorageVersion"), ("storagemigration.k8s.io", "StorageVersionMigration"),
        ("networking.k8s.io", "IngressClass"), ("networking.k8s.io", "IPAddress"), ("networking.k8s.io", "ServiceCIDR"),
        ("node.k8s.io", "RuntimeClass"), ("policy", "PodSecurityPolicy"),
        ("rbac.authorization.k8s.io", "ClusterRole"), ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
        ("resource.k8s.io", "DeviceClass"), ("resource.k8s.io", "ResourceSlice"),
        ("resource.k8s.io", "DeviceTaintRule"),
        ("scheduling.k8s.io", "PriorityClass"),
        ("storage.k8s.io", "CSIDriver"), ("storage.k8s.io", "CSINode"), ("storage.k8s.io", "StorageClass"),
        ("storage.k8s.io", "VolumeAttachment"), ("storage.k8s.io", "VolumeAttributesClass"),
    }
)  # fmt: skip
"""Built-in kinds without a namespace: those that kustomize knows (group, kind)."""

CUSTOM_CLUSTER_SCOPED = frozenset(
    {
        ("cert-manager.io", "ClusterIssuer"), ("cilium.io", "CiliumBGPAdvertisement"),
        ("cilium.io", "CiliumBGPClusterConfig"), ("cilium.io", "CiliumBGPNodeConfigOverride"),
        ("cilium.io", "CiliumBGPPeerConfig"), ("cilium.io", "CiliumBGPPeeringPolicy"),
        ("cilium.io", "CiliumCIDRGroup"), ("cilium.io", "CiliumClusterwideEnvoyConfig"),
        ("cilium.io", "CiliumClusterwideNetworkPolicy"), ("cilium.io", "CiliumEgressGatewayPolicy"),
        ("cilium.io", "CiliumIdentity"), ("cilium.io", "CiliumL2AnnouncementPolicy"),
        ("cilium.io", "CiliumLoadBalancerIPPool"), ("cilium.io", "CiliumNode"),
        ("external-secrets.io", "ClusterExternalSecret"), ("external-secrets.io", "ClusterPushSecret"),
        ("external-secrets.io", "ClusterSecretStore"), ("gateway.networking.k8s.io", "GatewayClass"),
        ("generators.external-secrets.io", "ClusterGenerator"),
        ("groupsnapshot.storage.k8s.io", "VolumeGroupSnapshotClass"),
        ("groupsnapshot.storage.k8s.io", "VolumeGroupSnapshotContent"),
        ("kyverno.io", "ClusterPolicy"), ("kyverno.io", "ClusterCleanupPolicy"),
        ("nfd.k8s-sigs.io", "NodeFeatureRule"), ("operator.tigera.io", "Installation"),
        ("postgresql.cnpg.io", "ClusterImageCatalog"), ("snapshot.storage.k8s.io", "VolumeSnapshotClass"),
        ("snapshot.storage.k8s.io", "VolumeSnapshotContent"), ("trust.cert-manager.io", "Bundle"),
        ("tailscale.com", "Connector"), ("tailscale.com", "ProxyClass"), ("tailscale.com", "ProxyGroup"),
        ("tailscale.com", "DNSConfig"),
    }
)  # fmt: skip
"""Common custom kinds without a namespace; the CRDs of a tree or of the store say it for others."""


class ResourceId(NamedTuple):
    """What makes an object unique in a cluster: the version is no part of it."""

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.namespace}/{self.name}" if self.namespace else f"{self.kind}/{self.name}"


@lru_cache(maxsize=4096)
def split_api_version(api_version: str) -> tuple[str, str]:
    """`apps/v1` -> ("apps", "v1"); `v1` -> ("", "v1")."""
    group, slash, version = api_version.rpartition("/")
    return (group, version) if slash else ("", api_version)


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """A Kubernetes object, as it is written in a file or as a build makes it.

    Attributes:
        group: API group; empty for the core group.
        version: API version.
        kind: Kind.
        namespace: `metadata.namespace`, empty when there is none.
        name: `metadata.name`, or `metadata.generateName`; empty when there is neither.
        root: The object. Fields of a built object may stand in several files.
        written: The object as it is written in its file; the same as `root` when no build changed it.
        hashed: A generator made it and kustomize adds a content hash to its name.
        generated: A generator of a kustomization made it.
    """

    group: str
    version: str
    kind: str
    namespace: str
    name: str
    root: Mapping
    written: Mapping
    hashed: bool = False
    generated: bool = False

    @property
    def source(self) -> Source:
        """The file it is written in."""
        return self.written.source

    @property
    def path(self) -> str:
        """Path of the file it is written in."""
        return self.written.source.path

    @property
    def id(self) -> ResourceId:
        """Its identity in the cluster."""
        return ResourceId(self.group, self.kind, "" if self.is_cluster_scoped else self.namespace, self.name)

    @property
    def api_version(self) -> str:
        """`group/version`, or the version alone for the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def is_cluster_scoped(self) -> bool:
        """Whether its kind is known to live outside of namespaces."""
        return (self.group, self.kind) in CLUSTER_SCOPED or (self.group, self.kind) in CUSTOM_CLUSTER_SCOPED

    @property
    def name_place(self) -> Place:
        """Where its name stands; the object itself when it has none."""
        node = self.root.at("metadata", "name")
        return (node or self.root).place

    def at(self, *path: str | int) -> Node | None:
        """The node at a key path, or None."""
        return self.root.at(*path)

    def text(self, *path: str | int) -> str | None:
        """The text of the non-null scalar at a key path, or None."""
        return self.root.text_at(*path)

    def annotation(self, name: str) -> str | None:
        """The text of an annotation, or None."""
        return self.root.text_at("metadata", "annotations", name)

    def label(self, name: str) -> str | None:
        """The text of a label, or None."""
        return self.root.text_at("metadata", "labels", name)

    def rebuilt(self, root: Mapping) -> Resource:
        """The same object with other content."""
        return make(root, self.written, hashed=self.hashed, generated=self.generated)

    def renamed(self, namespace: str) -> Resource:
        """The same object in another namespace."""
        return replace(self, namespace=namespace)


def make(root: Mapping, written: Mapping | None = None, *, hashed: bool = False, generated: bool = False) -> Resource:
    """A resource out of a mapping that has `apiVersion` and `kind`."""
    entries = root.entries
    api_version, kind = entries.get("apiVersion"), entries.get("kind")
    group, version = split_api_version(api_version.text if isinstance(api_version, Scalar) else "")
    namespace = name = ""
    metadata = entries.get("metadata")
    if isinstance(metadata, Mapping):
        name = metadata.text("name") or metadata.text("generateName") or ""
        namespace = metadata.text("namespace") or ""
    return Resource(
        group,
        version,
        kind.text if isinstance(kind, Scalar) else "",
        namespace,
        name,
        root,
        written or root,
        hashed,
        generated,
    )


def is_manifest(node: Node | None) -> bool:
    """Whether a document is a Kubernetes object: a mapping with `apiVersion` and `kind` as text."""
    if not isinstance(node, Mapping):
        return False
    return isinstance(node.entries.get("apiVersion"), Scalar) and isinstance(node.entries.get("kind"), Scalar)


def manifests(stream: Stream) -> Iterator[Mapping]:
    """The Kubernetes objects of a stream; the items of a `List` one by one, as kustomize reads them."""
    for document in stream.documents:
        if is_manifest(document.root):
            yield from _unlisted(document.root)  # type: ignore[arg-type]


def _unlisted(root: Mapping) -> Iterator[Mapping]:
    items = root.entries.get("items")
    if (root.text("kind") or "").endswith("List") and isinstance(items, Sequence):
        for item in items.elements:
            if is_manifest(item):
                yield from _unlisted(item)  # type: ignore[arg-type]
    else:
        yield root
