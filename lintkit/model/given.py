"""What exists in a cluster although no file declares it, and what may come from an operator or a chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lintkit.model.consumers import Reference

_ROOT_CA = "kube-root-ca.crt"
_BY_FLUX = frozenset({"webhook-receiver", "notification-controller", "source-controller"})
_CONTROLLERS = frozenset(
    {
        "source-controller", "kustomize-controller", "helm-controller", "notification-controller", "source-watcher",
        "image-reflector-controller", "image-automation-controller", "flux-operator",
    }
)  # fmt: skip
_BY_ROOK = ("rook-csi-rbd-", "rook-csi-cephfs-", "rook-ceph-")
_CLASSES = frozenset(
    {
        "StorageClass", "VolumeSnapshotClass", "IngressClass", "PriorityClass", "RuntimeClass", "GatewayClass",
        "CustomResourceDefinition", "PersistentVolume",
    }
)  # fmt: skip
_BUILT_IN_ROLES = frozenset({"admin", "edit", "view", "cluster-admin"})


def given(reference: Reference) -> str:
    """Why an object exists in a cluster without anyone declaring it; empty when it does not."""
    kind, name = reference.kind, reference.name
    if kind == "ConfigMap" and name == _ROOT_CA:
        return "every namespace has it"
    if kind == "ServiceAccount" and name == "default":
        return "every namespace has it"
    if kind == "ClusterRole" and (name in _BUILT_IN_ROLES or name.startswith("system:")):
        return "every cluster has it"
    if kind == "PriorityClass" and name.startswith("system-"):
        return "every cluster has it"
    if kind == "Service" and (name == "kubernetes" or name in _BY_FLUX):
        return "every cluster has it"
    if kind == "ServiceAccount" and reference.consumer.label("app.kubernetes.io/part-of") == "flux":
        return "Flux's own manifests name the accounts of controllers that are not installed"
    if kind == "ServiceAccount" and name in _CONTROLLERS:
        return "Flux brings it along"
    if kind == "Secret" and name.startswith(_BY_ROOK):
        return "Rook's operator makes it"
    if kind in _CLASSES or (kind == "ClusterRole" and reference.group):
        return "charts and clusters bring such objects along"
    if reference.row.role == "bootstrap":
        return "it is made when the cluster is bootstrapped"
    if kind == "ExternalArtifact":
        return "a generator makes it"
    if kind == "Secret" and reference.row.role == "certificate":
        return "an issuer may make it"
    return ""


def by_the_cluster(reference: Reference) -> bool:
    """Whether an object is of a kind that the cluster itself has in that namespace."""
    return reference.namespace in _OF_THE_CLUSTER and reference.kind in _OF_DISTRIBUTIONS


_OF_THE_CLUSTER = frozenset({"kube-system", "kube-public", "kube-node-lease"})
_OF_DISTRIBUTIONS = frozenset({"ConfigMap", "Service", "ServiceAccount", "Deployment", "DaemonSet"})


SILENT_GROUPS = frozenset(
    {
        "apps", "batch", "autoscaling", "policy", "networking.k8s.io", "rbac.authorization.k8s.io", "storage.k8s.io",
        "helm.toolkit.fluxcd.io", "kustomize.toolkit.fluxcd.io", "source.toolkit.fluxcd.io",
        "notification.toolkit.fluxcd.io", "image.toolkit.fluxcd.io", "external-secrets.io", "monitoring.coreos.com",
        "gateway.networking.k8s.io", "cert-manager.io", "generators.external-secrets.io", "apiextensions.k8s.io",
        "admissionregistration.k8s.io", "cilium.io", "volsync.backube", "postgresql.cnpg.io", "barmancloud.cnpg.io",
        "grafana.integreatly.org", "k8s.cni.cncf.io", "keda.sh", "bitnami.com",
    }
)  # fmt: skip
"""Groups whose kinds make no Secret and no ConfigMap but those that `producers` knows."""
PLAIN_GROUPS = frozenset(
    {
        "apps", "batch", "autoscaling", "policy", "networking.k8s.io", "rbac.authorization.k8s.io", "storage.k8s.io",
        "helm.toolkit.fluxcd.io", "kustomize.toolkit.fluxcd.io", "source.toolkit.fluxcd.io",
        "notification.toolkit.fluxcd.io", "image.toolkit.fluxcd.io", "external-secrets.io", "apiextensions.k8s.io",
        "generators.external-secrets.io", "admissionregistration.k8s.io", "bitnami.com", "cert-manager.io",
    }
)  # fmt: skip
"""Groups whose kinds make no Service, claim or ServiceAccount either."""


def derives(name: str, base: str) -> bool:
    """Whether an operator or chart that is called `base` may call what it makes `name`."""
    return bool(base) and (
        name == base or name.startswith(f"{base}-") or name.endswith(f"-{base}") or f"-{base}-" in name
    )
