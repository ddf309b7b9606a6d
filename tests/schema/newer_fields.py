"""Where an authored schema and the reference differ, and why the authored one is right: each with its source."""

from __future__ import annotations

_CERT_MANAGER = "https://github.com/cert-manager/cert-manager/pull"
_ESO = "https://github.com/external-secrets/external-secrets/pull"
_ESO_API = "https://github.com/external-secrets/external-secrets/blob/main/docs/api/spec.md"
_FLUX_OPERATOR = "https://fluxoperator.dev/docs/crd"
_PROMETHEUS = (
    "https://github.com/prometheus-operator/prometheus-operator/blob/v0.92.0/Documentation/api-reference/api.md"
)
_MONOSPACE = "https://github.com/prometheus-operator/prometheus-operator/pull/8018"
_KUSTOMIZE = "https://github.com/kubernetes-sigs/kustomize/blob/kustomize/v5.8.1/api/types"
_OPEN = (
    "https://external-secrets.io/latest/provider/: over forty providers, each with fields of its own; open by design"
)
_ISSUER = {
    ".spec.acme.solvers[].waitInsteadOfSelfCheck": f"{_CERT_MANAGER}/8858",
    ".spec.vault.auth.aws": f"{_CERT_MANAGER}/8422",
    ".spec.venafi.ngts": f"{_CERT_MANAGER}/8779",
}
_GENERATORS = f"{_ESO}/6493 (GitlabDeployToken), {_ESO}/5999 (BeyondtrustWorkloadCredentialsDynamicSecret)"
_STORE = {".spec.provider": _OPEN, ".spec.refreshInterval": _ESO_API}
_RECEIVERS = ".spec.receivers[]"
_WITH_HTTP = (
    "discordConfigs", "msteamsConfigs", "msteamsv2Configs", "opsgenieConfigs", "pagerdutyConfigs", "pushoverConfigs",
    "rocketchatConfigs", "slackConfigs", "snsConfigs", "telegramConfigs", "victoropsConfigs", "webexConfigs",
    "webhookConfigs", "wechatConfigs",
)  # fmt: skip


def _external_secret(prefix: str) -> dict[str, str]:
    return {
        f"{prefix}.syncWindows": f"{_ESO}/6452",
        f"{prefix}.data[].sourceRef.generatorRef.kind": _GENERATORS,
        f"{prefix}.dataFrom[].sourceRef.generatorRef.kind": _GENERATORS,
        f"{prefix}.target.creationPolicy": f"{_ESO}/6641",
        f"{prefix}.target.template.templateFrom[].valuesDecodingStrategy": f"{_ESO}/6482",
    }


_KUSTOMIZATION = {
    # the reference is written by hand: what it leaves out, and what kustomize does not take
    ".helmChartInflationGenerator": f"{_KUSTOMIZE}/kustomization.go (deprecated)",
    ".imageTags": f"{_KUSTOMIZE}/fix.go: `images` took its place",
    ".buildMetadata[]": f"{_KUSTOMIZE}/kustomization.go (BuildMetadataOptions)",
    ".commonAnnotations": f"{_KUSTOMIZE}/kustomization.go: text by text",
    ".commonLabels": f"{_KUSTOMIZE}/kustomization.go: text by text",
    ".configMapGenerator[].KVSources": f"{_KUSTOMIZE}/generatorargs.go: it is inlined and has no name of its own",
    ".configMapGenerator[]": f"{_KUSTOMIZE}/generatorargs.go: a ConfigMap must have a name",
    ".configMapGenerator[].behavior": f"{_KUSTOMIZE}/generationbehavior.go",
    ".configMapGenerator[].options.annotations": f"{_KUSTOMIZE}/generatoroptions.go",
    ".configMapGenerator[].options.labels": f"{_KUSTOMIZE}/generatoroptions.go",
    ".generatorOptions.annotations": f"{_KUSTOMIZE}/generatoroptions.go",
    ".generatorOptions.labels": f"{_KUSTOMIZE}/generatoroptions.go",
    ".labels[].pairs": f"{_KUSTOMIZE}/labels.go",
    ".openapi": f"{_KUSTOMIZE}/kustomization.go: `path` of text",
    ".patches[]": f"{_KUSTOMIZE}/patch.go",
    ".patchesJson6902[]": f"{_KUSTOMIZE}/patch.go",
    ".replacements[]": f"{_KUSTOMIZE}/replacementfield.go",
    ".replicas[]": f"{_KUSTOMIZE}/replica.go: without a name no object fits",
    ".replicas[].count": f"{_KUSTOMIZE}/replica.go: int64",
    ".secretGenerator[].KVSources": f"{_KUSTOMIZE}/generatorargs.go: it is inlined and has no name of its own",
    ".secretGenerator[]": f"{_KUSTOMIZE}/generatorargs.go: a Secret must have a name",
    ".secretGenerator[].behavior": f"{_KUSTOMIZE}/generationbehavior.go",
    ".secretGenerator[].options.annotations": f"{_KUSTOMIZE}/generatoroptions.go",
    ".secretGenerator[].options.labels": f"{_KUSTOMIZE}/generatoroptions.go",
    ".sortOptions": f"{_KUSTOMIZE}/sortoptions.go",
}

