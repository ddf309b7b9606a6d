"""Rules of the filters of routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.schema.constraints.constraint import Constraint, of_list, of_mapping
from lintkit.schema.constraints.forms import alone, at_most_one, needed_with, only_with
from lintkit.schema.constraints.reading import find, mappings_of, number, text

if TYPE_CHECKING:
    from lintkit.schema.constraints.constraint import Check
    from lintkit.syntax.node import Mapping, Node, Sequence

_GROUP = "gateway.networking.k8s.io"
_SOURCE = "https://gateway-api.sigs.k8s.io/reference/spec/"
_HTTP = ("HTTPRoute",)
_BOTH = ("HTTPRoute", "GRPCRoute")
_LISTS = ("spec.rules[].filters", "spec.rules[].backendRefs[].filters")
_FIELDS = {
    "requestHeaderModifier": ("RequestHeaderModifier", _BOTH),
    "responseHeaderModifier": ("ResponseHeaderModifier", _BOTH),
    "requestMirror": ("RequestMirror", _BOTH),
    "extensionRef": ("ExtensionRef", _BOTH),
    "requestRedirect": ("RequestRedirect", _HTTP),
    "urlRewrite": ("URLRewrite", _HTTP),
    "cors": ("CORS", _HTTP),
    "externalAuth": ("ExternalAuth", _HTTP),
}
"""Field of a filter -> the type it goes with, and the kinds of routes that have it."""
_ONCE = {
    "RequestHeaderModifier": _BOTH,
    "ResponseHeaderModifier": _BOTH,
    "RequestRedirect": _HTTP,
    "URLRewrite": _HTTP,
    "CORS": _HTTP,
}
_PATHS = {"ReplaceFullPath": "replaceFullPath", "ReplacePrefixMatch": "replacePrefixMatch"}


def _once(kind: str) -> Check:
    def judge(self: Sequence) -> Node | None:
        found = [one for one in mappings_of(self.elements) if text(one, "type") == kind]
        return find(found[1], "type") if len(found) > 1 else None

    return of_list(judge)


def _redirect_and_rewrite(self: Sequence) -> Node | None:
    found = [find(one, "type") for one in mappings_of(self.elements) if text(one, "type") == "RequestRedirect"]
    rewrites = [find(one, "type") for one in mappings_of(self.elements) if text(one, "type") == "URLRewrite"]
    return rewrites[0] if found and rewrites else None


def _fraction(self: Mapping) -> Node | None:
    part, whole = number(self, "numerator"), number(self, "denominator")
    return find(self, "numerator") if part is not None and part > (100 if whole is None else whole) else None


def _row(kinds: tuple[str, ...], path: str, rule: str, message: str, check: Check) -> Constraint:
    return Constraint(_GROUP, kinds, path, rule, message, check, _SOURCE)


CONSTRAINTS = tuple(
    constraint
    for filters in _LISTS
    for constraint in (
        *(
            _row(
                kinds,
                f"{filters}[]",
                f"!(has(self.{name}) && self.type != '{kind}')",
                f"`{name}` goes with the type `{kind}` only",
                only_with(name, "type", kind),
            )
            for name, (kind, kinds) in _FIELDS.items()
        ),
        *(
            _row(
                kinds,
                f"{filters}[]",
                f"!(!has(self.{name}) && self.type == '{kind}')",
                f"the type `{kind}` needs `{name}`",
                needed_with(name, "type", kind),
            )
            for name, (kind, kinds) in _FIELDS.items()
        ),
        *(
            _row(
                kinds,
                filters,
                f"self.filter(f, f.type == '{kind}').size() <= 1",
                f"there is one `{kind}` at most",
                _once(kind),
            )
            for kind, kinds in _ONCE.items()
        ),
        _row(
            _HTTP,
            filters,
            "!(self.exists(f, f.type == 'RequestRedirect') && self.exists(f, f.type == 'URLRewrite'))",
            "`RequestRedirect` and `URLRewrite` exclude each other",
            of_list(_redirect_and_rewrite),
        ),
        *(
            _row(
                _HTTP,
                f"{filters}[].cors.{name}",
                "!('*' in self && self.size() > 1)",
                "`*` stands alone",
                alone("*"),
            )
            for name in ("allowHeaders", "allowMethods", "allowOrigins")
        ),
        *(
            _row(
                _HTTP,
                f"{filters}[].{name}.path",
                f"self.type == '{kind}' ? has(self.{field}) : true",
                f"the type `{kind}` needs `{field}`",
                needed_with(field, "type", kind),
            )
            for name in ("requestRedirect", "urlRewrite")
            for kind, field in _PATHS.items()
        ),
        *(
            _row(
                _HTTP,
                f"{filters}[].{name}.path",
                f"has(self.{field}) ? self.type == '{kind}' : true",
                f"`{field}` goes with the type `{kind}` only",
                only_with(field, "type", kind),
            )
            for name in ("requestRedirect", "urlRewrite")
            for kind, field in _PATHS.items()
        ),
        _row(
            _BOTH,
            f"{filters}[].requestMirror",
            "!(has(self.percent) && has(self.fraction))",
            "`percent` and `fraction` exclude each other",
            at_most_one("percent", "fraction"),
        ),
        _row(
            _BOTH,
            f"{filters}[].requestMirror.fraction",
            "self.numerator <= self.denominator",
            "the numerator is at most the denominator, which is 100 where it is absent",
            of_mapping(_fraction),
        ),
        *(
            _row(
                _HTTP,
                f"{filters}[].externalAuth",
                f"self.protocol == '{protocol}' ? has(self.{field}) : true",
                f"the protocol `{protocol}` needs `{field}`",
                needed_with(field, "protocol", protocol),
            )
            for protocol, field in (("GRPC", "grpc"), ("HTTP", "http"))
        ),
        *(
            _row(
                _HTTP,
                f"{filters}[].externalAuth",
                f"has(self.{field}) ? self.protocol == '{protocol}' : true",
                f"`{field}` goes with the protocol `{protocol}` only",
                only_with(field, "protocol", protocol),
            )
            for protocol, field in (("GRPC", "grpc"), ("HTTP", "http"))
        ),
    )
)
