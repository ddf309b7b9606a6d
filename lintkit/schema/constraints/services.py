"""Rules of Services, Ingresses and NetworkPolicies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.schema.constraints.constraint import Constraint, of_list, of_mapping
from lintkit.schema.constraints.forms import at_least_one, exactly_one, only_with
from lintkit.schema.constraints.places import VALIDATION
from lintkit.schema.constraints.reading import (
    elements,
    find,
    first_key,
    has,
    key_of,
    mapping,
    mappings,
    mappings_of,
    number,
    text,
)

if TYPE_CHECKING:
    from lintkit.schema.constraints.constraint import Check
    from lintkit.syntax.node import Mapping, Node, Sequence

_NETWORKING = "networking.k8s.io"
_SERVICE = f"{VALIDATION} (ValidateService)"
_PATHS = "https://github.com/kubernetes/kubernetes/blob/v1.35.0/pkg/apis/networking/validation/validation.go"
_BAD_PARTS = ("//", "/./", "/../", "%2f", "%2F")
_BAD_ENDS = ("/..", "/.")
_CLUSTER_IP = "ClusterIP"
_BALANCER = "LoadBalancer"


def _nameless_port(self: Sequence) -> Node | None:
    ports = mappings_of(self.elements)
    if len(ports) < 2:
        return None
    return next((first_key(port) for port in ports if not has(port, "name")), None)


def _no_ports(self: Mapping) -> Node | None:
    if text(self, "type", _CLUSTER_IP) == "ExternalName" or text(self, "clusterIP") == "None":
        return None
    return None if elements(self, "ports") else self


def _headless(self: Mapping) -> Node | None:
    if text(self, "clusterIP") == "None" and text(self, "type", _CLUSTER_IP) in {_BALANCER, "NodePort"}:
        return find(self, "clusterIP")
    return None


def _node_port(self: Mapping) -> Node | None:
    if text(self, "type", _CLUSTER_IP) != _CLUSTER_IP:
        return None
    for port in mappings(self, "ports"):
        if number(port, "nodePort"):
            return key_of(port, "nodePort")
    return None


def _traffic_policy(self: Mapping) -> Node | None:
    if not has(self, "externalTrafficPolicy") or text(self, "type", _CLUSTER_IP) in {_BALANCER, "NodePort"}:
        return None
    return None if elements(self, "externalIPs") else key_of(self, "externalTrafficPolicy")


def _no_external_name(self: Mapping) -> Node | None:
    if text(self, "type") == "ExternalName" and not text(self, "externalName"):
        return find(self, "type")
    return None


def _affinity(self: Mapping) -> Node | None:
    if has(self, "sessionAffinityConfig") and text(self, "sessionAffinity", "None") == "None":
        return key_of(self, "sessionAffinityConfig")
    return None


def _relative_path(self: Mapping) -> Node | None:
    path = text(self, "path")
    if text(self, "pathType") in {"Exact", "Prefix"} and not path.startswith("/"):
        return find(self, "path") or find(self, "pathType")
    return find(self, "path") if path and not path.startswith("/") else None


def _unclean_path(self: Mapping) -> Node | None:
    path = text(self, "path")
    if text(self, "pathType") not in {"Exact", "Prefix"}:
        return None
    unclean = any(part in path for part in _BAD_PARTS) or path.endswith(_BAD_ENDS)
    return find(self, "path") if unclean else None


def _two_classes(self: Mapping) -> Node | None:
    spec, metadata = mapping(self, "spec"), mapping(self, "metadata")
    annotations = mapping(metadata, "annotations") if metadata is not None else None
    if spec is None or annotations is None or not text(annotations, "kubernetes.io/ingress.class"):
        return None
    return find(spec, "ingressClassName") if text(spec, "ingressClassName") else None


def _two_peers(self: Mapping) -> Node | None:
    return key_of(self, "ipBlock") if has(self, "ipBlock") and _selectors(self) else None


def _selectors(self: Mapping) -> bool:
    return has(self, "podSelector") or has(self, "namespaceSelector")


def _end_port(self: Mapping) -> Node | None:
    end = number(self, "endPort")
    if end is None:
        return None
    start = find(self, "port")
    if start is None or not isinstance(start.value, int) or start.value > end:
        return find(self, "endPort")
    return None


def _service(path: str, rule: str, message: str, check: Check, *, whole: bool = False) -> Constraint:
    return Constraint("", ("Service",), path, rule, message, check, _SERVICE, whole=whole)


def _ingress(path: str, rule: str, message: str, check: Check, source: str, *, whole: bool = False) -> Constraint:
    return Constraint(
        _NETWORKING, ("Ingress",), path, rule, message, check, f"{_PATHS} ({source})", ("v1",), whole=whole
    )


_TYPE = "(has(self.type) ? self.type : 'ClusterIP')"
_BACKENDS = ("spec.rules[].http.paths[].backend", "spec.defaultBackend")
_PEERS = ("spec.ingress[].from[]", "spec.egress[].to[]")

CONSTRAINTS = (
    _service(
        "spec.ports",
        "size(self) < 2 || self.all(p, has(p.name))",
        "of several ports each needs a `name`",
        of_list(_nameless_port),
    ),
    _service(
        "spec",
        f"{_TYPE} == 'ExternalName' || (has(self.clusterIP) && self.clusterIP == 'None') || "
        "(has(self.ports) && size(self.ports) > 0)",
        "a Service needs `ports`, unless it is headless or an `ExternalName`",
        of_mapping(_no_ports),
        whole=True,
    ),
    _service(
        "spec",
        f"!has(self.clusterIP) || self.clusterIP != 'None' || !({_TYPE} in ['LoadBalancer', 'NodePort'])",
        "`clusterIP: None` does not go with the types `LoadBalancer` and `NodePort`",
        of_mapping(_headless),
    ),
    _service(
        "spec",
        f"{_TYPE} != 'ClusterIP' || !has(self.ports) || self.ports.all(p, !has(p.nodePort) || p.nodePort == 0)",
        "`nodePort` does not go with the type `ClusterIP`",
        of_mapping(_node_port),
        whole=True,
    ),
    _service(
        "spec",
        f"!has(self.externalTrafficPolicy) || {_TYPE} in ['LoadBalancer', 'NodePort'] || "
        "(has(self.externalIPs) && size(self.externalIPs) > 0)",
        "`externalTrafficPolicy` goes with the types `LoadBalancer` and `NodePort` only",
        of_mapping(_traffic_policy),
        whole=True,
    ),
    *(
        _service(
            "spec",
            f"!has(self.{name}) || {_TYPE} == 'LoadBalancer'",
            f"`{name}` goes with the type `LoadBalancer` only",
            only_with(name, "type", _BALANCER, default=_CLUSTER_IP),
            whole=True,
        )
        for name in ("loadBalancerClass", "loadBalancerSourceRanges", "allocateLoadBalancerNodePorts")
    ),
    _service(
        "spec",
        f"{_TYPE} != 'ExternalName' || (has(self.externalName) && self.externalName != '')",
        "the type `ExternalName` needs an `externalName`",
        of_mapping(_no_external_name),
        whole=True,
    ),
    _service(
        "spec",
        "!has(self.sessionAffinityConfig) || (has(self.sessionAffinity) && self.sessionAffinity != 'None')",
        "`sessionAffinityConfig` goes with `sessionAffinity: ClientIP` only",
        of_mapping(_affinity),
        whole=True,
    ),
    _ingress(
        "spec.rules[].http.paths[]",
        "(has(self.path) && self.path.startsWith('/')) || "
        "(!(self.pathType in ['Exact', 'Prefix']) && (!has(self.path) || self.path == ''))",
        "the path begins with `/`",
        of_mapping(_relative_path),
        "validateHTTPIngressPath",
    ),
    _ingress(
        "spec.rules[].http.paths[]",
        "!has(self.path) || !(self.pathType in ['Exact', 'Prefix']) || !self.path.matches('//|/[.][.]?(/|$)|%2f|%2F')",
        "the path has no `//`, `/./`, `/../` and `%2f`",
        of_mapping(_unclean_path),
        "validateHTTPIngressPath",
    ),
    _ingress(
        "spec",
        "(has(self.rules) && size(self.rules) > 0) || has(self.defaultBackend)",
        "one of `rules` and `defaultBackend` is needed",
        of_mapping(lambda self: None if elements(self, "rules") or has(self, "defaultBackend") else self),
        "ValidateIngressSpec",
        whole=True,
    ),
    _ingress(
        "",
        "!has(self.spec.ingressClassName) || !has(self.metadata.annotations) || "
        "!('kubernetes.io/ingress.class' in self.metadata.annotations)",
        "`ingressClassName` and the annotation `kubernetes.io/ingress.class` exclude each other",
        of_mapping(_two_classes),
        "ValidateIngressCreate",
    ),
    *(
        _ingress(
            path,
            "has(self.service) != has(self.resource)",
            "exactly one of `service` and `resource` is needed",
            exactly_one("service", "resource"),
            "validateIngressBackend",
        )
        for path in _BACKENDS
    ),
    *(
        _ingress(
            f"{path}.service",
            "has(self.port)",
            "the backend needs a `port`",
            at_least_one("port"),
            "validateIngressBackend",
        )
        for path in _BACKENDS
    ),
    *(
        _ingress(
            f"{path}.service.port",
            "has(self.name) != has(self.number)",
            "exactly one of `name` and `number` is needed",
            exactly_one("name", "number"),
            "validateIngressBackend",
        )
        for path in _BACKENDS
    ),
    *(
        Constraint(
            _NETWORKING,
            ("NetworkPolicy",),
            path,
            "!has(self.ipBlock) || (!has(self.podSelector) && !has(self.namespaceSelector))",
            "`ipBlock` excludes `podSelector` and `namespaceSelector`",
            of_mapping(_two_peers),
            f"{_PATHS} (ValidateNetworkPolicyPeer)",
        )
        for path in _PEERS
    ),
    *(
        Constraint(
            _NETWORKING,
            ("NetworkPolicy",),
            path,
            "has(self.ipBlock) || has(self.podSelector) || has(self.namespaceSelector)",
            "one of `ipBlock`, `namespaceSelector` and `podSelector` is needed",
            at_least_one("ipBlock", "namespaceSelector", "podSelector"),
            f"{_PATHS} (ValidateNetworkPolicyPeer)",
        )
        for path in _PEERS
    ),
    *(
        Constraint(
            _NETWORKING,
            ("NetworkPolicy",),
            path,
            "!has(self.endPort) || (has(self.port) && type(self.port) == int && self.port <= self.endPort)",
            "`endPort` needs a `port` that is a number and not above it",
            of_mapping(_end_port),
            f"{_PATHS} (ValidateNetworkPolicyPort)",
        )
        for path in ("spec.ingress[].ports[]", "spec.egress[].ports[]")
    ),
)
