"""The probe `helm-release`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lintkit.model.flux import HELM
from lintkit.model.helm import HelmRelease
from lintkit.model.version_range import satisfies
from lintkit.verify.conditions import ready
from lintkit.verify.expectation import Answer, Expectation, Outcome, failed, passed
from lintkit.verify.probes._probe import probe, reads
from lintkit.verify.promises import expectation, is_decided

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.verify.live import Live
    from lintkit.verify.promises import Promises


@probe(group="flux", rights=reads(HELM, "helmreleases"))
def helm_release(promises: Promises) -> Iterator[Expectation]:
    """Every HelmRelease is ready, with the version of the chart that the tree names.

    Ready is the condition `Ready` of the latest generation; a release that was created suspended has no conditions at
    all, and is not known.
    """
    for resource in promises.of_kind(HELM, "HelmRelease"):
        chart = HelmRelease(resource).chart(promises.cluster)
        version = chart.version if chart and is_decided(chart.version) else ""
        claim = f"is installed with chart `{chart.name}` {version}" if chart and version else "is installed"
        yield expectation(resource, claim, partial(_ask, resource.namespace, resource.name, version))


def _ask(namespace: str, name: str, version: str, live: Live) -> Answer:
    found = live.find(HELM, "HelmRelease", namespace, name)
    answer = ready(found)
    if found is None or answer.outcome is not Outcome.PASS:
        return answer
    status = found.get("status") or {}
    history = status.get("history") or [{}]
    deployed = str(history[0].get("chartVersion") or "")
    if version and deployed and not _fits(deployed, version):
        return failed(f"chart {deployed} is installed, the tree names {version}")
    return passed(f"chart {deployed}, revision {history[0].get('version')}" if deployed else answer.evidence)


def _fits(deployed: str, wanted: str) -> bool:
    plain = deployed.partition("+")[0].removeprefix("v")
    if plain == wanted.partition("+")[0].removeprefix("v"):
        return True
    try:
        return satisfies(plain, wanted)
    except ValueError:
        return True  # a range of a form that is not read here: helm-controller has read it
