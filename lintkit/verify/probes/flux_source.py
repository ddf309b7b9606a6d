"""The probe `flux-source`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lintkit.model.flux import SOURCE
from lintkit.verify.conditions import conditions, is_suspended, ready
from lintkit.verify.expectation import Answer, Expectation, failed, passed, unknown
from lintkit.verify.probes._probe import probe, reads
from lintkit.verify.promises import expectation, get_command

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.verify.live import Found, Live
    from lintkit.verify.promises import Promises

_KINDS = {
    "GitRepository": "gitrepositories", "OCIRepository": "ocirepositories", "HelmRepository": "helmrepositories",
    "HelmChart": "helmcharts", "Bucket": "buckets",
}  # fmt: skip


@probe(group="flux", rights=reads(SOURCE, *_KINDS.values()))
def flux_source(promises: Promises) -> Iterator[Expectation]:
    """Every source of the tree is there, ready, and not suspended.

    The source that Flux was started with is asked for as well, where no file declares it. A HelmRepository of type
    `oci` has no status of its own: that it exists is all there is to see.
    """
    for resource in promises.of_kind(SOURCE, *_KINDS):
        question = partial(_ask, resource.kind, resource.namespace, resource.name)
        yield expectation(resource, "has fetched what it names", question)
    for kind, namespace, name, place in promises.implied_sources:
        yield Expectation(
            f"{kind}/{namespace}/{name}",
            "has fetched what it names",
            place,
            get_command(SOURCE, kind, namespace, name),
            partial(_ask, kind, namespace, name),
            namespace,
        )


def _ask(kind: str, namespace: str, name: str, live: Live) -> Answer:
    found = live.find(SOURCE, kind, namespace, name)
    if found is not None and _is_static(kind, found):
        if is_suspended(found):
            return unknown("suspended", is_lasting=True)
        return passed("an OCI HelmRepository has no status of its own")
    answer = ready(found)
    if found is None or answer.outcome.value != "pass":
        return answer
    fetched = conditions(found).get("FetchFailed")
    if fetched is not None and fetched.get("status") == "True":
        return failed(f"cannot fetch: {fetched.get('message')}")
    revision = ((found.get("status") or {}).get("artifact") or {}).get("revision")
    return passed(f"revision {revision}") if revision else answer


def _is_static(kind: str, found: Found) -> bool:
    return kind == "HelmRepository" and (found.get("spec") or {}).get("type") == "oci"
