"""Ports that one object names of another."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lintkit.model.kustomize.selector import selects_labels
from lintkit.syntax.node import Mapping, Place, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.cluster import Cluster
    from lintkit.model.contracts import Contracts
    from lintkit.model.resource import Resource


class PortUse(NamedTuple):
    """A port that is named.

    Attributes:
        wanted: Where it is named.
        names: Names and numbers that would be right.
        owner: What has the ports, for messages.
        place: Where the ports are written.
    """

    wanted: Scalar
    names: frozenset[str]
    owner: str
    place: Place


def service_ports(service: Resource, wanted: Scalar) -> PortUse | None:
    """A port of a Service, by name or number; None where the Service shows no ports."""
    ports = service.root.mappings_at("spec", "ports")
    if not ports or "${" in wanted.text:
        return None
    names = {text for port in ports for field in ("name", "port") if (text := port.text(field))}
    if any("${" in name for name in names):
        return None
    node = service.at("spec", "ports") or service.root
    return PortUse(wanted, frozenset(names), f"Service `{service.name}`", node.place)


def monitored_ports(cluster: Cluster) -> Iterator[PortUse]:
    """Ports of ServiceMonitors, where every Service that one selects is in the tree."""
    for monitor in cluster.of_kind("monitoring.coreos.com", "ServiceMonitor"):
        if monitor.at("spec", "namespaceSelector") is not None:
            continue
        services = [
            service
            for service in cluster.of_kind("", "Service")
            if service.namespace == monitor.namespace
            and is_selected(monitor.root.mapping_at("spec", "selector"), service)
        ]
        if not services:
            continue
        names = frozenset(
            text
            for service in services
            for port in service.root.mappings_at("spec", "ports")
            if (text := port.text("name"))
        )
        owner = f"Service `{services[0].name}`" if len(services) == 1 else "any of the Services it selects"
        place = (services[0].at("spec", "ports") or services[0].root).place
        for endpoint in monitor.root.mappings_at("spec", "endpoints"):
            wanted = endpoint.get("port")
            if isinstance(wanted, Scalar) and "${" not in wanted.text:
                yield PortUse(wanted, names, owner, place)


def is_selected(selector: Mapping | None, resource: Resource) -> bool:
    """Whether a label selector selects an object by its labels."""
    labels = resource.root.mapping_at("metadata", "labels")
    return selector is not None and selects(selector, labels)


def selects(selector: Mapping, labels: Mapping | None) -> bool:
    """Whether a label selector (`matchLabels`, `matchExpressions`) selects labels; an empty one selects all."""
    have = {key: labels.text(key) or "" for key in labels.entries} if labels is not None else {}
    wanted = selector.mapping_at("matchLabels")
    if wanted is not None and any(have.get(key) != wanted.text(key) for key in wanted.entries):
        return False
    for expression in selector.mappings_at("matchExpressions"):
        key, operator = expression.text("key") or "", expression.text("operator") or ""
        values = [value.text for value in expression.elements_at("values") if isinstance(value, Scalar)]
        term = {
            "In": f"{key} in ({','.join(values)})",
            "NotIn": f"{key} notin ({','.join(values)})",
            "Exists": key,
            "DoesNotExist": f"!{key}",
        }.get(operator)
        if term is not None and not selects_labels(term, labels):
            return False
    return True


def value_ports(contracts: Contracts) -> Iterator[PortUse]:
    """Ports that the values of a chart name of a Service in the same values."""
    for view in contracts.views:
        yield from view.port_uses()
