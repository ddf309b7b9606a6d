"""Rules of Flux's sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.schema.constraints.constraint import SCHEMA, Constraint, of_mapping
from lintkit.schema.constraints.forms import at_most_one, needed_with, not_with, only_with
from lintkit.schema.constraints.reading import find, has, key_of, mapping, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from lintkit.schema.constraints.constraint import Check
    from lintkit.syntax.node import Mapping, Node

_GROUP = "source.toolkit.fluxcd.io"
_BUCKETS = "https://fluxcd.io/flux/components/source/buckets/"
_CONTROLLER = "source-controller"
_CODE = "https://github.com/fluxcd/source-controller/blob/v1.8.5/internal/controller/"
_OCI = "oci://"


def _token_service(judge: Callable[[str, Mapping], Node | None]) -> Check:
    """A check of a bucket's `sts`, which gets the provider of the bucket and the `sts`."""

    def checked(self: Mapping) -> Node | None:
        sts = mapping(self, "sts")
        return judge(text(self, "provider", "generic"), sts) if sts is not None else None

    return of_mapping(checked)


def _without_service(self: Mapping) -> Node | None:
    """Only two providers know a token service at all."""
    if has(self, "sts") and text(self, "provider", "generic") not in {"aws", "generic"}:
        return key_of(self, "sts")
    return None


def _of_provider(provider: str, service: str) -> Check:
    def judge(bucket: str, sts: Mapping) -> Node | None:
        return find(sts, "provider") if bucket == provider and text(sts, "provider") != service else None

    return _token_service(judge)


def _no_secret(name: str) -> Check:
    def judge(_: str, sts: Mapping) -> Node | None:
        return key_of(sts, name) if text(sts, "provider") == "aws" and has(sts, name) else None

    return _token_service(judge)


def _chart_of_repository(self: Mapping) -> Node | None:
    if not has(self, "verify"):
        return None
    origin = mapping(self, "sourceRef")
    return key_of(self, "verify") if origin is not None and text(origin, "kind") != "HelmRepository" else None


def _type_of_url(self: Mapping) -> Node | None:
    if text(self, "url").startswith(_OCI) and text(self, "type", "default") != "oci":
        return find(self, "url")
    return None


def _url_of_type(self: Mapping) -> Node | None:
    if text(self, "type", "default") == "oci" and not text(self, "url").startswith(_OCI):
        return find(self, "url")
    return None


CONSTRAINTS = (
    Constraint(
        _GROUP,
        ("Bucket",),
        "spec",
        "self.provider == 'aws' || self.provider == 'generic' || !has(self.sts)",
        "`sts` goes with the providers `aws` and `generic` only",
        of_mapping(_without_service),
        _BUCKETS,
        ("v1", "v1beta2"),
        also=SCHEMA,
    ),
    Constraint(
        _GROUP,
        ("Bucket",),
        "spec",
        "self.provider != 'aws' || !has(self.sts) || self.sts.provider == 'aws'",
        "the token service of the provider `aws` is `aws`",
        _of_provider("aws", "aws"),
        _BUCKETS,
        ("v1", "v1beta2"),
        also=SCHEMA,
    ),
    Constraint(
        _GROUP,
        ("Bucket",),
        "spec",
        "self.provider != 'generic' || !has(self.sts) || self.sts.provider == 'ldap'",
        "the token service of the provider `generic` is `ldap`",
        _of_provider("generic", "ldap"),
        _BUCKETS,
        ("v1", "v1beta2"),
        also=SCHEMA,
    ),
    *(
        Constraint(
            _GROUP,
            ("Bucket",),
            "spec",
            f"!has(self.sts) || self.sts.provider != 'aws' || !has(self.sts.{name})",
            f"the token service `aws` takes no `{name}`",
            _no_secret(name),
            _BUCKETS,
            ("v1", "v1beta2"),
            also=SCHEMA,
        )
        for name in ("secretRef", "certSecretRef")
    ),
    Constraint(
        _GROUP,
        ("Bucket",),
        "spec",
        "self.provider != 'generic' || !has(self.serviceAccountName)",
        "`serviceAccountName` does not go with the provider `generic`, which is the default",
        not_with("serviceAccountName", "provider", "generic", default="generic"),
        _BUCKETS,
        ("v1",),
        also=SCHEMA,
    ),
    Constraint(
        _GROUP,
        ("Bucket",),
        "spec",
        "!has(self.secretRef) || !has(self.serviceAccountName)",
        "`secretRef` and `serviceAccountName` exclude each other",
        at_most_one("secretRef", "serviceAccountName"),
        _BUCKETS,
        ("v1",),
        also=SCHEMA,
    ),
    Constraint(
        _GROUP,
        ("GitRepository",),
        "spec",
        "!has(self.serviceAccountName) || (has(self.provider) && (self.provider == 'azure' || self.provider == 'aws'))",
        "`serviceAccountName` goes with the providers `azure` and `aws` only",
        only_with("serviceAccountName", "provider", "azure", "aws"),
        "https://fluxcd.io/flux/components/source/gitrepositories/#service-account-reference",
        ("v1",),
        also=SCHEMA,
    ),
    Constraint(
        _GROUP,
        ("GitRepository",),
        "spec",
        "!has(self.provider) || self.provider != 'github' || has(self.secretRef)",
        "the provider `github` needs a `secretRef` with the data of a GitHub app",
        needed_with("secretRef", "provider", "github"),
        f"{_CODE}gitrepository_controller.go#L710",
        ("v1",),
        by=_CONTROLLER,
    ),
    Constraint(
        _GROUP,
        ("HelmChart",),
        "spec",
        "!has(self.verify) || self.sourceRef.kind == 'HelmRepository'",
        "`verify` goes with a chart from a `HelmRepository` only",
        of_mapping(_chart_of_repository),
        "https://fluxcd.io/flux/components/source/helmcharts/#verification",
        ("v1",),
    ),
    Constraint(
        _GROUP,
        ("HelmRepository",),
        "spec",
        "!self.url.startsWith('oci://') || (has(self.type) && self.type == 'oci')",
        "an `oci://` address needs `type: oci`",
        of_mapping(_type_of_url),
        f"{_CODE}helmrepository_controller.go#L394",
        ("v1", "v1beta2"),
        by=_CONTROLLER,
    ),
    Constraint(
        _GROUP,
        ("HelmRepository",),
        "spec",
        "!has(self.type) || self.type != 'oci' || self.url.startsWith('oci://')",
        "`type: oci` needs an `oci://` address",
        of_mapping(_url_of_type),
        f"{_CODE}helmchart_controller.go#L549",
        ("v1", "v1beta2"),
        by=_CONTROLLER,
    ),
    *(
        Constraint(
            _GROUP,
            (kind,),
            "spec.verify",
            "self.provider != 'notation' || has(self.secretRef)",
            "the provider `notation` needs a `secretRef` with the trust policy",
            needed_with("secretRef", "provider", "notation"),
            f"{_CODE}{kind.lower()}_controller.go",
            by=_CONTROLLER,
        )
        for kind in ("OCIRepository", "HelmChart")
    ),
)
