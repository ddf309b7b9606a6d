"""The rule `unmatched-selector`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Finding, Related, Severity
from lintkit.model.names import closest
from lintkit.model.ports import pods_of, selects
from lintkit.rules._rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.contracts import Contracts
    from lintkit.model.resource import Resource
    from lintkit.model.tree import Tree
    from lintkit.syntax.node import Mapping, Node

_OF_PODS = frozenset({"PodDisruptionBudget", "PodMonitor"})
_WITH_SELECTOR = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")


@rule(severity=Severity.ERROR, since="0.1")
def unmatched_selector(tree: Tree) -> Iterator[Finding]:
    """A label selector selects nothing.

    A Deployment, StatefulSet or DaemonSet must select its own pods. For Services, PodDisruptionBudgets and monitors a
    finding needs certainty: no chart and no operator in the namespace may make what is selected, or one label differs
    by a letter from that of an object that is there.

    ## Why
    The API server refuses a workload that does not select its pods. A Service without pods answers nothing; a
    ServiceMonitor without Service scrapes nothing.

    ## Bad
    ```yaml app/all.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: handler
      namespace: airflow
    spec:
      selector:
        matchLabels:
          app: handlers # error: does not select the pods of its own template
      template:
        metadata:
          labels:
            app: handler
        spec:
          containers:
            - name: handler
              image: python:3.12.8-slim
    ---
    apiVersion: v1
    kind: Service
    metadata:
      name: handler
      namespace: airflow
    spec:
      selector:
        app: handlr # error: did you mean `app: handler`?
      ports:
        - port: 80
    ```

    ## Good
    ```yaml app/all.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: handler
      namespace: airflow
    spec:
      selector:
        matchLabels:
          app: handler
      template:
        metadata:
          labels:
            app: handler
        spec:
          containers:
            - name: handler
              image: python:3.12.8-slim
    ---
    apiVersion: v1
    kind: Service
    metadata:
      name: handler
      namespace: airflow
    spec:
      selector:
        app: handler
      ports:
        - port: 80
    ```
    """
    for contracts in tree.contracts:
        for resource in contracts.cluster.resources:
            if resource.group == "apps" and resource.kind in _WITH_SELECTOR:
                yield from _workload(resource)
            elif resource.kind == "Service" and not resource.group:
                yield from _pods(contracts, resource, resource.root.mapping_at("spec", "selector"))
            elif resource.kind in _OF_PODS and resource.at("spec", "namespaceSelector") is None:
                yield from _pods(contracts, resource, resource.root.mapping_at("spec", "selector", "matchLabels"))
            elif resource.kind == "ServiceMonitor" and resource.at("spec", "namespaceSelector") is None:
                yield from _services(contracts, resource)


def _workload(resource: Resource) -> Iterator[Finding]:
    selector = resource.root.mapping_at("spec", "selector")
    labels = resource.root.mapping_at("spec", "template", "metadata", "labels")
    if selector is None or labels is None or selects(selector, labels):
        return
    wanted = selector.mapping_at("matchLabels")
    node: Node = selector
    for key in wanted.entries if wanted else ():
        if wanted is not None and labels.text(key) != wanted.text(key):
            node = wanted.entries[key]
    if "${" in node.source.text[node.start : node.end]:
        return
    message = f"the selector of {resource.kind} `{resource.name}` does not select the pods of its own template"
    yield Finding.at(node, message, related=(Related(labels.place, "the labels of its pods"),))


def _pods(contracts: Contracts, resource: Resource, selector: Mapping | None) -> Iterator[Finding]:
    """The pods that a Service, a PodDisruptionBudget or a PodMonitor selects."""
    found = [(labels, owner) for labels, _, owner in pods_of(contracts.cluster, resource.namespace)]
    yield from _selected(contracts, resource, selector, found, "pod")


def _services(contracts: Contracts, monitor: Resource) -> Iterator[Finding]:
    """The Services that a ServiceMonitor selects."""
    found = [
        (labels, service)
        for service in contracts.cluster.of_kind("", "Service")
        if service.namespace == monitor.namespace
        and (labels := service.root.mapping_at("metadata", "labels")) is not None
    ]
    selector = monitor.root.mapping_at("spec", "selector", "matchLabels")
    yield from _selected(contracts, monitor, selector, found, "Service")


def _selected(
    contracts: Contracts, resource: Resource, selector: Mapping | None, found: list[tuple[Mapping, Resource]], what: str
) -> Iterator[Finding]:
    if selector is None or not selector.entries or "${" in str(selector.value):
        return
    if any(_has(labels, selector) for labels, _ in found):
        return
    name = f"{resource.kind} `{resource.name}`"
    for labels, owner in found:
        different = [key for key in selector.entries if labels.text(key) != selector.text(key)]
        if len(different) == 1 and labels.text(different[0]) is not None:
            key = different[0]
            close = closest(selector.text(key) or "", [labels.text(key) or ""])
            if close is not None:
                message = f"{name} selects no {what}; did you mean `{key}: {close}`?"
                related = (Related(labels.place, f"the labels of {owner.kind} `{owner.name}`"),)
                yield Finding.at(selector.entries[key], message, related=related)
                return
    if found and _is_closed(contracts, resource):
        yield Finding.at(selector, f"{name} selects no {what} of namespace `{resource.namespace}`")


def _has(labels: Mapping, selector: Mapping) -> bool:
    return all(labels.text(key) == selector.text(key) for key in selector.entries)


def _is_closed(contracts: Contracts, service: Resource) -> bool:
    """Whether nothing but the workloads in the tree can make pods in a namespace."""
    if contracts.releases.get(service.namespace):
        return False
    owner = contracts.cluster.owner(service)
    if owner is None or owner.is_partial:
        return False
    plain = {"", "apps", "batch", "networking.k8s.io", "rbac.authorization.k8s.io", "policy", "autoscaling",
             "external-secrets.io", "kustomize.toolkit.fluxcd.io", "source.toolkit.fluxcd.io", "cert-manager.io",
             "monitoring.coreos.com", "gateway.networking.k8s.io", "storage.k8s.io"}  # fmt: skip
    return all(
        resource.group in plain for resource in contracts.cluster.resources if resource.namespace == service.namespace
    )
