"""The probe `loki-streams`."""

from __future__ import annotations

import shlex
from functools import partial
from typing import TYPE_CHECKING

from lintkit.verify.airflow import Release, workers
from lintkit.verify.expectation import Answer, Expectation, failed, passed, unknown
from lintkit.verify.loki import Component, Loki, components, earlier, forwards, labels, newest, where
from lintkit.verify.pods import name_of
from lintkit.verify.probes._probe import PODS, probe
from lintkit.verify.times import ago, parse_time, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.options import LokiAccess
    from lintkit.verify.live import Live
    from lintkit.verify.promises import Promises


@probe(group="loki", rights=PODS)
def loki_streams(promises: Promises) -> Iterator[Expectation]:
    """Loki has logs of every component, and the newest line of each is not old.

    The components are those of `verify.loki.components`; without any, Airflow's webserver (API server from Airflow 3
    on), scheduler and workers, and the Deployments beside it with `webhook` in their names, by the labels `namespace`
    and `container`. Loki is asked over HTTP with LogQL: at `verify.loki.url`, through Grafana's data source proxy at
    `verify.loki.grafana`, or through a forwarded port of `verify.loki.service` or of the Service that the tree sends
    its logs to. Where nothing is found, the labels that do exist are named. Workers are only expected to have logged
    when one of them ran lately.
    """
    loki, access = where(promises), promises.options.verify.loki
    if loki is None:
        return
    for component in components(promises):
        yield Expectation(
            f"logs of {component.name}" + (f" in {component.namespace}" if component.namespace else ""),
            f"are in Loki, at most {shown(component.within)} old",
            component.place,
            loki.command.replace("{query}", shlex.quote(component.query)),
            partial(_ask, component, loki, access),
            component.namespace,
            needs=forwards(loki.service),
        )


def _ask(component: Component, loki: Loki, access: LokiAccess, live: Live) -> Answer:
    line = newest(component.query, component.within, loki, access, live)
    if line is not None:
        return passed(f"newest line {ago(line.time, live.now())}")
    late = _late_worker(component, live) if component.release else ""
    if component.release and not late:
        return unknown(f"no streams, and no worker ran in the last {shown(component.within)}")
    line = newest(component.query, earlier(component), loki, access, live)
    if line is not None:
        return failed(f"the newest line is of {ago(line.time, live.now())}: it is silent, or its logs come too late")
    have = labels(component.query, earlier(component), loki, access, live)
    if have.lacks and component.is_usual:
        hint = "`verify.loki.components` says by which labels logs are known here"
        return unknown(f"no streams {component.query}; {have.text}; {hint}", is_lasting=True)
    return failed(f"no streams {component.query}{late}; {have.text}")


def _late_worker(component: Component, live: Live) -> str:
    """That a worker ran within the time that counts; empty when none did."""
    for pod in workers(live, Release(component.release, component.namespace)):
        began = parse_time(pod["metadata"].get("creationTimestamp"))
        if began is not None and live.now() - began < component.within:
            return f", although pod {name_of(pod)} began {ago(began, live.now())}"
    return ""
