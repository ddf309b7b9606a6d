"""Rules of the kinds that make pods, and of what scales them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.schema.constraints.constraint import API_SERVER, Constraint, of_mapping
from lintkit.schema.constraints.forms import not_above, only_with
from lintkit.schema.constraints.places import VALIDATION
from lintkit.schema.constraints.pods import mount_without
from lintkit.schema.constraints.reading import elements, find, has, key_of, mapping, mappings, text
from lintkit.syntax.node import Scalar

if TYPE_CHECKING:
    from lintkit.syntax.node import Mapping, Node

_KUBERNETES = "https://github.com/kubernetes/kubernetes/blob/v1.35.0/pkg/apis/"
_APPS = f"{_KUBERNETES}apps/validation/validation.go"
_BATCH = f"{_KUBERNETES}batch/validation/validation.go"
_AUTOSCALING = f"{_KUBERNETES}autoscaling/validation/validation.go"
_LABELS = "https://github.com/kubernetes/apimachinery/blob/v0.35.0/pkg/apis/meta/v1/validation/validation.go"
_WITH_SELECTOR = ("Deployment", "ReplicaSet", "DaemonSet", "StatefulSet")
_SCALE = {
    "Resource": "resource",
    "Pods": "pods",
    "Object": "object",
    "External": "external",
    "ContainerResource": "containerResource",
}
_NOTHING = {"0", "0%"}


def _always(self: Mapping) -> Node | None:
    return find(self, "restartPolicy") if text(self, "restartPolicy") not in {"", "Always"} else None


def _not_always(self: Mapping) -> Node | None:
    return find(self, "restartPolicy") if text(self, "restartPolicy") == "Always" else None


def _restarts_by_default(self: Mapping) -> Node | None:
    return None if has(self, "restartPolicy") else self


def _never_moves(self: Mapping) -> Node | None:
    surge, unavailable = find(self, "maxSurge"), find(self, "maxUnavailable")
    if isinstance(surge, Scalar) and isinstance(unavailable, Scalar) and {surge.text, unavailable.text} <= _NOTHING:
        return unavailable
    return None


def _selects_nothing(self: Mapping) -> Node | None:
    """A template without labels; labels that differ are found by `unmatched-selector`."""
    labels = mapping(self, "template", "metadata", "labels")
    selector = mapping(self, "selector", "matchLabels")
    if selector is None or not selector.entries or (labels is not None and labels.entries):
        return None
    return key_of(self, "template")


def _selects_all(self: Mapping) -> Node | None:
    selector = mapping(self, "selector")
    if selector is None:
        return None
    labels = mapping(selector, "matchLabels")
    if (labels is not None and labels.entries) or elements(selector, "matchExpressions"):
        return None
    return key_of(self, "selector")


def _claim_or_volume(self: Mapping) -> Node | None:
    spec = mapping(self, "template", "spec")
    if spec is None:
        return None
    claims = set()
    for claim in mappings(self, "volumeClaimTemplates"):
        metadata = mapping(claim, "metadata")
        claims.add(text(metadata, "name") if metadata is not None else "")
    return mount_without(spec, frozenset(claims))


def _indexed(self: Mapping) -> Node | None:
    """Without `parallelism` too the API server takes 1."""
    if text(self, "completionMode") == "Indexed" and has(self, "parallelism") and not has(self, "completions"):
        return find(self, "completionMode")
    return None


def _long_name(self: Mapping) -> Node | None:
    return find(self, "name") if len(text(self, "name")) > 52 else None


def _zone_in_schedule(self: Mapping) -> Node | None:
    return find(self, "schedule") if "TZ=" in text(self, "schedule") else None


def _metric(self: Mapping) -> Node | None:
    wanted = _SCALE.get(text(self, "type"))
    return find(self, "type") if wanted is not None and not has(self, wanted) else None


def _label_expression(self: Mapping) -> Node | None:
    operator, values = text(self, "operator"), elements(self, "values")
    if operator in {"In", "NotIn"} and not values:
        return find(self, "operator")
    if operator in {"Exists", "DoesNotExist"} and values:
        return key_of(self, "values")
    return None


_NEVER_MOVES = (
    "!has(self.maxSurge) || !has(self.maxUnavailable) || "
    "!(string(self.maxSurge) in ['0', '0%']) || !(string(self.maxUnavailable) in ['0', '0%'])"
)

CONSTRAINTS = (
    *(
        Constraint(
            "apps",
            (kind,),
            "spec.template.spec",
            "!has(self.restartPolicy) || self.restartPolicy in ['', 'Always']",
            f"`restartPolicy` of a {kind} is `Always`",
            of_mapping(_always),
            f"{_APPS} (ValidatePodTemplateSpecForReplicaSet)",
        )
        for kind in _WITH_SELECTOR
    ),
    Constraint(
        "apps",
        _WITH_SELECTOR,
        "spec",
        "!has(self.selector) || !has(self.selector.matchLabels) || size(self.selector.matchLabels) == 0 || "
        "(has(self.template) && has(self.template.metadata) && has(self.template.metadata.labels) && "
        "size(self.template.metadata.labels) > 0)",
        "the template has no labels for the selector",
        of_mapping(_selects_nothing),
        f"{_APPS} (ValidatePodTemplateSpecForReplicaSet)",
        whole=True,
    ),
    Constraint(
        "apps",
        _WITH_SELECTOR,
        "spec",
        "!has(self.selector) || (has(self.selector.matchLabels) && size(self.selector.matchLabels) > 0) || "
        "(has(self.selector.matchExpressions) && size(self.selector.matchExpressions) > 0)",
        "the selector is empty",
        of_mapping(_selects_all),
        f"{_APPS} (ValidateDeploymentSpec)",
        whole=True,
    ),
    Constraint(
        "apps",
        _WITH_SELECTOR,
        "spec.selector.matchExpressions[]",
        "(!(self.operator in ['In', 'NotIn']) || (has(self.values) && size(self.values) > 0)) && "
        "(!(self.operator in ['Exists', 'DoesNotExist']) || !has(self.values) || size(self.values) == 0)",
        "`In` and `NotIn` need values, `Exists` and `DoesNotExist` take none",
        of_mapping(_label_expression),
        f"{_LABELS} (ValidateLabelSelectorRequirement)",
    ),
    Constraint(
        "apps",
        ("Deployment",),
        "spec.strategy",
        "!has(self.rollingUpdate) || !has(self.type) || self.type != 'Recreate'",
        "`rollingUpdate` does not go with `type: Recreate`",
        of_mapping(
            lambda self: (
                key_of(self, "rollingUpdate")
                if has(self, "rollingUpdate") and text(self, "type") == "Recreate"
                else None
            )
        ),
        f"{_APPS} (ValidateDeploymentStrategy)",
    ),
    Constraint(
        "apps",
        ("Deployment",),
        "spec.strategy.rollingUpdate",
        _NEVER_MOVES,
        "`maxSurge` and `maxUnavailable` cannot both be 0",
        of_mapping(_never_moves),
        f"{_APPS} (ValidateRollingUpdateDeployment)",
    ),
    Constraint(
        "apps",
        ("StatefulSet",),
        "spec.updateStrategy",
        "!has(self.rollingUpdate) || !has(self.type) || self.type != 'OnDelete'",
        "`rollingUpdate` does not go with `type: OnDelete`",
        of_mapping(
            lambda self: (
                key_of(self, "rollingUpdate")
                if has(self, "rollingUpdate") and text(self, "type") == "OnDelete"
                else None
            )
        ),
        f"{_APPS} (ValidateStatefulSetSpec)",
    ),
    Constraint(
        "apps",
        ("StatefulSet",),
        "spec",
        "!has(self.template.spec.containers) || self.template.spec.containers.all(c, !has(c.volumeMounts) || "
        "c.volumeMounts.all(m, (has(self.template.spec.volumes) && "
        "self.template.spec.volumes.exists(v, v.name == m.name)) || (has(self.volumeClaimTemplates) && "
        "self.volumeClaimTemplates.exists(t, t.metadata.name == m.name))))",
        "the pod has no volume and no claim template of this name",
        of_mapping(_claim_or_volume),
        f"{VALIDATION} (ValidateVolumeMounts)",
        by=f"{API_SERVER}, of each Pod",
        whole=True,
    ),
    *(
        constraint
        for kind, path in (("Job", "spec"), ("CronJob", "spec.jobTemplate.spec"))
        for constraint in (
            Constraint(
                "batch",
                (kind,),
                f"{path}.template.spec",
                "!has(self.restartPolicy) || self.restartPolicy != 'Always'",
                f"`restartPolicy` of a {kind} is `OnFailure` or `Never`",
                of_mapping(_not_always),
                f"{_BATCH} (validateJobSpec)",
            ),
            Constraint(
                "batch",
                (kind,),
                f"{path}.template.spec",
                "has(self.restartPolicy)",
                f"a {kind} needs `restartPolicy`: `OnFailure` or `Never`",
                of_mapping(_restarts_by_default),
                f"{_BATCH} (validateJobSpec)",
                whole=True,
            ),
            Constraint(
                "batch",
                (kind,),
                path,
                "!has(self.completionMode) || self.completionMode != 'Indexed' || has(self.completions) || "
                "!has(self.parallelism)",
                "`completionMode: Indexed` needs `completions` beside `parallelism`",
                of_mapping(_indexed),
                f"{_BATCH} (validateJobSpec)",
                whole=True,
            ),
            Constraint(
                "batch",
                (kind,),
                path,
                "!has(self.backoffLimitPerIndex) || (has(self.completionMode) && self.completionMode == 'Indexed')",
                "`backoffLimitPerIndex` goes with `completionMode: Indexed` only",
                only_with("backoffLimitPerIndex", "completionMode", "Indexed"),
                f"{_BATCH} (validateJobSpec)",
                whole=True,
            ),
        )
    ),
    Constraint(
        "batch",
        ("CronJob",),
        "metadata",
        "!has(self.name) || size(self.name) <= 52",
        "the name of a CronJob has at most 52 characters",
        of_mapping(_long_name),
        f"{_BATCH} (ValidateCronJobCreate)",
    ),
    Constraint(
        "batch",
        ("CronJob",),
        "spec",
        "!self.schedule.contains('TZ=')",
        "the time zone stands in `timeZone`, not in `schedule`",
        of_mapping(_zone_in_schedule),
        f"{_BATCH} (validateScheduleFormat)",
    ),
    Constraint(
        "autoscaling",
        ("HorizontalPodAutoscaler",),
        "spec",
        "!has(self.minReplicas) || self.minReplicas <= self.maxReplicas",
        "`minReplicas` is more than `maxReplicas`",
        not_above("minReplicas", "maxReplicas", least=1),
        f"{_AUTOSCALING} (validateHorizontalPodAutoscalerSpec)",
    ),
    Constraint(
        "autoscaling",
        ("HorizontalPodAutoscaler",),
        "spec.metrics[]",
        " && ".join(f"(self.type != '{kind}' || has(self.{name}))" for kind, name in _SCALE.items()),
        "the field of this type of metric is missing: that of the type, with a small first letter",
        of_mapping(_metric),
        f"{_AUTOSCALING} (validateMetricSpec)",
        ("v2", "v2beta2"),
        whole=True,
    ),
)
