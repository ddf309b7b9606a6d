"""Rules of Flux's own kinds: releases, kustomizations, receivers, providers, image policies, artifact generators."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lintkit.schema.constraints.constraint import SCHEMA, Constraint, of_mapping
from lintkit.schema.constraints.forms import (
    at_least_one,
    at_most_one,
    exactly_one,
    needed_with,
    not_with,
    only_with,
)
from lintkit.schema.constraints.reading import elements, find, has, key_of, mapping, mappings, text

if TYPE_CHECKING:
    from lintkit.syntax.node import Mapping, Node

_HELM = "helm.toolkit.fluxcd.io"
_KUSTOMIZE = "kustomize.toolkit.fluxcd.io"
_NOTIFICATION = "notification.toolkit.fluxcd.io"
_IMAGE = "image.toolkit.fluxcd.io"
_EXTENSIONS = "source.extensions.fluxcd.io"
_STATUS_PROVIDERS = ("github", "gitlab", "gitea", "bitbucketserver", "bitbucket", "azuredevops")
_OF_STATUS = " || ".join(f"self.type == '{one}'" for one in _STATUS_PROVIDERS)
_OIDC = "generic-oidc"
_OBJECT_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


def _kube_config(group: str, kind: str, versions: tuple[str, ...], source: str) -> tuple[Constraint, ...]:
    return (
        Constraint(
            group,
            (kind,),
            "spec.kubeConfig",
            "has(self.configMapRef) || has(self.secretRef)",
            "`kubeConfig` names neither `configMapRef` nor `secretRef`",
            at_least_one("configMapRef", "secretRef"),
            source,
            versions,
            also=SCHEMA,
        ),
        Constraint(
            group,
            (kind,),
            "spec.kubeConfig",
            "!has(self.configMapRef) || !has(self.secretRef)",
            "`configMapRef` and `secretRef` exclude each other",
            at_most_one("configMapRef", "secretRef"),
            source,
            versions,
            also=SCHEMA,
        ),
    )


def _verified_chart(self: Mapping) -> Node | None:
    """A signature is looked for only where the chart comes from a HelmRepository."""
    if not has(self, "verify"):
        return None
    origin = mapping(self, "sourceRef")
    return key_of(self, "verify") if origin is not None and text(origin, "kind") != "HelmRepository" else None


def _digest_interval(self: Mapping) -> Node | None:
    if has(self, "interval") and text(self, "digestReflectionPolicy", "Never") != "Always":
        return key_of(self, "interval")
    return None


def _oidc_providers(self: Mapping) -> Node | None:
    if text(self, "type") == _OIDC and not elements(self, "oidcProviders"):
        return find(self, "type")
    return None


def _other_providers(self: Mapping) -> Node | None:
    if text(self, "type") != _OIDC and elements(self, "oidcProviders"):
        return key_of(self, "oidcProviders")
    return None


def _receiver_secret(self: Mapping) -> Node | None:
    return find(self, "type") if text(self, "type") != _OIDC and not has(self, "secretRef") else None


def _artifact_names(self: Mapping) -> Node | None:
    if text(self, "pathPattern"):
        return None
    for artifact in mappings(self, "artifacts"):
        if has(artifact, "name") and _OBJECT_NAME.fullmatch(text(artifact, "name")) is None:
            return find(artifact, "name")
    return None


CONSTRAINTS = (
    Constraint(
        _HELM,
        ("HelmRelease",),
        "spec",
        "(has(self.chart) && !has(self.chartRef)) || (!has(self.chart) && has(self.chartRef))",
        "exactly one of `chart` and `chartRef` is needed",
        exactly_one("chart", "chartRef"),
        "https://fluxcd.io/flux/components/helm/helmreleases/#chart-template",
        ("v2", "v2beta2"),
        also=SCHEMA,
    ),
    Constraint(
        _HELM,
        ("HelmRelease",),
        "spec.install.strategy",
        "!has(self.retryInterval) || self.name != 'RemediateOnFailure'",
        "`retryInterval` does not go with `RemediateOnFailure`",
        not_with("retryInterval", "name", "RemediateOnFailure"),
        "https://fluxcd.io/flux/components/helm/helmreleases/#install-strategy",
        ("v2",),
        also=SCHEMA,
    ),
    Constraint(
        _HELM,
        ("HelmRelease",),
        "spec.upgrade.strategy",
        "!has(self.retryInterval) || self.name == 'RetryOnFailure'",
        "`retryInterval` goes with `RetryOnFailure` only",
        only_with("retryInterval", "name", "RetryOnFailure"),
        "https://fluxcd.io/flux/components/helm/helmreleases/#upgrade-strategy",
        ("v2",),
        also=SCHEMA,
    ),
    Constraint(
        _HELM,
        ("HelmRelease",),
        "spec.chart.spec",
        "!has(self.verify) || self.sourceRef.kind == 'HelmRepository'",
        "`verify` goes with a chart from a `HelmRepository` only",
        of_mapping(_verified_chart),
        "the rule of HelmChart v1 (source-controller 1.8), which helm-controller makes from `chart`",
        by="the API server, of the HelmChart that helm-controller makes",
    ),
    *_kube_config(
        _HELM,
        "HelmRelease",
        ("v2", "v2beta2"),
        "https://fluxcd.io/flux/components/helm/helmreleases/#kubeconfig-remote-clusters",
    ),
    *_kube_config(
        _KUSTOMIZE,
        "Kustomization",
        ("v1", "v1beta2"),
        "https://fluxcd.io/flux/components/kustomize/kustomizations/#kubeconfig-remote-clusters",
    ),
    Constraint(
        _NOTIFICATION,
        ("Provider",),
        "spec",
        f"{_OF_STATUS} || !has(self.commitStatusExpr)",
        "`commitStatusExpr` goes only with a type that sets the status of commits",
        only_with("commitStatusExpr", "type", *_STATUS_PROVIDERS),
        "https://fluxcd.io/flux/components/notification/providers/#custom-commit-status-messages",
        ("v1beta3",),
        also=SCHEMA,
    ),
    Constraint(
        _NOTIFICATION,
        ("Receiver",),
        "spec",
        "self.type != 'generic-oidc' || (has(self.oidcProviders) && size(self.oidcProviders) > 0)",
        "the type `generic-oidc` needs `oidcProviders`",
        of_mapping(_oidc_providers),
        "https://fluxcd.io/flux/components/notification/receivers/#generic-oidc-receiver",
        ("v1",),
        also=SCHEMA,
    ),
    Constraint(
        _NOTIFICATION,
        ("Receiver",),
        "spec",
        "self.type == 'generic-oidc' || !has(self.oidcProviders) || size(self.oidcProviders) == 0",
        "`oidcProviders` go with the type `generic-oidc` only",
        of_mapping(_other_providers),
        "https://fluxcd.io/flux/components/notification/receivers/#generic-oidc-receiver",
        ("v1",),
        also=SCHEMA,
    ),
    Constraint(
        _NOTIFICATION,
        ("Receiver",),
        "spec",
        "self.type != 'generic-oidc' || !has(self.secretRef)",
        "`secretRef` does not go with the type `generic-oidc`",
        not_with("secretRef", "type", _OIDC),
        "https://fluxcd.io/flux/components/notification/receivers/#generic-oidc-receiver",
        ("v1",),
        also=SCHEMA,
    ),
    Constraint(
        _NOTIFICATION,
        ("Receiver",),
        "spec",
        "self.type == 'generic-oidc' || has(self.secretRef)",
        "this type of receiver needs a `secretRef`",
        of_mapping(_receiver_secret),
        "https://fluxcd.io/flux/components/notification/receivers/#secret-reference",
        ("v1",),
        also=SCHEMA,
    ),
    Constraint(
        _IMAGE,
        ("ImagePolicy",),
        "spec",
        "!has(self.interval) || (has(self.digestReflectionPolicy) && self.digestReflectionPolicy == 'Always')",
        "`interval` goes with `digestReflectionPolicy: Always` only",
        of_mapping(_digest_interval),
        "https://fluxcd.io/flux/components/image/imagepolicies/#interval",
        ("v1", "v1beta2"),
        also=SCHEMA,
    ),
    Constraint(
        _IMAGE,
        ("ImagePolicy",),
        "spec",
        "has(self.interval) || !has(self.digestReflectionPolicy) || self.digestReflectionPolicy != 'Always'",
        "`digestReflectionPolicy: Always` needs an `interval`",
        needed_with("interval", "digestReflectionPolicy", "Always"),
        "https://fluxcd.io/flux/components/image/imagepolicies/#interval",
        ("v1", "v1beta2"),
        also=SCHEMA,
    ),
    Constraint(
        _EXTENSIONS,
        ("ArtifactGenerator",),
        "spec",
        r"has(self.pathPattern) && size(self.pathPattern) > 0 || self.artifacts.all(a, a.name.matches("
        r"'^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$'))",
        "without a `pathPattern` the name of an artifact is that of an object: lower case letters, digits, `-` and `.`",
        of_mapping(_artifact_names),
        "https://fluxcd.io/flux/components/source/artifactgenerators/",
        ("v1beta1",),
        also=SCHEMA,
    ),
)
