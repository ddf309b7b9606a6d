"""The probe `worker-logs`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lintkit.verify.airflow import (
    NO_DATABASE,
    Release,
    first_container,
    release_of,
    static_findings,
    worker_place,
    workers,
)
from lintkit.verify.cluster import NoAccess, Unanswered
from lintkit.verify.expectation import Answer, Expectation, Need, failed, passed, unknown
from lintkit.verify.pods import name_of
from lintkit.verify.probes._probe import PODS, probe
from lintkit.verify.promises import expectation
from lintkit.verify.trim import line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.finding import Related
    from lintkit.verify.live import Live
    from lintkit.verify.promises import Promises

_NEWEST = 5


@probe(group="airflow", rights=PODS)
def worker_logs(promises: Promises) -> Iterator[Expectation]:
    """The logs of the newest workers do not say that the database is missing.

    `no such table: dag_run` and `You need to initialize the database` are what a worker says that fell back to SQLite;
    the finding of the rule `worker-without-database`, and its line, explain it.
    """
    for airflow in promises.airflows:
        if airflow.has_worker_pods:
            release = release_of(airflow)
            yield expectation(
                airflow.release.resource,
                "has workers that find their database",
                partial(_ask, release, static_findings(airflow, promises)),
                needs=(Need("pods/log", release.namespace),),
                place=worker_place(airflow),
                command=f"kubectl -n {release.namespace} logs -l kubernetes_executor=True --all-containers --tail=400",
            )


def _ask(release: Release, static: tuple[Related, ...], live: Live) -> Answer:
    found = workers(live, release)
    read, reason = 0, "the logs are empty" if found else "no worker pod is there now"
    for pod in found[:_NEWEST]:
        try:
            log = live.log(release.namespace, name_of(pod), str(first_container(pod).get("name")), NO_DATABASE)
        except NoAccess:
            raise
        except Unanswered as refusal:
            reason = f"the log of pod {name_of(pod)}: {refusal}"
            continue
        if log.lines:
            return failed(f"pod {name_of(pod)}: {line(log.lines[-1], 160)}", *static)
        read += log.read > 0
    if read:
        return passed(f"nothing of it in the logs of {read} {'pod' if read == 1 else 'pods'}")
    return unknown(reason)
