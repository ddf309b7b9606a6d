"""The table of references: which field of which kind names which object, and which of its keys.

Data, not code: a row says where in a consumer the name stands, what it names, in which namespace, and which keys are
needed. Rows come from the API references of Kubernetes 1.36, Flux 2.9, External Secrets 2.9, cert-manager 1.21,
CloudNativePG 1.29, prometheus-operator 0.92, Gateway API 1.6, grafana-operator 5.24, volsync 0.17 and Dragonfly 1.6.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

OWN, ANY, CLUSTER = "own", "any", "cluster"
"""Where a row looks: in the consumer's namespace, in any, or among objects without one."""


class Row(NamedTuple):
    """One kind of reference.

    Attributes:
        consumer: Kind, or `group/Kind` where the kind alone is ambiguous; `pod` for every pod template.
        path: Key path to the mapping that holds the name, or to the name itself: `[]` is each element of a list, `*`
            each value of a mapping, `**` any depth.
        target: Kind that is named; empty when the consumer writes the kind.
        name: Field of the mapping that holds the name; empty when `path` ends at the name.
        keys: Paths of the needed keys, seen from the mapping.
        needs: Keys that are needed whatever is written.
        namespace: `own`, `any`, `cluster`, or the field that holds it (default: own).
        optional: Field that says that the object may be absent.
        port: Path of the port that is used, seen from the mapping.
        role: What the reference is for, where a rule must know: `dependency`, `source`, `health` ...
        kinds: Kinds that are looked up when the consumer writes the kind; others are left alone.
        default_key: The key that is meant when none is written.
    """

    consumer: str
    path: str
    target: str
    name: str = "name"
    keys: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    namespace: str = OWN
    optional: str = "optional"
    port: str = ""
    role: str = ""
    kinds: tuple[str, ...] = ()
    default_key: str = ""


def _key(consumer: str, path: str, target: str = "Secret", namespace: str = OWN) -> Row:
    """A reference to one key of a Secret or ConfigMap: `{name, key}`."""
    return Row(consumer, path, target, keys=("key",), namespace=namespace)


