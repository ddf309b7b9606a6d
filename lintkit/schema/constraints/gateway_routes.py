"""Rules of routes: what they hang on, what they match, and where they lead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lintkit.schema.constraints.constraint import Constraint, UndecidedError, of_list, of_mapping
from lintkit.schema.constraints.forms import unique
from lintkit.schema.constraints.reading import elements, find, has, key_of, mapping, mappings, mappings_of, text

if TYPE_CHECKING:
    from lintkit.schema.constraints.constraint import Check
    from lintkit.syntax.node import Mapping, Node, Sequence

_GROUP = "gateway.networking.k8s.io"
_SOURCE = "https://gateway-api.sigs.k8s.io/reference/spec/"
_HTTP = ("HTTPRoute",)
_ROUTES = ("HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute")
_PATH = re.compile(r"(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+")
_DURATION = re.compile(r"(?:\d{1,5}(?:h|ms|m|s)){1,4}")
_PART = re.compile(r"(\d+)(h|ms|m|s)")
_MILLISECONDS = {"h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
_PLAIN = {"Exact", "PathPrefix"}
_IS_PLAIN = "(self.type in ['Exact','PathPrefix'])"


def _partly_named(self: Sequence) -> Node | None:
    """Of several references to one parent either all name a section, and all a port, or none does."""
    seen: dict[tuple[str, ...], tuple[bool, bool]] = {}
    for reference in mappings_of(self.elements):
        parent = (
            text(reference, "group", _GROUP),
            text(reference, "kind", "Gateway"),
            text(reference, "name"),
            text(reference, "namespace"),
        )
        named = (bool(text(reference, "sectionName")), has(reference, "port"))
        if seen.setdefault(parent, named) != named:
            return find(reference, "name")
    return None


def _no_port(self: Mapping) -> Node | None:
    if text(self, "group") or text(self, "kind", "Service") != "Service" or has(self, "port"):
        return None
    return find(self, "name") or self


def _redirect_with_backends(self: Mapping) -> Node | None:
    if not elements(self, "backendRefs"):
        return None
    for one in mappings(self, "filters"):
        if has(one, "requestRedirect"):
            return key_of(one, "requestRedirect")
    return None


def _prefix_without_match(name: str) -> Check:
    """Only a prefix that one match has found can be replaced."""

    def judge(self: Mapping) -> Node | None:
        replaced = [node for one in mappings(self, "filters") if (node := _replaced(one, name)) is not None]
        if len(replaced) != 1:
            return None
        matches = mappings(self, "matches")
        if not has(self, "matches"):
            return None
        path = mapping(matches[0], "path") if len(matches) == 1 else None
        if len(matches) == 1 and (path is None or text(path, "type", "PathPrefix") == "PathPrefix"):
            return None
        return replaced[0]

    return of_mapping(judge)


def _replaced(one: Mapping, name: str) -> Node | None:
    path = mapping(one, name, "path")
    is_prefix = path is not None and text(path, "type") == "ReplacePrefixMatch" and has(path, "replacePrefixMatch")
    return key_of(path, "replacePrefixMatch") if path is not None and is_prefix else None


def _plain_path(self: Mapping) -> str:
    """The value of a path that is compared letter by letter; empty for a regular expression."""
    return text(self, "value", "/") if text(self, "type", "PathPrefix") in _PLAIN else ""


def _without(part: str) -> Check:
    return of_mapping(lambda self: find(self, "value") if part in _plain_path(self) else None)


def _not_ending(part: str) -> Check:
    return of_mapping(lambda self: find(self, "value") if _plain_path(self).endswith(part) else None)


def _relative(self: Mapping) -> Node | None:
    is_plain = text(self, "type", "PathPrefix") in _PLAIN
    return find(self, "value") if is_plain and not text(self, "value", "/").startswith("/") else None


def _wrong_characters(self: Mapping) -> Node | None:
    path = _plain_path(self)
    return find(self, "value") if path and _PATH.fullmatch(path) is None else None


def _timeouts(self: Mapping) -> Node | None:
    if not has(self, "request") or not has(self, "backendRequest"):
        return None
    request, backend = _milliseconds(text(self, "request")), _milliseconds(text(self, "backendRequest"))
    return find(self, "backendRequest") if request and backend > request else None


def _milliseconds(duration: str) -> int:
    if _DURATION.fullmatch(duration) is None:
        raise UndecidedError
    return sum(int(number) * _MILLISECONDS[unit] for number, unit in _PART.findall(duration))


def _cookie(self: Mapping) -> Node | None:
    return (
        key_of(self, "cookieConfig") if has(self, "cookieConfig") and text(self, "type", "Cookie") != "Cookie" else None
    )


def _permanent(self: Mapping) -> Node | None:
    cookie = mapping(self, "cookieConfig")
    if cookie is None or text(cookie, "lifetimeType") != "Permanent" or has(self, "absoluteTimeout"):
        return None
    return find(cookie, "lifetimeType")


def _row(kinds: tuple[str, ...], path: str, rule: str, message: str, check: Check) -> Constraint:
    return Constraint(_GROUP, kinds, path, rule, message, check, _SOURCE)


def _path(rule: str, message: str, check: Check) -> Constraint:
    return _row(_HTTP, "spec.rules[].matches[].path", f"{_IS_PLAIN} ? {rule} : true", message, check)


_SAME_PARENT = (
    "p1.group == p2.group && p1.kind == p2.kind && p1.name == p2.name && "
    "(((!has(p1.__namespace__) || p1.__namespace__ == '') && (!has(p2.__namespace__) || p2.__namespace__ == '')) || "
    "(has(p1.__namespace__) && has(p2.__namespace__) && p1.__namespace__ == p2.__namespace__"
)
_PREFIX_RULE = (
    "(has(self.filters) && self.filters.exists_one(f, has(f.{0}) && has(f.{0}.path) && "
    "f.{0}.path.type == 'ReplacePrefixMatch' && has(f.{0}.path.replacePrefixMatch))) ? "
    "((size(self.matches) != 1 || !has(self.matches[0].path) || self.matches[0].path.type != 'PathPrefix') "
    "? false : true) : true"
)
_BACKENDS = (
    (_ROUTES, "spec.rules[].backendRefs[]"),
    (("HTTPRoute", "GRPCRoute"), "spec.rules[].filters[].requestMirror.backendRef"),
    (("HTTPRoute", "GRPCRoute"), "spec.rules[].backendRefs[].filters[].requestMirror.backendRef"),
    (_HTTP, "spec.rules[].filters[].externalAuth.backendRef"),
)

CONSTRAINTS = (
    _row(
        _ROUTES,
        "spec.parentRefs",
        f"self.all(p1, self.all(p2, {_SAME_PARENT})) ? ((!has(p1.sectionName) || p1.sectionName == '') == "
        "(!has(p2.sectionName) || p2.sectionName == '') && (!has(p1.port) || p1.port == 0) == "
        "(!has(p2.port) || p2.port == 0)): true))",
        "of several references to one parent each names its section, or its port",
        of_list(_partly_named),
    ),
    _row(
        _ROUTES,
        "spec.parentRefs",
        f"self.all(p1, self.exists_one(p2, {_SAME_PARENT} )) && "
        "(((!has(p1.sectionName) || p1.sectionName == '') && (!has(p2.sectionName) || p2.sectionName == '')) || "
        "( has(p1.sectionName) && has(p2.sectionName) && p1.sectionName == p2.sectionName)) && "
        "(((!has(p1.port) || p1.port == 0) && (!has(p2.port) || p2.port == 0)) || "
        "(has(p1.port) && has(p2.port) && p1.port == p2.port))))",
        "two references lead to this parent, section and port",
        unique(
            "name", "group", "kind", "namespace", "sectionName", "port", default=("", _GROUP, "Gateway", "", "", "")
        ),
    ),
    _row(
        ("HTTPRoute", "GRPCRoute"),
        "spec.rules",
        "self.all(l1, !has(l1.name) || self.exists_one(l2, has(l2.name) && l1.name == l2.name))",
        "two rules have this name",
        unique("name"),
    ),
    *(
        _row(
            kinds,
            path,
            "(size(self.group) == 0 && self.kind == 'Service') ? has(self.port) : true",
            "a Service needs its `port`",
            of_mapping(_no_port),
        )
        for kinds, path in _BACKENDS
    ),
    _row(
        _HTTP,
        "spec.rules[]",
        "(has(self.backendRefs) && size(self.backendRefs) > 0) ? "
        "(!has(self.filters) || self.filters.all(f, !has(f.requestRedirect))): true",
        "`requestRedirect` and `backendRefs` exclude each other",
        of_mapping(_redirect_with_backends),
    ),
    *(
        _row(
            _HTTP,
            "spec.rules[]",
            _PREFIX_RULE.format(name),
            "`replacePrefixMatch` needs exactly one match, of type `PathPrefix`",
            _prefix_without_match(name),
        )
        for name in ("requestRedirect", "urlRewrite")
    ),
    _path("self.value.startsWith('/')", "the path begins with `/`", of_mapping(_relative)),
    *(
        _path(f"!self.value.contains('{part}')", f"the path has no `{part}`", _without(part))
        for part in ("//", "/./", "/../", "%2f", "%2F", "#")
    ),
    *(
        _path(f"!self.value.endsWith('{part}')", f"the path does not end with `{part}`", _not_ending(part))
        for part in ("/..", "/.")
    ),
    _path(
        'self.value.matches(r"""^(?:[-A-Za-z0-9/._~!$&\'()*+,;=:@]|[%][0-9a-fA-F]{2})+$""")',
        "a character does not belong in a path, unless it is written as `%` and two digits",
        of_mapping(_wrong_characters),
    ),
    _row(
        _HTTP,
        "spec.rules[].timeouts",
        "!(has(self.request) && has(self.backendRequest) && duration(self.request) != duration('0s') && "
        "duration(self.backendRequest) > duration(self.request))",
        "`backendRequest` is longer than `request`",
        of_mapping(_timeouts),
    ),
    _row(
        ("HTTPRoute", "GRPCRoute"),
        "spec.rules[].sessionPersistence",
        "!has(self.cookieConfig) || self.type == 'Cookie'",
        "`cookieConfig` goes with the type `Cookie` only",
        of_mapping(_cookie),
    ),
    _row(
        ("HTTPRoute", "GRPCRoute"),
        "spec.rules[].sessionPersistence",
        "!has(self.cookieConfig) || !has(self.cookieConfig.lifetimeType) || "
        "self.cookieConfig.lifetimeType != 'Permanent' || has(self.absoluteTimeout)",
        "a `Permanent` cookie needs `absoluteTimeout`",
        of_mapping(_permanent),
    ),
)
