"""The probe `prometheus-rule`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lintkit.verify.conditions import said
from lintkit.verify.expectation import Answer, Expectation, failed, passed, unknown
from lintkit.verify.pods import labels_of, name_of
from lintkit.verify.probes._probe import probe, reads
from lintkit.verify.promises import expectation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.verify.live import Found, Live
    from lintkit.verify.promises import Promises

_GROUP = "monitoring.coreos.com"
_MANAGED = ("managed-by", "app.kubernetes.io/managed-by")
_OWNERS = ("prometheus-name", "thanos-ruler-name")


@probe(group="alerts", rights=(*reads(_GROUP, "prometheusrules"), *reads("", "configmaps")))
def prometheus_rule(promises: Promises) -> Iterator[Expectation]:
    """Every PrometheusRule is loaded by a Prometheus or a Thanos Ruler.

    The Prometheus Operator writes each rule that a `ruleSelector` matches into a ConfigMap of its own, under the key
    `<namespace>-<name>-<uid>.yaml`; a rule that is in none is loaded by nobody. Where the object's status names its
    bindings, those are asked first.
    """
    for resource in promises.of_kind(_GROUP, "PrometheusRule"):
        yield expectation(
            resource,
            "is loaded",
            partial(_ask, resource.namespace, resource.name),
            command=f"kubectl get cm -A -l prometheus-name -o yaml | grep {resource.namespace}-{resource.name}-",
        )


def _ask(namespace: str, name: str, live: Live) -> Answer:
    found = live.find(_GROUP, "PrometheusRule", namespace, name)
    if found is None:
        return failed("it is not in the cluster")
    for binding in (found.get("status") or {}).get("bindings") or ():
        for one in binding.get("conditions") or ():
            if one.get("type") == "Accepted" and one.get("status") == "False":
                return failed(f"{binding.get('resource')} `{binding.get('name')}` does not accept it: {said(one)}")
    files = [one for one in live.all("", "ConfigMap") if _is_rule_file(one)]
    if not files:
        return unknown("no ConfigMap of a Prometheus Operator with rules is in the cluster")
    for one in files:
        if any(key.startswith(f"{namespace}-{name}-") for key in one.get("data") or ()):
            return passed(f"in ConfigMap `{one['metadata'].get('namespace')}/{name_of(one)}`")
    if not live.sees_all("", "ConfigMap"):
        return unknown("it is in no rule file of the namespaces that may be read", is_lasting=True)
    owners = sorted({labels_of(one).get(label) or "" for one in files for label in _OWNERS} - {""})
    return failed(f"no `ruleSelector` matches it: it is in no rule file of {', '.join(f'`{one}`' for one in owners)}")


def _is_rule_file(found: Found) -> bool:
    labels = labels_of(found)
    is_managed = any(labels.get(name) == "prometheus-operator" for name in _MANAGED)
    return is_managed and any(name in labels for name in _OWNERS)
