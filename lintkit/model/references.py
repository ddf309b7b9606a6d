"""The table of references: which field of which kind names which object, and which of its keys.

Data, not code: a row says where in a consumer the name stands, what it names, in which namespace, and which keys are
needed. Rows come from the API references of Kubernetes 1.36, Flux 2.9, External Secrets 2.9, cert-manager 1.21,
CloudNativePG 1.29, prometheus-operator 0.92, Gateway API 1.6, grafana-operator 5.24, volsync 0.17 and Dragonfly 1.6.
"""

from __future__ import annotations

from functools import lru_cache

from lintkit.model.reference_row import ANY, CLUSTER, OWN, Row, keyed
from lintkit.model.references_custom import CERT_MANAGER, CNPG, GATEWAY, ISSUERS, MONITORING, OTHERS

__all__ = ["ANY", "CLUSTER", "OWN", "POD_SPECS", "TABLE", "TARGET_GROUPS", "Row", "rows_by_kind", "rows_for"]

_CONTAINERS = ("containers[]", "initContainers[]", "ephemeralContainers[]")
PODS: tuple[Row, ...] = (
    *(keyed("pod", f"{where}.env[].valueFrom.secretKeyRef") for where in _CONTAINERS),
    *(keyed("pod", f"{where}.env[].valueFrom.configMapKeyRef", "ConfigMap") for where in _CONTAINERS),
    *(Row("pod", f"{where}.envFrom[].secretRef", "Secret") for where in _CONTAINERS),
    *(Row("pod", f"{where}.envFrom[].configMapRef", "ConfigMap") for where in _CONTAINERS),
    Row("pod", "volumes[].secret", "Secret", "secretName", ("items[].key",)),
    Row("pod", "volumes[].configMap", "ConfigMap", keys=("items[].key",)),
    Row("pod", "volumes[].projected.sources[].secret", "Secret", keys=("items[].key",)),
    Row("pod", "volumes[].projected.sources[].configMap", "ConfigMap", keys=("items[].key",)),
    Row("pod", "volumes[].persistentVolumeClaim", "PersistentVolumeClaim", "claimName"),
    Row("pod", "volumes[].csi.nodePublishSecretRef", "Secret"),
    Row("pod", "volumes[].cephfs.secretRef", "Secret"),
    Row("pod", "volumes[].rbd.secretRef", "Secret"),
    Row("pod", "volumes[].iscsi.secretRef", "Secret"),
    Row("pod", "volumes[].azureFile", "Secret", "secretName"),
    Row("pod", "volumes[].flexVolume.secretRef", "Secret"),
    Row("pod", "volumes[].cinder.secretRef", "Secret"),
    Row("pod", "volumes[].ephemeral.volumeClaimTemplate.spec.storageClassName", "StorageClass", "", namespace=CLUSTER),
    Row("pod", "imagePullSecrets[]", "Secret"),
    Row("pod", "serviceAccountName", "ServiceAccount", ""),
    Row("pod", "serviceAccount", "ServiceAccount", ""),
    Row("pod", "priorityClassName", "PriorityClass", "", namespace=CLUSTER),
    Row("pod", "runtimeClassName", "RuntimeClass", "", namespace=CLUSTER),
)
POD_SPECS: dict[str, str] = {
    "Pod": "spec",
    "PodTemplate": "template.spec",
    **dict.fromkeys(("Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "Job"), "spec.template.spec"),
    "ReplicationController": "spec.template.spec",
    "CronJob": "spec.jobTemplate.spec.template.spec",
}
_CUSTOM_POD_SPECS: dict[str, str] = {
    "grafana.integreatly.org/Grafana": "spec.deployment.spec.template.spec",
    "postgresql.cnpg.io/Pooler": "spec.template.spec",
    "argoproj.io/Rollout": "spec.template.spec",
    **dict.fromkeys(
        tuple(f"monitoring.coreos.com/{kind}" for kind in ("Prometheus", "PrometheusAgent", "Alertmanager",
                                                           "ThanosRuler")), "spec"),
}  # fmt: skip
"""Pod templates in the objects of operators; what the operator itself adds to the pod is not shown."""
_BACKENDS = ("spec.rules[].http.paths[].backend.service", "spec.defaultBackend.service")
_ISSUED = "cert-manager\\.io"
_CSI = "csi\\.storage\\.k8s\\.io"
_CSI_SECRETS = ("provisioner", "node-publish", "node-stage", "controller-publish", "controller-expand", "node-expand")
_WEBHOOKS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
BUILT_IN: tuple[Row, ...] = (
    Row("StatefulSet", "spec.serviceName", "Service", ""),
    Row("StatefulSet", "spec.volumeClaimTemplates[].spec.storageClassName", "StorageClass", "", namespace=CLUSTER),
    Row("PersistentVolumeClaim", "spec.storageClassName", "StorageClass", "", namespace=CLUSTER),
    Row("PersistentVolumeClaim", "spec.volumeName", "PersistentVolume", "", namespace=CLUSTER),
    Row("PersistentVolumeClaim", "spec.dataSource", "", kinds=("PersistentVolumeClaim", "VolumeSnapshot")),
    Row(
        "PersistentVolumeClaim",
        "spec.dataSourceRef",
        "",
        namespace="namespace",
        kinds=("PersistentVolumeClaim", "VolumeSnapshot", "ReplicationDestination"),
    ),
    Row("PersistentVolume", "spec.claimRef", "PersistentVolumeClaim", namespace="namespace"),
    Row("PersistentVolume", "spec.csi.nodeStageSecretRef", "Secret", namespace="namespace"),
    Row("PersistentVolume", "spec.csi.nodePublishSecretRef", "Secret", namespace="namespace"),
    Row("PersistentVolume", "spec.csi.controllerExpandSecretRef", "Secret", namespace="namespace"),
    *(Row("networking.k8s.io/Ingress", path, "Service", port="port") for path in _BACKENDS),
    Row("networking.k8s.io/Ingress", "spec.tls[]", "Secret", "secretName", role="certificate"),
    Row("networking.k8s.io/Ingress", "spec.ingressClassName", "IngressClass", "", namespace=CLUSTER),
    *(
        row
        for kind in ("networking.k8s.io/Ingress", "gateway.networking.k8s.io/Gateway")
        for row in (
            Row(kind, f"metadata.annotations.{_ISSUED}/cluster-issuer", "ClusterIssuer", "", namespace=CLUSTER),
            Row(
                kind,
                "metadata.annotations",
                "Issuer",
                f"{_ISSUED}/issuer",
                kinds=("Issuer", "ClusterIssuer"),
                kind="cert-manager.io/issuer-kind",
            ),
        )
    ),
    *(
        Row(
            "StorageClass",
            "parameters",
            "Secret",
            f"{_CSI}/{what}-secret-name",
            namespace=f"{_CSI}/{what}-secret-namespace",
        )
        for what in _CSI_SECRETS
    ),
    Row(
        "VolumeSnapshotClass",
        "parameters",
        "Secret",
        f"{_CSI}/snapshotter-secret-name",
        namespace=f"{_CSI}/snapshotter-secret-namespace",
    ),
    Row("VolumeSnapshot", "spec.source.persistentVolumeClaimName", "PersistentVolumeClaim", ""),
    Row("VolumeSnapshot", "spec.volumeSnapshotClassName", "VolumeSnapshotClass", "", namespace=CLUSTER),
    Row(
        "CustomResourceDefinition",
        "spec.conversion.webhook.clientConfig.service",
        "Service",
        namespace="namespace",
        port="port",
    ),
    Row("HorizontalPodAutoscaler", "spec.scaleTargetRef", "", kinds=("Deployment", "StatefulSet", "ReplicaSet")),
    Row("RoleBinding", "roleRef", "", kinds=("Role", "ClusterRole")),
    Row("ClusterRoleBinding", "roleRef", "ClusterRole", namespace=CLUSTER),
    Row("RoleBinding", "subjects[]", "", namespace="namespace", kinds=("ServiceAccount",)),
    Row("ClusterRoleBinding", "subjects[]", "", namespace="namespace", kinds=("ServiceAccount",)),
    *(
        Row(kind, "webhooks[].clientConfig.service", "Service", namespace="namespace", port="port")
        for kind in _WEBHOOKS
    ),
    Row("APIService", "spec.service", "Service", namespace="namespace", port="port"),
    Row("ServiceAccount", "secrets[]", "Secret"),
    Row("ServiceAccount", "imagePullSecrets[]", "Secret"),
    Row("core/Secret", "metadata.annotations.kubernetes\\.io/service-account\\.name", "ServiceAccount", ""),
)
_SOURCES = ("GitRepository", "OCIRepository", "HelmRepository", "HelmChart", "Bucket", "ExternalArtifact")
_FLUX_KINDS = (*_SOURCES, "Kustomization", "HelmRelease", "ImageRepository", "ImagePolicy", "ImageUpdateAutomation")
_K = "kustomize.toolkit.fluxcd.io/Kustomization"
FLUX: tuple[Row, ...] = (
    Row(_K, "spec.sourceRef", "", namespace="namespace", role="source", kinds=_SOURCES),
    Row(_K, "spec.dependsOn[]", "Kustomization", namespace="namespace", role="dependency"),
    Row(_K, "spec.decryption.secretRef", "Secret", role="bootstrap"),
    *(Row(kind, "spec.kubeConfig.secretRef", "Secret", role="bootstrap") for kind in (_K, "HelmRelease")),
    *(Row(kind, "spec.kubeConfig.configMapRef", "ConfigMap", role="bootstrap") for kind in (_K, "HelmRelease")),
    *(
        Row(kind, "spec.serviceAccountName", "ServiceAccount", "", role="bootstrap")
        for kind in (_K, "HelmRelease", "OCIRepository", "ImageRepository", "ResourceSet")
    ),
    Row(_K, "spec.postBuild.substituteFrom[]", "", kinds=("ConfigMap", "Secret")),
    Row(_K, "spec.healthChecks[]", "", namespace="namespace", role="health", kinds=("*",)),
    Row(
        "HelmRelease", "spec.chart.spec.sourceRef", "HelmRepository", namespace="namespace", role="source",
        kinds=_SOURCES,
    ),
    Row("HelmRelease", "spec.chartRef", "", namespace="namespace", role="source", kinds=_SOURCES),
    Row("HelmRelease", "spec.dependsOn[]", "HelmRelease", namespace="namespace", role="dependency"),
    Row(
        "HelmRelease", "spec.valuesFrom[]", "", keys=("valuesKey",), kinds=("ConfigMap", "Secret"),
        default_key="values.yaml",
    ),
    Row("HelmRelease", "spec.chart.spec.verify.secretRef", "Secret"),
    Row("source.toolkit.fluxcd.io/HelmChart", "spec.verify.secretRef", "Secret"),
    *(Row(kind, "spec.secretRef", "Secret", role="bootstrap") for kind in ("GitRepository", "Bucket")),
    *(Row(kind, "spec.secretRef", "Secret") for kind in ("OCIRepository", "HelmRepository", "ImageRepository")),
    *(
        Row(kind, "spec.certSecretRef", "Secret")
        for kind in (
            "OCIRepository", "HelmRepository", "ImageRepository", "Bucket", "notification.toolkit.fluxcd.io/Provider",
        )
    ),
    *(
        Row(kind, "spec.proxySecretRef", "Secret")
        for kind in (
            "GitRepository", "OCIRepository", "Bucket", "ImageRepository", "notification.toolkit.fluxcd.io/Provider",
        )
    ),
    *(Row("Bucket", f"spec.sts.{field}", "Secret") for field in ("secretRef", "certSecretRef")),
    Row("OCIRepository", "spec.verify.trustedRootSecretRef", "Secret"),
    Row("ImageUpdateAutomation", "spec.git.commit.signingKey.secretRef", "Secret"),
    Row("ExternalArtifact", "spec.sourceRef", "", namespace="namespace", role="source", kinds=_SOURCES),
    Row("ArtifactGenerator", "spec.sources[]", "", namespace="namespace", role="source", kinds=_SOURCES),
    *(Row(kind, "spec.verify.secretRef", "Secret") for kind in ("GitRepository", "OCIRepository")),
    Row("GitRepository", "spec.include[].repository", "GitRepository", role="source"),
    Row("source.toolkit.fluxcd.io/HelmChart", "spec.sourceRef", "", role="source", kinds=_SOURCES),
    Row("notification.toolkit.fluxcd.io/Provider", "spec.secretRef", "Secret"),
    Row("notification.toolkit.fluxcd.io/Alert", "spec.providerRef", "Provider"),
    Row(
        "notification.toolkit.fluxcd.io/Alert", "spec.eventSources[]", "", namespace="namespace", role="event",
        kinds=_FLUX_KINDS,
    ),
    Row("Receiver", "spec.secretRef", "Secret", needs=("token",)),
    Row("Receiver", "spec.resources[]", "", namespace="namespace", role="event", kinds=_FLUX_KINDS),
    Row("ImagePolicy", "spec.imageRepositoryRef", "ImageRepository", namespace="namespace"),
    Row("ImageUpdateAutomation", "spec.sourceRef", "", namespace="namespace", role="source", kinds=("GitRepository",)),
    Row("FluxInstance", "spec.sync.pullSecret", "Secret", "", role="bootstrap"),
    *(
        Row("FluxInstance", f"spec.distribution.{field}", "Secret", "", role="bootstrap")
        for field in ("artifactPullSecret", "imagePullSecret")
    ),
    *(Row("ResourceSetInputProvider", f"spec.{field}", "Secret") for field in ("secretRef", "certSecretRef")),
)  # fmt: skip
_STORES = ("SecretStore", "ClusterSecretStore")
_ES_SPECS = (("ExternalSecret", "spec"), ("ClusterExternalSecret", "spec.externalSecretSpec"))
_GENERATORS = (
    "ACRAccessToken", "CloudsmithAccessToken", "ClusterGenerator", "ECRAuthorizationToken", "Fake", "GCRAccessToken",
    "GithubAccessToken", "Grafana", "MFA", "Password", "QuayAccessToken", "SSHKey", "STSSessionToken", "UUID",
    "VaultDynamicSecret", "Webhook",
)  # fmt: skip
_AUTHENTICATED = (
    *((kind, "spec.provider") for kind in _STORES),
    *((f"generators.external-secrets.io/{kind}", "spec") for kind in _GENERATORS),
)
EXTERNAL_SECRETS: tuple[Row, ...] = (
    *(Row(kind, f"{spec}.secretStoreRef", "SecretStore", role="store", kinds=_STORES) for kind, spec in _ES_SPECS),
    *(
        Row(kind, f"{spec}.{part}[].sourceRef.storeRef", "SecretStore", role="store", kinds=_STORES)
        for kind, spec in _ES_SPECS
        for part in ("data", "dataFrom")
    ),
    *(
        Row(kind, f"{spec}.{part}[].sourceRef.generatorRef", "", role="store", kinds=_GENERATORS)
        for kind, spec in _ES_SPECS
        for part in ("data", "dataFrom")
    ),
    *(
        Row(kind, f"{spec}.target.template.templateFrom[].{what}", target, keys=("items[].key",))
        for kind, spec in _ES_SPECS
        for what, target in (("configMap", "ConfigMap"), ("secret", "Secret"))
    ),
    *(
        row
        for kind, spec in (("PushSecret", "spec"), ("ClusterPushSecret", "spec.pushSecretSpec"))
        for row in (
            Row(kind, f"{spec}.secretStoreRefs[]", "SecretStore", role="store", kinds=_STORES),
            Row(kind, f"{spec}.selector.generatorRef", "", role="store", kinds=_GENERATORS),
            Row(
                kind,
                f"{spec}.template.templateFrom[].configMap",
                "ConfigMap",
                keys=("items[].key",),
            ),
            Row(kind, f"{spec}.template.templateFrom[].secret", "Secret", keys=("items[].key",)),
        )
    ),
    Row("PushSecret", "spec", "Secret", "selector.secret.name", ("data[].match.secretKey",)),
    Row(
        "ClusterPushSecret",
        "spec.pushSecretSpec",
        "Secret",
        "selector.secret.name",
        ("data[].match.secretKey",),
        namespace=ANY,
    ),
    *(
        keyed(kind, f"{spec}.**.{field}", namespace="namespace")
        for kind, spec in _AUTHENTICATED
        for field in (
            "*ecretRef",
            "*ecretRef.*",
            "apiKeyRef",
            "userRef",
            "passcodeRef",
            "authRef",
            "roleRef",
            "*Credentials.*",
            "clientCert",
            "clientKey",
            "bearerToken",
            "auth.privateKey",
            "credConfig",
            "ntlm.*Secret",
        )
    ),
    *(keyed("generators.external-secrets.io/Grafana", f"spec.auth.{field}") for field in ("token", "basic.password")),
    keyed("generators.external-secrets.io/MFA", "spec.secret"),
    *(
        Row(kind, f"{spec}.**.serviceAccountRef", "ServiceAccount", namespace="namespace")
        for kind, spec in _AUTHENTICATED
    ),
    *(
        Row(
            kind,
            f"{spec}.**.caProvider",
            "",
            keys=("key",),
            namespace="namespace",
            kinds=("ConfigMap", "Secret"),
            kind="type",
        )
        for kind, spec in _AUTHENTICATED
    ),
)
TABLE: tuple[Row, ...] = (*BUILT_IN, *FLUX, *EXTERNAL_SECRETS, *CERT_MANAGER, *CNPG, *MONITORING, *GATEWAY, *OTHERS)

TARGET_GROUPS: dict[str, str] = {
    **dict.fromkeys(
        ("Secret", "ConfigMap", "Service", "ServiceAccount", "PersistentVolumeClaim", "PersistentVolume", "Namespace",
         "Pod"), ""),
    **dict.fromkeys(("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"), "apps"),
    **dict.fromkeys(("Job", "CronJob"), "batch"),
    **dict.fromkeys(("Role", "ClusterRole"), "rbac.authorization.k8s.io"),
    **dict.fromkeys(_SOURCES, "source.toolkit.fluxcd.io"),
    **dict.fromkeys(("ImageRepository", "ImagePolicy", "ImageUpdateAutomation"), "image.toolkit.fluxcd.io"),
    **dict.fromkeys(_STORES, "external-secrets.io"),
    **dict.fromkeys(_GENERATORS, "generators.external-secrets.io"),
    **dict.fromkeys(ISSUERS, "cert-manager.io"),
    **dict.fromkeys(("ImageCatalog", "ClusterImageCatalog"), "postgresql.cnpg.io"),
    **dict.fromkeys(("Gateway", "GatewayClass", "ListenerSet"), "gateway.networking.k8s.io"),
    **dict.fromkeys(("VolumeSnapshot", "VolumeSnapshotClass"), "snapshot.storage.k8s.io"),
    "StorageClass": "storage.k8s.io",
    "PriorityClass": "scheduling.k8s.io",
    "RuntimeClass": "node.k8s.io",
    "IngressClass": "networking.k8s.io",
    "Kustomization": "kustomize.toolkit.fluxcd.io",
    "HelmRelease": "helm.toolkit.fluxcd.io",
    "Provider": "notification.toolkit.fluxcd.io",
    "ObjectStore": "barmancloud.cnpg.io",
    "GrafanaFolder": "grafana.integreatly.org",
    "ReplicationDestination": "volsync.backube",
    **dict.fromkeys(("TriggerAuthentication", "ClusterTriggerAuthentication"), "keda.sh"),
}  # fmt: skip


@lru_cache(maxsize=1)
def rows_by_kind() -> dict[str, tuple[Row, ...]]:
    """Kind -> the rows for its objects, whatever the group; `rows_for` sorts the groups out."""
    found: dict[str, list[Row]] = {}
    for row in TABLE:
        found.setdefault(row.consumer.rpartition("/")[2], []).append(row)
    for consumer, prefix in (*POD_SPECS.items(), *_CUSTOM_POD_SPECS.items()):
        rows = [row._replace(consumer=consumer, path=f"{prefix}.{row.path}") for row in PODS]
        found.setdefault(consumer.rpartition("/")[2], []).extend(rows)
    return {kind: tuple(rows) for kind, rows in found.items()}


def rows_for(group: str, kind: str) -> list[Row]:
    """The rows for objects of a group and kind."""
    return [
        row
        for row in rows_by_kind().get(kind, ())
        if "/" not in row.consumer or row.consumer.rpartition("/")[0] == (group or "core")
    ]
