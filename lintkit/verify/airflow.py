"""Airflow in a cluster: its pods, and what the tree says of its workers and DAGs."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from lintkit.finding import Related
from lintkit.model.airflow import CONNECTION, EXECUTION_URL, environment, pod_template
from lintkit.model.cluster import normal_url
from lintkit.model.flux import normal_path
from lintkit.rules.airflow.worker_without_database import worker_without_database
from lintkit.syntax.node import Place, Scalar
from lintkit.verify.cluster import Unanswered
from lintkit.verify.pods import is_over, labels_of
from lintkit.verify.promises import is_decided
from lintkit.verify.trim import line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.airflow import Airflow
    from lintkit.syntax.node import Node
    from lintkit.verify.cluster import Output
    from lintkit.verify.live import Found, Live
    from lintkit.verify.promises import Promises

NO_DATABASE = (
    r"no such table: \w+|You need to initialize the database|cannot use sqlite with the \w+|airflow-db-not-allowed"
)
_JSON = re.compile(r"^\s*\[", re.MULTILINE)


class Release(NamedTuple):
    """An Airflow release, by what its pods are labelled with."""

    name: str
    namespace: str


class Folder(NamedTuple):
    """The folder of this repository that git-sync brings."""

    path: str
    node: Node


def release_of(airflow: Airflow) -> Release:
    """The Helm release of an Airflow."""
    return Release(airflow.release.release_name, airflow.release.release_namespace)


def is_airflow_3(airflow: Airflow) -> bool:
    """Whether tasks talk to the API server and not to the database."""
    version = airflow.airflow_version
    return version is not None and version >= (3, 0)


def dag_folder(airflow: Airflow, promises: Promises) -> Folder | None:
    """The folder of DAGs, when git-sync reads it from this very repository and branch."""
    values = airflow.values
    if not values.flag("dags", "gitSync", "enabled", default=False):
        return None
    repo, node = values.text("dags", "gitSync", "repo"), values.get("dags", "gitSync", "subPath")
    if not repo or not isinstance(node, Scalar) or not is_decided(repo, node.text):
        return None
    if normal_url(repo) not in {normal_url(url) for url in promises.own_urls}:
        return None
    return Folder(normal_path(node.text), node)


def worker_place(airflow: Airflow) -> Place:
    """What a person would edit for the workers' environment."""
    template = pod_template(airflow.values.get("podTemplate"))
    if template is None or not template.containers:
        return (airflow.values.get("data", "metadataSecretName") or airflow.place).place
    first = template.containers[0]
    variables = environment(first)
    wanted = (EXECUTION_URL,) if is_airflow_3(airflow) else sorted(CONNECTION)
    entry = next((variables[name] for name in wanted if name in variables), None)
    return (entry or first.get("name") or first).place


def static_findings(airflow: Airflow, promises: Promises) -> tuple[Related, ...]:
    """What the rule `worker-without-database` says of this release, for explaining what its pods say."""
    path = airflow.release.resource.path
    return tuple(
        Related(finding.place, f"`worker-without-database`: {finding.message}")
        for finding in worker_without_database.check(promises.tree)
        if finding.path == path
    )


def pods(live: Live, release: Release, *components: str) -> list[Found]:
    """The running pods of some components of a release."""
    return [
        pod
        for pod in live.all("", "Pod", release.namespace)
        if labels_of(pod).get("component") in components
        and labels_of(pod).get("release") in {None, release.name}
        and labels_of(pod).get("kubernetes_executor") != "True"
        and (pod.get("status") or {}).get("phase") == "Running"
    ]


def workers(live: Live, release: Release) -> list[Found]:
    """The pods of tasks, newest first; those that have ended included."""
    found = [
        pod
        for pod in live.all("", "Pod", release.namespace)
        if labels_of(pod).get("kubernetes_executor") == "True"
        or (
            labels_of(pod).get("component") == "worker"
            and labels_of(pod).get("release") in {None, release.name}
            and not (pod["metadata"].get("ownerReferences") or ())
        )
    ]
    return sorted(found, key=lambda pod: str(pod["metadata"].get("creationTimestamp") or ""), reverse=True)


def first_container(pod: Found) -> dict[str, Any]:
    """The container that runs the task: Airflow takes the first, whatever its name."""
    containers = (pod.get("spec") or {}).get("containers") or [{}]
    found: dict[str, Any] = containers[0]
    return found


def is_running(pod: Found) -> bool:
    """Whether a command can be run in a pod."""
    return not is_over(pod) and (pod.get("status") or {}).get("phase") == "Running"


def scheduler(live: Live, release: Release) -> tuple[Found, str]:
    """A running scheduler, and the container to ask.

    Raises:
        Unanswered: There is none.
    """
    for pod in pods(live, release, "scheduler"):
        names = [one.get("name") for one in (pod.get("spec") or {}).get("containers") or ()]
        return pod, "scheduler" if "scheduler" in names else str(names[0])
    message = f"no scheduler of release `{release.name}` runs in namespace `{release.namespace}`"
    raise Unanswered(message)


def no_database(text: str) -> str:
    """The line that says that a process is without its database; empty when none does."""
    found = re.search(NO_DATABASE, text)
    if found is None:
        return ""
    begin = text.rfind("\n", 0, found.start()) + 1
    end = text.find("\n", found.end())
    return line(text[begin : end if end >= 0 else len(text)], 160)


def rows(output: Output) -> list[dict[str, Any]] | None:
    """The JSON table that an `airflow` command printed, whatever warnings stand around it; None when there is none."""
    for found in _JSON.finditer(output.stdout):
        try:
            table, _ = json.JSONDecoder().raw_decode(output.stdout, output.stdout.index("[", found.start()))
        except ValueError:
            continue
        if isinstance(table, list) and all(isinstance(row, dict) for row in table):
            return table
    return [] if "No data found" in output.stdout else None


def said(output: Output) -> str:
    """The last thing that a command said, for people."""
    lines = [one for one in (output.stderr + "\n" + output.stdout).splitlines() if one.strip()]
    code = "" if output.code is None else f" (exit code {output.code})"
    return f"{line(lines[-1], 160)}{code}" if lines else f"nothing{code}"


def releases_with_folder(promises: Promises) -> Iterator[tuple[Airflow, Folder]]:
    """The releases whose DAGs come from this repository."""
    for airflow in promises.airflows:
        folder = dag_folder(airflow, promises)
        if folder is not None:
            yield airflow, folder
