"""The probe `flux-revision`."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from lintkit.model.cluster import normal_url
from lintkit.model.flux import SOURCE
from lintkit.verify.expectation import Answer, Expectation, failed, passed, unknown
from lintkit.verify.probes._probe import probe, reads
from lintkit.verify.promises import get_command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lintkit.syntax.node import Place
    from lintkit.verify.live import Live
    from lintkit.verify.promises import Promises

_REVISION = re.compile(r"(?:^|[:@/])(?:sha1:|sha256:)?([0-9a-f]{40}(?:[0-9a-f]{24})?)$")
_SHORT = 8


@probe(group="flux", rights=reads(SOURCE, "gitrepositories"))
def flux_revision(promises: Promises) -> Iterator[Expectation]:
    """The cluster runs the commit that is checked out.

    Asked of the GitRepositories that hold this very repository. When it runs another commit, git says how many commits
    it is behind or ahead.
    """
    if not promises.commit:
        return
    for kind, namespace, name, place in _sources(promises):
        if kind == "GitRepository":
            yield Expectation(
                f"GitRepository/{namespace}/{name}",
                f"holds the commit that is checked out, {promises.commit[:_SHORT]}",
                place,
                get_command(SOURCE, kind, namespace, name),
                partial(_ask, namespace, name, promises.commit, promises.ahead, is_dirty=promises.is_dirty),
                namespace,
            )


def _sources(promises: Promises) -> Iterator[tuple[str, str, str, Place]]:
    yield from promises.implied_sources
    own = {normal_url(url) for url in promises.own_urls}
    implied = {(kind, namespace, name) for _, kind, namespace, name in promises.cluster.implied}
    for resource in promises.of_kind(SOURCE, "GitRepository"):
        is_own = normal_url(resource.text("spec", "url") or "") in own
        if is_own or (resource.kind, resource.namespace, resource.name) in implied:
            place = resource.at("spec", "ref") or resource.at("spec", "url")
            yield resource.kind, resource.namespace, resource.name, place.place if place else resource.name_place


def _ask(
    namespace: str,
    name: str,
    commit: str,
    ahead: Callable[[str, str], int | None],
    live: Live,
    *,
    is_dirty: bool,
) -> Answer:
    found = live.find(SOURCE, "GitRepository", namespace, name)
    if found is None:
        return failed("it is not in the cluster")
    revision = ((found.get("status") or {}).get("artifact") or {}).get("revision") or ""
    match = _REVISION.search(revision)
    if match is None:
        return unknown(f"revision `{revision}` names no commit" if revision else "it holds no revision yet")
    there = match[1]
    dirty = "; the checkout has changes that are not committed" if is_dirty else ""
    if there == commit:
        return passed(f"{revision}{dirty}")
    behind, beyond = ahead(there, commit), ahead(commit, there)
    if behind is None or beyond is None:
        return unknown(f"it holds {there[:_SHORT]}, a commit that this checkout does not know; `git fetch` may help")
    if behind and beyond:
        return failed(f"it holds {there[:_SHORT]}: behind by {behind} and ahead by {beyond} commits{dirty}")
    count, which = (behind, "behind") if behind else (beyond, "ahead")
    return failed(f"it holds {there[:_SHORT]}: {which} by {count} {'commit' if count == 1 else 'commits'}{dirty}")
