"""Rules of the spec of a pod, in every kind that makes pods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.schema.constraints.constraint import Constraint, of_mapping
from lintkit.schema.constraints.forms import exactly_one, needed_with, only_with, unique
from lintkit.schema.constraints.places import VALIDATION, in_pods
from lintkit.schema.constraints.reading import elements, fields_of, find, flag, has, key_of, mappings, number, text

if TYPE_CHECKING:
    from lintkit.schema.constraints.constraint import Check
    from lintkit.syntax.node import Mapping, Node

_LISTS = ("containers", "initContainers")
_SOURCES = frozenset(
    {
        "awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "configMap", "csi", "downwardAPI",
        "emptyDir", "ephemeral", "fc", "flexVolume", "flocker", "gcePersistentDisk", "gitRepo", "glusterfs",
        "hostPath", "image", "iscsi", "nfs", "persistentVolumeClaim", "photonPersistentDisk", "portworxVolume",
        "projected", "quobyte", "rbd", "scaleIO", "secret", "storageos", "vsphereVolume",
    }
)  # fmt: skip


def _same_name_in_both(self: Mapping) -> Node | None:
    """A container and an init container with one name; two of one list are found by another rule."""
    names = {text(container, "name") for container in mappings(self, "containers")}
    for container in mappings(self, "initContainers"):
        if text(container, "name") in names:
            return find(container, "name")
    return None


def _mount_without_volume(self: Mapping) -> Node | None:
    return mount_without(self, frozenset())


def mount_without(spec: Mapping, others: frozenset[str]) -> Node | None:
    """The name in a container's `volumeMounts` that is no volume of the pod, nor one of others."""
    known = others | {text(volume, "name") for volume in mappings(spec, "volumes")}
    for name in _LISTS:
        for container in mappings(spec, name):
            for mount in mappings(container, "volumeMounts"):
                if has(mount, "name") and text(mount, "name") not in known:
                    return find(mount, "name")
    return None


def _one_source(self: Mapping) -> Node | None:
    """A volume without a source is an `emptyDir`; one with two is refused."""
    names = [name for name, _ in fields_of(self) if name in _SOURCES]
    return key_of(self, names[1]) if len(names) > 1 else None


def _other_host_port(self: Mapping) -> Node | None:
    if not flag(self, "hostNetwork"):
        return None
    for name in _LISTS:
        for container in mappings(self, name):
            for port in mappings(container, "ports"):
                host, own = number(port, "hostPort"), number(port, "containerPort")
                if host is not None and own is not None and host not in {own, 0}:
                    return find(port, "hostPort")
    return None


def _tolerates_everything(self: Mapping) -> Node | None:
    if text(self, "key") or text(self, "operator", "Equal") == "Exists":
        return None
    return find(self, "operator") or self


def _values_of_operator(self: Mapping) -> Node | None:
    """`In` asks for values; `Exists` takes none."""
    operator = text(self, "operator")
    values = elements(self, "values")
    if operator in {"In", "NotIn"} and not values:
        return find(self, "operator")
    if operator in {"Exists", "DoesNotExist"} and values:
        return key_of(self, "values")
    if operator in {"Gt", "Lt"} and len(values) != 1:
        return find(self, "operator")
    return None


def _no_containers(self: Mapping) -> Node | None:
    return None if elements(self, "containers") else find(self, "containers") or self


_EXPRESSIONS = (
    "(!(self.operator in ['In', 'NotIn']) || (has(self.values) && size(self.values) > 0)) && "
    "(!(self.operator in ['Exists', 'DoesNotExist']) || !has(self.values) || size(self.values) == 0) && "
    "(!(self.operator in ['Gt', 'Lt']) || (has(self.values) && size(self.values) == 1))"
)
VALUES_OF_OPERATOR = of_mapping(_values_of_operator)
VALUES_MESSAGE = "`In` and `NotIn` need values, `Exists` and `DoesNotExist` take none, `Gt` and `Lt` one"


def _pod(path: str, rule: str, message: str, check: Check, source: str, *, whole: bool = False) -> Constraint:
    return Constraint("", ("Pod",), path, rule, message, check, f"{VALIDATION} ({source})", whole=whole)


def _affinity(path: str) -> Constraint:
    return _pod(
        f"spec.affinity.nodeAffinity.{path}.matchExpressions[]",
        _EXPRESSIONS,
        VALUES_MESSAGE,
        VALUES_OF_OPERATOR,
        "ValidateNodeSelectorRequirement",
    )


_VOLUME = "spec.volumes[]"

