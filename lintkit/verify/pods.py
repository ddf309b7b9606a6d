"""What live pods say of themselves: whose they are, whether they are ready, and what keeps them from it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from lintkit.finding import Related
from lintkit.verify.conditions import conditions, said
from lintkit.verify.times import ago, parse_time
from lintkit.verify.trim import line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from lintkit.model.contracts import Contracts
    from lintkit.verify.live import Found, Live

MANY = 5
_LATELY = timedelta(hours=1)
_WELL = frozenset({"ContainerCreating", "PodInitializing"})
_NO_KEY = re.compile(
    r"couldn't find key (?P<key>\S+) in (?P<kind>Secret|ConfigMap) (?:(?P<namespace>[^\s/]+)/)?(?P<name>\S+)"
)
_NO_OBJECT = re.compile(r"(?P<kind>secret|configmap) \"(?P<name>[^\"]+)\" not found")


class Trouble(NamedTuple):
    """What is wrong with a pod, and where the tree explains it."""

    text: str
    related: tuple[Related, ...] = ()


def name_of(found: Found) -> str:
    """`metadata.name`."""
    return str(found["metadata"]["name"])


def labels_of(found: Found) -> dict[str, str]:
    """`metadata.labels`."""
    return (found.get("metadata") or {}).get("labels") or {}


def containers_of(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """All containers of a pod, those that run beside first."""
    return [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]


def owned_by(found: Found, owners: Iterable[str]) -> bool:
    """Whether one of the owners, by uid, made it."""
    wanted = set(owners)
    return any(one.get("uid") in wanted for one in (found.get("metadata") or {}).get("ownerReferences") or ())


def pods_of(workload: Found, live: Live) -> list[Found]:
    """The pods that a workload has made, through its ReplicaSets."""
    metadata = workload["metadata"]
    owners = [metadata.get("uid")]
    if workload["kind"] == "Deployment":
        sets = live.all("apps", "ReplicaSet", metadata.get("namespace"))
        owners += [one["metadata"].get("uid") for one in sets if owned_by(one, owners)]
    return [
        one for one in live.all("", "Pod", metadata.get("namespace")) if owned_by(one, [one for one in owners if one])
    ]


def is_over(pod: Found) -> bool:
    """Whether a pod has run and ended."""
    return (pod.get("status") or {}).get("phase") in {"Succeeded", "Failed"}


def is_ready(pod: Found) -> bool:
    """The condition `Ready`; the phase `Running` says nothing of it."""
    return (conditions(pod).get("Ready") or {}).get("status") == "True"


def troubles(pod: Found, contracts: Contracts | None, now: datetime, restarts: int = MANY) -> Iterator[Trouble]:
    """What is wrong with a pod.

    Args:
        pod: The pod.
        contracts: What the tree says of Secrets and ConfigMaps, to explain what is missing.
        now: The time.
        restarts: From how many restarts on a container is in trouble, when the last one was lately.
    """
    status = pod.get("status") or {}
    namespace = pod["metadata"].get("namespace") or ""
    statuses = [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]
    for one in statuses:
        waiting = (one.get("state") or {}).get("waiting") or {}
        reason = waiting.get("reason")
        where = f"container `{one.get('name')}` of pod {name_of(pod)}"
        if reason and reason not in _WELL:
            message = line(waiting.get("message") or "", 200)
            text = f"{where} waits: {reason}{f' ({message})' if message else ''}"
            last = ((one.get("lastState") or {}).get("terminated") or {}).get("exitCode")
            text += f", it ended with {last}" if last is not None else ""
            yield Trouble(text, tuple(_explained(message, namespace, contracts)))
        elif (one.get("restartCount") or 0) >= restarts:
            ended = parse_time(((one.get("lastState") or {}).get("terminated") or {}).get("finishedAt"))
            if ended is None or now - ended < _LATELY:
                since = f", last {ago(ended, now)}" if ended else ""
                yield Trouble(f"{where} was restarted {one['restartCount']} times{since}")
    scheduled = conditions(pod).get("PodScheduled") or {}
    if scheduled.get("status") == "False":
        yield Trouble(f"pod {name_of(pod)} is not scheduled: {said(scheduled)}")


def _explained(message: str, namespace: str, contracts: Contracts | None) -> Iterator[Related]:
    """Where the tree names the Secret, ConfigMap or key that a kubelet misses."""
    found = _NO_KEY.search(message) or _NO_OBJECT.search(message)
    if found is None or contracts is None:
        return
    parts = found.groupdict()
    kind = "Secret" if parts["kind"].lower() == "secret" else "ConfigMap"
    seen = 0
    for producer in contracts.producers.get((kind, parts["name"]), ()):
        if producer.namespace in {None, namespace}:
            yield Related(
                producer.node.place,
                f"{producer.resource.kind} `{producer.resource.name}` makes {kind} `{parts['name']}`",
            )
            break
    for reference in contracts.references:
        if (reference.kind, reference.name, reference.namespace) != (kind, parts["name"], namespace):
            continue
        if parts.get("key") in {None, reference.key} and seen < 2:
            seen += 1
            node = reference.key_node or reference.node
            yield Related(node.place, f"{reference.consumer.kind} `{reference.consumer.name}` needs it")
