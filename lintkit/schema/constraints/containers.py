"""Rules of containers, in every kind that makes pods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.schema.constraints.constraint import Constraint, UndecidedError, of_mapping
from lintkit.schema.constraints.forms import at_least_one, at_most_one, exactly_one, unique
from lintkit.schema.constraints.places import VALIDATION, in_pods
from lintkit.schema.constraints.quantities import amount
from lintkit.schema.constraints.reading import fields_of, find, flag, has, is_undecided, key_of, mapping, number, text
from lintkit.syntax.node import Scalar

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from lintkit.schema.constraints.constraint import Check
    from lintkit.syntax.node import Mapping, Node

_CONTAINER = "spec.containers[]"
_HANDLERS = ("exec", "grpc", "httpGet", "tcpSocket")
_HOOKS = ("exec", "httpGet", "sleep", "tcpSocket")
_ORIGINS = ("configMapKeyRef", "fieldRef", "fileKeyRef", "resourceFieldRef", "secretKeyRef")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")


def _value_twice(self: Mapping) -> Node | None:
    return key_of(self, "valueFrom") if _has_text(self, "value") and has(self, "valueFrom") else None


def _has_text(self: Mapping, name: str) -> bool:
    """Whether a field has a text that is not empty."""
    node = find(self, name)
    if node is None:
        return False
    if not isinstance(node, Scalar):
        raise UndecidedError
    return bool(node.text)


def _requests(judge: Callable[[str, Decimal, Decimal | None], bool]) -> Check:
    """A check of each request, which gets the name of the resource, the request and the limit."""

    def check(self: Mapping) -> Node | None:
        requests, limits = mapping(self, "requests"), mapping(self, "limits")
        for name, node in fields_of(requests) if requests is not None else ():
            limit = find(limits, name) if limits is not None else None
            if judge(name, _amount(node), None if limit is None else _amount(limit)):
                return node
        return None

    return of_mapping(check)


def _amount(node: Node) -> Decimal:
    if not isinstance(node, Scalar) or is_undecided(node.text):
        raise UndecidedError
    return amount(node.text)


def _above(name: str, asked: Decimal, limit: Decimal | None) -> bool:
    return _may_be_less(name) and limit is not None and asked > limit


def _other(name: str, asked: Decimal, limit: Decimal | None) -> bool:
    return not _may_be_less(name) and asked != limit


def _may_be_less(resource: str) -> bool:
    """Whether Kubernetes can overcommit a resource: its own ones but huge pages."""
    return not resource.startswith("hugepages-") and ("/" not in resource or "kubernetes.io/" in resource)


def _escalation(self: Mapping) -> Node | None:
    if flag(self, "privileged") and not flag(self, "allowPrivilegeEscalation", default=True):
        return find(self, "allowPrivilegeEscalation")
    return None


def _one_success(self: Mapping) -> Node | None:
    return find(self, "successThreshold") if number(self, "successThreshold") not in {None, 0, 1} else None


def _without_image(self: Mapping) -> Node | None:
    return None if _has_text(self, "image") else find(self, "image") or self


def _row(path: str, rule: str, message: str, check: Check, source: str, *, whole: bool = False) -> Constraint:
    where = f"{_CONTAINER}.{path}" if path else _CONTAINER
    return Constraint("", ("Pod",), where, rule, message, check, f"{VALIDATION} ({source})", whole=whole)


_COUNT = " + ".join(f"(has(self.{name}) ? 1 : 0)" for name in _HANDLERS)
_COUNT_HOOKS = " + ".join(f"(has(self.{name}) ? 1 : 0)" for name in _HOOKS)
_COUNT_ORIGINS = " + ".join(f"(has(self.{name}) ? 1 : 0)" for name in _ORIGINS)

CONSTRAINTS = in_pods(
    _row(
        "",
        "has(self.image) && self.image != ''",
        "a container needs an `image`",
        of_mapping(_without_image),
        "validateContainers",
        whole=True,
    ),
    *(
        _row(
            name,
            f"{_COUNT} >= 1",
            "a probe needs one of `exec`, `grpc`, `httpGet` and `tcpSocket`",
            at_least_one(*_HANDLERS),
            "validateHandler",
            whole=True,
        )
        for name in _PROBES
    ),
    *(
        _row(
            name,
            f"{_COUNT} <= 1",
            "a probe has only one of `exec`, `grpc`, `httpGet` and `tcpSocket`",
            at_most_one(*_HANDLERS),
            "validateHandler",
        )
        for name in _PROBES
    ),
    *(
        _row(
            name,
            "!has(self.successThreshold) || self.successThreshold in [0, 1]",
            "`successThreshold` is 1 for liveness and startup probes",
            of_mapping(_one_success),
            "validateLivenessProbe, validateStartupProbe",
        )
        for name in ("livenessProbe", "startupProbe")
    ),
    _row(
        "readinessProbe",
        "!has(self.terminationGracePeriodSeconds)",
        "a readiness probe takes no `terminationGracePeriodSeconds`",
        of_mapping(
            lambda self: (
                key_of(self, "terminationGracePeriodSeconds") if has(self, "terminationGracePeriodSeconds") else None
            )
        ),
        "validateReadinessProbe",
    ),
    *(
        _row(
            f"lifecycle.{name}",
            f"{_COUNT_HOOKS} <= 1",
            "a hook has one of `exec`, `httpGet`, `sleep` and `tcpSocket`",
            at_most_one(*_HOOKS),
            "validateHandler",
        )
        for name in ("postStart", "preStop")
    ),
    _row(
        "env[]",
        "!has(self.value) || self.value == '' || !has(self.valueFrom)",
        "`value` and `valueFrom` exclude each other",
        of_mapping(_value_twice),
        "validateEnvVarValueFrom",
    ),
    _row(
        "env[].valueFrom",
        f"{_COUNT_ORIGINS} == 1",
        "exactly one of `configMapKeyRef`, `fieldRef`, `fileKeyRef`, `resourceFieldRef` and `secretKeyRef` is needed",
        exactly_one(*_ORIGINS),
        "validateEnvVarValueFrom",
    ),
    _row(
        "envFrom[]",
        "has(self.configMapRef) != has(self.secretRef)",
        "exactly one of `configMapRef` and `secretRef` is needed",
        exactly_one("configMapRef", "secretRef"),
        "ValidateEnvFrom",
    ),
    _row(
        "volumeMounts",
        "self.all(a, self.exists_one(b, b.mountPath == a.mountPath))",
        "two volumes are mounted at this path",
        unique("mountPath"),
        "ValidateVolumeMounts",
    ),
    _row(
        "volumeMounts[]",
        "!has(self.subPath) || !has(self.subPathExpr) || self.subPath == '' || self.subPathExpr == ''",
        "`subPath` and `subPathExpr` exclude each other",
        of_mapping(
            lambda self: key_of(self, "subPathExpr") if text(self, "subPath") and text(self, "subPathExpr") else None
        ),
        "ValidateVolumeMounts",
    ),
    _row(
        "resources",
        "",
        "the request is more than the limit",
        _requests(_above),
        "validateContainerResourceRequirements",
    ),
    _row(
        "resources",
        "",
        "the request for this resource needs the same limit",
        _requests(_other),
        "validateContainerResourceRequirements",
    ),
    _row(
        "securityContext",
        "!has(self.privileged) || !self.privileged || !has(self.allowPrivilegeEscalation) || "
        "self.allowPrivilegeEscalation",
        "a `privileged` container cannot have `allowPrivilegeEscalation: false`",
        of_mapping(_escalation),
        "ValidateSecurityContext",
    ),
)
