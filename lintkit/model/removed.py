"""API versions that newer clusters and controllers no longer serve.

Sources: https://kubernetes.io/docs/reference/using-api/deprecation-guide/, https://fluxcd.io/flux/releases/ and the
release notes of External Secrets 0.17.
"""

from __future__ import annotations

from typing import NamedTuple

from lintkit.model.external_secrets import GROUP as EXTERNAL_SECRETS
from lintkit.model.flux import HELM, IMAGE, KUSTOMIZE, NOTIFICATION, SOURCE


class Removed(NamedTuple):
    """An API version that is gone.

    Attributes:
        since: (major, minor) of the first Kubernetes without it.
        instead: What takes its place, empty when nothing does.
        moves: Whether fields moved with it, so that the version alone cannot be changed.
    """

    since: tuple[int, int]
    instead: str
    moves: bool = False


_ADMISSION_GROUP = "admissionregistration.k8s.io"
_RBAC_GROUP = "rbac.authorization.k8s.io"
_FLOW_GROUP = "flowcontrol.apiserver.k8s.io"
_ADMISSION = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
_WORKLOADS = ("Deployment", "DaemonSet", "StatefulSet", "ReplicaSet")
_RBAC = ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")

REMOVED: dict[tuple[str, str, str], Removed] = {
    **{("extensions", "v1beta1", kind): Removed((1, 16), "apps/v1", moves=True) for kind in _WORKLOADS},
    **{("apps", "v1beta1", kind): Removed((1, 16), "apps/v1", moves=True) for kind in _WORKLOADS},
    **{("apps", "v1beta2", kind): Removed((1, 16), "apps/v1") for kind in _WORKLOADS},
    ("extensions", "v1beta1", "NetworkPolicy"): Removed((1, 16), "networking.k8s.io/v1"),
    ("extensions", "v1beta1", "PodSecurityPolicy"): Removed((1, 16), ""),
    ("extensions", "v1beta1", "Ingress"): Removed((1, 22), "networking.k8s.io/v1", moves=True),
    ("networking.k8s.io", "v1beta1", "Ingress"): Removed((1, 22), "networking.k8s.io/v1", moves=True),
    ("networking.k8s.io", "v1beta1", "IngressClass"): Removed((1, 22), "networking.k8s.io/v1"),
    **{
        (_ADMISSION_GROUP, "v1beta1", kind): Removed((1, 22), f"{_ADMISSION_GROUP}/v1", moves=True)
        for kind in _ADMISSION
    },
    ("apiextensions.k8s.io", "v1beta1", "CustomResourceDefinition"): Removed(
        (1, 22), "apiextensions.k8s.io/v1", moves=True
    ),
    ("apiregistration.k8s.io", "v1beta1", "APIService"): Removed((1, 22), "apiregistration.k8s.io/v1"),
    ("authentication.k8s.io", "v1beta1", "TokenReview"): Removed((1, 22), "authentication.k8s.io/v1"),
    ("certificates.k8s.io", "v1beta1", "CertificateSigningRequest"): Removed(
        (1, 22), "certificates.k8s.io/v1", moves=True
    ),
    ("coordination.k8s.io", "v1beta1", "Lease"): Removed((1, 22), "coordination.k8s.io/v1"),
    **{(_RBAC_GROUP, "v1beta1", kind): Removed((1, 22), f"{_RBAC_GROUP}/v1") for kind in _RBAC},
    **{(_RBAC_GROUP, "v1alpha1", kind): Removed((1, 23), f"{_RBAC_GROUP}/v1") for kind in _RBAC},
    ("scheduling.k8s.io", "v1beta1", "PriorityClass"): Removed((1, 22), "scheduling.k8s.io/v1"),
    **{
        ("storage.k8s.io", "v1beta1", kind): Removed((1, 22), "storage.k8s.io/v1")
        for kind in ("CSIDriver", "CSINode", "StorageClass", "VolumeAttachment")
    },
    ("storage.k8s.io", "v1beta1", "CSIStorageCapacity"): Removed((1, 27), "storage.k8s.io/v1"),
    ("batch", "v1beta1", "CronJob"): Removed((1, 25), "batch/v1"),
    ("batch", "v2alpha1", "CronJob"): Removed((1, 21), "batch/v1"),
    ("discovery.k8s.io", "v1beta1", "EndpointSlice"): Removed((1, 25), "discovery.k8s.io/v1", moves=True),
    ("events.k8s.io", "v1beta1", "Event"): Removed((1, 25), "events.k8s.io/v1", moves=True),
    ("autoscaling", "v2beta1", "HorizontalPodAutoscaler"): Removed((1, 25), "autoscaling/v2", moves=True),
    ("autoscaling", "v2beta2", "HorizontalPodAutoscaler"): Removed((1, 26), "autoscaling/v2"),
    ("policy", "v1beta1", "PodDisruptionBudget"): Removed((1, 25), "policy/v1"),
    ("policy", "v1beta1", "PodSecurityPolicy"): Removed((1, 25), ""),
    ("node.k8s.io", "v1beta1", "RuntimeClass"): Removed((1, 25), "node.k8s.io/v1"),
    **{
        (_FLOW_GROUP, version, kind): Removed((1, minor), f"{_FLOW_GROUP}/v1", moves=True)
        for version, minor in (("v1beta1", 26), ("v1beta2", 29), ("v1beta3", 32))
        for kind in ("FlowSchema", "PriorityLevelConfiguration")
    },
}  # fmt: skip
"""(group, version, kind) -> what became of it."""

