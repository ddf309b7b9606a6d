"""The probe `dag-list`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lintkit.finding import Related
from lintkit.syntax.node import Place
from lintkit.text.edit import Span
from lintkit.verify.airflow import (
    Release,
    no_database,
    release_of,
    releases_with_folder,
    rows,
    said,
    scheduler,
    static_findings,
)
from lintkit.verify.dags import dags_of
from lintkit.verify.expectation import Answer, Expectation, Need, failed, passed, unknown
from lintkit.verify.pods import name_of
from lintkit.verify.probes._probe import PODS, probe
from lintkit.verify.promises import expectation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.text.source import Source
    from lintkit.verify.live import Live
    from lintkit.verify.promises import Promises

_SHOWN = 6


@probe(group="airflow", rights=PODS, executes=True)
def dag_list(promises: Promises) -> Iterator[Expectation]:
    """Airflow lists every DAG that the DAG files of this repository define.

    `airflow dags list` is run in the scheduler without a terminal, so that it can ask nothing and create no database.
    Only ids that stand in the files as plain text are asked for: `@dag` functions that are called, and `DAG("id")`.
    """
    for airflow, folder in releases_with_folder(promises):
        wanted: dict[str, Related] = {}
        for dag in dags_of(promises.tree.repository, folder.path):
            source = promises.tree.repository.source(dag.path)
            if source is not None:
                wanted[dag.id] = Related(_line(source, dag.line), f"defines `{dag.id}`")
        if not wanted:
            continue
        release = release_of(airflow)
        yield expectation(
            airflow.release.resource,
            f"lists the DAGs {', '.join(f'`{name}`' for name in sorted(wanted)[:_SHOWN])}"
            + (f" and {len(wanted) - _SHOWN} more" if len(wanted) > _SHOWN else ""),
            partial(_ask, release, wanted, static_findings(airflow, promises)),
            needs=(Need("pods/exec", release.namespace),),
            place=folder.node,
            command=f"kubectl -n {release.namespace} exec deploy/{airflow.fullname}-scheduler -c scheduler -- "
            "airflow dags list",
        )


def _line(source: Source, number: int) -> Place:
    start, end = source.line_span(number)
    return Place(source, Span(start, end))


def _ask(release: Release, wanted: dict[str, Related], static: tuple[Related, ...], live: Live) -> Answer:
    pod, container = scheduler(live, release)
    output = live.execute(release.namespace, name_of(pod), container, "airflow", "dags", "list", "-o", "json")
    broken = no_database(output.stdout + output.stderr)
    if broken:
        return failed(f"the scheduler has no database: {broken}", *static)
    found = rows(output)
    if found is None:
        return unknown(f"`airflow dags list` in pod {name_of(pod)} gives no table: {said(output)}")
    listed = {str(row.get("dag_id")) for row in found}
    missing = sorted(set(wanted) - listed)
    if missing:
        names = ", ".join(f"`{name}`" for name in missing[:_SHOWN])
        return failed(
            f"not listed: {names}; Airflow lists {len(listed)} {'DAG' if len(listed) == 1 else 'DAGs'}",
            *(wanted[name] for name in missing[:_SHOWN]),
        )
    return passed(f"{len(listed)} {'DAG' if len(listed) == 1 else 'DAGs'} in pod {name_of(pod)}")
