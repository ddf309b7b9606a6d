"""Rules of flux-operator: the instance of Flux, resource sets, and the providers of their inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.schema.constraints.constraint import SCHEMA, Constraint, of_mapping
from lintkit.schema.constraints.forms import at_least_one, at_most_one
from lintkit.schema.constraints.reading import find, flag, has, key_of, mapping, text

if TYPE_CHECKING:
    from lintkit.schema.constraints.constraint import Check
    from lintkit.syntax.node import Mapping, Node

_GROUP = "fluxcd.controlplane.io"
_INSTANCE = "https://fluxoperator.dev/docs/crd/fluxinstance/"
_SET = "https://fluxoperator.dev/docs/crd/resourceset/"
_PROVIDER = "https://fluxoperator.dev/docs/crd/resourcesetinputprovider/"
_WEB = ("http://", "https://")


def _other_name(self: Mapping) -> Node | None:
    metadata = mapping(self, "metadata")
    return find(metadata, "name") if metadata is not None and text(metadata, "name") not in {"", "flux"} else None


def _identity(self: Mapping) -> Node | None:
    if flag(self, "multitenantWorkloadIdentity") and not flag(self, "objectLevelWorkloadIdentity"):
        return find(self, "multitenantWorkloadIdentity")
    return None


def _sync_provider(provider: str, *kinds: str) -> Check:
    return of_mapping(
        lambda self: (
            find(self, "provider") if text(self, "provider") == provider and text(self, "kind") not in kinds else None
        )
    )


def _of_url(begins: tuple[str, ...], *, prefix: str = "", suffix: str = "") -> Check:
    """The address begins so where the type has a prefix or a suffix."""

    def judge(self: Mapping) -> Node | None:
        kind = text(self, "type")
        if not kind.startswith(prefix) or not kind.endswith(suffix):
            return None
        return None if text(self, "url").startswith(begins) else find(self, "url")

    return of_mapping(judge)


def _static_url(self: Mapping) -> Node | None:
    return key_of(self, "url") if text(self, "type") == "Static" and has(self, "url") else None


def _no_url(self: Mapping) -> Node | None:
    return find(self, "type") if text(self, "type") not in {"", "Static"} and not has(self, "url") else None


def _insecure(self: Mapping) -> Node | None:
    if flag(self, "insecure") and text(self, "type") not in {"ExternalService", "OCIArtifactTag"}:
        return key_of(self, "insecure")
    return None


def _plain_http(self: Mapping) -> Node | None:
    is_plain = text(self, "type") == "ExternalService" and text(self, "url").startswith("http://")
    return find(self, "url") if is_plain and not flag(self, "insecure") else None


def _account(self: Mapping) -> Node | None:
    kind = text(self, "type")
    is_known = kind.startswith(("AzureDevOps", "AWSCodeCommit")) or kind.endswith("ArtifactTag")
    return key_of(self, "serviceAccountName") if has(self, "serviceAccountName") and not is_known else None


def _no_reference(name: str, *prefixes: str) -> Check:
    def judge(self: Mapping) -> Node | None:
        kind = text(self, "type")
        is_cloud = kind.endswith("ArtifactTag") and kind != "OCIArtifactTag"
        is_refused = kind.startswith(prefixes) or is_cloud or text(self, "url") == "Static"
        return key_of(self, name) if has(self, name) and is_refused else None

    return of_mapping(judge)


def _instance(path: str, rule: str, message: str, check: Check, also: str = "") -> Constraint:
    return Constraint(_GROUP, ("FluxInstance",), path, rule, message, check, _INSTANCE, ("v1",), also=also)


def _set(rule: str, message: str, check: Check) -> Constraint:
    return Constraint(_GROUP, ("ResourceSet",), "spec.inputsFrom[]", rule, message, check, _SET, ("v1",), also=SCHEMA)


def _provider(rule: str, message: str, check: Check) -> Constraint:
    return Constraint(_GROUP, ("ResourceSetInputProvider",), "spec", rule, message, check, _PROVIDER, ("v1",))


CONSTRAINTS = (
    _instance("", "self.metadata.name == 'flux'", "the only name of a FluxInstance is `flux`", of_mapping(_other_name)),
    _instance(
        "spec.cluster",
        "(has(self.objectLevelWorkloadIdentity) && self.objectLevelWorkloadIdentity) || "
        "!has(self.multitenantWorkloadIdentity) || !self.multitenantWorkloadIdentity",
        "`multitenantWorkloadIdentity` needs `objectLevelWorkloadIdentity`",
        of_mapping(_identity),
        SCHEMA,
    ),
    _instance(
        "spec.sync",
        "!has(self.provider) || self.provider != 'gcp' || self.kind == 'OCIRepository' || self.kind == 'Bucket'",
        "the provider `gcp` goes with `OCIRepository` and `Bucket` only",
        _sync_provider("gcp", "OCIRepository", "Bucket"),
        SCHEMA,
    ),
    _instance(
        "spec.sync",
        "!has(self.provider) || self.provider != 'github' || self.kind == 'GitRepository'",
        "the provider `github` goes with `GitRepository` only",
        _sync_provider("github", "GitRepository"),
        SCHEMA,
    ),
    _set(
        "has(self.name) || has(self.selector)",
        "one of `name` and `selector` is needed",
        at_least_one("name", "selector"),
    ),
    _set(
        "!has(self.name) || !has(self.selector)",
        "`name` and `selector` exclude each other",
        at_most_one("name", "selector"),
    ),
    _provider("self.type != 'Static' || !has(self.url)", "the type `Static` takes no `url`", of_mapping(_static_url)),
    _provider("self.type == 'Static' || has(self.url)", "this type needs a `url`", of_mapping(_no_url)),
    _provider(
        "!self.type.startsWith('Git') || self.url.startsWith('http')",
        "the address of a Git provider begins with `http://` or `https://`",
        _of_url(("http",), prefix="Git"),
    ),
    _provider(
        "!self.type.startsWith('AzureDevOps') || self.url.startsWith('http://') || self.url.startsWith('https://')",
        "the address of an Azure DevOps provider begins with `http://` or `https://`",
        _of_url(_WEB, prefix="AzureDevOps"),
    ),
    _provider(
        "!self.type.startsWith('AWSCodeCommit') || self.url.startsWith('https://')",
        "the address of a CodeCommit provider begins with `https://`",
        _of_url(("https://",), prefix="AWSCodeCommit"),
    ),
    _provider(
        "!self.type.endsWith('ArtifactTag') || self.url.startsWith('oci')",
        "the address of an OCI provider begins with `oci://`",
        _of_url(("oci",), suffix="ArtifactTag"),
    ),
    _provider(
        "self.type != 'ExternalService' || self.url.startsWith('http')",
        "the address of a service begins with `http://` or `https://`",
        _of_url(("http",), prefix="ExternalService", suffix="ExternalService"),
    ),
    _provider(
        "!has(self.insecure) || !self.insecure || self.type == 'ExternalService' || self.type == 'OCIArtifactTag'",
        "`insecure` goes with the types `ExternalService` and `OCIArtifactTag` only",
        of_mapping(_insecure),
    ),
    _provider(
        "self.type != 'ExternalService' || !self.url.startsWith('http://') || (has(self.insecure) && self.insecure)",
        "an `http://` address needs `insecure: true`",
        of_mapping(_plain_http),
    ),
    _provider(
        "!has(self.serviceAccountName) || self.type.startsWith('AzureDevOps') || "
        "self.type.startsWith('AWSCodeCommit') || self.type.endsWith('ArtifactTag')",
        "`serviceAccountName` goes with the types of Azure DevOps, CodeCommit and OCI only",
        of_mapping(_account),
    ),
    _provider(
        "!has(self.certSecretRef) || !(self.url == 'Static' || self.type.startsWith('AzureDevOps') || "
        "self.type.startsWith('AWSCodeCommit') || (self.type.endsWith('ArtifactTag') && "
        "self.type != 'OCIArtifactTag'))",
        "`certSecretRef` does not go with this type",
        _no_reference("certSecretRef", "AzureDevOps", "AWSCodeCommit"),
    ),
    _provider(
        "!has(self.secretRef) || !(self.url == 'Static' || self.type.startsWith('AWSCodeCommit') || "
        "(self.type.endsWith('ArtifactTag') && self.type != 'OCIArtifactTag'))",
        "`secretRef` does not go with this type",
        _no_reference("secretRef", "AWSCodeCommit"),
    ),
)
