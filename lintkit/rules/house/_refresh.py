"""How often External Secrets fetches, and from where."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from lintkit.model.external_secrets import GROUP
from lintkit.syntax.node import Mapping, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.resource import Resource
    from lintkit.syntax.node import Node, Place

DEFAULT_INTERVAL = "1h"
DEFAULT_POLICY = "Periodic"
DAY = 86_400
_SPECS = {"ExternalSecret": ("spec",), "ClusterExternalSecret": ("spec", "externalSecretSpec")}
_PART = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(h|m(?!s)|s|ms|us|µs|ns)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}


class Refresh(NamedTuple):
    """The refresh of one ExternalSecret, as its controller does it.

    Attributes:
        resource: The ExternalSecret or ClusterExternalSecret.
        spec: Its `spec`, or `spec.externalSecretSpec`.
        policy: `refreshPolicy`; `Periodic` when none is written.
        interval: `refreshInterval`; `1h` when none is written.
        seconds: The interval in seconds; 0 for a single fetch, None when it cannot be told.
    """

    resource: Resource
    spec: Mapping
    policy: str
    interval: str
    seconds: float | None

    def place(self, field: str) -> Place:
        """Where a field of the spec is written; the object's name when it is not."""
        node = self.spec.get(field)
        return node.place if node is not None else self.resource.name_place

    @property
    def rounds_per_day(self) -> int:
        """How often a day it fetches on its own; rounded up, 0 when it only fetches when it is changed."""
        if self.policy != "Periodic" or not self.seconds:
            return 0
        return -int(-DAY // self.seconds)


def refresh_of(resource: Resource) -> Refresh | None:
    """The refresh of an object; None when it is of another kind."""
    path = _SPECS.get(resource.kind) if resource.group == GROUP else None
    spec = resource.root.mapping_at(*path) if path else None
    if spec is None:
        return None
    interval = spec.text("refreshInterval") or DEFAULT_INTERVAL
    return Refresh(resource, spec, spec.text("refreshPolicy") or DEFAULT_POLICY, interval, seconds(interval))


def seconds(text: str) -> float | None:
    """A Go duration (`1h30m`, `0`) in seconds, or None when it is none."""
    if text in {"0", "+0", "-0"}:
        return 0.0
    total, at = 0.0, 0
    for part in _PART.finditer(text):
        if part.start() != at:
            return None
        total += float(part[1]) * _SECONDS[part[2]]
        at = part.end()
    return total if at and at == len(text) else None


def fetches(refresh: Refresh) -> Iterator[tuple[str, Node]]:
    """What one round asks of which store: `Kind/name` of the store, and the entry that asks.

    Every entry of `data`, and every `extract` and `find` of `dataFrom`, is one request; a `find` asks at least once.
    Generators ask no store.
    """
    default = _store(refresh.spec.get("secretStoreRef"))
    for entry in (*refresh.spec.mappings_at("data"), *refresh.spec.mappings_at("dataFrom")):
        source = entry.mapping_at("sourceRef")
        if source is not None and source.get("generatorRef") is not None:
            continue
        store = _store(source.get("storeRef")) if source else ""
        if store or default:
            yield store or default, entry


def _store(node: Node | None) -> str:
    name = node.get("name") if isinstance(node, Mapping) else None
    if not isinstance(node, Mapping) or not isinstance(name, Scalar) or name.is_null:
        return ""
    return f"{node.text('kind') or 'SecretStore'}/{name.text}"
