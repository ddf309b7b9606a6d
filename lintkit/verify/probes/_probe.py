"""What a probe is, and the list of all."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lintkit.verify.expectation import Expectation
    from lintkit.verify.promises import Promises

Expect = Callable[["Promises"], Iterator["Expectation"]]
Right = tuple[str, str, str]
"""(group, resource, verb) that a probe needs."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One runtime check.

    Attributes:
        name: `flux-source`.
        group: What it belongs to: `flux`.
        expect: Tree -> expectations; pure.
        rights: What it needs to be allowed to do in all of the cluster; `Expectation.needs` has the rest.
        executes: Whether it runs a command in a container.
    """

    name: str
    group: str
    expect: Expect
    rights: tuple[Right, ...] = ()
    executes: bool = False

    @property
    def text(self) -> str:
        """Its page."""
        return inspect.getdoc(self.expect) or ""

    @property
    def summary(self) -> str:
        """Its first line."""
        return self.text.partition("\n")[0]

    def expectations(self, promises: Promises) -> Iterator[Expectation]:
        """What the tree promises."""
        for one in self.expect(promises):
            yield replace(one, probe=self.name)


def probe(*, group: str, rights: tuple[Right, ...] = (), executes: bool = False) -> Callable[[Expect], Probe]:
    """Make a probe of a function; its name and its docstring are those of the probe."""

    def decorate(expect: Expect) -> Probe:
        return Probe(expect.__name__.replace("_", "-"), group, expect, rights, executes)

    return decorate


def reads(group: str, *resources: str) -> tuple[Right, ...]:
    """The right to list some kinds."""
    return tuple((group, resource, "list") for resource in resources)


PODS = reads("", "pods")


@lru_cache(maxsize=1)
def all_probes() -> tuple[Probe, ...]:
    """Every probe of the package, by group and name."""
    import lintkit.verify.probes as folder  # noqa: PLC0415 - the folder that this module is in

    found = []
    for module in pkgutil.iter_modules(folder.__path__):
        if not module.name.startswith("_"):
            loaded = import_module(f"{folder.__name__}.{module.name}")
            found.append(getattr(loaded, module.name))
    return tuple(sorted(found, key=lambda one: (one.group, one.name)))
