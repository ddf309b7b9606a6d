"""Rules of cert-manager's certificates, issuers and ACME solvers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lintkit.schema.constraints.constraint import Constraint, UndecidedError, of_mapping
from lintkit.schema.constraints.forms import at_least_one, at_most_one, exactly_one
from lintkit.schema.constraints.reading import elements, fields_of, find, has, key_of, number, text
from lintkit.syntax.node import Scalar

if TYPE_CHECKING:
    from lintkit.schema.constraints.constraint import Check
    from lintkit.syntax.node import Mapping, Node

_GROUP = "cert-manager.io"
_ISSUERS = ("Issuer", "ClusterIssuer")
_CODE = "https://github.com/cert-manager/cert-manager/blob/v1.19.0/internal/apis/certmanager/validation/"
_BY = "the webhook of cert-manager"
_KINDS = ("acme", "ca", "selfSigned", "vault", "venafi")
_SOLVERS = "spec.acme.solvers[]"
_DNS = (
    "acmeDNS", "akamai", "azureDNS", "cloudDNS", "cloudflare", "digitalocean", "rfc2136", "route53", "webhook",
)  # fmt: skip
_SUBJECTS = ("dnsNames", "emailAddresses", "ipAddresses", "otherNames", "uris")
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_NINETY_DAYS = 90 * 24 * 3600
_HOUR = 3600


def _seconds(duration: str) -> float:
    if _DURATION.fullmatch(duration) is None:
        raise UndecidedError
    return sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(duration))


def _no_subject(self: Mapping) -> Node | None:
    """A certificate is for someone; what `literalSubject` holds is not read."""
    if text(self, "commonName") or has(self, "literalSubject") or any(elements(self, name) for name in _SUBJECTS):
        return None
    return self


def _too_short(self: Mapping) -> Node | None:
    return find(self, "duration") if has(self, "duration") and _seconds(text(self, "duration")) < _HOUR else None


def _renewed_too_early(self: Mapping) -> Node | None:
    if not has(self, "renewBefore"):
        return None
    lasts = _seconds(text(self, "duration")) if has(self, "duration") else _NINETY_DAYS
    return find(self, "renewBefore") if _seconds(text(self, "renewBefore")) >= lasts else None


def _size(self: Mapping) -> Node | None:
    size, algorithm = number(self, "size"), text(self, "algorithm", "RSA")
    if not size:
        return None
    is_right = {"RSA": 2048 <= size <= 8192, "ECDSA": size in {256, 384, 521}}.get(algorithm, True)
    return None if is_right else find(self, "size")


def _issuer_kind(self: Mapping) -> Node | None:
    if text(self, "group") not in {"", _GROUP} or text(self, "kind") in {"", *_ISSUERS}:
        return None
    return find(self, "kind")


def _two_providers(self: Mapping) -> Node | None:
    names = [name for name, _ in fields_of(self) if name in _DNS]
    return key_of(self, names[1]) if len(names) > 1 else None


def _no_provider(self: Mapping) -> Node | None:
    return None if any(name != "cnameStrategy" for name, _ in fields_of(self)) else self


def _long_name(self: Mapping) -> Node | None:
    node = find(self, "commonName")
    if node is None:
        return None
    if not isinstance(node, Scalar):
        raise UndecidedError
    return node if len(node.text.encode()) > 64 else None


def _no_account(self: Mapping) -> Node | None:
    return key_of(self, "apiKeySecretRef") if has(self, "apiKeySecretRef") and not text(self, "email") else None


def _ingress_names(self: Mapping) -> Node | None:
    names = [name for name in ("class", "name", "ingressClassName") if text(self, name)]
    return key_of(self, names[1]) if len(names) > 1 else None


def _certificate(path: str, rule: str, message: str, check: Check, *, whole: bool = False) -> Constraint:
    source = f"{_CODE}certificate.go"
    return Constraint(_GROUP, ("Certificate",), path, rule, message, check, source, ("v1",), by=_BY, whole=whole)


def _issuer(path: str, rule: str, message: str, check: Check, *, whole: bool = False) -> Constraint:
    source = f"{_CODE}issuer.go"
    return Constraint(_GROUP, _ISSUERS, path, rule, message, check, source, ("v1",), by=_BY, whole=whole)


def _count(*names: str) -> str:
    return " + ".join(f"(has(self.{name}) ? 1 : 0)" for name in names)


CONSTRAINTS = (
    _certificate(
        "spec",
        "(has(self.commonName) && self.commonName != '') || has(self.literalSubject) || "
        + " || ".join(f"(has(self.{name}) && size(self.{name}) > 0)" for name in _SUBJECTS),
        "the certificate is for no one: one of `commonName`, `dnsNames`, `ipAddresses`, `uris`, `emailAddresses` and "
        "`otherNames` is needed",
        of_mapping(_no_subject),
        whole=True,
    ),
    _certificate(
        "spec",
        "!has(self.commonName) || size(bytes(self.commonName)) <= 64",
        "a `commonName` has at most 64 characters",
        of_mapping(_long_name),
    ),
    _certificate(
        "spec",
        "!has(self.renewBefore) || !has(self.renewBeforePercentage)",
        "`renewBefore` and `renewBeforePercentage` exclude each other",
        at_most_one("renewBefore", "renewBeforePercentage"),
    ),
    _certificate(
        "spec",
        "!has(self.duration) || duration(self.duration) >= duration('1h')",
        "a certificate lasts an hour at least",
        of_mapping(_too_short),
    ),
    _certificate(
        "spec",
        "!has(self.renewBefore) || duration(self.renewBefore) < "
        "(has(self.duration) ? duration(self.duration) : duration('2160h'))",
        "`renewBefore` is not shorter than `duration`, which is 2160h where it is absent",
        of_mapping(_renewed_too_early),
    ),
    _certificate(
        "spec.privateKey",
        "!has(self.size) || self.size == 0 || "
        "(has(self.algorithm) && self.algorithm == 'Ed25519') || "
        "(has(self.algorithm) && self.algorithm == 'ECDSA' ? self.size in [256, 384, 521] : "
        "self.size >= 2048 && self.size <= 8192)",
        "the size of a key is 2048 to 8192 for RSA, and 256, 384 or 521 for ECDSA",
        of_mapping(_size),
    ),
    _certificate(
        "spec.issuerRef",
        "(has(self.group) && !(self.group in ['', 'cert-manager.io'])) || !has(self.kind) || "
        "self.kind in ['', 'Issuer', 'ClusterIssuer']",
        "`kind` of an issuer is `Issuer` or `ClusterIssuer`",
        of_mapping(_issuer_kind),
    ),
    _issuer(
        "spec",
        f"{_count(*_KINDS)} == 1",
        "an issuer is exactly one of `acme`, `ca`, `selfSigned`, `vault` and `venafi`",
        exactly_one(*_KINDS),
        whole=True,
    ),
    _issuer(
        _SOLVERS,
        f"{_count('http01', 'dns01')} == 1",
        "a solver is exactly one of `http01` and `dns01`",
        exactly_one("http01", "dns01"),
        whole=True,
    ),
    _issuer(
        f"{_SOLVERS}.dns01",
        f"{_count(*_DNS)} <= 1",
        "a solver has one provider of DNS, this is a second one",
        of_mapping(_two_providers),
    ),
    _issuer(
        f"{_SOLVERS}.dns01",
        f"{_count(*_DNS)} >= 1",
        "a provider of DNS is missing",
        of_mapping(_no_provider),
        whole=True,
    ),
    _issuer(
        f"{_SOLVERS}.dns01.cloudflare",
        "!has(self.apiKeySecretRef) || !has(self.apiTokenSecretRef)",
        "`apiKeySecretRef` and `apiTokenSecretRef` exclude each other",
        at_most_one("apiKeySecretRef", "apiTokenSecretRef"),
    ),
    _issuer(
        f"{_SOLVERS}.dns01.cloudflare",
        "has(self.apiKeySecretRef) || has(self.apiTokenSecretRef)",
        "one of `apiTokenSecretRef` and `apiKeySecretRef` is needed",
        at_least_one("apiKeySecretRef", "apiTokenSecretRef"),
        whole=True,
    ),
    _issuer(
        f"{_SOLVERS}.dns01.cloudflare",
        "!has(self.apiKeySecretRef) || (has(self.email) && self.email != '')",
        "`apiKeySecretRef` needs the `email` of its account",
        of_mapping(_no_account),
        whole=True,
    ),
    _issuer(
        f"{_SOLVERS}.http01",
        "has(self.ingress) != has(self.gatewayHTTPRoute)",
        "exactly one of `ingress` and `gatewayHTTPRoute` is needed",
        exactly_one("ingress", "gatewayHTTPRoute"),
        whole=True,
    ),
    _issuer(
        f"{_SOLVERS}.http01.ingress",
        " + ".join(f"(has(self.{cel}) && self.{cel} != '' ? 1 : 0)" for cel in ("class", "name", "ingressClassName"))
        + " <= 1",
        "only one of `class`, `ingressClassName` and `name` is allowed",
        of_mapping(_ingress_names),
    ),
)
