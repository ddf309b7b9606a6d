"""The probe `secret-store`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lintkit.model.external_secrets import GROUP
from lintkit.verify.conditions import ready
from lintkit.verify.probes._probe import probe, reads
from lintkit.verify.promises import expectation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.verify.expectation import Answer, Expectation
    from lintkit.verify.live import Live
    from lintkit.verify.promises import Promises


@probe(group="external-secrets", rights=reads(GROUP, "secretstores", "clustersecretstores"))
def secret_store(promises: Promises) -> Iterator[Expectation]:
    """Every SecretStore and ClusterSecretStore is valid: its provider answers."""
    for resource in promises.of_kind(GROUP, "SecretStore", "ClusterSecretStore"):
        namespace = resource.id.namespace
        where = f"-n {namespace} " if namespace else ""
        yield expectation(
            resource,
            "is valid",
            partial(_ask, resource.kind, namespace, resource.name),
            namespace=namespace,
            command=f"kubectl {where}describe {resource.kind.lower()} {resource.name}",
        )


def _ask(kind: str, namespace: str, name: str, live: Live) -> Answer:
    return ready(live.find(GROUP, kind, namespace, name))
