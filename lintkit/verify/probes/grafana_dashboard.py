"""The probe `grafana-dashboard`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lintkit.verify.conditions import conditions, said
from lintkit.verify.expectation import Answer, Expectation, failed, passed, unknown
from lintkit.verify.probes._probe import probe, reads
from lintkit.verify.promises import expectation
from lintkit.verify.times import ago, parse_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.verify.live import Live
    from lintkit.verify.promises import Promises

_GROUP = "grafana.integreatly.org"
_KINDS = {"GrafanaDashboard": "Dashboard", "GrafanaDatasource": "Datasource"}


@probe(group="dashboards", rights=reads(_GROUP, "grafanadashboards", "grafanadatasources"))
def grafana_dashboard(promises: Promises) -> Iterator[Expectation]:
    """Every GrafanaDashboard and GrafanaDatasource is synced to a Grafana.

    The Grafana Operator says so with the condition `DashboardSynchronized` or `DatasourceSynchronized`, and with
    `NoMatchingInstance` when no Grafana has the labels of its `instanceSelector`. Versions of the operator without
    conditions leave a hash of what they have sent.
    """
    for resource in promises.of_kind(_GROUP, *_KINDS):
        yield expectation(resource, "is synced", partial(_ask, resource.kind, resource.namespace, resource.name))


def _ask(kind: str, namespace: str, name: str, live: Live) -> Answer:
    found = live.find(_GROUP, kind, namespace, name)
    if found is None:
        return failed("it is not in the cluster")
    stated, status = conditions(found), found.get("status") or {}
    alone = stated.get("NoMatchingInstance") or {}
    if alone.get("status") == "True" or status.get("NoMatchingInstances") is True:
        return failed(f"no Grafana has the labels of its `instanceSelector`: {said(alone)}")
    synced = stated.get(f"{_KINDS[kind]}Synchronized")
    last = parse_time(status.get("lastResync"))
    when = f", {ago(last, live.now())}" if last else ""
    if synced is None:
        return passed(f"synced{when}") if status.get("hash") else unknown("it has no conditions and no hash yet")
    seen, generation = synced.get("observedGeneration"), found["metadata"].get("generation")
    if seen is not None and generation is not None and seen < generation:
        return unknown(f"its controller has not looked at generation {generation} yet, only at {seen}")
    if synced.get("status") == "True":
        return passed(f"{said(synced)}{when}")
    return failed(said(synced)) if synced.get("status") == "False" else unknown(f"in progress: {said(synced)}")
