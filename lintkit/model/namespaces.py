"""Which namespaces a cluster has, and who speaks of one that it has not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lintkit.model.flux import GROUPS, is_helm_release, is_kustomization
from lintkit.model.helm import HelmRelease
from lintkit.syntax.node import Mapping, Node, Place, Scalar, Sequence
from lintkit.text.source import is_commented

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.cluster import Cluster
    from lintkit.model.resource import Resource
    from lintkit.model.tree import Tree

BUILT_IN = frozenset({"default", "kube-system", "kube-public", "kube-node-lease"})
_HOST = re.compile(r"(?<![\w.@-])([a-z0-9]([a-z0-9-]*[a-z0-9])?)\.([a-z0-9]([a-z0-9-]*[a-z0-9])?)\.svc(?![\w-])")
_SHORT_HOST = re.compile(r"(?<![\w.@-])([a-z0-9][a-z0-9-]*[a-z0-9])\.([a-z0-9][a-z0-9-]*[a-z0-9]):(\d{2,5})(?![\w.])")
_NAMESPACE_KEYS = frozenset({"namespace", "targetNamespace"})
_NOT_NAMES = frozenset({"CustomResourceDefinition"})
_DOMAINS = frozenset(
    {"localdomain", "internal", "local", "home", "arpa", "cloud", "online", "network", "svc", "cluster"}
)
_MIN_SHORT = 5


@dataclass(frozen=True, slots=True)
class Use:
    """One place that speaks of a namespace."""

    namespace: str
    place: Place
    resource: Resource
    is_own: bool


def declared(tree: Tree, cluster: Cluster) -> set[str]:
    """The namespaces of a cluster: declared, made by a release, configured as external, or there from the start."""
    found = set(BUILT_IN) | set(tree.options.external_namespaces)
    found |= {resource.name for resource in cluster.of_kind("", "Namespace")}
    found |= {resource.name for resource in tree.written if resource.kind == "Namespace" and not resource.group}
    found |= {namespace for _, _, namespace, _ in cluster.implied}
    for entry in cluster.entries:
        if entry.kustomization is not None:
            found.add(entry.kustomization.namespace)
    for resource in cluster.of_kind("helm.toolkit.fluxcd.io", "HelmRelease"):
        create = resource.at("spec", "install", "createNamespace")
        if isinstance(create, Scalar) and create.value is True:
            found.add(HelmRelease(resource).release_namespace)
    for resource in cluster.of_kind("fluxcd.controlplane.io", "FluxInstance"):
        found.add(resource.namespace)
    return {name for name in found if name}


def uses(cluster: Cluster) -> Iterator[Use]:
    """Every place in a cluster that speaks of a namespace, once."""
    seen: set[tuple[str, int]] = set()
    for resource in cluster.resources:
        if resource.kind in _NOT_NAMES:
            continue
        for use in _in_resource(resource):
            key = (use.place.source.path, use.place.span.start)
            if key not in seen and "${" not in use.namespace:
                seen.add(key)
                yield use


def _in_resource(resource: Resource) -> Iterator[Use]:
    own = resource.at("metadata", "namespace")
    is_written = own is not None and own.source is resource.source
    if isinstance(own, Scalar) and own.text and (is_written or not resource.is_cluster_scoped):
        yield Use(own.text, own.place, resource, is_own=True)
    if resource.group in GROUPS and (is_kustomization(resource) or is_helm_release(resource)):
        target = resource.at("spec", "targetNamespace")
        if isinstance(target, Scalar) and target.text:
            yield Use(target.text, target.place, resource, is_own=True)
        yield from _in_references(resource)
        values = resource.at("spec", "values")
        if values is not None:
            yield from _hosts(values, resource)
        return
    for key, node in resource.root.items():
        if key.text not in {"apiVersion", "kind", "metadata", "status"}:
            yield from _in_node(node, resource)


def _in_references(resource: Resource) -> Iterator[Use]:
    spec = resource.root.mapping_at("spec")
    for key, node in spec.items() if spec else ():
        if key.text in {"dependsOn", "healthChecks"} and isinstance(node, Sequence):
            for element in node.elements:
                namespace = element.at("namespace")
                if isinstance(namespace, Scalar) and namespace.text:
                    yield Use(namespace.text, namespace.place, resource, is_own=False)


def _in_node(node: Node, resource: Resource) -> Iterator[Use]:
    stack = [node]
    while stack:
        here = stack.pop()
        if isinstance(here, Mapping):
            for key, value in here.entries.items():
                if key in _NAMESPACE_KEYS and isinstance(value, Scalar) and value.text and not value.is_null:
                    if re.fullmatch(r"[a-z0-9-]+", value.text):
                        yield Use(value.text, value.place, resource, is_own=False)
                else:
                    stack.append(value)
        elif isinstance(here, Sequence):
            stack.extend(here.elements)
        elif isinstance(here, Scalar):
            yield from _hosts(here, resource)


def _hosts(node: Node, resource: Resource) -> Iterator[Use]:
    """Names of Services in host names: `name.namespace.svc`."""
    stack = [node]
    while stack:
        here = stack.pop()
        if isinstance(here, Mapping):
            stack.extend(here.entries.values())
        elif isinstance(here, Sequence):
            stack.extend(here.elements)
        elif isinstance(here, Scalar) and ".svc" in here.text:
            for found in _HOST.finditer(here.text):
                if is_commented(here.text, found.start()):
                    continue
                yield Use(found[3], here.within(f"{found[1]}.{found[3]}.svc"), resource, is_own=False)


def short_hosts(cluster: Cluster) -> Iterator[tuple[str, str, Place]]:
    """(service, namespace, place) of host names like `redis.databases:6379`, which may as well lie outside."""
    for resource in cluster.resources:
        if resource.kind in _NOT_NAMES or ":" not in resource.source.text:
            continue
        stack: list[Node] = [resource.root]
        while stack:
            here = stack.pop()
            if isinstance(here, Mapping):
                stack.extend(here.entries.values())
            elif isinstance(here, Sequence):
                stack.extend(here.elements)
            elif isinstance(here, Scalar) and ":" in here.text:
                for found in _SHORT_HOST.finditer(here.text):
                    if is_commented(here.text, found.start()):
                        continue
                    if len(found[2]) >= _MIN_SHORT and found[2] not in _DOMAINS:
                        yield found[1], found[2], here.within(found[0])