_CONTAINERS = ("containers[]", "initContainers[]", "ephemeralContainers[]")
PODS: tuple[Row, ...] = (
    *(_key("pod", f"{where}.env[].valueFrom.secretKeyRef") for where in _CONTAINERS),
    *(_key("pod", f"{where}.env[].valueFrom.configMapKeyRef", "ConfigMap") for where in _CONTAINERS),
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
    Row("pod", "imagePullSecrets[]", "Secret"),
    Row("pod", "serviceAccountName", "ServiceAccount", ""),
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
_BACKENDS = ("spec.rules[].http.paths[].backend.service", "spec.defaultBackend.service")
_ROUTES = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute")
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
    Row(
        "networking.k8s.io/Ingress",
        "metadata.annotations.cert-manager\\.io/cluster-issuer",
        "ClusterIssuer",
        "",
        namespace=CLUSTER,
    ),
    Row("networking.k8s.io/Ingress", "metadata.annotations.cert-manager\\.io/issuer", "Issuer", ""),
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
    Row(_K, "spec.kubeConfig.secretRef", "Secret", role="bootstrap"),
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
    Row("HelmRelease", "spec.kubeConfig.secretRef", "Secret", role="bootstrap"),
    Row("HelmRelease", "spec.chart.spec.verify.secretRef", "Secret"),
    *(Row(kind, "spec.secretRef", "Secret", role="bootstrap") for kind in ("GitRepository", "Bucket")),
    *(Row(kind, "spec.secretRef", "Secret") for kind in ("OCIRepository", "HelmRepository", "ImageRepository")),
    *(
        Row(kind, "spec.certSecretRef", "Secret")
        for kind in ("OCIRepository", "HelmRepository", "ImageRepository", "Bucket", "Provider")
    ),
    *(Row(kind, "spec.proxySecretRef", "Secret") for kind in ("GitRepository", "OCIRepository", "Bucket")),
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
)  # fmt: skip
_STORES = ("SecretStore", "ClusterSecretStore")
_ES_SPECS = (("ExternalSecret", "spec"), ("ClusterExternalSecret", "spec.externalSecretSpec"))
_GENERATORS = (
    "ACRAccessToken", "CloudsmithAccessToken", "ClusterGenerator", "ECRAuthorizationToken", "Fake", "GCRAccessToken",
    "GithubAccessToken", "Grafana", "MFA", "Password", "QuayAccessToken", "SSHKey", "STSSessionToken", "UUID",
    "VaultDynamicSecret", "Webhook",
)  # fmt: skip
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
    Row("PushSecret", "spec.secretStoreRefs[]", "SecretStore", role="store", kinds=_STORES),
    Row("PushSecret", "spec.selector.secret", "Secret"),
    Row("PushSecret", "spec.selector.generatorRef", "", role="store", kinds=_GENERATORS),
    *(_key(kind, "spec.provider.**.*SecretRef", namespace="namespace") for kind in _STORES),
)
_ISSUERS = ("Issuer", "ClusterIssuer")
CERT_MANAGER: tuple[Row, ...] = (
    Row("cert-manager.io/Certificate", "spec.issuerRef", "Issuer", kinds=_ISSUERS),
    _key("cert-manager.io/Certificate", "spec.keystores.*.passwordSecretRef"),
    *(
        _key(kind, f"spec.acme.solvers[].{path}", namespace=namespace)
        for kind, namespace in (("Issuer", OWN), ("ClusterIssuer", ANY))
        for path in ("dns01.**.*SecretRef", "dns01.**.*SecretSecretRef", "http01.**.*SecretRef")
    ),
    Row("Issuer", "spec.ca", "Secret", "secretName"),
    Row("ClusterIssuer", "spec.ca", "Secret", "secretName", namespace=ANY),
    _key("Issuer", "spec.vault.auth.**.*ecretRef"),
    _key("ClusterIssuer", "spec.vault.auth.**.*ecretRef", namespace=ANY),
)
_S3 = ("accessKeyId", "secretAccessKey", "region", "sessionToken")
_CNPG = "postgresql.cnpg.io/Cluster"
CNPG: tuple[Row, ...] = (
    Row(_CNPG, "spec.superuserSecret", "Secret"),
    *(Row(_CNPG, f"spec.bootstrap.{how}.secret", "Secret") for how in ("initdb", "recovery", "pg_basebackup")),
    Row(_CNPG, "spec.managed.roles[].passwordSecret", "Secret"),
    Row(_CNPG, "spec.imagePullSecrets[]", "Secret"),
    *(Row(_CNPG, f"spec.certificates.{name}", "Secret", "") for name in (
        "serverCASecret", "serverTLSSecret", "clientCASecret", "replicationTLSSecret")),
    *(
        _key(_CNPG, f"{prefix}.s3Credentials.{field}")
        for prefix in ("spec.backup.barmanObjectStore", "spec.externalClusters[].barmanObjectStore")
        for field in _S3
    ),
    *(_key(_CNPG, f"spec.externalClusters[].{field}") for field in ("password", "sslKey", "sslCert", "sslRootCert")),
    *(_key(_CNPG, f"spec.bootstrap.initdb.postInit{part}SQLRefs.secretRefs[]") for part in ("", "Application")),
    *(_key(_CNPG, f"spec.bootstrap.initdb.postInit{part}SQLRefs.configMapRefs[]", "ConfigMap") for part in (
        "", "Application")),
    *(_key(_CNPG, f"spec.monitoring.customQueries{what}[]", what) for what in ("ConfigMap", "Secret")),
    Row(_CNPG, "spec.imageCatalogRef", "", kinds=("ImageCatalog", "ClusterImageCatalog")),
    *(Row(_CNPG, f"spec.{path}.parameters.barmanObjectName", "ObjectStore", "") for path in (
        "plugins[]", "externalClusters[].plugin")),
    *(_key("ObjectStore", f"spec.configuration.s3Credentials.{field}") for field in _S3),
    *(Row(kind, "spec.cluster", "postgresql.cnpg.io/Cluster") for kind in (
        "ScheduledBackup", "Pooler", "postgresql.cnpg.io/Backup", "postgresql.cnpg.io/Database")),
)  # fmt: skip
_MONITORED = (("ServiceMonitor", "spec.endpoints[]"), ("PodMonitor", "spec.podMetricsEndpoints[]"), ("Probe", "spec"),
              ("ScrapeConfig", "spec"))  # fmt: skip
