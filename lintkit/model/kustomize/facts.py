"""What kustomize knows about the fields of built-in kinds.

Facts of kustomize v5.8: which fields hold the names of other objects, which get labels and annotations, by which key
the lists of built-in kinds are merged. Custom resources are in none of these tables.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias


class FieldSpec(NamedTuple):
    """Where a transformer acts: `path` in the objects of a kind; empty parts select every kind."""

    path: tuple[str, ...]
    kind: str = ""
    group: str = ""
    version: str = ""
    create: bool = False

    def selects(self, group: str, version: str, kind: str) -> bool:
        """Whether objects of this group, version and kind are meant."""
        return (
            (not self.kind or self.kind == kind)
            and (not self.group or self.group == group)
            and (not self.version or self.version == version)
        )


def spec(path: str, kind: str = "", group: str = "", version: str = "", *, create: bool = False) -> FieldSpec:
    r"""A field spec from its written form; `\/` is a `/` inside a key."""
    parts = path.replace("\\/", "\0").split("/")
    return FieldSpec(tuple(part.replace("\0", "/") for part in parts), kind, group, version, create)


_TEMPLATED = ("Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "Job")
_POD_PATHS: tuple[tuple[str, str], ...] = (
    ("spec", "Pod"),
    ("template/spec", "PodTemplate"),
    *(("spec/template/spec", kind) for kind in _TEMPLATED),
    ("spec/jobTemplate/spec/template/spec", "CronJob"),
)
_CONTROLLED: tuple[tuple[str, str], ...] = (
    ("spec", "Pod"),
    *(
        ("spec/template/spec", kind)
        for kind in ("StatefulSet", "Deployment", "ReplicationController", "Job", "DaemonSet")
    ),
    ("spec/jobTemplate/spec/template/spec", "CronJob"),
)


def _pods(*paths: str, without: tuple[str, ...] = ()) -> list[FieldSpec]:
    return [spec(f"{prefix}/{path}", kind) for prefix, kind in _POD_PATHS for path in paths if kind not in without]


def _controlled(path: str) -> list[FieldSpec]:
    return [spec(f"{prefix}/{path}", kind) for prefix, kind in _CONTROLLED]


class NameReference(NamedTuple):
    """Fields that hold the name of an object of `kind`."""

    kind: str
    fields: tuple[FieldSpec, ...]
    group: str = ""
    version: str = ""

    def is_target(self, group: str, version: str, kind: str) -> bool:
        """Whether an object of this group, version and kind is what the fields name."""
        return (
            kind == self.kind
            and (not self.group or self.group == group)
            and (not self.version or self.version == version)
        )


_RBAC = "rbac.authorization.k8s.io"
_ADMISSION = "admissionregistration.k8s.io"
NAME_REFERENCES: tuple[NameReference, ...] = (
    *(
        NameReference(kind, (spec("spec/scaleTargetRef/name", "HorizontalPodAutoscaler"),))
        for kind in ("Deployment", "ReplicationController", "ReplicaSet", "StatefulSet")
    ),
    NameReference(
        "ConfigMap",
        (
            *_pods(
                "volumes/configMap/name",
                "containers/env/valueFrom/configMapKeyRef/name",
                "initContainers/env/valueFrom/configMapKeyRef/name",
                "containers/envFrom/configMapRef/name",
                "initContainers/envFrom/configMapRef/name",
                "volumes/projected/sources/configMap/name",
            ),
            spec("spec/configSource/configMap", "Node"),
            spec("rules/resourceNames", "Role"),
            spec("rules/resourceNames", "ClusterRole"),
            spec(r"metadata/annotations/nginx.ingress.kubernetes.io\/fastcgi-params-configmap", "Ingress"),
        ),
        version="v1",
    ),
    NameReference(
        "Secret",
        (
            *_pods(
                "volumes/secret/secretName",
                "containers/env/valueFrom/secretKeyRef/name",
                "initContainers/env/valueFrom/secretKeyRef/name",
                "containers/envFrom/secretRef/name",
                "initContainers/envFrom/secretRef/name",
                "imagePullSecrets/name",
                "volumes/projected/sources/secret/name",
            ),
            spec("spec/tls/secretName", "Ingress"),
            spec(r"metadata/annotations/ingress.kubernetes.io\/auth-secret", "Ingress"),
            spec(r"metadata/annotations/nginx.ingress.kubernetes.io\/auth-secret", "Ingress"),
            spec(r"metadata/annotations/nginx.ingress.kubernetes.io\/auth-tls-secret", "Ingress"),
            spec("imagePullSecrets/name", "ServiceAccount"),
            *(
                spec(f"parameters/{name}", "StorageClass")
                for name in ("secretName", "adminSecretName", "userSecretName", "secretRef")
            ),
            spec("rules/resourceNames", "Role"),
            spec("rules/resourceNames", "ClusterRole"),
            spec(
                "spec/template/spec/containers/env/valueFrom/secretKeyRef/name", "Service", "serving.knative.dev", "v1"
            ),
            spec("spec/azureFile/secretName", "PersistentVolume"),
        ),
        version="v1",
    ),
    NameReference(
        "Service",
        (
            spec("spec/serviceName", "StatefulSet", "apps"),
            spec("spec/rules/http/paths/backend/serviceName", "Ingress"),
            spec("spec/backend/serviceName", "Ingress"),
            spec("spec/rules/http/paths/backend/service/name", "Ingress"),
            spec("spec/defaultBackend/service/name", "Ingress"),
            spec("spec/service/name", "APIService", "apiregistration.k8s.io"),
            spec("webhooks/clientConfig/service", "ValidatingWebhookConfiguration", _ADMISSION),
            spec("webhooks/clientConfig/service", "MutatingWebhookConfiguration", _ADMISSION),
        ),
        version="v1",
    ),
    NameReference("Role", (spec("roleRef/name", "RoleBinding", _RBAC),), group=_RBAC),
    NameReference(
        "ClusterRole",
        (spec("roleRef/name", "RoleBinding", _RBAC), spec("roleRef/name", "ClusterRoleBinding", _RBAC)),
        group=_RBAC,
    ),
    NameReference(
        "ServiceAccount",
        (
            spec("subjects", "RoleBinding", _RBAC),
            spec("subjects", "ClusterRoleBinding", _RBAC),
            *_controlled("serviceAccountName"),
        ),
        version="v1",
    ),
    NameReference("PersistentVolumeClaim", tuple(_controlled("volumes/persistentVolumeClaim/claimName")), version="v1"),
    NameReference(
        "PersistentVolume",
        (spec("spec/volumeName", "PersistentVolumeClaim"), spec("rules/resourceNames", "ClusterRole")),
        version="v1",
    ),
    NameReference(
        "StorageClass",
        (
            spec("spec/storageClassName", "PersistentVolume"),
            spec("spec/storageClassName", "PersistentVolumeClaim"),
            spec("spec/volumeClaimTemplates/spec/storageClassName", "StatefulSet"),
        ),
        "storage.k8s.io",
        "v1",
    ),
    NameReference("PriorityClass", tuple(_controlled("priorityClassName")), "scheduling.k8s.io", "v1"),
    NameReference(
        "ValidatingAdmissionPolicy",
        (spec("spec/policyName", "ValidatingAdmissionPolicyBinding", _ADMISSION),),
        _ADMISSION,
    ),
)
"""Back references that follow a changed name; custom resources need a `configurations:` file."""

NAMESPACE_FIELDS: tuple[FieldSpec, ...] = (
    spec("spec/service/namespace", "APIService", "apiregistration.k8s.io", create=True),
    spec("spec/conversion/webhook/clientConfig/service/namespace", "CustomResourceDefinition", "apiextensions.k8s.io"),
)

_TEMPLATE_META: tuple[tuple[str, str, str, str], ...] = (
    ("spec/template/metadata", "ReplicationController", "", "v1"),
    ("spec/template/metadata", "Deployment", "", ""),
    ("spec/template/metadata", "ReplicaSet", "", ""),
    ("spec/template/metadata", "DaemonSet", "", ""),
    ("spec/template/metadata", "StatefulSet", "apps", ""),
    ("spec/template/metadata", "Job", "batch", ""),
    ("spec/jobTemplate/metadata", "CronJob", "batch", ""),
    ("spec/jobTemplate/spec/template/metadata", "CronJob", "batch", ""),
)
LABEL_FIELD = spec("metadata/labels", create=True)
TEMPLATE_LABELS: tuple[FieldSpec, ...] = (
    LABEL_FIELD,
    *(spec(f"{path}/labels", kind, group, version, create=True) for path, kind, group, version in _TEMPLATE_META),
    spec("spec/volumeClaimTemplates[]/metadata/labels", "StatefulSet", "apps", create=True),
)
_AFFINITY = tuple(
    f"spec/template/spec/affinity/{which}/{when}/labelSelector/matchLabels"
    for which in ("podAffinity", "podAntiAffinity")
    for when in (
        "preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm",
        "requiredDuringSchedulingIgnoredDuringExecution",
    )
)
SELECTOR_LABELS: tuple[FieldSpec, ...] = (
    spec("spec/selector", "Service", version="v1", create=True),
    spec("spec/selector", "ReplicationController", version="v1", create=True),
    spec("spec/selector/matchLabels", "Deployment", create=True),
    spec("spec/selector/matchLabels", "ReplicaSet", create=True),
    spec("spec/selector/matchLabels", "DaemonSet", create=True),
    spec("spec/selector/matchLabels", "StatefulSet", "apps", create=True),
    *(
        spec(path, kind, "apps")
        for kind in ("Deployment", "StatefulSet")
        for path in (*_AFFINITY, "spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels")
    ),
    spec("spec/selector/matchLabels", "Job", "batch"),
    spec("spec/jobTemplate/spec/selector/matchLabels", "CronJob", "batch"),
    spec("spec/selector/matchLabels", "PodDisruptionBudget", "policy"),
    spec("spec/podSelector/matchLabels", "NetworkPolicy", "networking.k8s.io"),
    spec("spec/ingress/from/podSelector/matchLabels", "NetworkPolicy", "networking.k8s.io"),
    spec("spec/egress/to/podSelector/matchLabels", "NetworkPolicy", "networking.k8s.io"),
    *TEMPLATE_LABELS,
)
ANNOTATIONS: tuple[FieldSpec, ...] = (
    spec("metadata/annotations", create=True),
    *(
        spec(f"{path}/annotations", kind, "" if kind == "StatefulSet" else group, version, create=True)
        for path, kind, group, version in _TEMPLATE_META
    ),
)
IMAGES: tuple[FieldSpec, ...] = tuple(
    spec(f"{prefix}{path}", create=True)
    for prefix in ("spec/", "spec/template/spec/")
    for path in ("containers[]/image", "initContainers[]/image", "volumes[]/image/reference")
)
REPLICAS: tuple[FieldSpec, ...] = tuple(
    spec("spec/replicas", kind, create=True)
    for kind in ("Deployment", "ReplicationController", "ReplicaSet", "StatefulSet")
)

ListKeys: TypeAlias = tuple[str, ...]


class Shape:
    """How a strategic merge treats the fields of a type: lists with merge keys, and the types below."""

    __slots__ = ("fields", "lists")

    def __init__(
        self, fields: dict[str, Shape] | None = None, lists: dict[str, tuple[ListKeys, Shape | None]] | None = None
    ) -> None:
        self.fields = fields or {}
        self.lists = lists or {}


_CONDITIONS: tuple[ListKeys, Shape | None] = (("type",), None)
_CONTAINER = Shape(
    {"resources": Shape(lists={"claims": (("name",), None)})},
    {
        "env": (("name",), None),
        "ports": (("containerPort", "protocol"), None),
        "volumeMounts": (("mountPath",), None),
        "volumeDevices": (("devicePath",), None),
    },
)
_POD_SPEC = Shape(
    lists={
        "containers": (("name",), _CONTAINER),
        "initContainers": (("name",), _CONTAINER),
        "ephemeralContainers": (("name",), _CONTAINER),
        "volumes": (("name",), None),
        "imagePullSecrets": (("name",), None),
        "hostAliases": (("ip",), None),
        "topologySpreadConstraints": (("topologyKey", "whenUnsatisfiable"), None),
        "resourceClaims": (("name",), None),
        "schedulingGates": (("name",), None),
    }
)
_META = Shape(lists={"ownerReferences": (("uid",), None), "finalizers": ((), None)})
_POD_TEMPLATE = Shape({"metadata": _META, "spec": _POD_SPEC})
_STATUS = Shape(lists={"conditions": _CONDITIONS})
_WORKLOAD = Shape({"metadata": _META, "spec": Shape({"template": _POD_TEMPLATE}), "status": _STATUS})
_JOB_SPEC = Shape({"template": _POD_TEMPLATE})
_PLAIN = Shape({"metadata": _META, "status": _STATUS})
_WEBHOOKS = Shape({"metadata": _META}, {"webhooks": (("name",), None)})
_SHAPES: dict[tuple[str, str], Shape] = {
    **{("apps", kind): _WORKLOAD for kind in ("Deployment", "ReplicaSet", "DaemonSet", "StatefulSet")},
    ("", "ReplicationController"): _WORKLOAD,
    ("batch", "Job"): Shape({"metadata": _META, "spec": _JOB_SPEC, "status": _STATUS}),
    ("batch", "CronJob"): Shape(
        {"metadata": _META, "spec": Shape({"jobTemplate": Shape({"metadata": _META, "spec": _JOB_SPEC})})}
    ),
    ("", "Pod"): Shape({"metadata": _META, "spec": _POD_SPEC, "status": _STATUS}),
    ("", "PodTemplate"): Shape({"metadata": _META, "template": _POD_TEMPLATE}),
    ("", "Service"): Shape(
        {"metadata": _META, "spec": Shape(lists={"ports": (("port", "protocol"), None)}), "status": _STATUS}
    ),
    ("", "ServiceAccount"): Shape({"metadata": _META}, {"secrets": (("name",), None)}),
    (_ADMISSION, "MutatingWebhookConfiguration"): _WEBHOOKS,
    (_ADMISSION, "ValidatingWebhookConfiguration"): _WEBHOOKS,
}
_BUILT_IN_GROUPS = frozenset(
    {
        "", "apps", "batch", "autoscaling", "policy", "networking.k8s.io", _RBAC, "storage.k8s.io", _ADMISSION,
        "apiextensions.k8s.io", "apiregistration.k8s.io", "scheduling.k8s.io", "node.k8s.io", "coordination.k8s.io",
        "discovery.k8s.io", "certificates.k8s.io", "events.k8s.io", "flowcontrol.apiserver.k8s.io",
        "authentication.k8s.io", "authorization.k8s.io", "resource.k8s.io",
    }
)  # fmt: skip


def shape_of(group: str, kind: str) -> Shape | None:
    """How objects of a kind are merged; None for custom resources, whose lists are replaced."""
    return _SHAPES.get((group, kind)) or (_PLAIN if group in _BUILT_IN_GROUPS else None)
