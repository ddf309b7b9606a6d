"""Objects for every row of the table of references, made from the row itself."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lintkit.model.consumers import _steps
from lintkit.model.references import ANY, CLUSTER, OWN, TARGET_GROUPS, Row, rows_by_kind

if TYPE_CHECKING:
    from pathlib import Path

CONSUMERS = {
    **dict.fromkeys(("Pod", "PodTemplate", "ReplicationController", "PersistentVolume", "PersistentVolumeClaim",
                     "ServiceAccount"), "v1"),
    **dict.fromkeys(("Deployment", "ReplicaSet", "DaemonSet", "StatefulSet"), "apps/v1"),
    **dict.fromkeys(("Job", "CronJob"), "batch/v1"),
    "HorizontalPodAutoscaler": "autoscaling/v2",
    **dict.fromkeys(("RoleBinding", "ClusterRoleBinding"), "rbac.authorization.k8s.io/v1"),
    **dict.fromkeys(("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"),
                    "admissionregistration.k8s.io/v1"),
    "APIService": "apiregistration.k8s.io/v1",
    "CustomResourceDefinition": "apiextensions.k8s.io/v1",
    "StorageClass": "storage.k8s.io/v1",
    **dict.fromkeys(("VolumeSnapshot", "VolumeSnapshotClass"), "snapshot.storage.k8s.io/v1"),
    "HelmRelease": "helm.toolkit.fluxcd.io/v2",
    **dict.fromkeys(("GitRepository", "OCIRepository", "HelmRepository", "Bucket", "ExternalArtifact"),
                    "source.toolkit.fluxcd.io/v1"),
    "ArtifactGenerator": "source.extensions.fluxcd.io/v1beta1",
    **dict.fromkeys(("ImageRepository", "ImagePolicy", "ImageUpdateAutomation"), "image.toolkit.fluxcd.io/v1"),
    "Receiver": "notification.toolkit.fluxcd.io/v1",
    **dict.fromkeys(("FluxInstance", "ResourceSet", "ResourceSetInputProvider"), "fluxcd.controlplane.io/v1"),
    **dict.fromkeys(("ExternalSecret", "ClusterExternalSecret", "SecretStore", "ClusterSecretStore"),
                    "external-secrets.io/v1"),
    **dict.fromkeys(("PushSecret", "ClusterPushSecret"), "external-secrets.io/v1alpha1"),
    **dict.fromkeys(("Issuer", "ClusterIssuer"), "cert-manager.io/v1"),
    "ObjectStore": "barmancloud.cnpg.io/v1",
    **dict.fromkeys(("ScheduledBackup", "Pooler"), "postgresql.cnpg.io/v1"),
    **dict.fromkeys(("ServiceMonitor", "PodMonitor", "Probe"), "monitoring.coreos.com/v1"),
    **dict.fromkeys(("ScrapeConfig", "AlertmanagerConfig"), "monitoring.coreos.com/v1alpha1"),
    **dict.fromkeys(("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"), "gateway.networking.k8s.io/v1"),
    **dict.fromkeys(("ReplicationSource", "ReplicationDestination"), "volsync.backube/v1alpha1"),
    "Dragonfly": "dragonflydb.io/v1alpha1",
    **dict.fromkeys(("ScaledObject", "ScaledJob", "TriggerAuthentication", "ClusterTriggerAuthentication"),
                    "keda.sh/v1alpha1"),
}  # fmt: skip
"""Kind -> apiVersion, for the rows that do not say the group."""

CLUSTER_SCOPED = frozenset(
    {
        "PersistentVolume", "ClusterRoleBinding", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration",
        "APIService", "CustomResourceDefinition", "StorageClass", "VolumeSnapshotClass", "ClusterSecretStore",
        "ClusterExternalSecret", "ClusterPushSecret", "ClusterIssuer", "ClusterGenerator", "ClusterRole",
        "ClusterImageCatalog",
    }
)  # fmt: skip
RULES = {
    "Secret": "dangling-secret-ref",
    "ConfigMap": "dangling-configmap-ref",
    "Service": "dangling-service-ref",
    "ServiceAccount": "dangling-service-account-ref",
    "PersistentVolumeClaim": "dangling-claim-ref",
    "Gateway": "dangling-gateway-ref",
    "Issuer": "dangling-issuer-ref",
    "ClusterIssuer": "dangling-issuer-ref",
}
ROLES = {
    "source": "missing-source",
    "dependency": "missing-dependency",
    "health": "missing-health-check-target",
    "store": "dangling-store-ref",
}
NEVER_CERTAIN = frozenset(
    {
        "StorageClass", "VolumeSnapshotClass", "IngressClass", "PriorityClass", "RuntimeClass", "GatewayClass",
        "PersistentVolume", "ClusterRole", "ExternalArtifact",
    }
)  # fmt: skip
"""Kinds that charts and clusters bring along: nothing is said when one is not in the tree."""
MADE_OUTSIDE = frozenset({"bootstrap", "certificate"})
"""Roles of what is made at bootstrap, or by an issuer that reads the reference itself."""


@dataclass
class Case:
    """One row, with one of the kinds that it may name."""

    row: Row
    consumer: str
    api_version: str
    kind: str
    number: int
    lines: dict[str, tuple[str, int]] = field(default_factory=dict)

    @cached_property
    def word(self) -> str:
        """A name that is like no other."""
        digest = hashlib.sha256(f"{self.row}{self.consumer}{self.kind}".encode()).hexdigest()
        return "n" + "".join(chr(ord("a") + int(one, 16)) for one in digest[:14])

    @property
    def wrong(self) -> str:
        """The same name with a letter too many."""
        return f"{self.word[:7]}z{self.word[7:]}"

    @property
    def id(self) -> str:
        """A name for pytest."""
        return f"{self.consumer}:{self.row.path}:{self.row.name}->{self.kind}"

    @property
    def is_silent(self) -> bool:
        """Whether an absent object is never reported."""
        return self.kind in NEVER_CERTAIN or self.row.role in MADE_OUTSIDE

    @property
    def namespace_path(self) -> str:
        """Where the consumer writes the namespace; empty when it cannot."""
        return "" if self.row.namespace in {OWN, ANY, CLUSTER} else self.row.namespace

    @property
    def is_namespaced(self) -> bool:
        """Whether the namespace of the target matters."""
        if self.row.namespace in {ANY, CLUSTER} or self.kind in CLUSTER_SCOPED | NEVER_CERTAIN:
            return False
        return self.consumer not in CLUSTER_SCOPED or bool(self.namespace_path)

    @property
    def has_keys(self) -> bool:
        """Whether a key is named, or needed unsaid."""
        return bool(self.row.keys or self.row.needs)

    @property
    def rule(self) -> str:
        """The rule that reports an absent object."""
        return ROLES.get(self.row.role) or RULES.get(self.kind, "dangling-object-ref")

    def write(
        self, folder: Path, *, name: str = "", key: str = "good", target_in: str = "own", says: str = "own",
        optional: bool = False,
    ) -> None:  # fmt: skip
        """Write the consumer and its target below a folder, and note on which lines the name and the key stand."""
        own, other = f"ns-{self.number}", f"other-{self.number}"
        name = name or self.word
        holder: dict[str, Any] = {}
        if self.row.kinds:
            holder[self.row.kind] = self.kind
        if self.namespace_path:
            _put(holder, self.namespace_path, own if says == "own" else other)
        for path in self.row.keys:
            _put(holder, path, key)
        if optional:
            holder[self.row.optional] = True
        value: Any = name
        if self.row.name:
            _put(holder, self.row.name, name)
            value = holder
        consumer: dict[str, Any] = {
            "apiVersion": self.api_version,
            "kind": self.consumer,
            "metadata": {"name": f"consumer-{self.number}"},
        }
        if self.consumer not in CLUSTER_SCOPED:
            consumer["metadata"]["namespace"] = own
        _put(consumer, self.row.path, value)
        if self.consumer == "Kustomization":
            consumer["spec"]["path"] = "./nowhere"
        group = TARGET_GROUPS.get(self.kind.rpartition("/")[2], "")
        if "/" in self.kind:
            group = self.kind.rpartition("/")[0]
        target: dict[str, Any] = {
            "apiVersion": f"{group}/v1" if group else "v1",
            "kind": self.kind.rpartition("/")[2],
            "metadata": {"name": self.word},
        }
        if self.kind not in CLUSTER_SCOPED | NEVER_CERTAIN:
            target["metadata"]["namespace"] = own if target_in == "own" else other
        if self.kind in {"Secret", "ConfigMap"}:
            target["data"] = dict.fromkeys((*(self.row.needs if key == "good" else ()), "good", "values.yaml"), "eA==")
        path = f"cluster/cases/{self.number}.yaml"
        text = json.dumps(consumer, indent=1)
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(f"{text}\n---\n{json.dumps(target, indent=1)}\n", "utf-8")
        lines = text.splitlines()
        self.lines = {
            what: (path, next((at for at, line in enumerate(lines, 1) if f'"{what}"' in line), 0))
            for what in (name, key)
        }


def _put(root: dict[str, Any], path: str, value: Any) -> None:  # noqa: ANN401 - any JSON
    """Set what stands at a path of the table's form, with something for each wildcard."""
    steps = [step.replace("**", "deep").replace("*", "any") for step in _steps(path)]
    at: Any = root
    for index, step in enumerate(steps):
        last = index == len(steps) - 1
        following: Any = value if last else [] if steps[index + 1] == "[]" else {}
        if step == "[]":
            at.append(following)
            at = at[0]
        else:
            at[step] = following if last else at.get(step, following)
            at = at[step]


def cases() -> list[Case]:
    """A case for every row, and for every kind that it may name."""
    found: list[Case] = []
    for kind, rows in sorted(rows_by_kind().items()):
        for row in rows:
            group = row.consumer.rpartition("/")[0]
            version = CONSUMERS[kind] if not group else "v1" if group == "core" else f"{group}/v1"
            kinds = row.kinds if row.kinds and row.kinds != ("*",) else (row.target or "HelmRelease",)
            found += [Case(row, kind, version, one, len(found) + at) for at, one in enumerate(kinds)]
    return found
