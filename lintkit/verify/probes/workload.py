"""The probe `workload`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lintkit.model.images import images
from lintkit.verify.conditions import conditions, said
from lintkit.verify.expectation import Answer, Expectation, failed, passed, unknown
from lintkit.verify.pods import containers_of, is_over, is_ready, name_of, pods_of, troubles
from lintkit.verify.probes._probe import PODS, probe, reads
from lintkit.verify.promises import expectation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.contracts import Contracts
    from lintkit.model.resource import Resource
    from lintkit.verify.live import Found, Live
    from lintkit.verify.promises import Promises

KINDS = ("Deployment", "StatefulSet", "DaemonSet")
RIGHTS = (*PODS, *reads("apps", "deployments", "statefulsets", "daemonsets", "replicasets"))


@probe(group="workloads", rights=RIGHTS)
def workload(promises: Promises) -> Iterator[Expectation]:
    """Every Deployment, StatefulSet and DaemonSet of the tree runs: its pods are ready, with the images of the tree.

    A pod is ready when its condition `Ready` says so; the phase `Running` is not enough. A container that waits is
    explained (`ImagePullBackOff`, `couldn't find key connection in Secret`), with the lines of the tree that name what
    is missing. `verify.restarts` of the configuration says how many restarts within the last hour are too many.
    """
    for resource in promises.of_kind("apps", *KINDS):
        wanted = _images(resource)
        question = partial(_ask, resource.kind, resource.namespace, resource.name, wanted, promises.contracts)
        yield expectation(
            resource,
            "is up, with the images of the tree",
            partial(question, restarts=promises.options.verify.restarts),
            command=f"kubectl -n {resource.namespace} describe {resource.kind.lower()} {resource.name}",
        )


def _images(resource: Resource) -> dict[str, str]:
    """Container -> image as the tree writes it."""
    wanted = {}
    pod = resource.root.mapping_at("spec", "template", "spec")
    known = {id(one.node) for one in images(resource)}
    for field in ("containers", "initContainers"):
        for container in pod.mappings_at(field) if pod else ():
            node, name = container.get("image"), container.text("name")
            if node is not None and name and id(node) in known:
                wanted[name] = container.text("image") or ""
    return wanted


def _ask(  # noqa: PLR0913 - bound once
    kind: str, namespace: str, name: str, wanted: dict[str, str], contracts: Contracts, live: Live, *, restarts: int
) -> Answer:
    found = live.find("apps", kind, namespace, name)
    if found is None:
        return failed("it is not in the cluster")
    other = _other_images(found, wanted)
    if other:
        return failed(other)
    return judged(found, live, contracts, restarts)


def _other_images(found: Found, wanted: dict[str, str]) -> str:
    spec = ((found.get("spec") or {}).get("template") or {}).get("spec") or {}
    for container in containers_of(spec):
        image = wanted.get(container.get("name", ""))
        if image is not None and image != container.get("image"):
            return f"container `{container['name']}` has image `{container.get('image')}`, the tree names `{image}`"
    return ""


def judged(found: Found, live: Live, contracts: Contracts, restarts: int) -> Answer:
    """Whether a live workload and its pods are well."""
    spec, status = found.get("spec") or {}, found.get("status") or {}
    generation = found["metadata"].get("generation")
    pods = [pod for pod in pods_of(found, live) if not is_over(pod)]
    for pod in pods:
        for trouble in troubles(pod, contracts, live.now(), restarts):
            return failed(trouble.text, *trouble.related)
    if generation is not None and (status.get("observedGeneration") or 0) < generation:
        return unknown(f"its controller has not looked at generation {generation} yet")
    wanted = status.get("desiredNumberScheduled") if "desiredNumberScheduled" in status else spec.get("replicas", 1)
    failure = conditions(found).get("ReplicaFailure") or {}
    if failure.get("status") == "True":
        return failed(said(failure))
    up = [pod for pod in pods if is_ready(pod)]
    if len(up) < (wanted or 0):
        waiting = next((pod for pod in pods if not is_ready(pod)), None)
        reason = conditions(waiting).get("Ready") if waiting else None
        more = f"; pod {name_of(waiting)}: {said(reason)}" if waiting and reason else ""
        return failed(f"{len(up)} of {wanted} pods are ready{more}")
    if wanted == 0:
        return passed("scaled to 0")
    return passed(f"{len(up)} of {wanted} pods are ready")