FLUX: dict[tuple[str, str], Removed] = {
    (HELM, "v2beta1"): Removed((2, 7), f"{HELM}/v2"),
    (HELM, "v2beta2"): Removed((2, 8), f"{HELM}/v2"),
    (KUSTOMIZE, "v1beta1"): Removed((2, 7), f"{KUSTOMIZE}/v1"),
    (KUSTOMIZE, "v1beta2"): Removed((2, 8), f"{KUSTOMIZE}/v1"),
    (SOURCE, "v1beta1"): Removed((2, 7), f"{SOURCE}/v1"),
    (SOURCE, "v1beta2"): Removed((2, 8), f"{SOURCE}/v1"),
    (NOTIFICATION, "v1beta1"): Removed((2, 7), f"{NOTIFICATION}/v1beta3"),
    (NOTIFICATION, "v1beta2"): Removed((2, 8), f"{NOTIFICATION}/v1beta3"),
    (IMAGE, "v1alpha1"): Removed((2, 7), f"{IMAGE}/v1", moves=True),
    (IMAGE, "v1alpha2"): Removed((2, 7), f"{IMAGE}/v1"),
    (IMAGE, "v1beta1"): Removed((2, 7), f"{IMAGE}/v1"),
}
"""(group, version) -> the version of Flux that no longer serves it."""
_RECEIVER = Removed((2, 7), f"{NOTIFICATION}/v1")
_OLD_SECRETS = frozenset({"ExternalSecret", "SecretStore", "ClusterSecretStore", "ClusterExternalSecret"})


def of_flux(group: str, version: str, kind: str) -> Removed | None:
    """What became of an API version of Flux."""
    found = FLUX.get((group, version))
    if found is not None and kind == "Receiver":
        return found._replace(instead=_RECEIVER.instead)
    return found


def of_external_secrets(group: str, version: str, kind: str) -> str:
    """What takes the place of an API version of External Secrets, which has served `v1` alone since 0.17; or empty."""
    is_old = group == EXTERNAL_SECRETS and version in {"v1alpha1", "v1beta1"} and kind in _OLD_SECRETS
    return f"{EXTERNAL_SECRETS}/v1" if is_old else ""


DEPRECATED: dict[tuple[str, str, str], str] = {
    ("", "v1", "Endpoints"): "`discovery.k8s.io/v1` EndpointSlice takes its place",
    ("", "v1", "ComponentStatus"): "the health endpoints of the components take its place",
}
"""(group, version, kind) -> what takes the place of what is deprecated and has no date of removal."""
