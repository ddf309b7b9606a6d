"""The probe `external-secret`."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from lintkit.model.external_secrets import GROUP
from lintkit.verify.conditions import ready
from lintkit.verify.expectation import Answer, Expectation, Outcome, failed, passed
from lintkit.verify.probes._probe import probe, reads
from lintkit.verify.promises import expectation
from lintkit.verify.times import ago, parse_duration, parse_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.verify.live import Found, Live
    from lintkit.verify.promises import Promises

_GRACE = timedelta(minutes=5)
_ONCE = frozenset({"CreatedOnce", "OnChange"})


@probe(group="external-secrets", rights=reads(GROUP, "externalsecrets"))
def external_secret(promises: Promises) -> Iterator[Expectation]:
    """Every ExternalSecret is synced, and its last refresh is not stale.

    Stale is a refresh that is older than twice the interval and five minutes. An interval of 0, and a policy other than
    `Periodic`, refresh once.
    """
    for resource in promises.of_kind(GROUP, "ExternalSecret"):
        yield expectation(
            resource,
            "is synced",
            partial(_ask, resource.namespace, resource.name),
            command=f"kubectl -n {resource.namespace} describe externalsecret {resource.name}",
        )


def _ask(namespace: str, name: str, live: Live) -> Answer:
    found = live.find(GROUP, "ExternalSecret", namespace, name)
    answer = ready(found)
    if found is None or answer.outcome is not Outcome.PASS:
        return answer
    refreshed = parse_time((found.get("status") or {}).get("refreshTime"))
    if refreshed is None:
        return answer
    return _fresh(found, refreshed, live.now())


def _fresh(found: Found, refreshed: datetime, now: datetime) -> Answer:
    spec = found.get("spec") or {}
    interval = parse_duration(spec.get("refreshInterval") or "1h")
    age = ago(refreshed, now)
    if not interval or spec.get("refreshPolicy") in _ONCE:
        return passed(f"synced {age}")
    if now - refreshed > 2 * interval + _GRACE:
        return failed(f"stale: last refreshed {age}, with an interval of {spec.get('refreshInterval') or '1h'}")
    return passed(f"synced {age}")