NEWER: dict[tuple[str, str], dict[str, str]] = {
    ("cert-manager.io", "Certificate"): {
        ".spec.renewal": f"{_CERT_MANAGER}/8258",
        ".spec.keystores.pkcs12.profile": f"{_CERT_MANAGER}/8841",
    },
    ("cert-manager.io", "ClusterIssuer"): _ISSUER,
    ("cert-manager.io", "Issuer"): _ISSUER,
    ("external-secrets.io", "ClusterPushSecret"): {
        ".spec.pushSecretSpec.selector.generatorRef.kind": _GENERATORS,
        ".spec.pushSecretSpec.template.templateFrom[].valuesDecodingStrategy": f"{_ESO}/6482",
    },
    ("external-secrets.io", "ClusterExternalSecret"): _external_secret(".spec.externalSecretSpec"),
    ("external-secrets.io", "ExternalSecret"): _external_secret(".spec"),
    ("external-secrets.io", "ClusterSecretStore"): _STORE,
    ("external-secrets.io", "SecretStore"): _STORE,
    ("external-secrets.io", "PushSecret"): {
        ".spec.selector.generatorRef.kind": _GENERATORS,
        ".spec.template.templateFrom[].valuesDecodingStrategy": f"{_ESO}/6482",
    },
    ("fluxcd.controlplane.io", "ResourceSet"): {
        ".spec.steps": f"{_FLUX_OPERATOR}/resourceset/",
        ".spec.inputStrategy.includeEmptyProviders": f"{_FLUX_OPERATOR}/resourceset/",
    },
    ("fluxcd.controlplane.io", "ResourceSetInputProvider"): {
        ".spec.selectors": f"{_FLUX_OPERATOR}/resourcesetinputprovider/",
        ".spec.type": f"{_FLUX_OPERATOR}/resourcesetinputprovider/ (ExternalArtifact)",
    },
    ("kustomize.config.k8s.io", "Kustomization"): {
        **_KUSTOMIZATION,
        ".inventory": 'kustomize 5.8.1 refuses it: `unknown field "inventory"`',
        ".helmCharts[]": f"{_KUSTOMIZE}/helmchartargs.go",
        ".helmCharts[].debug": f"{_KUSTOMIZE}/helmchartargs.go",
        ".helmCharts[].devel": f"{_KUSTOMIZE}/helmchartargs.go",
        ".helmCharts[].valuesInline": f"{_KUSTOMIZE}/helmchartargs.go",
        ".vars[].fieldref.fieldPath": f"{_KUSTOMIZE}/var.go",
    },
    ("kustomize.config.k8s.io", "Component"): {
        **_KUSTOMIZATION,
        ".bases": f"{_KUSTOMIZE}/kustomization.go: a Component has every field of a Kustomization",
        ".helmCharts": f"{_KUSTOMIZE}/kustomization.go: as above",
        ".helmGlobals": f"{_KUSTOMIZE}/kustomization.go: as above",
        ".vars": f"{_KUSTOMIZE}/kustomization.go: as above",
    },
    ("monitoring.coreos.com", "AlertmanagerConfig"): {
        **{f"{_RECEIVERS}.{name}[].httpConfig.enableHttp2": f"{_PROMETHEUS}#httpconfig" for name in _WITH_HTTP},
        f"{_RECEIVERS}.emailConfigs[].forceImplicitTLS": f"{_PROMETHEUS}#emailconfig",
        f"{_RECEIVERS}.emailConfigs[].threading": f"{_PROMETHEUS}#emailconfig",
        f"{_RECEIVERS}.opsgenieConfigs[].responders[].type": f"{_PROMETHEUS}#opsgenieconfigresponder",
        f"{_RECEIVERS}.pagerdutyConfigs[].timeout": f"{_PROMETHEUS}#pagerdutyconfig",
        f"{_RECEIVERS}.pushoverConfigs[].monospace": _MONOSPACE,
        f"{_RECEIVERS}.slackConfigs[].messageText": f"{_PROMETHEUS}#slackconfig",
        f"{_RECEIVERS}.slackConfigs[].timeout": f"{_PROMETHEUS}#slackconfig",
        f"{_RECEIVERS}.snsConfigs[].sigv4.externalId": f"{_PROMETHEUS}#sigv4",
        f"{_RECEIVERS}.snsConfigs[].sigv4.useFIPSSTSEndpoint": f"{_PROMETHEUS}#sigv4",
        f"{_RECEIVERS}.victoropsConfigs[]": f"{_PROMETHEUS}#victoropsconfig",
        f"{_RECEIVERS}.webhookConfigs[].payload": f"{_PROMETHEUS}#webhookconfig",
    },
    ("monitoring.coreos.com", "ScrapeConfig"): {
        ".spec.azureSDConfigs[].authenticationMethod": f"{_PROMETHEUS}#azuresdconfig",
        ".spec.consulSDConfigs[].healthFilter": f"{_PROMETHEUS}#consulsdconfig",
    },
}
"""(group, kind) -> path of a field -> source."""

NOT_SERVED = {
    ("helm.toolkit.fluxcd.io", "HelmRelease", "v1"): "no Flux has served it: v2beta1, v2beta2 and v2 are all there are",
    ("postgresql.cnpg.io", "Cluster", "v3"): "no CloudNativePG has served it: v1 is the only version",
}
"""Versions of the reference that no controller has served."""
