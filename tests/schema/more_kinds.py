"""The kinds beside those of Flux and its companions, and what their schemas leave open."""

from __future__ import annotations

import ast
import re

KINDS: dict[str, dict[str, str]] = {
    "acid.zalan.do": {"postgresql": "v1"},
    "actions.summerwind.dev": {"HorizontalRunnerAutoscaler": "v1alpha1", "RunnerDeployment": "v1alpha1"},
    "agentgateway.dev": {
        "AgentgatewayBackend": "v1alpha1",
        "AgentgatewayParameters": "v1alpha1",
        "AgentgatewayPolicy": "v1alpha1",
    },
    "apps.emqx.io": {"EMQX": "v2beta1"},
    "argoproj.io": {"EventBus": "v1alpha1", "EventSource": "v1alpha1", "Sensor": "v1alpha1"},
    "autoscaling.k8s.io": {"VerticalPodAutoscaler": "v1"},
    "barmancloud.cnpg.io": {"ObjectStore": "v1"},
    "bitnami.com": {"SealedSecret": "v1alpha1"},
    "bootstrap.cluster.x-k8s.io": {"TalosConfigTemplate": "v1alpha3"},
    "cdi.kubevirt.io": {"CDI": "v1beta1", "DataVolume": "v1beta1", "StorageProfile": "v1beta1"},
    "ceph.rook.io": {
        "CephBlockPool": "v1",
        "CephCluster": "v1",
        "CephFilesystem": "v1",
        "CephObjectStore": "v1",
        "CephObjectStoreUser": "v1",
    },
    "cert-manager.io": {"CertificateRequest": "v1"},
    "cilium.io": {
        "CiliumBGPAdvertisement": "v2 v2alpha1",
        "CiliumBGPClusterConfig": "v2 v2alpha1",
        "CiliumBGPNodeConfigOverride": "v2 v2alpha1",
        "CiliumBGPPeerConfig": "v2 v2alpha1",
        "CiliumBGPPeeringPolicy": "v2alpha1",
        "CiliumCIDRGroup": "v2 v2alpha1",
        "CiliumClusterwideEnvoyConfig": "v2",
        "CiliumClusterwideNetworkPolicy": "v2",
        "CiliumEgressGatewayPolicy": "v2",
        "CiliumEnvoyConfig": "v2",
        "CiliumL2AnnouncementPolicy": "v2alpha1",
        "CiliumLoadBalancerIPPool": "v2 v2alpha1",
        "CiliumLocalRedirectPolicy": "v2",
        "CiliumNetworkPolicy": "v2",
        "CiliumNodeConfig": "v2 v2alpha1",
        "CiliumPodIPPool": "v2alpha1",
    },
    "cluster.x-k8s.io": {"Cluster": "v1alpha4 v1beta1", "MachineDeployment": "v1alpha3 v1alpha4"},
    "controlplane.cluster.x-k8s.io": {"TalosControlPlane": "v1alpha3"},
    "dragonflydb.io": {"Dragonfly": "v1alpha1"},
    "external-secrets.io": {"ClusterPushSecret": "v1alpha1"},
    "externaldns.k8s.io": {"DNSEndpoint": "v1alpha1"},
    "gateway.envoyproxy.io": {
        "Backend": "v1alpha1",
        "BackendTrafficPolicy": "v1alpha1",
        "ClientTrafficPolicy": "v1alpha1",
        "EnvoyExtensionPolicy": "v1alpha1",
        "EnvoyPatchPolicy": "v1alpha1",
        "EnvoyProxy": "v1alpha1",
        "HTTPRouteFilter": "v1alpha1",
        "SecurityPolicy": "v1alpha1",
    },
    "gateway.kgateway.dev": {
        "GatewayParameters": "v1alpha1",
        "HTTPListenerPolicy": "v1alpha1",
        "TrafficPolicy": "v1alpha1",
    },
    "gateway.networking.k8s.io": {
        "BackendTLSPolicy": "v1 v1alpha3",
        "GRPCRoute": "v1 v1alpha2",
        "ListenerSet": "v1",
        "TCPRoute": "v1 v1alpha2",
        "TLSRoute": "v1 v1alpha2 v1alpha3",
        "UDPRoute": "v1 v1alpha2",
    },
    "generators.external-secrets.io": {
        "ACRAccessToken": "v1alpha1",
        "CloudsmithAccessToken": "v1alpha1",
        "ClusterGenerator": "v1alpha1",
        "ECRAuthorizationToken": "v1alpha1",
        "Fake": "v1alpha1",
        "GCRAccessToken": "v1alpha1",
        "GithubAccessToken": "v1alpha1",
        "Grafana": "v1alpha1",
        "MFA": "v1alpha1",
        "Password": "v1alpha1",
        "QuayAccessToken": "v1alpha1",
        "SSHKey": "v1alpha1",
        "STSSessionToken": "v1alpha1",
        "UUID": "v1alpha1",
        "VaultDynamicSecret": "v1alpha1",
        "Webhook": "v1alpha1",
    },
    "grafana.integreatly.org": {
        "Grafana": "v1alpha1 v1beta1",
        "GrafanaAlertRuleGroup": "v1beta1",
        "GrafanaContactPoint": "v1beta1",
        "GrafanaFolder": "v1beta1",
        "GrafanaLibraryPanel": "v1beta1",
        "GrafanaManifest": "v1beta1",
        "GrafanaMuteTiming": "v1beta1",
        "GrafanaNotificationPolicy": "v1beta1",
        "GrafanaNotificationPolicyRoute": "v1beta1",
        "GrafanaNotificationTemplate": "v1beta1",
        "GrafanaServiceAccount": "v1beta1",
    },
    "groupsnapshot.storage.k8s.io": {"VolumeGroupSnapshotClass": "v1"},
    "infra.contrib.fluxcd.io": {"Terraform": "v1alpha1 v1alpha2"},
    "instancetype.kubevirt.io": {"VirtualMachineInstancetype": "v1beta1", "VirtualMachinePreference": "v1beta1"},
    "k8s.cni.cncf.io": {"NetworkAttachmentDefinition": "v1"},
    "k8s.mariadb.com": {"Backup": "v1alpha1", "MariaDB": "v1alpha1", "Restore": "v1alpha1"},
    "k8up.io": {"Backup": "v1"},
    "keda.sh": {
        "CloudEventSource": "v1alpha1",
        "ClusterTriggerAuthentication": "v1alpha1",
        "ScaledJob": "v1alpha1",
        "ScaledObject": "v1alpha1",
        "TriggerAuthentication": "v1alpha1",
    },
    "kubevirt.io": {"KubeVirt": "v1", "VirtualMachine": "v1"},
    "kyverno.io": {"ClusterPolicy": "v1"},
    "longhorn.io": {"RecurringJob": "v1beta1 v1beta2"},
    "metallb.io": {
        "BGPAdvertisement": "v1beta1",
        "BGPPeer": "v1beta2",
        "IPAddressPool": "v1beta1",
        "L2Advertisement": "v1beta1",
    },
    "monitoring.coreos.com": {
        "Alertmanager": "v1",
        "Prometheus": "v1",
        "PrometheusAgent": "v1alpha1",
        "ThanosRuler": "v1",
    },
    "monitoring.giantswarm.io": {"Silence": "v1alpha1"},
    "nfd.k8s-sigs.io": {"NodeFeatureRule": "v1alpha1"},
    "objectbucket.io": {"ObjectBucketClaim": "v1alpha1"},
    "observability.giantswarm.io": {"Silence": "v1alpha2"},
    "operator.victoriametrics.com": {
        "VMAgent": "v1beta1",
        "VMAlert": "v1beta1",
        "VMPodScrape": "v1beta1",
        "VMRule": "v1beta1",
        "VMServiceScrape": "v1beta1",
        "VMSingle": "v1beta1",
    },
    "pkg.crossplane.io": {"Provider": "v1"},
    "postgres-operator.crunchydata.com": {"PostgresCluster": "v1 v1beta1"},
    "postgresql.cnpg.io": {
        "Backup": "v1",
        "ClusterImageCatalog": "v1",
        "Database": "v1",
        "DatabaseRole": "v1",
        "ImageCatalog": "v1",
        "Pooler": "v1",
        "Publication": "v1",
        "Subscription": "v1",
    },
    "projectcalico.org": {"NetworkPolicy": "v3"},
    "rabbitmq.com": {"RabbitmqCluster": "v1beta1"},
    "renovate-operator.mogenius.com": {"RenovateJob": "v1alpha1"},
    "seaweed.seaweedfs.com": {"Bucket": "v1", "BucketLifecyclePolicy": "v1", "Seaweed": "v1"},
    "snapscheduler.backube": {"SnapshotSchedule": "v1"},
    "snapshot.storage.k8s.io": {
        "VolumeSnapshot": "v1 v1beta1",
        "VolumeSnapshotClass": "v1 v1beta1",
        "VolumeSnapshotContent": "v1 v1beta1",
    },
    "stunner.l7mp.io": {"GatewayConfig": "v1", "UDPRoute": "v1"},
    "tailscale.com": {"Connector": "v1alpha1"},
    "talos.dev": {"ServiceAccount": "v1alpha1"},
    "traefik.containo.us": {
        "IngressRoute": "v1alpha1",
        "Middleware": "v1alpha1",
        "ServersTransport": "v1alpha1",
        "TLSOption": "v1alpha1",
        "TLSStore": "v1alpha1",
    },
    "traefik.io": {
        "IngressRoute": "v1alpha1",
        "IngressRouteTCP": "v1alpha1",
        "IngressRouteUDP": "v1alpha1",
        "Middleware": "v1alpha1",
        "MiddlewareTCP": "v1alpha1",
        "ServersTransport": "v1alpha1",
        "TLSOption": "v1alpha1",
        "TLSStore": "v1alpha1",
        "TraefikService": "v1alpha1",
    },
    "trust.cert-manager.io": {"Bundle": "v1alpha1"},
    "tuppr.home-operations.com": {"KubernetesUpgrade": "v1alpha1", "TalosUpgrade": "v1alpha1"},
    "upgrade.cattle.io": {"Plan": "v1"},
    "velero.io": {"Schedule": "v1"},
    "volsync.backube": {
        "KopiaMaintenance": "v1alpha1",
        "ReplicationDestination": "v1alpha1",
        "ReplicationSource": "v1alpha1",
    },
}
"""API group -> kind -> its versions."""
CLUSTER_SCOPED: dict[str, tuple[str, ...]] = {
    "cdi.kubevirt.io": (
        "CDI",
        "StorageProfile",
    ),
    "cilium.io": (
        "CiliumBGPAdvertisement",
        "CiliumBGPClusterConfig",
        "CiliumBGPNodeConfigOverride",
        "CiliumBGPPeerConfig",
        "CiliumBGPPeeringPolicy",
        "CiliumCIDRGroup",
        "CiliumClusterwideEnvoyConfig",
        "CiliumClusterwideNetworkPolicy",
        "CiliumEgressGatewayPolicy",
        "CiliumL2AnnouncementPolicy",
        "CiliumLoadBalancerIPPool",
        "CiliumPodIPPool",
    ),
    "external-secrets.io": ("ClusterPushSecret",),
    "generators.external-secrets.io": ("ClusterGenerator",),
    "groupsnapshot.storage.k8s.io": ("VolumeGroupSnapshotClass",),
    "keda.sh": ("ClusterTriggerAuthentication",),
    "kyverno.io": ("ClusterPolicy",),
    "monitoring.giantswarm.io": ("Silence",),
    "nfd.k8s-sigs.io": ("NodeFeatureRule",),
    "pkg.crossplane.io": ("Provider",),
    "postgresql.cnpg.io": ("ClusterImageCatalog",),
    "snapshot.storage.k8s.io": (
        "VolumeSnapshotClass",
        "VolumeSnapshotContent",
    ),
    "tailscale.com": ("Connector",),
    "trust.cert-manager.io": ("Bundle",),
    "tuppr.home-operations.com": (
        "KubernetesUpgrade",
        "TalosUpgrade",
    ),
}

