"""The probe `loki-bucket`."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from lintkit.finding import Related
from lintkit.syntax.node import Scalar, scalars
from lintkit.verify.expectation import Answer, Expectation, Need, failed, passed
from lintkit.verify.probes._probe import probe
from lintkit.verify.promises import expectation, is_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.helm import HelmRelease
    from lintkit.syntax.node import Mapping
    from lintkit.verify.live import Live
    from lintkit.verify.promises import Promises

_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")
_PARTS = ("singleBinary", "write", "read", "backend", "global")


class _Secret(NamedTuple):
    """A Secret that Loki's pods get their environment from."""

    name: str
    node: Scalar


@probe(group="loki")
def loki_bucket(promises: Promises) -> Iterator[Expectation]:
    """The Secret with Loki's credentials for its bucket has every key that Loki's configuration reads.

    Of a HelmRelease of the chart `loki` whose values hold `${NAME}` below `loki` and bring the variables with
    `extraEnvFrom`. Only names of keys are looked at.
    """
    for view in promises.contracts.views:
        values = view.release.values
        if view.chart is None or view.chart.name != "loki" or values is None:
            continue
        loki, secrets = values.mapping_at("loki"), tuple(_secrets(values))
        if loki is None or not secrets:
            continue
        given = set(_given(values))
        wanted = {
            found[1]: scalar
            for scalar in scalars(loki)
            for found in _VARIABLE.finditer(scalar.text)
            if found[1] not in given
        }
        if wanted:
            yield _expectation(view.release, wanted, secrets)


def _expectation(release: HelmRelease, wanted: dict[str, Scalar], secrets: tuple[_Secret, ...]) -> Expectation:
    namespace = release.release_namespace
    keys = ", ".join(f"`{name}`" for name in sorted(wanted))
    related = tuple(
        Related(node.within(f"${{{name}}}"), f"Loki reads `{name}`") for name, node in sorted(wanted.items())
    )
    return expectation(
        release.resource,
        f"gets {keys} from {', '.join(f'Secret `{one.name}`' for one in secrets)}",
        partial(_ask, namespace, tuple(one.name for one in secrets), related, tuple(sorted(wanted))),
        place=secrets[0].node,
        needs=(Need("secrets", namespace, tuple(one.name for one in secrets)),),
        command=f"kubectl -n {namespace} describe secret {' '.join(one.name for one in secrets)}",
    )


def _secrets(values: Mapping) -> Iterator[_Secret]:
    for part in _PARTS:
        for entry in values.mappings_at(part, "extraEnvFrom"):
            node = entry.at("secretRef", "name")
            if isinstance(node, Scalar) and is_name(node.text):
                yield _Secret(node.text, node)


def _given(values: Mapping) -> Iterator[str]:
    for part in _PARTS:
        for entry in values.mappings_at(part, "extraEnv"):
            yield entry.text("name") or ""


def _ask(
    namespace: str, secrets: tuple[str, ...], related: tuple[Related, ...], wanted: tuple[str, ...], live: Live
) -> Answer:
    have: set[str] = set()
    for name in secrets:
        found = live.find("", "Secret", namespace, name)
        if found is None:
            return failed(f"Secret `{name}` is not in the cluster", *related)
        have.update(found.get("data") or ())
    missing = [name for name in wanted if name not in have]
    if missing:
        keys = ", ".join(f"`{name}`" for name in missing)
        return failed(f"no key {keys}; there are {', '.join(f'`{one}`' for one in sorted(have)) or 'none'}", *related)
    return passed(f"{len(wanted)} {'key' if len(wanted) == 1 else 'keys'}")
