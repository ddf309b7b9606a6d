"""The least rights that a run needs, as manifests: lists of kinds in the cluster, all else in single namespaces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from lintkit.verify.plan import Plan

NAME = "lintkit-verify"
_GROUP = "rbac.authorization.k8s.io"
# a WebSocket is a GET; API servers from 1.35 on ask for `create` as well
_VERBS = {"pods/exec": ["create", "get"], "pods/portforward": ["create", "get"]}


def render(plan: Plan) -> str:
    """A ServiceAccount, and what it may do."""
    made = [_object("v1", "ServiceAccount", _home(plan)), *_cluster_wide(plan), *_namespaced(plan)]
    text = yaml.safe_dump_all(made, sort_keys=False, explicit_start=True, width=120)
    return f"# What `lintkit verify` needs for this repository; it changes nothing.\n{text}"


def _cluster_wide(plan: Plan) -> list[dict[str, Any]]:
    asked = {one.probe for one in plan.expectations}
    groups: dict[str, set[str]] = {}
    for probe in plan.probes:
        for group, resource, _ in probe.rights if probe.name in asked else ():
            groups.setdefault(group, set()).add(resource)
    if not groups:
        return []
    rules = [
        {"apiGroups": [group], "resources": sorted(resources), "verbs": ["list"]}
        for group, resources in sorted(groups.items())
    ]
    role = {**_object(f"{_GROUP}/v1", "ClusterRole"), "rules": rules}
    return [role, _binding("ClusterRoleBinding", "ClusterRole", plan)]


def _namespaced(plan: Plan) -> list[dict[str, Any]]:
    needs: dict[str, dict[str, set[str] | None]] = {}
    for need in (need for one in plan.expectations for need in one.needs):
        names = needs.setdefault(need.namespace, {}).setdefault(need.resource, set())
        if names is not None and need.names:
            names.update(need.names)
        else:
            needs[need.namespace][need.resource] = None
    made: list[dict[str, Any]] = []
    for namespace, resources in sorted(needs.items()):
        rules = []
        for resource, names in sorted(resources.items()):
            which = {"resourceNames": sorted(names)} if names else {}
            rules.append({"apiGroups": [""], "resources": [resource], **which, "verbs": _VERBS.get(resource, ["get"])})
        made.append({**_object(f"{_GROUP}/v1", "Role", namespace), "rules": rules})
        made.append(_binding("RoleBinding", "Role", plan, namespace))
    return made


def _home(plan: Plan) -> str:
    """The namespace of the account: that of Flux."""
    return next((namespace for _, kind, namespace, _ in sorted(plan.promises.cluster.implied) if kind), "default")


def _object(version: str, kind: str, namespace: str = "") -> dict[str, Any]:
    where = {"namespace": namespace} if namespace else {}
    return {"apiVersion": version, "kind": kind, "metadata": {"name": NAME, **where}}


def _binding(kind: str, role: str, plan: Plan, namespace: str = "") -> dict[str, Any]:
    return {
        **_object(f"{_GROUP}/v1", kind, namespace),
        "roleRef": {"apiGroup": _GROUP, "kind": role, "name": NAME},
        "subjects": [{"kind": "ServiceAccount", "name": NAME, "namespace": _home(plan)}],
    }
