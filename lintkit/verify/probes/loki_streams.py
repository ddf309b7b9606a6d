"""The probe `loki-streams`."""

from __future__ import annotations

import re
import shlex
from functools import partial
from typing import TYPE_CHECKING

from lintkit.verify.airflow import NO_DATABASE, Release, workers
from lintkit.verify.cluster import Unanswered
from lintkit.verify.expectation import Answer, Expectation, Need, failed, passed, unknown
from lintkit.verify.loki import Component, Loki, components, earlier, forwards, labels, newest, where
from lintkit.verify.pods import name_of
from lintkit.verify.probes._probe import PODS, probe
from lintkit.verify.times import ago, parse_time, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from lintkit.options import LokiAccess
    from lintkit.verify.live import Found, Live
    from lintkit.verify.promises import Promises


_CONTAINER = re.compile(r'\bcontainer="([^"]+)"')
_PODS = 3


@probe(group="loki", rights=PODS)
def loki_streams(promises: Promises) -> Iterator[Expectation]:
    """Loki has logs of every component, and the newest line of each is not old.

    The components are those of `verify.loki.components`; without any, Airflow's webserver (API server from Airflow 3
    on), scheduler and workers, and the Deployments beside it with `webhook` in their names, by the labels `namespace`
    and `container`. Loki is asked over HTTP with LogQL: at `verify.loki.url`, through Grafana's data source proxy at
    `verify.loki.grafana`, or through a forwarded port of `verify.loki.service` or of the Service that the tree sends
    its logs to. Where nothing is found, the labels that do exist are named; where lines are old, the log of the pod
    itself tells whether it is silent or how late its lines come. Workers are only expected to have logged
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
            needs=(*forwards(loki.service), *_logs(component)),
        )


def _logs(component: Component) -> tuple[Need, ...]:
    is_asked = component.namespace and _CONTAINER.search(component.query)
    return (Need("pods/log", component.namespace),) if is_asked else ()


def _ask(component: Component, loki: Loki, access: LokiAccess, live: Live) -> Answer:
    line = newest(component.query, component.within, loki, access, live)
    if line is not None:
        return passed(f"newest line {ago(line.time, live.now())}")
    late = _late_worker(component, live) if component.release else ""
    if component.release and not late:
        return unknown(f"no streams, and no worker ran in the last {shown(component.within)}")
    line = newest(component.query, earlier(component), loki, access, live)
    wrote = _wrote(component, live)
    if line is not None:
        when = f"the newest line is of {ago(line.time, live.now())}"
        if wrote is None:
            return failed(f"{when}: it is silent, or its logs come too late")
        pod, then = wrote
        if live.now() - then > component.within:
            return failed(f"{when}, and pod {pod} itself has written nothing since {ago(then, live.now())}")
        return failed(
            f"{when}, and pod {pod} wrote {ago(then, live.now())}: its logs come {shown(then - line.time)} late"
        )
    have = labels(component.query, earlier(component), loki, access, live)
    if have.lacks and component.is_usual:
        hint = "`verify.loki.components` says by which labels logs are known here"
        return unknown(f"no streams {component.query}; {have.text}; {hint}", is_lasting=True)
    late = late or (f", although pod {wrote[0]} wrote {ago(wrote[1], live.now())}" if wrote else "")
    return failed(f"no streams {component.query}{late}; {have.text}")


def _wrote(component: Component, live: Live) -> tuple[str, datetime] | None:
    """The pod of a component that wrote last, and when; None when that cannot be told."""
    container = _CONTAINER.search(component.query)
    found: list[tuple[datetime, str]] = []
    try:
        pods = live.all("", "Pod", component.namespace) if container and component.namespace else []
        for pod in [one for one in pods if container and _runs(one, container[1])][:_PODS]:
            log = live.log(component.namespace, name_of(pod), container[1] if container else "", NO_DATABASE)
            then = parse_time(log.newest)
            found += [(then, name_of(pod))] if then else []
    except Unanswered:
        return None
    if not found:
        return None
    then, name = max(found)
    return name, then


def _runs(pod: Found, container: str) -> bool:
    names = [one.get("name") for one in (pod.get("spec") or {}).get("containers") or ()]
    return container in names and (pod.get("status") or {}).get("phase") == "Running"


def _late_worker(component: Component, live: Live) -> str:
    """That a worker ran within the time that counts; empty when none did."""
    for pod in workers(live, Release(component.release, component.namespace)):
        began = parse_time(pod["metadata"].get("creationTimestamp"))
        if began is not None and live.now() - began < component.within:
            return f", although pod {name_of(pod)} began {ago(began, live.now())}"
    return ""
