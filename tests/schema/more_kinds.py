"""The kinds beside those of Flux and its companions, and what their schemas leave open."""

from __future__ import annotations

KINDS: dict[str, dict[str, str]] = {
    "bitnami.com": {"SealedSecret": "v1alpha1"},
    "cdi.kubevirt.io": {"StorageProfile": "v1beta1"},
    "cert-manager.io": {"CertificateRequest": "v1"},
    "cilium.io": {
        "CiliumBGPAdvertisement": "v2 v2alpha1",
        "CiliumBGPClusterConfig": "v2 v2alpha1",
        "CiliumBGPPeerConfig": "v2 v2alpha1",
        "CiliumBGPPeeringPolicy": "v2alpha1",
        "CiliumCIDRGroup": "v2 v2alpha1",
        "CiliumClusterwideNetworkPolicy": "v2",
        "CiliumL2AnnouncementPolicy": "v2alpha1",
        "CiliumLoadBalancerIPPool": "v2 v2alpha1",
        "CiliumNetworkPolicy": "v2",
    },
    "dragonflydb.io": {"Dragonfly": "v1alpha1"},
    "external-secrets.io": {"ClusterPushSecret": "v1alpha1"},
    "externaldns.k8s.io": {"DNSEndpoint": "v1alpha1"},
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
    "groupsnapshot.storage.k8s.io": {"VolumeGroupSnapshotClass": "v1"},
    "k8s.cni.cncf.io": {"NetworkAttachmentDefinition": "v1"},
    "keda.sh": {
        "ClusterTriggerAuthentication": "v1alpha1",
        "ScaledJob": "v1alpha1",
        "ScaledObject": "v1alpha1",
        "TriggerAuthentication": "v1alpha1",
    },
    "longhorn.io": {"RecurringJob": "v1beta1 v1beta2"},
    "metallb.io": {
        "BGPAdvertisement": "v1beta1",
        "BGPPeer": "v1beta2",
        "IPAddressPool": "v1beta1",
        "L2Advertisement": "v1beta1",
    },
    "nfd.k8s-sigs.io": {"NodeFeatureRule": "v1alpha1"},
    "objectbucket.io": {"ObjectBucketClaim": "v1alpha1"},
    "observability.giantswarm.io": {"Silence": "v1alpha2"},
    "snapscheduler.backube": {"SnapshotSchedule": "v1"},
    "snapshot.storage.k8s.io": {
        "VolumeSnapshot": "v1 v1beta1",
        "VolumeSnapshotClass": "v1 v1beta1",
        "VolumeSnapshotContent": "v1 v1beta1",
    },
    "talos.dev": {"ServiceAccount": "v1alpha1"},
    "trust.cert-manager.io": {"Bundle": "v1alpha1"},
    "tuppr.home-operations.com": {"KubernetesUpgrade": "v1alpha1", "TalosUpgrade": "v1alpha1"},
    "upgrade.cattle.io": {"Plan": "v1"},
    "volsync.backube": {"ReplicationDestination": "v1alpha1", "ReplicationSource": "v1alpha1"},
}
"""API group -> kind -> its versions."""
CLUSTER_SCOPED = {
    "Bundle",
    "CiliumBGPAdvertisement",
    "CiliumBGPClusterConfig",
    "CiliumBGPPeerConfig",
    "CiliumBGPPeeringPolicy",
    "CiliumCIDRGroup",
    "CiliumClusterwideNetworkPolicy",
    "CiliumL2AnnouncementPolicy",
    "CiliumLoadBalancerIPPool",
    "ClusterGenerator",
    "ClusterPushSecret",
    "ClusterTriggerAuthentication",
    "KubernetesUpgrade",
    "NodeFeatureRule",
    "StorageProfile",
    "TalosUpgrade",
    "VolumeGroupSnapshotClass",
    "VolumeSnapshotClass",
    "VolumeSnapshotContent",
}

OPEN: dict[tuple[str, str], tuple[str, ...]] = {
    ("bitnami.com", "SealedSecret"): (".encryptedData", ".template.metadata"),
    ("cilium.io", "CiliumBGPAdvertisement"): (".advertisementType",),
    ("cilium.io", "CiliumBGPPeeringPolicy"): (".communities.wellKnown[]", ".afi", ".safi"),
    ("cilium.io", "CiliumClusterwideNetworkPolicy"): (".ports[].protocol", ".http[].host"),
    ("cilium.io", "CiliumNetworkPolicy"): (".ports[].protocol", ".http[].host"),
    ("generators.external-secrets.io", "ClusterGenerator"): (".spec.kind", ".spec.generator"),
    ("generators.external-secrets.io", "GCRAccessToken"): (".workloadIdentityFederation",),
    ("generators.external-secrets.io", "VaultDynamicSecret"): (".provider.auth",),
    ("generators.external-secrets.io", "Webhook"): (".auth", ".secretRef"),
    ("keda.sh", "ClusterTriggerAuthentication"): (".provider", ".pkiData"),
    ("keda.sh", "TriggerAuthentication"): (".provider", ".pkiData"),
    ("longhorn.io", "RecurringJob"): (".task",),
    ("volsync.backube", "ReplicationDestination"): (".kopia", ".moverVolumes"),
    ("volsync.backube", "ReplicationSource"): (".kopia", ".moverVolumes"),
}
"""(group, kind) -> ends of paths that are left open: they are large, or most releases change them."""

NO_REFERENCE = {
    ("observability.giantswarm.io", "Silence"): (
        "https://github.com/giantswarm/silence-operator/blob/main/api/v1alpha2/silence_types.go"
    ),
}
"""(group, kind) that the reference does not have -> source."""
