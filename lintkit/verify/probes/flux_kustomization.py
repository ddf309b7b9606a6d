"""The probe `flux-kustomization`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lintkit.model.flux import KUSTOMIZE, SOURCE, FluxKustomization
from lintkit.verify.cluster import Unanswered
from lintkit.verify.conditions import ready
from lintkit.verify.expectation import Answer, Expectation, Outcome, failed, passed, unknown
from lintkit.verify.probes._probe import probe, reads
from lintkit.verify.promises import expectation, get_command

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.verify.live import Live
    from lintkit.verify.promises import Promises


@probe(
    group="flux",
    rights=(
        *reads(KUSTOMIZE, "kustomizations"),
        *reads(SOURCE, "gitrepositories", "ocirepositories", "buckets", "externalartifacts"),
    ),
)
def flux_kustomization(promises: Promises) -> Iterator[Expectation]:
    """Every Flux Kustomization is ready at the revision of its source.

    Ready is the condition `Ready` of the latest generation; without conditions, or suspended, it is not known. The
    revision is compared with the one that the source holds in the cluster.
    """
    for resource in promises.kustomizations():
        source = FluxKustomization(resource).source
        named = (source.kind, source.namespace, source.name) if source else None
        question = partial(_ask, resource.namespace, resource.name, named)
        yield expectation(resource, "is applied at the revision of its source", question)
    declared = {(one.namespace, one.name) for one in promises.kustomizations()}
    for (namespace, name), applied in promises.owned.items():
        if (namespace, name) not in declared and applied.kustomization is None:
            yield Expectation(
                f"Kustomization/{namespace}/{name}",
                "is applied at the revision of its source",
                promises.cluster.entries[0].place.place,
                get_command(KUSTOMIZE, "Kustomization", namespace, name),
                partial(_ask, namespace, name, None),
                namespace,
            )


def _ask(namespace: str, name: str, source: tuple[str, str, str] | None, live: Live) -> Answer:
    found = live.find(KUSTOMIZE, "Kustomization", namespace, name)
    answer = ready(found)
    if found is None or answer.outcome is not Outcome.PASS:
        return answer
    status = found.get("status") or {}
    applied, attempted = status.get("lastAppliedRevision"), status.get("lastAttemptedRevision")
    if not applied:
        return unknown("it is ready and names no applied revision")
    if source is None:
        reference = (found.get("spec") or {}).get("sourceRef") or {}
        source = (reference.get("kind", ""), reference.get("namespace") or namespace, reference.get("name", ""))
    try:
        origin = live.find(SOURCE, *source)
    except Unanswered as refusal:
        return unknown(f"applied {applied}; the revision of its source is not known: {refusal}")
    wanted = (((origin or {}).get("status") or {}).get("artifact") or {}).get("revision")
    if not wanted:
        return unknown(f"applied {applied}; its source {source[0]} `{source[1]}/{source[2]}` holds no revision")
    if applied != wanted:
        tried = "" if attempted in {None, applied} else f", and tried {attempted}"
        return failed(f"applied {applied}{tried}; its source holds {wanted}")
    return passed(f"applied {applied}")
