"""The probe `flux-inventory`."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from lintkit.finding import Related
from lintkit.model.flux import KUSTOMIZE
from lintkit.verify.conditions import is_suspended
from lintkit.verify.expectation import Answer, Expectation, failed, passed, unknown
from lintkit.verify.probes._probe import probe, reads
from lintkit.verify.promises import UNDECIDED, Promises

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.cluster import Applied
    from lintkit.model.resource import Resource
    from lintkit.syntax.node import Place
    from lintkit.verify.live import Live

_HASH = re.compile(r"-[0-9a-z]{10}$")
_LOCAL = "config.kubernetes.io/local-config"
_RECONCILE = "kustomize.toolkit.fluxcd.io/reconcile"
_SSA = "kustomize.toolkit.fluxcd.io/ssa"
_SHOWN = 5


class _Wanted(NamedTuple):
    """An object that must be in the inventory."""

    kind: str
    group: str
    namespace: str
    name: str
    is_hashed: bool
    place: Place

    @property
    def shown(self) -> str:
        where = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind} `{where}{self.name}`"


class _Entry(NamedTuple):
    """An entry of an inventory."""

    namespace: str
    name: str
    group: str
    kind: str

    @property
    def shown(self) -> str:
        where = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind} `{where}{self.name}`"


@probe(group="flux", rights=reads(KUSTOMIZE, "kustomizations"))
def flux_inventory(promises: Promises) -> Iterator[Expectation]:
    """What a Flux Kustomization has applied is what the tree builds: nothing is missing, nothing is extra.

    Held against the build of the tree that is checked out, with its patches, prefixes and generated names. Where a
    build is not wholly known (a remote base, a variable in a name), only what is known to be missing counts.
    """
    for (namespace, name), applied in promises.owned.items():
        if applied.build is None:
            continue
        resource = applied.kustomization.resource if applied.kustomization else None
        place = resource.name_place if resource else promises.cluster.entries[0].place.place
        wanted, is_open = _wanted(applied)
        what = "the object" if len(wanted) == 1 else f"the {len(wanted)} objects"
        yield Expectation(
            f"Kustomization/{namespace}/{name}",
            f"applies {what} of `{applied.folder or '.'}`",
            place,
            f"flux -n {namespace} tree kustomization {name}",
            partial(_ask, namespace, name, wanted, is_open=is_open),
            namespace,
        )


def _wanted(applied: Applied) -> tuple[tuple[_Wanted, ...], bool]:
    found: list[_Wanted] = []
    is_open = applied.is_partial
    for resource in applied.resources:
        if any(mark in resource.name + resource.namespace for mark in UNDECIDED):
            is_open = True
        elif resource.name and resource.annotation(_LOCAL) != "true":
            ignored = resource.annotation(_RECONCILE) == "disabled" or (resource.annotation(_SSA) or "") == "Ignore"
            found += [] if ignored else [_one(resource)]
            is_open = is_open or ignored
    return tuple(found), is_open


def _one(resource: Resource) -> _Wanted:
    identity = resource.id
    return _Wanted(
        resource.kind, resource.group, identity.namespace, resource.name, resource.hashed, resource.name_place
    )


def _ask(namespace: str, name: str, wanted: tuple[_Wanted, ...], live: Live, *, is_open: bool) -> Answer:
    found = live.find(KUSTOMIZE, "Kustomization", namespace, name)
    if found is None:
        return failed("the Kustomization is not in the cluster")
    if is_suspended(found):
        return unknown("suspended", is_lasting=True)
    inventory = (found.get("status") or {}).get("inventory")
    if inventory is None:
        return unknown("it has no inventory: nothing was applied yet")
    entries = [_entry(str(one.get("id") or "")) for one in inventory.get("entries") or ()]
    by_kind: dict[tuple[str, str], list[_Entry]] = {}
    for entry in entries:
        by_kind.setdefault((entry.group, entry.kind), []).append(entry)
    seen: set[_Entry] = set()
    missing: list[_Wanted] = []
    for one in wanted:
        match = next((other for other in by_kind.get((one.group, one.kind), ()) if _is_same(one, other)), None)
        if match is None:
            missing.append(one)
        else:
            seen.add(match)
    extra = [] if is_open else [entry for entry in entries if entry not in seen]
    if not missing and not extra:
        more = "; the build is not wholly known, so more may be right" if is_open and len(entries) > len(seen) else ""
        return passed(f"{len(entries)} objects{more}")
    parts = [f"missing: {_listed([one.shown for one in missing])}"] * bool(missing)
    parts += [f"extra: {_listed([one.shown for one in extra])}"] * bool(extra)
    return failed("; ".join(parts), *(Related(one.place, f"{one.shown} is written here") for one in missing[:_SHOWN]))


def _entry(text: str) -> _Entry:
    """`namespace_name_group_kind`, with `__` for the colons in a name."""
    namespace, _, rest = text.partition("_")
    rest, _, kind = rest.rpartition("_")
    name, _, group = rest.rpartition("_")
    return _Entry(namespace, name.replace("__", ":"), group, kind)


def _is_same(one: _Wanted, entry: _Entry) -> bool:
    name = _HASH.sub("", entry.name) if one.is_hashed else entry.name
    if name != one.name:
        return False
    # the API server decides the scope: an object without a namespace has none, whatever the file says
    return not entry.namespace or entry.namespace == (one.namespace or "default")


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}"
