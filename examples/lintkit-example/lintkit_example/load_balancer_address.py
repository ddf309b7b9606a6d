"""The probe `load-balancer-address`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lintkit.verify import Answer, Expectation, Live, Promises, expect, failed, passed, probe, reads

if TYPE_CHECKING:
    from collections.abc import Iterator


@probe(group="exposure", rights=reads("", "services"))
def load_balancer_address(promises: Promises) -> Iterator[Expectation]:
    """Every Service of type LoadBalancer has an address."""
    for service in promises.of_kind("", "Service"):
        kind = service.root.at("spec", "type")
        if kind is not None and kind.value == "LoadBalancer":
            yield expect(service, "has an address", partial(_ask, service.namespace, service.name), place=kind)


def _ask(namespace: str, name: str, live: Live) -> Answer:
    found = live.find("", "Service", namespace, name)
    if found is None:
        return failed("is not there")
    addresses = found.get("status", {}).get("loadBalancer", {}).get("ingress") or ()
    shown = [one.get("ip") or one.get("hostname") or "?" for one in addresses]
    return passed(", ".join(shown)) if shown else failed("the cloud has given it no address")
