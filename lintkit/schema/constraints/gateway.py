"""Rules of Gateways, sets of listeners, and policies for TLS to backends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.schema.constraints.constraint import Constraint, of_list, of_mapping
from lintkit.schema.constraints.forms import unique
from lintkit.schema.constraints.reading import elements, find, has, key_of, mapping, mappings_of, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from lintkit.schema.constraints.constraint import Check
    from lintkit.syntax.node import Mapping, Node, Sequence

_GROUP = "gateway.networking.k8s.io"
_SOURCE = "https://gateway-api.sigs.k8s.io/reference/spec/"
_NOWHERE = " "
"""Stands for a host name that is absent, which is not the empty one."""


def _each(judge: Callable[[Mapping], Node | None]) -> Check:
    """A check of every element of a list; points at the first that is wrong."""

    def check(self: Sequence) -> Node | None:
        return next((found for one in mappings_of(self.elements) if (found := judge(one)) is not None), None)

    return of_list(check)


def _plain_tls(self: Mapping) -> Node | None:
    return key_of(self, "tls") if text(self, "protocol") in {"HTTP", "TCP", "UDP"} and has(self, "tls") else None


def _https_mode(self: Mapping) -> Node | None:
    tls = mapping(self, "tls")
    if text(self, "protocol") != "HTTPS" or tls is None or text(tls, "mode", "Terminate") in {"", "Terminate"}:
        return None
    return find(tls, "mode")


def _tls_mode(self: Mapping) -> Node | None:
    """A listener for TLS has `tls`, whose mode is `Terminate` where it is absent."""
    return find(self, "protocol") if text(self, "protocol") == "TLS" and not has(self, "tls") else None


def _hostname(self: Mapping) -> Node | None:
    has_host = text(self, "protocol") in {"TCP", "UDP"} and text(self, "hostname")
    return key_of(self, "hostname") if has_host else None


def _no_certificate(self: Mapping) -> Node | None:
    if text(self, "mode", "Terminate") != "Terminate" or elements(self, "certificateRefs"):
        return None
    options = mapping(self, "options")
    return None if options is not None and options.entries else self


def _two_trusts(self: Mapping) -> Node | None:
    has_two = elements(self, "caCertificateRefs") and text(self, "wellKnownCACertificates")
    return key_of(self, "wellKnownCACertificates") if has_two else None


def _no_trust(self: Mapping) -> Node | None:
    return None if elements(self, "caCertificateRefs") or text(self, "wellKnownCACertificates") else self


def _listeners(rule: str, message: str, check: Check, *kinds: str) -> Constraint:
    return Constraint(_GROUP, kinds or ("Gateway", "ListenerSet"), "spec.listeners", rule, message, check, _SOURCE)


CONSTRAINTS = (
    _listeners(
        "self.all(l, l.protocol in ['HTTP', 'TCP', 'UDP'] ? !has(l.tls) : true)",
        "`tls` does not go with the protocols `HTTP`, `TCP` and `UDP`",
        _each(_plain_tls),
    ),
    _listeners(
        "self.all(l, (l.protocol == 'HTTPS' && has(l.tls)) ? (l.tls.mode == '' || l.tls.mode == 'Terminate') : true)",
        "the mode of `HTTPS` is `Terminate`",
        _each(_https_mode),
    ),
    _listeners(
        "self.all(l, (l.protocol == 'TLS' ? has(l.tls) && has(l.tls.mode) && l.tls.mode != '' : true))",
        "the protocol `TLS` needs `tls`",
        _each(_tls_mode),
    ),
    _listeners(
        "self.all(l, l.protocol in ['TCP', 'UDP'] ? (!has(l.hostname) || l.hostname == '') : true)",
        "`hostname` does not go with the protocols `TCP` and `UDP`",
        _each(_hostname),
    ),
    _listeners("self.all(l1, self.exists_one(l2, l1.name == l2.name))", "two listeners have this name", unique("name")),
    _listeners(
        "self.all(l1, self.exists_one(l2, l1.port == l2.port && l1.protocol == l2.protocol && (has(l1.hostname) && "
        "has(l2.hostname) ? l1.hostname == l2.hostname : !has(l1.hostname) && !has(l2.hostname))))",
        "two listeners have this port, protocol and host name",
        unique("port", "protocol", "hostname", default=("", "", _NOWHERE)),
        "Gateway",
    ),
    Constraint(
        _GROUP,
        ("Gateway", "ListenerSet"),
        "spec.listeners[].tls",
        "self.mode == 'Terminate' ? size(self.certificateRefs) > 0 || size(self.options) > 0 : true",
        "the mode `Terminate`, which is the default, needs `certificateRefs` or `options`",
        of_mapping(_no_certificate),
        _SOURCE,
    ),
    Constraint(
        _GROUP,
        ("BackendTLSPolicy",),
        "spec.validation",
        "!(has(self.caCertificateRefs) && size(self.caCertificateRefs) > 0 && has(self.wellKnownCACertificates) && "
        'self.wellKnownCACertificates != "")',
        "`caCertificateRefs` and `wellKnownCACertificates` exclude each other",
        of_mapping(_two_trusts),
        _SOURCE,
    ),
    Constraint(
        _GROUP,
        ("BackendTLSPolicy",),
        "spec.validation",
        "(has(self.caCertificateRefs) && size(self.caCertificateRefs) > 0 || has(self.wellKnownCACertificates) && "
        'self.wellKnownCACertificates != "")',
        "one of `caCertificateRefs` and `wellKnownCACertificates` is needed",
        of_mapping(_no_trust),
        _SOURCE,
    ),
)
