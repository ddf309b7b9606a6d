"""Ports that one object names of another."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from lintkit.model.kustomize.selector import selects_labels
from lintkit.model.references import POD_SPECS
from lintkit.syntax.node import Mapping, Node, Place, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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


def target_ports(cluster: Cluster) -> Iterator[PortUse]:
    """Named target ports of Services, where pods that one selects are in the tree."""
    for service in cluster.of_kind("", "Service"):
        selector = service.root.mapping_at("spec", "selector")
        if selector is None or not selector.entries:
            continue
        wanted = [port.get("targetPort") for port in service.root.mappings_at("spec", "ports")]
        yield from _container_ports(cluster, service.namespace, selector, wanted)


def monitored_pods(cluster: Cluster) -> Iterator[PortUse]:
    """Ports of PodMonitors, where pods that one selects are in the tree."""
    for monitor in cluster.of_kind("monitoring.coreos.com", "PodMonitor"):
        selector = monitor.root.mapping_at("spec", "selector", "matchLabels")
        if selector is not None and selector.entries and monitor.at("spec", "namespaceSelector") is None:
            wanted = [endpoint.get("port") for endpoint in monitor.root.mappings_at("spec", "podMetricsEndpoints")]
            yield from _container_ports(cluster, monitor.namespace, selector, wanted)


def _container_ports(
    cluster: Cluster, namespace: str, selector: Mapping, wanted: Iterable[Node | None]
) -> Iterator[PortUse]:
    named = [node for node in wanted if isinstance(node, Scalar) and re.search("[a-z]", node.text)]
    pods = [
        (spec, resource)
        for labels, spec, resource in (pods_of(cluster, namespace) if named else ())
        if all(labels.text(key) == selector.text(key) for key in selector.entries)
    ]
    names = frozenset(
        name
        for spec, _ in pods
        for containers in ("containers", "initContainers")
        for container in spec.mappings_at(containers)
        for port in container.mappings_at("ports")
        if (name := port.text("name"))
    )
    if not pods or any("${" in name for name in names):
        return
    spec, owner = pods[0]
    for node in named:
        if "${" not in node.text:
            place = (spec.get("containers") or spec).place
            yield PortUse(node, names, f"the pod of {owner.kind} `{owner.name}`", place)


def pods_of(cluster: Cluster, namespace: str) -> Iterator[tuple[Mapping, Mapping, Resource]]:
    """Labels and spec of every pod that the workloads of a namespace make."""
    for resource in cluster.resources:
        prefix = POD_SPECS.get(resource.kind)
        if prefix is None or resource.namespace != namespace:
            continue
        path = prefix.split(".")
        spec = resource.root.mapping_at(*path)
        labels = resource.root.mapping_at(*path[:-1], "metadata", "labels")
        if spec is not None and labels is not None:
            yield labels, spec, resource


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