_SAYS_LESS = re.compile(r"we say anything, |enum: we say \[\], |format: we say None, ")
_REQUIRED = re.compile(r"required: we say (\[.*\]), the reference says (\[.*\])$")


def says_less(difference: str) -> bool:
    """Whether a schema leaves open what the reference fixes.

    For these kinds it is meant: what is large or grows with most releases is open, and a field that older versions did
    not require, or that a webhook fills in, may be left out.
    """
    found = _REQUIRED.search(difference)
    if found:
        ours, theirs = (set(ast.literal_eval(fields)) for fields in found.groups())
        return ours < theirs
    return _SAYS_LESS.search(difference) is not None


_VOLSYNC = "https://github.com/perfectra1n/volsync/tree/main/api/v1alpha1: the mover, and volumes that movers mount"
_MIRROR = "https://gateway-api.sigs.k8s.io/geps/gep-3171/: one shape of a filter for both versions"
_MOVERS = ("rclone", "restic", "rsyncTLS")
NEWER: dict[tuple[str, str], dict[str, str]] = {
    ("cilium.io", "CiliumLoadBalancerIPPool"): {
        ".spec.cidrs": "https://docs.cilium.io/en/v1.14/network/lb-ipam/: what `blocks` was called",
    },
    ("gateway.networking.k8s.io", "GRPCRoute"): {
        ".spec.rules[].backendRefs[].filters[].requestMirror.fraction": _MIRROR,
        ".spec.rules[].backendRefs[].filters[].requestMirror.percent": _MIRROR,
        ".spec.rules[].filters[].requestMirror.fraction": _MIRROR,
        ".spec.rules[].filters[].requestMirror.percent": _MIRROR,
    },
    ("volsync.backube", "ReplicationDestination"): {
        ".spec.kopia": _VOLSYNC,
        **{f".spec.{mover}.moverVolumes": _VOLSYNC for mover in _MOVERS},
    },
    ("volsync.backube", "ReplicationSource"): {
        ".spec.kopia": _VOLSYNC,
        **{f".spec.{mover}.moverVolumes": _VOLSYNC for mover in (*_MOVERS, "syncthing")},
    },
}
"""(group, kind) -> path of a field that the reference does not have -> source."""

