"""The probe `dag-import`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lintkit.finding import Related
from lintkit.syntax.node import Place
from lintkit.text.edit import Span
from lintkit.verify.airflow import (
    Folder,
    Release,
    no_database,
    release_of,
    releases_with_folder,
    rows,
    said,
    scheduler,
)
from lintkit.verify.dags import dag_files
from lintkit.verify.expectation import Answer, Expectation, Need, failed, passed, unknown
from lintkit.verify.pods import name_of
from lintkit.verify.probes._probe import PODS, probe
from lintkit.verify.promises import expectation
from lintkit.verify.trim import line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.collect.repository import Repository
    from lintkit.verify.live import Live
    from lintkit.verify.promises import Promises

_SHOWN = 3


@probe(group="airflow", rights=PODS, executes=True)
def dag_import(promises: Promises) -> Iterator[Expectation]:
    """Airflow can import every DAG file: `airflow dags list-import-errors` lists none."""
    for airflow, folder in releases_with_folder(promises):
        release = release_of(airflow)
        yield expectation(
            airflow.release.resource,
            "has no import errors",
            partial(_ask, release, folder, promises.tree.repository),
            needs=(Need("pods/exec", release.namespace),),
            place=folder.node,
            command=f"kubectl -n {release.namespace} exec deploy/{airflow.fullname}-scheduler -c scheduler -- "
            "airflow dags list-import-errors",
        )


def _ask(release: Release, folder: Folder, repository: Repository, live: Live) -> Answer:
    pod, container = scheduler(live, release)
    output = live.execute(
        release.namespace, name_of(pod), container, "airflow", "dags", "list-import-errors", "-o", "json"
    )
    broken = no_database(output.stdout + output.stderr)
    if broken:
        return unknown(f"the scheduler has no database: {broken}")
    found = rows(output)
    if found is None:
        return unknown(f"`airflow dags list-import-errors` in pod {name_of(pod)} gives no table: {said(output)}")
    if not found:
        return passed(f"none in pod {name_of(pod)}")
    parts, related = [], []
    for row in found[:_SHOWN]:
        path, error = str(row.get("filepath") or "?"), str(row.get("error") or "")
        last = next((one for one in reversed(error.splitlines()) if one.strip()), "")
        parts.append(f"`{path.rpartition('/')[2]}`: {line(last, 160)}")
        related += _file(path, folder, repository)
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return failed("; ".join(parts) + more, *related)


def _file(path: str, folder: Folder, repository: Repository) -> list[Related]:
    """The file of the repository that a path in the pod is."""
    for name in dag_files(repository, folder.path):
        if path.endswith(f"/{name}") or path == name:
            source = repository.source(f"{folder.path}/{name}" if folder.path else name)
            if source is not None:
                return [Related(Place(source, Span(*source.line_span(1))), "cannot be imported")]
    return []
