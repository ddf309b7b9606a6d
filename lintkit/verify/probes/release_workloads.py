"""The probe `release-workloads`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lintkit.model.flux import HELM
from lintkit.model.helm import HelmRelease
from lintkit.verify.conditions import is_suspended
from lintkit.verify.expectation import Answer, Expectation, Outcome, failed, passed, unknown
from lintkit.verify.probes._probe import probe, reads
from lintkit.verify.probes.workload import KINDS, RIGHTS, judged
from lintkit.verify.promises import expectation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.contracts import Contracts
    from lintkit.verify.live import Found, Live
    from lintkit.verify.promises import Promises

_NAME, _NAMESPACE = "meta.helm.sh/release-name", "meta.helm.sh/release-namespace"


@probe(group="workloads", rights=(*RIGHTS, *reads(HELM, "helmreleases")))
def release_workloads(promises: Promises) -> Iterator[Expectation]:
    """What the chart of a HelmRelease has made runs: every Deployment, StatefulSet and DaemonSet of the release.

    They are known by the annotations that Helm puts on them. Pods are judged as by `workload`.
    """
    for resource in promises.of_kind(HELM, "HelmRelease"):
        release = HelmRelease(resource)
        namespace = release.release_namespace
        question = partial(
            _ask, (resource.namespace, resource.name), (namespace, release.release_name), promises.contracts
        )
        yield expectation(
            resource,
            "has all its workloads up",
            partial(question, restarts=promises.options.verify.restarts),
            command=f"kubectl -n {namespace} get deploy,sts,ds,po -l app.kubernetes.io/instance={release.release_name}",
        )


def _ask(
    owner: tuple[str, str], release: tuple[str, str], contracts: Contracts, live: Live, *, restarts: int
) -> Answer:
    found = live.find(HELM, "HelmRelease", *owner)
    if found is None:
        return failed("the HelmRelease is not in the cluster")
    if is_suspended(found):
        return unknown("suspended", is_lasting=True)
    made = [
        one
        for kind in KINDS
        for one in live.all("apps", kind, release[0])
        if _annotation(one, _NAME) == release[1] and _annotation(one, _NAMESPACE) in {"", release[0]}
    ]
    answers = [(f"{one['kind']} `{one['metadata']['name']}`", judged(one, live, contracts, restarts)) for one in made]
    for outcome in (Outcome.FAIL, Outcome.UNKNOWN):
        for name, answer in answers:
            if answer.outcome is outcome:
                return Answer(outcome, f"{name}: {answer.evidence}", answer.related)
    if made:
        return passed(f"{len(made)} {'workload' if len(made) == 1 else 'workloads'} up")
    if not (found.get("status") or {}).get("history"):
        return unknown("the release was not installed yet")
    return passed("the chart makes no Deployment, StatefulSet or DaemonSet")


def _annotation(found: Found, name: str) -> str:
    return str((found["metadata"].get("annotations") or {}).get(name) or "")