MONITORING: tuple[Row, ...] = (
    *(
        _key(kind, f"{prefix}.{path}")
        for kind, prefix in _MONITORED
        for path in (
            "basicAuth.username", "basicAuth.password", "authorization.credentials", "bearerTokenSecret",
            "oauth2.clientSecret", "oauth2.clientId.secret", "tlsConfig.keySecret", "tlsConfig.ca.secret",
            "tlsConfig.cert.secret",
        )
    ),
    *(
        _key(kind, f"{prefix}.{path}", "ConfigMap")
        for kind, prefix in _MONITORED
        for path in ("tlsConfig.ca.configMap", "tlsConfig.cert.configMap")
    ),
    *(
        _key("AlertmanagerConfig", f"spec.receivers[].{path}")
        for path in (
            "discordConfigs[].apiURL", "slackConfigs[].apiURL", "pagerdutyConfigs[].routingKey",
            "pagerdutyConfigs[].serviceKey", "opsgenieConfigs[].apiKey", "pushoverConfigs[].userKey",
            "pushoverConfigs[].token", "webhookConfigs[].urlSecret", "telegramConfigs[].botToken",
            "wechatConfigs[].apiSecret", "victoropsConfigs[].apiKey", "msteamsConfigs[].webhookUrl",
            "emailConfigs[].authPassword", "webexConfigs[].httpConfig.authorization.credentials",
            "webhookConfigs[].httpConfig.basicAuth.password", "webhookConfigs[].httpConfig.authorization.credentials",
        )
    ),
    _key("monitoring.coreos.com/Prometheus", "spec.additionalScrapeConfigs"),
    _key("monitoring.coreos.com/Prometheus", "spec.thanos.objectStorageConfig"),
    Row("monitoring.coreos.com/Alertmanager", "spec.configSecret", "Secret", ""),
    *(Row(f"monitoring.coreos.com/{kind}", "spec.secrets[]", "Secret", "") for kind in ("Prometheus", "Alertmanager")),
)  # fmt: skip
GATEWAY: tuple[Row, ...] = (
    *(
        Row(kind, "spec.parentRefs[]", "Gateway", namespace="namespace", kinds=("Gateway", "Service"))
        for kind in _ROUTES
    ),
    *(
        Row(kind, "spec.rules[].backendRefs[]", "Service", namespace="namespace", port="port", kinds=("Service",))
        for kind in _ROUTES
    ),
    Row("gateway.networking.k8s.io/Gateway", "spec.gatewayClassName", "GatewayClass", "", namespace=CLUSTER),
    Row(
        "gateway.networking.k8s.io/Gateway", "spec.listeners[].tls.certificateRefs[]", "Secret",
        namespace="namespace", role="certificate", kinds=("Secret",),
    ),
)  # fmt: skip
_GRAFANA = "grafana.integreatly.org"
OTHERS: tuple[Row, ...] = (
    *(_key(f"{_GRAFANA}/{kind}", "spec.configMapRef", "ConfigMap") for kind in ("GrafanaDashboard",)),
    _key(f"{_GRAFANA}/GrafanaDatasource", "spec.valuesFrom[].valueFrom.secretKeyRef"),
    _key(f"{_GRAFANA}/GrafanaDatasource", "spec.valuesFrom[].valueFrom.configMapKeyRef", "ConfigMap"),
    _key(f"{_GRAFANA}/GrafanaDashboard", "spec.envs[].valueFrom.secretKeyRef"),
    Row(f"{_GRAFANA}/GrafanaDashboard", "spec.envFrom[].secretKeyRef", "Secret"),
    *(_key(f"{_GRAFANA}/Grafana", f"spec.external.{field}") for field in ("apiKey", "adminUser", "adminPassword")),
    Row(f"{_GRAFANA}/GrafanaDashboard", "spec.folderRef", "GrafanaFolder", ""),
    Row("ReplicationSource", "spec.sourcePVC", "PersistentVolumeClaim", ""),
    *(
        Row(kind, f"spec.{mover}.repository", "Secret", "")
        for kind in ("ReplicationSource", "ReplicationDestination")
        for mover in ("restic", "kopia")
    ),
    *(
        Row(kind, f"spec.{mover}.{field}", target, "", namespace=CLUSTER)
        for kind in ("ReplicationSource", "ReplicationDestination")
        for mover in ("restic", "kopia", "rsync", "rsyncTLS", "rclone")
        for field, target in (
            ("storageClassName", "StorageClass"), ("cacheStorageClassName", "StorageClass"),
            ("volumeSnapshotClassName", "VolumeSnapshotClass"),
        )
    ),
    _key("Dragonfly", "spec.authentication.passwordFromSecret"),
    _key("Dragonfly", "spec.authentication.clientCaCertSecret"),
    Row("Dragonfly", "spec.tlsSecretRef", "Secret"),
    _key("Dragonfly", "spec.aclFromSecret"),
    _key("TriggerAuthentication", "spec.secretTargetRef[]"),
    Row("ScaledObject", "spec.scaleTargetRef", "Deployment", kinds=("Deployment", "StatefulSet")),
    Row("ScaledObject", "spec.triggers[].authenticationRef", "TriggerAuthentication", kinds=("TriggerAuthentication",)),
)  # fmt: skip
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
    **dict.fromkeys(_ISSUERS, "cert-manager.io"),
    **dict.fromkeys(("ImageCatalog", "ClusterImageCatalog"), "postgresql.cnpg.io"),
    **dict.fromkeys(("Gateway", "GatewayClass"), "gateway.networking.k8s.io"),
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
    "TriggerAuthentication": "keda.sh",
}  # fmt: skip


@lru_cache(maxsize=1)
def rows_by_kind() -> dict[str, tuple[Row, ...]]:
    """Kind -> the rows for its objects, whatever the group; `rows_for` sorts the groups out."""
    found: dict[str, list[Row]] = {}
    for row in TABLE:
        found.setdefault(row.consumer.rpartition("/")[2], []).append(row)
    for kind, prefix in POD_SPECS.items():
        rows = [row._replace(consumer=kind, path=f"{prefix}.{row.path}") for row in PODS]
        found.setdefault(kind, []).extend(rows)
    return {kind: tuple(rows) for kind, rows in found.items()}


def rows_for(group: str, kind: str) -> list[Row]:
    """The rows for objects of a group and kind."""
    return [
        row
        for row in rows_by_kind().get(kind, ())
        if "/" not in row.consumer or row.consumer.rpartition("/")[0] == (group or "core")
    ]
