"""The probe `airflow-database`."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from lintkit.verify.airflow import (
    Release,
    first_container,
    is_airflow_3,
    is_running,
    release_of,
    said,
    scheduler,
    static_findings,
    worker_place,
    workers,
)
from lintkit.verify.expectation import Answer, Expectation, Need, failed, passed, unknown
from lintkit.verify.pods import name_of
from lintkit.verify.probes._probe import PODS, probe
from lintkit.verify.promises import expectation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.finding import Related
    from lintkit.verify.live import Live
    from lintkit.verify.promises import Promises

_SCHEME = re.compile(r"^scheme=([A-Za-z][\w+.-]*)\s*$", re.MULTILINE)
_SCRIPT = (
    "value=$(airflow config get-value database sql_alchemy_conn 2>/dev/null | tail -n 1); "
    'printf "scheme=%s\\n" "${value%%:*}"'
)
_SHOWN = "sh -c 'airflow config get-value database sql_alchemy_conn | cut -d: -f1'"


@probe(group="airflow", rights=PODS, executes=True)
def airflow_database(promises: Promises) -> Iterator[Expectation]:
    """The scheduler, and a worker that runs, are not configured for SQLite.

    Only the part of `sql_alchemy_conn` before its first colon leaves the container: the rest, with the password, is cut
    off there. `airflow db check` is not asked, it passes on SQLite. From Airflow 3 on only the scheduler has a
    database.
    """
    for airflow in promises.airflows:
        release = release_of(airflow)
        secret = airflow.values.get("data", "metadataSecretName")
        yield expectation(
            airflow.release.resource,
            "has a scheduler with a database that is not SQLite",
            partial(_ask_scheduler, release),
            needs=(Need("pods/exec", release.namespace),),
            place=secret or airflow.place,
            command=f"kubectl -n {release.namespace} exec deploy/{airflow.fullname}-scheduler -c scheduler -- {_SHOWN}",
        )
        if airflow.has_worker_pods and not is_airflow_3(airflow):
            yield expectation(
                airflow.release.resource,
                "has workers with a database that is not SQLite",
                partial(_ask_worker, release, static_findings(airflow, promises)),
                needs=(Need("pods/exec", release.namespace),),
                place=worker_place(airflow),
                command=f"kubectl -n {release.namespace} exec POD -c base -- {_SHOWN}",
            )


def _ask_scheduler(release: Release, live: Live) -> Answer:
    pod, container = scheduler(live, release)
    return _judged(release, name_of(pod), container, (), live)


def _ask_worker(release: Release, static: tuple[Related, ...], live: Live) -> Answer:
    for pod in workers(live, release):
        if is_running(pod):
            return _judged(release, name_of(pod), str(first_container(pod).get("name")), static, live)
    return unknown("no worker runs now")


def _judged(release: Release, pod: str, container: str, static: tuple[Related, ...], live: Live) -> Answer:
    output = live.execute(release.namespace, pod, container, "sh", "-c", _SCRIPT)
    found = _SCHEME.search(output.stdout)
    if found is None:
        return unknown(f"`airflow config get-value` in pod {pod} says: {said(output)}")
    if found[1].startswith("sqlite"):
        return failed(f"pod {pod} is configured for SQLite", *static)
    return passed(f"pod {pod} is configured for `{found[1]}`")