_TRAEFIK = "https://github.com/traefik/traefik/tree/master/pkg/provider/kubernetes/crd/traefikio/v1alpha1"
NO_REFERENCE = {
    ("autoscaling.k8s.io", "VerticalPodAutoscaler"): (
        "https://github.com/kubernetes/autoscaler/blob/master/vertical-pod-autoscaler/docs/api.md"
    ),
    ("cdi.kubevirt.io", "DataVolume"): (
        "https://github.com/kubevirt/containerized-data-importer/blob/main/doc/datavolumes.md"
    ),
    ("gateway.envoyproxy.io", "EnvoyPatchPolicy"): (
        "https://github.com/envoyproxy/gateway/blob/main/api/v1alpha1/envoypatchpolicy_types.go"
    ),
    ("monitoring.giantswarm.io", "Silence"): (
        "https://github.com/giantswarm/silence-operator/blob/main/api/v1alpha1/silence_types.go"
    ),
    ("observability.giantswarm.io", "Silence"): (
        "https://github.com/giantswarm/silence-operator/blob/main/api/v1alpha2/silence_types.go"
    ),
    ("operator.victoriametrics.com", "VMPodScrape"): (
        "https://github.com/VictoriaMetrics/operator/blob/master/api/operator/v1beta1/vmpodscrape_types.go"
    ),
    ("traefik.io", "IngressRouteUDP"): f"{_TRAEFIK}/ingressrouteudp.go",
    ("traefik.io", "MiddlewareTCP"): f"{_TRAEFIK}/middlewaretcp.go",
    ("traefik.io", "ServersTransport"): f"{_TRAEFIK}/serverstransport.go",
    ("traefik.io", "TraefikService"): f"{_TRAEFIK}/service.go",
    ("volsync.backube", "KopiaMaintenance"): (
        "https://github.com/perfectra1n/volsync/blob/main/api/v1alpha1/kopiamaintenance_types.go"
    ),
}
"""(group, kind) that the reference does not have -> source."""
