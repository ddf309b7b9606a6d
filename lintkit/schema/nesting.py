"""Values of a chart that stand beside `values` in a HelmRelease."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lintkit.schema import fields
from lintkit.schema.bundle import bundle
from lintkit.schema.values import defaults_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lintkit.schema.charts import Known
    from lintkit.schema.violation import Violation

_USUAL = frozenset(
    {
        "affinity", "config", "containers", "controllers", "defaultPodOptions", "env", "envFrom", "extraEnv",
        "fullnameOverride", "global", "image", "imagePullSecrets", "ingress", "initContainers", "nameOverride",
        "nodeSelector", "persistence", "podAnnotations", "podLabels", "podSecurityContext", "probes", "rbac",
        "replicaCount", "replicas", "resources", "route", "secrets", "securityContext", "service", "serviceMonitor",
        "sidecars", "tolerations", "volumeMounts", "volumes",
    }
)  # fmt: skip
"""What nearly every chart calls its values, and no field of a HelmRelease is called."""


def below_values(violations: Iterable[Violation], known: Known | None) -> Iterator[Violation]:
    """The violations of a HelmRelease; a field of `spec` that is a value of its chart belongs under `spec.values`."""
    for violation in violations:
        name = violation.path[1] if len(violation.path) == 2 and violation.path[0] == "spec" else None
        is_stray = violation.rule in {"unknown-field", "misplaced-field"} and violation.key is not None
        if is_stray and isinstance(name, str) and name in (_names(known) if known else _USUAL):
            message = f"`{name}` is no field of `spec`; it belongs under `spec.values`"
            yield replace(
                violation,
                rule="misplaced-field",
                message=message,
                belongs=("spec", "values"),
                suggestion=None,
                severity="",
            )
        else:
            yield violation


def _names(known: Known) -> frozenset[str]:
    """The values at the top level of a chart."""
    found = set(_USUAL)
    for chart in known.charts:
        found |= defaults_of(chart).keys()
        if chart.schema is not None:
            schema = bundle(chart.schema, chart.schemas)
            found |= fields.properties(schema, schema).keys()
    return frozenset(found)