CONSTRAINTS = in_pods(
    _pod(
        "spec",
        "has(self.containers) && size(self.containers) > 0",
        "a pod needs a container",
        of_mapping(_no_containers),
        "validateContainers",
        whole=True,
    ),
    _pod(
        "spec.containers",
        "self.all(a, self.exists_one(b, b.name == a.name))",
        "two containers have this name",
        unique("name"),
        "validateContainers",
    ),
    _pod(
        "spec.initContainers",
        "self.all(a, self.exists_one(b, b.name == a.name))",
        "two init containers have this name",
        unique("name"),
        "validateInitContainers",
    ),
    _pod(
        "spec",
        "!has(self.initContainers) || !has(self.containers) || "
        "!self.initContainers.exists(a, self.containers.exists(b, b.name == a.name))",
        "a container and an init container have this name",
        of_mapping(_same_name_in_both),
        "validateInitContainers",
    ),
    _pod(
        "spec.volumes",
        "self.all(a, self.exists_one(b, b.name == a.name))",
        "two volumes have this name",
        unique("name"),
        "ValidateVolumes",
    ),
    _pod(
        _VOLUME,
        "",
        "a volume has one source, this is a second one",
        of_mapping(_one_source),
        "validateVolumeSource",
    ),
    _pod(
        _VOLUME + ".downwardAPI.items[]",
        "has(self.fieldRef) != has(self.resourceFieldRef)",
        "exactly one of `fieldRef` and `resourceFieldRef` is needed",
        exactly_one("fieldRef", "resourceFieldRef"),
        "validateDownwardAPIVolumeFile",
    ),
    _pod(
        "spec",
        "!has(self.hostNetwork) || !self.hostNetwork || !has(self.containers) || self.containers.all(c, "
        "!has(c.ports) || c.ports.all(p, !has(p.hostPort) || p.hostPort == 0 || p.hostPort == p.containerPort))",
        "with `hostNetwork` the `hostPort` is the `containerPort`",
        of_mapping(_other_host_port),
        "validateHostNetwork",
    ),
    _pod(
        "spec.tolerations[]",
        "(has(self.key) && self.key != '') || (has(self.operator) && self.operator == 'Exists')",
        "a toleration without a `key` needs `operator: Exists`",
        of_mapping(_tolerates_everything),
        "ValidateTolerations",
    ),
    _pod(
        "spec.tolerations[]",
        "!has(self.operator) || self.operator != 'Exists' || !has(self.value) || self.value == ''",
        "`operator: Exists` takes no `value`",
        of_mapping(
            lambda self: key_of(self, "value") if text(self, "operator") == "Exists" and text(self, "value") else None
        ),
        "ValidateTolerations",
    ),
    _pod(
        "spec.tolerations[]",
        "!has(self.tolerationSeconds) || (has(self.effect) && self.effect == 'NoExecute')",
        "`tolerationSeconds` goes with `effect: NoExecute` only",
        only_with("tolerationSeconds", "effect", "NoExecute"),
        "ValidateTolerations",
    ),
    _affinity("requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[]"),
    _affinity("preferredDuringSchedulingIgnoredDuringExecution[].preference"),
    _pod(
        "spec.topologySpreadConstraints",
        "self.all(a, self.exists_one(b, a.topologyKey == b.topologyKey && a.whenUnsatisfiable == b.whenUnsatisfiable))",
        "two constraints have this `topologyKey` and `whenUnsatisfiable`",
        unique("topologyKey", "whenUnsatisfiable"),
        "ValidateSpreadConstraintNotRepeat",
    ),
    _pod(
        "spec.topologySpreadConstraints[]",
        "!has(self.minDomains) || self.whenUnsatisfiable == 'DoNotSchedule'",
        "`minDomains` goes with `whenUnsatisfiable: DoNotSchedule` only",
        only_with("minDomains", "whenUnsatisfiable", "DoNotSchedule"),
        "validateMinDomains",
    ),
    _pod(
        "spec",
        "!has(self.dnsPolicy) || self.dnsPolicy != 'None' || has(self.dnsConfig)",
        "`dnsPolicy: None` needs `dnsConfig` with `nameservers`",
        needed_with("dnsConfig", "dnsPolicy", "None"),
        "validatePodDNSConfig",
        whole=True,
    ),
) + tuple(
    constraint
    for constraint in in_pods(
        _pod(
            "spec",
            "!has(self.containers) || self.containers.all(c, !has(c.volumeMounts) || "
            "c.volumeMounts.all(m, has(self.volumes) && self.volumes.exists(v, v.name == m.name)))",
            "the pod has no volume of this name",
            of_mapping(_mount_without_volume),
            "ValidateVolumeMounts",
            whole=True,
        )
    )
    if constraint.kinds != ("StatefulSet",)  # which has claims beside its volumes
)
