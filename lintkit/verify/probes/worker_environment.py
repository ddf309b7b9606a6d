"""The probe `worker-environment`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lintkit.model.airflow import CONNECTION, EXECUTION_URL, pod_template
from lintkit.verify.airflow import (
    Release,
    first_container,
    is_airflow_3,
    release_of,
    static_findings,
    worker_place,
    workers,
)
from lintkit.verify.cluster import Unanswered
from lintkit.verify.expectation import Answer, Expectation, Need, failed, passed, unknown
from lintkit.verify.pods import is_over, name_of, troubles
from lintkit.verify.probes._probe import PODS, probe
from lintkit.verify.promises import expectation, is_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.finding import Related
    from lintkit.model.airflow import Airflow
    from lintkit.model.contracts import Contracts
    from lintkit.verify.live import Found, Live
    from lintkit.verify.promises import Promises


@probe(group="airflow", rights=PODS)
def worker_environment(promises: Promises) -> Iterator[Expectation]:
    """Every worker pod that is there has the variable with its database, in the container that runs the task.

    A worker that cannot start is explained as by `workload`. The container is the first one. `envFrom` counts where the
    Secret or ConfigMap has the key. From Airflow 3 on it is the URL of the API server, or an airflow.cfg that is
    mounted. Pods that have ended count, as long as they are there.
    """
    for airflow in promises.airflows:
        if not airflow.has_worker_pods:
            continue
        release = release_of(airflow)
        three = is_airflow_3(airflow)
        what = "the URL of the API server" if three else "their database"
        yield expectation(
            airflow.release.resource,
            f"starts workers with {what} in their environment",
            partial(_ask, release, static_findings(airflow, promises), promises.contracts, three=three),
            place=worker_place(airflow),
            needs=tuple(_needs(airflow, release)),
            command=f"kubectl -n {release.namespace} get pods -l kubernetes_executor=True "
            "-o jsonpath='{.items[*].spec.containers[0].env[*].name}'",
        )


def _needs(airflow: Airflow, release: Release) -> Iterator[Need]:
    """The Secrets and ConfigMaps of `envFrom` in the tree's own template."""
    template = pod_template(airflow.values.get("podTemplate"))
    for entry in template.containers[0].mappings_at("envFrom") if template and template.containers else ():
        for field, resource in (("secretRef", "secrets"), ("configMapRef", "configmaps")):
            name = entry.text_at(field, "name")
            if name and is_name(name):
                yield Need(resource, release.namespace, (name,))


def _ask(release: Release, static: tuple[Related, ...], contracts: Contracts, live: Live, *, three: bool) -> Answer:
    found = workers(live, release)
    if not found:
        return unknown("no worker pod is there now")
    wanted = frozenset({EXECUTION_URL}) if three else CONNECTION
    doubts: list[str] = []
    for pod in found:
        for trouble in () if is_over(pod) else troubles(pod, contracts, live.now()):
            return failed(trouble.text, *trouble.related)
        container = first_container(pod)
        if _has(container, wanted) or (three and _mounts_config(container)):
            continue
        answer = _from(container, wanted, release.namespace, live)
        if answer is False:
            names = "AIRFLOW__CORE__EXECUTION_API_SERVER_URL" if three else "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
            return failed(f"container `{container.get('name')}` of pod {name_of(pod)} has no `{names}`", *static)
        if isinstance(answer, str):
            doubts.append(f"pod {name_of(pod)}: {answer}")
    if doubts:
        return unknown(doubts[0])
    return passed(f"{len(found)} {'pod has' if len(found) == 1 else 'pods have'} it, the newest is {name_of(found[0])}")


def _has(container: Found, wanted: frozenset[str]) -> bool:
    return any(one.get("name") in wanted for one in container.get("env") or ())


def _mounts_config(container: Found) -> bool:
    return any("airflow.cfg" in str(one.get("mountPath")) for one in container.get("volumeMounts") or ())


def _from(container: Found, wanted: frozenset[str], namespace: str, live: Live) -> bool | str:
    """Whether a Secret or ConfigMap of `envFrom` has it; a text says why that cannot be told."""
    doubt = ""
    for entry in container.get("envFrom") or ():
        for field, kind in (("secretRef", "Secret"), ("configMapRef", "ConfigMap")):
            name = (entry.get(field) or {}).get("name")
            if not name:
                continue
            try:
                found = live.find("", kind, namespace, name)
            except Unanswered as refusal:
                doubt = f"{kind} `{name}` of `envFrom`: {refusal}"
                continue
            prefix = entry.get("prefix") or ""
            if found and any(prefix + key in wanted for key in found.get("data") or ()):
                return True
    return doubt or False
