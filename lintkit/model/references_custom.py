"""The rows of the table of references for operators: cert-manager, CloudNativePG, prometheus-operator, Gateway API ...

Rows come from the CRDs of cert-manager 1.21, CloudNativePG 1.29, prometheus-operator 0.92, Gateway API 1.6,
grafana-operator 5.24, volsync 0.17, Dragonfly 1.6 and KEDA 2.18.
"""

from __future__ import annotations

from lintkit.model.reference_row import ANY, CLUSTER, OWN, Row, keyed

ISSUERS = ("Issuer", "ClusterIssuer")
CERT_MANAGER: tuple[Row, ...] = (
    Row("cert-manager.io/Certificate", "spec.issuerRef", "Issuer", kinds=ISSUERS),
    keyed("cert-manager.io/Certificate", "spec.keystores.*.passwordSecretRef"),
    *(
        keyed(kind, f"spec.acme.solvers[].{path}", namespace=namespace)
        for kind, namespace in (("Issuer", OWN), ("ClusterIssuer", ANY))
        for path in ("dns01.**.*SecretRef", "http01.**.*SecretRef")
    ),
    *(
        row
        for kind, namespace in (("Issuer", OWN), ("ClusterIssuer", ANY))
        for row in (
            Row(kind, "spec.ca", "Secret", "secretName", namespace=namespace),
            keyed(kind, "spec.acme.externalAccountBinding.keySecretRef", namespace=namespace),
            keyed(kind, "spec.vault.**.*ecretRef", namespace=namespace),
            Row(kind, "spec.vault.auth.clientCertificate", "Secret", "secretName", namespace=namespace),
            keyed(kind, "spec.venafi.**.*ecretRef", namespace=namespace),
            Row(kind, "spec.venafi.tpp.credentialsRef", "Secret", namespace=namespace),
            Row(
                kind,
                "spec.acme.solvers[].http01.gatewayHTTPRoute.parentRefs[]",
                "Gateway",
                namespace="namespace",
                kinds=("Gateway",),
            ),
        )
    ),
    Row("cert-manager.io/CertificateRequest", "spec.issuerRef", "Issuer", kinds=ISSUERS),
)
_OBJECT_STORE = (
    *(f"s3Credentials.{field}" for field in ("accessKeyId", "secretAccessKey", "region", "sessionToken")),
    *(f"azureCredentials.{field}" for field in ("connectionString", "storageAccount", "storageKey", "storageSasToken")),
    "googleCredentials.applicationCredentials", "endpointCA",
)  # fmt: skip
_CNPG = "postgresql.cnpg.io/Cluster"
CNPG: tuple[Row, ...] = (
    Row(_CNPG, "spec.superuserSecret", "Secret"),
    *(Row(_CNPG, f"spec.bootstrap.{how}.secret", "Secret") for how in ("initdb", "recovery", "pg_basebackup")),
    Row(_CNPG, "spec.managed.roles[].passwordSecret", "Secret"),
    Row(_CNPG, "spec.imagePullSecrets[]", "Secret"),
    *(Row(_CNPG, f"spec.certificates.{name}", "Secret", "") for name in (
        "serverCASecret", "serverTLSSecret", "clientCASecret", "replicationTLSSecret")),
    *(
        keyed(kind, f"{prefix}.{field}")
        for kind, prefix in (
            (_CNPG, "spec.backup.barmanObjectStore"), (_CNPG, "spec.externalClusters[].barmanObjectStore"),
            ("ObjectStore", "spec.configuration"),
        )
        for field in _OBJECT_STORE
    ),
    keyed(_CNPG, "spec.env[].valueFrom.secretKeyRef"),
    keyed(_CNPG, "spec.env[].valueFrom.configMapKeyRef", "ConfigMap"),
    Row(_CNPG, "spec.envFrom[].secretRef", "Secret"),
    Row(_CNPG, "spec.envFrom[].configMapRef", "ConfigMap"),
    keyed(_CNPG, "spec.postgresql.ldap.bindSearchAuth.bindPassword"),
    Row(_CNPG, "spec.bootstrap.recovery.backup", "postgresql.cnpg.io/Backup"),
    *(Row(_CNPG, f"spec.{what}.storageClass", "StorageClass", "", namespace=CLUSTER) for what in (
        "storage", "walStorage")),
    *(Row("Pooler", f"spec.pgbouncer.{field}", "Secret") for field in (
        "authQuerySecret", "clientCASecret", "clientTLSSecret", "serverCASecret", "serverTLSSecret")),
    Row("postgresql.cnpg.io/DatabaseRole", "spec.passwordSecret", "Secret"),
    *(keyed(_CNPG, f"spec.externalClusters[].{field}") for field in ("password", "sslKey", "sslCert", "sslRootCert")),
    *(keyed(_CNPG, f"spec.bootstrap.initdb.postInit{part}SQLRefs.secretRefs[]") for part in (
        "", "Application", "Template")),
    *(keyed(_CNPG, f"spec.bootstrap.initdb.postInit{part}SQLRefs.configMapRefs[]", "ConfigMap") for part in (
        "", "Application", "Template")),
    *(keyed(_CNPG, f"spec.monitoring.customQueries{what}[]", what) for what in ("ConfigMap", "Secret")),
    Row(_CNPG, "spec.imageCatalogRef", "", kinds=("ImageCatalog", "ClusterImageCatalog")),
    *(Row(_CNPG, f"spec.{path}.parameters.barmanObjectName", "ObjectStore", "") for path in (
        "plugins[]", "externalClusters[].plugin")),
    *(Row(kind, "spec.cluster", "postgresql.cnpg.io/Cluster") for kind in (
        "ScheduledBackup", "Pooler", "postgresql.cnpg.io/Backup", "postgresql.cnpg.io/Database",
        "postgresql.cnpg.io/DatabaseRole", "postgresql.cnpg.io/Publication", "postgresql.cnpg.io/Subscription")),
)  # fmt: skip
_HTTP = (
    "basicAuth.username", "basicAuth.password", "authorization.credentials", "bearerTokenSecret",
    "oauth2.clientSecret", "oauth2.clientId.secret", "tlsConfig.keySecret", "tlsConfig.ca.secret",
    "tlsConfig.cert.secret",
)  # fmt: skip
_HTTP_CONFIG_MAPS = ("oauth2.clientId.configMap", "tlsConfig.ca.configMap", "tlsConfig.cert.configMap")
_M = "monitoring.coreos.com"
_CLIENTS = (
    ("ServiceMonitor", "spec.endpoints[]"), ("PodMonitor", "spec.podMetricsEndpoints[]"), ("Probe", "spec"),
    ("ScrapeConfig", "spec"), ("ScrapeConfig", "spec.*SDConfigs[]"),
    ("AlertmanagerConfig", "spec.receivers[].*[].httpConfig"),
    *(
        (f"{_M}/{kind}", f"spec.{where}[]")
        for kind in ("Prometheus", "PrometheusAgent", "ThanosRuler")
        for where in ("remoteWrite", "remoteRead")
    ),
    (f"{_M}/Prometheus", "spec.alerting.alertmanagers[]"), (f"{_M}/Prometheus", "spec.apiserverConfig"),
    (f"{_M}/Alertmanager", "spec.alertmanagerConfiguration.global.httpConfig"),
)  # fmt: skip
_SERVERS = ("Prometheus", "PrometheusAgent", "Alertmanager", "ThanosRuler")
MONITORING: tuple[Row, ...] = (
    *(keyed(kind, f"{prefix}.{path}") for kind, prefix in _CLIENTS for path in _HTTP),
    *(keyed(kind, f"{prefix}.{path}", "ConfigMap") for kind, prefix in _CLIENTS for path in _HTTP_CONFIG_MAPS),
    *(
        keyed("ScrapeConfig", f"spec.*SDConfigs[].{path}")
        for path in ("tokenRef", "accessKey", "secretKey", "password", "applicationCredentialSecret", "clientSecret",
                     "tokenSecret", "applicationSecret", "consumerKey")
    ),
    *(
        keyed("AlertmanagerConfig", f"spec.receivers[].{path}")
        for path in (
            "discordConfigs[].apiURL", "slackConfigs[].apiURL", "pagerdutyConfigs[].routingKey",
            "pagerdutyConfigs[].serviceKey", "opsgenieConfigs[].apiKey", "pushoverConfigs[].userKey",
            "pushoverConfigs[].token", "webhookConfigs[].urlSecret", "telegramConfigs[].botToken",
            "wechatConfigs[].apiSecret", "victoropsConfigs[].apiKey", "msteamsConfigs[].webhookUrl",
            "msteamsv2Configs[].webhookURL", "emailConfigs[].authPassword", "emailConfigs[].authSecret",
            "rocketchatConfigs[].token", "rocketchatConfigs[].tokenID", "snsConfigs[].sigv4.accessKey",
            "snsConfigs[].sigv4.secretKey",
        )
    ),
    *(
        keyed(f"{_M}/Alertmanager", f"spec.alertmanagerConfiguration.global.{path}")
        for path in ("opsGenieApiKey", "opsGenieApiUrl", "slackApiUrl", "smtp.authPassword", "smtp.authSecret",
                     "victorops.apiKey", "wechat.apiSecret")
    ),
    *(
        keyed(f"{_M}/Alertmanager", f"spec.alertmanagerConfiguration.templates[].{what}", kind)
        for what, kind in (("secret", "Secret"), ("configMap", "ConfigMap"))
    ),
    *(
        keyed(f"{_M}/{kind}", f"spec.{path}")
        for kind in ("Prometheus", "PrometheusAgent")
        for path in ("additionalScrapeConfigs", "additionalAlertManagerConfigs", "additionalAlertRelabelConfigs",
                     "thanos.objectStorageConfig", "thanos.tracingConfigSecret")
    ),
    *(
        keyed(f"{_M}/ThanosRuler", f"spec.{path}")
        for path in ("alertmanagersConfig", "queryConfig", "objectStorageConfig", "alertRelabelConfigs",
                     "tracingConfig")
    ),
    *(
        keyed(f"{_M}/{kind}", f"spec.remoteWrite[].{path}")
        for kind in ("Prometheus", "PrometheusAgent", "ThanosRuler")
        for path in ("sigv4.accessKey", "sigv4.secretKey", "azureAd.oauth.clientSecret")
    ),
    Row(f"{_M}/Prometheus", "spec.alerting.alertmanagers[]", "Service", namespace="namespace", port="port"),
    Row(f"{_M}/Alertmanager", "spec.configSecret", "Secret", ""),
    *(Row(f"{_M}/{kind}", "spec.secrets[]", "Secret", "") for kind in ("Prometheus", "PrometheusAgent",
                                                                     "Alertmanager")),
    *(Row(f"{_M}/{kind}", "spec.configMaps[]", "ConfigMap", "") for kind in ("Prometheus", "PrometheusAgent",
                                                                           "Alertmanager")),
    *(
        Row(f"{_M}/{kind}", "spec.storage.volumeClaimTemplate.spec.storageClassName", "StorageClass", "",
            namespace=CLUSTER)
        for kind in _SERVERS
    ),
)  # fmt: skip
_ROUTES = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute")
_G = "gateway.networking.k8s.io"
GATEWAY: tuple[Row, ...] = (
    *(
        Row(kind, "spec.parentRefs[]", "Gateway", namespace="namespace", kinds=("Gateway", "ListenerSet", "Service"))
        for kind in _ROUTES
    ),
    *(
        Row(kind, f"spec.rules[].{path}", "Service", namespace="namespace", port="port", kinds=("Service",))
        for kind in _ROUTES
        for path in (
            "backendRefs[]", "filters[].requestMirror.backendRef", "filters[].externalAuth.backendRef",
            "backendRefs[].filters[].requestMirror.backendRef",
        )
    ),
    Row(f"{_G}/Gateway", "spec.gatewayClassName", "GatewayClass", "", namespace=CLUSTER),
    *(
        Row(f"{_G}/{kind}", "spec.listeners[].tls.certificateRefs[]", "Secret", namespace="namespace",
            role="certificate", kinds=("Secret",))
        for kind in ("Gateway", "ListenerSet")
    ),
    Row(f"{_G}/ListenerSet", "spec.parentRef", "Gateway", namespace="namespace", kinds=("Gateway",)),
    *(
        Row(f"{_G}/Gateway", f"spec.{path}", "", namespace="namespace", kinds=("ConfigMap", "Secret"))
        for path in (
            "tls.frontend.default.validation.caCertificateRefs[]",
            "tls.frontend.perPort[].tls.validation.caCertificateRefs[]",
        )
    ),
    Row(f"{_G}/Gateway", "spec.tls.backend.clientCertificateRef", "Secret", namespace="namespace",
        role="certificate", kinds=("Secret",)),
    Row(f"{_G}/BackendTLSPolicy", "spec.targetRefs[]", "", kinds=("Service",)),
    Row(f"{_G}/BackendTLSPolicy", "spec.validation.caCertificateRefs[]", "", kinds=("ConfigMap", "Secret")),
)  # fmt: skip
_MOVERS = ("restic", "kopia", "rsync", "rsyncTLS", "rclone")
_GRAFANA = "grafana.integreatly.org"
OTHERS: tuple[Row, ...] = (
    *(
        row
        for kind in (f"{_GRAFANA}/GrafanaDashboard", f"{_GRAFANA}/GrafanaLibraryPanel")
        for row in (
            keyed(kind, "spec.configMapRef", "ConfigMap"),
            keyed(kind, "spec.envs[].valueFrom.secretKeyRef"),
            keyed(kind, "spec.envs[].valueFrom.configMapKeyRef", "ConfigMap"),
            keyed(kind, "spec.envFrom[].secretKeyRef"),
            keyed(kind, "spec.envFrom[].configMapKeyRef", "ConfigMap"),
            keyed(kind, "spec.urlAuthorization.basicAuth.username"),
            keyed(kind, "spec.urlAuthorization.basicAuth.password"),
            Row(kind, "spec.oci.pullSecretRef", "Secret"),
        )
    ),
    *(
        row
        for kind, where in (("GrafanaDatasource", "spec"), ("GrafanaContactPoint", "spec"),
                            ("GrafanaContactPoint", "spec.receivers[]"))
        for row in (
            keyed(f"{_GRAFANA}/{kind}", f"{where}.valuesFrom[].valueFrom.secretKeyRef"),
            keyed(f"{_GRAFANA}/{kind}", f"{where}.valuesFrom[].valueFrom.configMapKeyRef", "ConfigMap"),
        )
    ),
    *(keyed(f"{_GRAFANA}/Grafana", f"spec.external.{field}") for field in ("apiKey", "adminUser", "adminPassword")),
    *(
        Row(f"{_GRAFANA}/Grafana", f"spec.{field}.tls.certSecretRef", "Secret", namespace="namespace")
        for field in ("external", "client")
    ),
    *(
        Row(f"{_GRAFANA}/{kind}", f"spec.{field}", "GrafanaFolder", "")
        for kind, field in (
            ("GrafanaDashboard", "folderRef"), ("GrafanaLibraryPanel", "folderRef"),
            ("GrafanaAlertRuleGroup", "folderRef"), ("GrafanaFolder", "parentFolderRef"),
        )
    ),
    Row("ReplicationSource", "spec.sourcePVC", "PersistentVolumeClaim", ""),
    *(
        Row(kind, f"spec.{mover}.{field}", target, "")
        for kind in ("ReplicationSource", "ReplicationDestination")
        for mover, field, target in (
            ("restic", "repository", "Secret"), ("kopia", "repository", "Secret"),
            ("rclone", "rcloneConfig", "Secret"), ("rsync", "sshKeys", "Secret"), ("rsyncTLS", "keySecret", "Secret"),
            *((mover, "moverServiceAccount", "ServiceAccount") for mover in _MOVERS),
            *((mover, "customCA.secretName", "Secret") for mover in ("restic", "kopia", "rclone")),
            *((mover, "customCA.configMapName", "ConfigMap") for mover in ("restic", "kopia", "rclone")),
        )
    ),
    *(Row("ReplicationDestination", f"spec.{mover}.destinationPVC", "PersistentVolumeClaim", "") for mover in _MOVERS),
    *(
        Row(kind, f"spec.{mover}.{field}", target, "", namespace=CLUSTER)
        for kind in ("ReplicationSource", "ReplicationDestination")
        for mover in _MOVERS
        for field, target in (
            ("storageClassName", "StorageClass"), ("cacheStorageClassName", "StorageClass"),
            ("volumeSnapshotClassName", "VolumeSnapshotClass"),
        )
    ),
    keyed("Dragonfly", "spec.authentication.passwordFromSecret"),
    keyed("Dragonfly", "spec.authentication.clientCaCertSecret"),
    Row("Dragonfly", "spec.tlsSecretRef", "Secret"),
    keyed("Dragonfly", "spec.aclFromSecret"),
    keyed("Dragonfly", "spec.env[].valueFrom.secretKeyRef"),
    keyed("Dragonfly", "spec.env[].valueFrom.configMapKeyRef", "ConfigMap"),
    Row("Dragonfly", "spec.imagePullSecrets[]", "Secret"),
    Row("Dragonfly", "spec.serviceAccountName", "ServiceAccount", ""),
    Row("Dragonfly", "spec.snapshot.existingPersistentVolumeClaimName", "PersistentVolumeClaim", ""),
    keyed("TriggerAuthentication", "spec.secretTargetRef[]"),
    keyed("TriggerAuthentication", "spec.configMapTargetRef[]", "ConfigMap"),
    keyed("ClusterTriggerAuthentication", "spec.secretTargetRef[]", namespace=ANY),
    Row("ScaledObject", "spec.scaleTargetRef", "Deployment", kinds=("Deployment", "StatefulSet")),
    *(
        Row(kind, "spec.triggers[].authenticationRef", "TriggerAuthentication",
            kinds=("TriggerAuthentication", "ClusterTriggerAuthentication"))
        for kind in ("ScaledObject", "ScaledJob")
    ),
)  # fmt: skip
