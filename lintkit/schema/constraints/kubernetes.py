"""Rules of Kubernetes' other kinds: configuration, secrets, volumes, permissions, disruption budgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.schema.constraints.constraint import Constraint, UndecidedError, of_mapping
from lintkit.schema.constraints.places import VALIDATION
from lintkit.schema.constraints.reading import (
    elements,
    fields_of,
    find,
    has,
    is_null,
    is_undecided,
    key_of,
    mapping,
    number,
    text,
    text_of,
)
from lintkit.syntax.node import Mapping, Scalar

if TYPE_CHECKING:
    from lintkit.schema.constraints.constraint import Check
    from lintkit.syntax.node import Node

_RBAC = "rbac.authorization.k8s.io"
_KUBERNETES = "https://github.com/kubernetes/kubernetes/blob/v1.35.0/pkg/apis/"
_RBAC_SOURCE = f"{_KUBERNETES}rbac/validation/validation.go"
_SCHEDULING_SOURCE = f"{_KUBERNETES}scheduling/validation/validation.go"
_NEEDED_KEYS = {
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
}
_ONCE = "ReadWriteOncePod"
_HIGHEST_PRIORITY = 1_000_000_000


def _key_twice(self: Mapping) -> Node | None:
    plain, binary = mapping(self, "data"), mapping(self, "binaryData")
    if plain is None or binary is None:
        return None
    return next((key_of(binary, name) for name in binary.entries if name in plain.entries), None)


def _without_keys(kind: str, needed: tuple[str, ...]) -> Check:
    """A Secret of a type that asks for keys; what is in them is not read."""

    def judge(self: Mapping) -> Node | None:
        node = self.entries.get("type")
        if not isinstance(node, Scalar) or node.text != kind:
            return None
        keys: set[str] = set()
        for name in ("data", "stringData"):
            part = self.entries.get(name)
            if isinstance(part, Mapping):
                keys.update(part.entries)
            elif part is not None and not is_null(part):
                raise UndecidedError
        if any(is_undecided(key) for key in keys):
            raise UndecidedError
        return None if keys.issuperset(needed) else node

    return of_mapping(judge)


def _no_modes(self: Mapping) -> Node | None:
    return None if elements(self, "accessModes") else self


def _once_and_more(self: Mapping) -> Node | None:
    modes = elements(self, "accessModes")
    texts = [text_of(mode) for mode in modes]
    return modes[texts.index(_ONCE)] if _ONCE in texts and len(modes) > 1 else None


def _no_capacity(self: Mapping) -> Node | None:
    capacity = mapping(self, "capacity")
    return None if capacity is not None and has(capacity, "storage") else self


def _local_anywhere(self: Mapping) -> Node | None:
    return key_of(self, "local") if has(self, "local") and not has(self, "nodeAffinity") else None


def _not_a_role(*kinds: str) -> Check:
    return of_mapping(
        lambda self: find(self, "kind") if has(self, "kind") and text(self, "kind") not in kinds else None
    )


def _no_subject(self: Mapping) -> Node | None:
    known = {"ServiceAccount", "User", "Group"}
    return find(self, "kind") if has(self, "kind") and text(self, "kind") not in known else None


def _group_of_subject(self: Mapping) -> Node | None:
    group, kind = text(self, "apiGroup"), text(self, "kind")
    if not group or kind not in {"ServiceAccount", "User", "Group"}:
        return None
    return find(self, "apiGroup") if group != ("" if kind == "ServiceAccount" else _RBAC) else None


def _account_without_namespace(self: Mapping) -> Node | None:
    return find(self, "kind") if text(self, "kind") == "ServiceAccount" and not text(self, "namespace") else None


def _no_groups(self: Mapping) -> Node | None:
    if elements(self, "nonResourceURLs") or elements(self, "apiGroups"):
        return None
    return (find(self, "resources") and key_of(self, "resources")) or self


def _no_resources(self: Mapping) -> Node | None:
    if elements(self, "nonResourceURLs") or elements(self, "resources"):
        return None
    return (find(self, "apiGroups") and key_of(self, "apiGroups")) or self


def _resources_and_urls(self: Mapping) -> Node | None:
    others = elements(self, "resources") or elements(self, "apiGroups") or elements(self, "resourceNames")
    return key_of(self, "nonResourceURLs") if elements(self, "nonResourceURLs") and others else None


def _urls(self: Mapping) -> Node | None:
    return key_of(self, "nonResourceURLs") if elements(self, "nonResourceURLs") else None


def _too_high(self: Mapping) -> Node | None:
    value = number(self, "value")
    metadata = mapping(self, "metadata")
    if value is None or value <= _HIGHEST_PRIORITY or metadata is None or text(metadata, "name").startswith("system-"):
        return None
    return find(self, "value")


def _sources_of_volume(self: Mapping) -> Node | None:
    found = [name for name, _ in fields_of(self) if name in _VOLUMES]
    return key_of(self, found[1]) if len(found) > 1 else None


def _no_source_of_volume(self: Mapping) -> Node | None:
    return None if any(name not in _NOT_VOLUMES for name, _ in fields_of(self)) else self


_VOLUMES = frozenset(
    {
        "awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "csi", "fc", "flexVolume", "flocker",
        "gcePersistentDisk", "glusterfs", "hostPath", "iscsi", "local", "nfs", "photonPersistentDisk",
        "portworxVolume", "quobyte", "rbd", "scaleIO", "storageos", "vsphereVolume",
    }
)  # fmt: skip
_NOT_VOLUMES = frozenset(
    {
        "accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity", "persistentVolumeReclaimPolicy",
        "storageClassName", "volumeAttributesClassName", "volumeMode",
    }
)  # fmt: skip
_COUNT_VOLUMES = " + ".join(f"(has(self.{name}) ? 1 : 0)" for name in sorted(_VOLUMES))


def _core(  # noqa: PLR0913 - a row of a table
    kind: str, path: str, rule: str, message: str, check: Check, source: str, *, whole: bool = False
) -> Constraint:
    return Constraint("", (kind,), path, rule, message, check, f"{VALIDATION} ({source})", whole=whole)


def _rbac(kinds: tuple[str, ...], path: str, rule: str, message: str, check: Check, source: str) -> Constraint:
    return Constraint(_RBAC, kinds, path, rule, message, check, f"{_RBAC_SOURCE} ({source})")


_ROLES = ("Role", "ClusterRole")
_BINDINGS = ("RoleBinding", "ClusterRoleBinding")
_MANY_URLS = "has(self.nonResourceURLs) && size(self.nonResourceURLs) > 0"
_ONE_OF_THREE = "self.kind in ['ServiceAccount', 'User', 'Group']"

CONSTRAINTS = (
    _core(
        "ConfigMap",
        "",
        "!has(self.data) || !has(self.binaryData) || !self.binaryData.exists(k, k in self.data)",
        "this key is in `data` too",
        of_mapping(_key_twice),
        "ValidateConfigMap",
    ),
    *(
        _core(
            "Secret",
            "",
            f"!has(self.type) || self.type != '{kind}' || ("
            + " && ".join(
                f"((has(self.data) && '{key}' in self.data) || (has(self.stringData) && '{key}' in self.stringData))"
                for key in keys
            )
            + ")",
            f"a Secret of this type needs {' and '.join(f'`{key}`' for key in keys)}",
            _without_keys(kind, keys),
            "ValidateSecret",
            whole=True,
        )
        for kind, keys in _NEEDED_KEYS.items()
    ),
    *(
        _core(
            kind,
            "spec",
            "!has(self.accessModes) || size(self.accessModes) < 2 || !('ReadWriteOncePod' in self.accessModes)",
            "`ReadWriteOncePod` stands alone",
            of_mapping(_once_and_more),
            f"Validate{kind}Spec",
        )
        for kind in ("PersistentVolumeClaim", "PersistentVolume")
    ),
    _core(
        "PersistentVolume",
        "spec",
        "has(self.accessModes) && size(self.accessModes) > 0",
        "a volume needs `accessModes`",
        of_mapping(_no_modes),
        "ValidatePersistentVolumeSpec",
        whole=True,
    ),
    _core(
        "PersistentVolume",
        "spec",
        "has(self.capacity) && has(self.capacity.storage)",
        "a volume needs `capacity.storage`",
        of_mapping(_no_capacity),
        "ValidatePersistentVolumeSpec",
        whole=True,
    ),
    _core(
        "PersistentVolume",
        "spec",
        f"{_COUNT_VOLUMES} <= 1",
        "a volume has one source, this is a second one",
        of_mapping(_sources_of_volume),
        "ValidatePersistentVolumeSpec",
    ),
    _core(
        "PersistentVolume",
        "spec",
        f"{_COUNT_VOLUMES} >= 1",
        "a volume needs a source, such as `csi`, `nfs` or `hostPath`",
        of_mapping(_no_source_of_volume),
        "ValidatePersistentVolumeSpec",
        whole=True,
    ),
    _core(
        "PersistentVolume",
        "spec",
        "!has(self.local) || has(self.nodeAffinity)",
        "a `local` volume needs `nodeAffinity`",
        of_mapping(_local_anywhere),
        "ValidatePersistentVolumeSpec",
        whole=True,
    ),
    Constraint(
        "scheduling.k8s.io",
        ("PriorityClass",),
        "",
        "self.metadata.name.startsWith('system-') || self.value <= 1000000000",
        "the value of a priority is at most 1000000000",
        of_mapping(_too_high),
        f"{_SCHEDULING_SOURCE} (ValidatePriorityClass)",
    ),
    _rbac(
        ("RoleBinding",),
        "roleRef",
        "self.kind in ['Role', 'ClusterRole']",
        "`kind` of a role is `Role` or `ClusterRole`",
        _not_a_role("Role", "ClusterRole"),
        "ValidateRoleBinding",
    ),
    _rbac(
        ("ClusterRoleBinding",),
        "roleRef",
        "self.kind == 'ClusterRole'",
        "a ClusterRoleBinding binds a `ClusterRole`",
        _not_a_role("ClusterRole"),
        "ValidateClusterRoleBinding",
    ),
    _rbac(
        _BINDINGS,
        "subjects[]",
        _ONE_OF_THREE,
        "`kind` of a subject is `ServiceAccount`, `User` or `Group`",
        of_mapping(_no_subject),
        "ValidateRoleBindingSubject",
    ),
    _rbac(
        _BINDINGS,
        "subjects[]",
        f"!has(self.apiGroup) || self.apiGroup == '' || !({_ONE_OF_THREE}) || "
        f"(self.kind != 'ServiceAccount' && self.apiGroup == '{_RBAC}')",
        f"`apiGroup` is empty for a `ServiceAccount`, and `{_RBAC}` for a `User` and a `Group`",
        of_mapping(_group_of_subject),
        "ValidateRoleBindingSubject",
    ),
    _rbac(
        ("ClusterRoleBinding",),
        "subjects[]",
        "self.kind != 'ServiceAccount' || (has(self.__namespace__) && self.__namespace__ != '')",
        "a `ServiceAccount` needs its `namespace`",
        of_mapping(_account_without_namespace),
        "ValidateRoleBindingSubject",
    ),
    _rbac(
        _ROLES,
        "rules[]",
        f"({_MANY_URLS}) || (has(self.apiGroups) && size(self.apiGroups) > 0)",
        'a rule for resources needs `apiGroups`; the core group is `""`',
        of_mapping(_no_groups),
        "ValidatePolicyRule",
    ),
    _rbac(
        _ROLES,
        "rules[]",
        f"({_MANY_URLS}) || (has(self.resources) && size(self.resources) > 0)",
        "a rule needs `resources`",
        of_mapping(_no_resources),
        "ValidatePolicyRule",
    ),
    _rbac(
        ("ClusterRole",),
        "rules[]",
        f"!({_MANY_URLS}) || ((!has(self.resources) || size(self.resources) == 0) && "
        "(!has(self.apiGroups) || size(self.apiGroups) == 0) && "
        "(!has(self.resourceNames) || size(self.resourceNames) == 0))",
        "a rule is for resources or for `nonResourceURLs`, not for both",
        of_mapping(_resources_and_urls),
        "ValidatePolicyRule",
    ),
    _rbac(
        ("Role",),
        "rules[]",
        f"!({_MANY_URLS})",
        "`nonResourceURLs` go with a ClusterRole only",
        of_mapping(_urls),
        "ValidatePolicyRule",
    ),
)
