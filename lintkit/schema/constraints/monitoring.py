"""Rules of the Prometheus operator: rules, and the receivers and routes of Alertmanager."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.schema.constraints.constraint import Constraint, UndecidedError, of_mapping
from lintkit.schema.constraints.forms import exactly_one, unique
from lintkit.schema.constraints.reading import elements, find, has, key_of, mapping, mappings, number, text, text_of
from lintkit.syntax.node import Mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.schema.constraints.constraint import Check
    from lintkit.syntax.node import Node

_GROUP = "monitoring.coreos.com"
_API = "https://prometheus-operator.dev/docs/api-reference/api/"
_RULES = "https://github.com/prometheus/prometheus/blob/v3.5.0/model/rulefmt/rulefmt.go"
_ROUTES = "https://github.com/prometheus-operator/prometheus-operator/blob/v0.86.0/pkg/alertmanager/validation/v1alpha1/validation.go"
_BY = "the Prometheus operator"
_DEEPEST = 20
_NEVER = {"", "0", "0s"}
_NOT_ON_NODES = (
    "replicas", "storage", "persistentVolumeClaimRetentionPolicy", "scrapeConfigSelector", "probeSelector",
    "scrapeConfigNamespaceSelector", "probeNamespaceSelector", "serviceMonitorSelector",
    "serviceMonitorNamespaceSelector", "additionalScrapeConfigs",
)  # fmt: skip


def _of_alerts(name: str) -> Check:
    """A field that goes with alerts and not with recorded series."""

    def judge(self: Mapping) -> Node | None:
        node = find(self, name)
        is_empty = not node.entries if isinstance(node, Mapping) else node is None or text(self, name) in _NEVER
        return key_of(self, name) if text(self, "record") and not is_empty else None

    return of_mapping(judge)


def _unknown_receiver(self: Mapping) -> Node | None:
    route = mapping(self, "route")
    if route is None:
        return None
    known = {text(receiver, "name") for receiver in mappings(self, "receivers")}
    for one in _routes(route, 0):
        if text(one, "receiver") not in {"", *known}:
            return find(one, "receiver")
    return None


def _unknown_interval(self: Mapping) -> Node | None:
    route = mapping(self, "route")
    if route is None:
        return None
    known = {text(one, "name") for one in (*mappings(self, "muteTimeIntervals"), *mappings(self, "timeIntervals"))}
    for one in _routes(route, 0):
        for field in ("muteTimeIntervals", "activeTimeIntervals"):
            for node in elements(one, field):
                if text_of(node) not in known:
                    return node
    return None


def _routes(route: Mapping, depth: int) -> Iterator[Mapping]:
    """A route and all below it, outermost first."""
    if depth > _DEEPEST:
        raise UndecidedError
    yield route
    for child in mappings(route, "routes"):
        yield from _routes(child, depth + 1)


def _no_receiver(self: Mapping) -> Node | None:
    return None if text(self, "receiver") else find(self, "receiver") or self


def _on_nodes(name: str) -> Check:
    return of_mapping(
        lambda self: key_of(self, name) if text(self, "mode") == "DaemonSet" and has(self, name) else None
    )


def _shards(self: Mapping) -> Node | None:
    shards = number(self, "shards")
    return find(self, "shards") if text(self, "mode") == "DaemonSet" and shards is not None and shards > 1 else None


def _rolling(self: Mapping) -> Node | None:
    return (
        key_of(self, "rollingUpdate") if has(self, "rollingUpdate") and text(self, "type") != "RollingUpdate" else None
    )


def _rule(path: str, rule: str, message: str, check: Check) -> Constraint:
    return Constraint(_GROUP, ("PrometheusRule",), path, rule, message, check, _RULES, ("v1",), by=_BY)


def _config(path: str, rule: str, message: str, check: Check, *, whole: bool = False) -> Constraint:
    return Constraint(_GROUP, ("AlertmanagerConfig",), path, rule, message, check, _ROUTES, by=_BY, whole=whole)


def _agent(rule: str, message: str, check: Check) -> Constraint:
    return Constraint(_GROUP, ("PrometheusAgent",), "spec", rule, message, check, _API, ("v1alpha1",))


CONSTRAINTS = (
    _rule(
        "spec.groups[].rules[]",
        "has(self.record) != has(self.alert)",
        "exactly one of `record` and `alert` is needed",
        exactly_one("record", "alert"),
    ),
    *(
        _rule(
            "spec.groups[].rules[]",
            f"!has(self.record) || self.record == '' || !has(self.{cel}) || {empty}",
            f"`{name}` goes with an alert, not with a recorded series",
            _of_alerts(name),
        )
        for name, cel, empty in (
            ("for", "__for__", "self.__for__ in ['', '0', '0s']"),
            ("annotations", "annotations", "size(self.annotations) == 0"),
            ("keep_firing_for", "keep_firing_for", "self.keep_firing_for in ['', '0', '0s']"),
        )
    ),
    _rule(
        "spec.groups",
        "self.all(a, self.exists_one(b, b.name == a.name))",
        "two groups have this name",
        unique("name"),
    ),
    _config(
        "spec.receivers",
        "self.all(a, self.exists_one(b, b.name == a.name))",
        "two receivers have this name",
        unique("name"),
    ),
    _config(
        "spec.route",
        "has(self.receiver) && self.receiver != ''",
        "the first route needs a `receiver`",
        of_mapping(_no_receiver),
        whole=True,
    ),
    _config("spec", "", "there is no receiver of this name", of_mapping(_unknown_receiver), whole=True),
    _config("spec", "", "there is no time interval of this name", of_mapping(_unknown_interval), whole=True),
    *(
        Constraint(
            _GROUP,
            (kind,),
            "spec.updateStrategy",
            "!(self.type != 'RollingUpdate' && has(self.rollingUpdate))",
            "`rollingUpdate` goes with `type: RollingUpdate` only",
            of_mapping(_rolling),
            _API,
        )
        for kind in ("Alertmanager", "Prometheus", "PrometheusAgent", "ThanosRuler")
    ),
    *(
        _agent(
            f"!(has(self.mode) && self.mode == 'DaemonSet' && has(self.{name}))",
            f"`{name}` does not go with `mode: DaemonSet`",
            _on_nodes(name),
        )
        for name in _NOT_ON_NODES
    ),
    _agent(
        "!(has(self.mode) && self.mode == 'DaemonSet' && has(self.shards) && self.shards > 1)",
        "`shards` is 1 with `mode: DaemonSet`",
        of_mapping(_shards),
    ),
)
