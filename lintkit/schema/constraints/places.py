"""Where pods and containers stand in the kinds that make pods."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lintkit.schema.constraints.constraint import API_SERVER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.schema.constraints.constraint import Constraint

POD_SPECS = (
    ("", ("Pod",), "spec"),
    ("", ("ReplicationController",), "spec.template.spec"),
    ("apps", ("Deployment", "ReplicaSet", "DaemonSet"), "spec.template.spec"),
    ("apps", ("StatefulSet",), "spec.template.spec"),
    ("batch", ("Job",), "spec.template.spec"),
    ("batch", ("CronJob",), "spec.jobTemplate.spec.template.spec"),
)
"""Group, kinds, and where the spec of a pod stands in them."""

VALIDATION = "https://github.com/kubernetes/kubernetes/blob/v1.35.0/pkg/apis/core/validation/validation.go"
_CONTAINERS = "spec.containers[]"
_INIT_CONTAINERS = "spec.initContainers[]"


def in_pods(*constraints: Constraint) -> tuple[Constraint, ...]:
    """Rules that are written for a Pod, for every kind that has the spec of one; those of containers for both lists."""
    return tuple(
        replace(constraint, group=group, kinds=kinds, path=spec + constraint.path.removeprefix("spec"), by=_by(kinds))
        for one in constraints
        for constraint in _of_containers(one)
        for group, kinds, spec in POD_SPECS
    )


def _by(kinds: tuple[str, ...]) -> str:
    """The API server looks into the template of every kind but one."""
    return f"{API_SERVER}, of each Pod" if kinds == ("StatefulSet",) else API_SERVER


def _of_containers(constraint: Constraint) -> Iterator[Constraint]:
    yield constraint
    if constraint.path.startswith(_CONTAINERS):
        yield replace(constraint, path=constraint.path.replace(_CONTAINERS, _INIT_CONTAINERS))
