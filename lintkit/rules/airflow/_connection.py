"""Where a worker's connection comes from: Secrets and keys behind variables."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

from lintkit.finding import Finding, Related, Severity
from lintkit.model.airflow import CONNECTION, config_mount
from lintkit.model.consumers import Reference
from lintkit.model.contracts import State
from lintkit.model.references import Row
from lintkit.syntax.embedded import is_masked
from lintkit.syntax.node import Mapping, Node, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lintkit.model.airflow import Airflow, PodTemplate
    from lintkit.model.contracts import Answer, Contracts

_ROW = Row("HelmRelease", "", "Secret", role="airflow")
KEY = "connection"
_CONNECTION_LINE = re.compile(r"^\s*sql_alchemy_conn\w*\s*=", re.MULTILINE)


class Given(Enum):
    """Whether something gives a container the connection."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


def env_from(entries: Iterable[Mapping], namespace: str, contracts: Contracts) -> Given:
    """Whether a Secret or ConfigMap of `envFrom` holds the connection."""
    answer = Given.NO
    for entry in entries:
        for field, kind in (("secretRef", "Secret"), ("configMapRef", "ConfigMap")):
            name = entry.text_at(field, "name")
            if name is None:
                continue
            makers = [
                maker for maker in contracts.producers.get((kind, name), ()) if maker.namespace in {None, namespace}
            ]
            if any(key in maker.keys for maker in makers for key in CONNECTION):
                return Given.YES
            if not makers or any(maker.is_open for maker in makers) or is_masked(name):
                answer = Given.UNKNOWN
    return answer


def connection_in_config(airflow: Airflow) -> Node | None:
    """Where the values write the connection into the chart's own airflow.cfg."""
    return airflow.values.get("config", "database", "sql_alchemy_conn") or airflow.values.get(
        "config", "core", "sql_alchemy_conn"
    )


def config_file(template: PodTemplate, airflow: Airflow, contracts: Contracts) -> Given:
    """Whether the airflow.cfg that a worker mounts holds the connection: the chart's own, or another."""
    mount = config_mount(template.containers[0])
    if mount is None:
        return Given.NO
    volume = template.volumes.get(mount.text("name") or "")
    name = volume.text_at("configMap", "name") if volume is not None else f"{airflow.fullname}-config"
    if name is None:
        return Given.UNKNOWN
    if is_masked(name) or name == f"{airflow.fullname}-config":
        return Given.NO if connection_in_config(airflow) is None else Given.YES
    namespace = airflow.release.release_namespace
    for maker in contracts.producers.get(("ConfigMap", name), ()):
        text = maker.resource.text("data", mount.text("subPath") or "airflow.cfg")
        if maker.namespace == namespace and text is not None:
            return Given.YES if _CONNECTION_LINE.search(text) else Given.NO
    return Given.UNKNOWN


def secret_of(entry: Mapping, airflow: Airflow, contracts: Contracts) -> Iterator[Finding]:
    """Judge the Secret that a variable of a pod template is read from (row W8)."""
    name, key = entry.at("valueFrom", "secretKeyRef", "name"), entry.at("valueFrom", "secretKeyRef", "key")
    if isinstance(name, Scalar) and isinstance(key, Scalar) and not is_masked(name.text + key.text):
        yield from _judged(airflow, contracts, name, key)


def metadata_secret(airflow: Airflow, contracts: Contracts) -> Iterator[Finding]:
    """Judge the Secret that the chart reads the connection from (rows W8 to W8g)."""
    name = airflow.metadata_secret
    values = airflow.values
    if name is not None:
        if not is_masked(name.text) and "${" not in name.text:
            yield from _judged(airflow, contracts, name, name)
        if values.flag("pgbouncer", "enabled", default=False) and not values.text("pgbouncer", "configSecretName"):
            node = values.get("pgbouncer", "enabled") or name
            message = (
                "pgbouncer is configured from `data.metadataConnection`, not from `data.metadataSecretName`; "
                "`pgbouncer.configSecretName` names its own Secret"
            )
            yield Finding.at(node, message)
        return
    if values.is_set("data", "metadataSecretName") or not values.is_whole:
        return
    enabled = values.flag("postgresql", "enabled", default=True)
    has_host = values.text("data", "metadataConnection", "host") or values.is_set("data", "metadataConnection", "host")
    if not enabled and not has_host:
        node = values.get("postgresql", "enabled") or airflow.place
        message = (
            "the chart's own PostgreSQL is switched off and neither `data.metadataSecretName` nor "
            f"`data.metadataConnection.host` is set: workers connect to `{airflow.release.release_name}-postgresql`, "
            "which does not exist"
        )
        yield Finding.at(node, message)


def _judged(airflow: Airflow, contracts: Contracts, name: Scalar, key: Scalar) -> Iterator[Finding]:
    wanted = KEY if key is name else key.text
    namespace = airflow.release.release_namespace
    reference = Reference(
        airflow.release.resource, _ROW, "", "Secret", namespace or None, name.text, name, key=wanted, key_node=key
    )
    answer = contracts.answer(reference)
    if answer.state is not State.UNMET:
        return
    if answer.is_key:
        yield _lacking(answer, name, key, wanted)
        return
    elsewhere = [
        maker
        for maker in contracts.producers.get(("Secret", name.text), ())
        if maker.namespace not in {None, namespace}
    ]
    if elsewhere:
        where = elsewhere[0].namespace
        message = f"Secret `{name.text}` with the workers' connection is in namespace `{where}`, not in `{namespace}`"
        yield Finding.at(name, message, related=(Related(elsewhere[0].node.place, "where it is made"),))
    elif contracts.is_certain(answer):
        close = contracts.close_name(reference)
        hint = f"; did you mean `{close}`?" if close else ""
        message = f"nothing in this tree makes Secret `{name.text}`, which holds the workers' connection{hint}"
        yield Finding.at(name, message)
    else:
        message = f"nothing in this tree makes Secret `{name.text}`, which holds the workers' connection"
        yield Finding.at(name, message, severity=Severity.INFO)


def _lacking(answer: Answer, name: Scalar, key: Node, wanted: str) -> Finding:
    maker = answer.producers[0]
    have = ", ".join(f"`{one}`" for one in sorted(maker.keys)[:6]) or "none"
    message = (
        f"Secret `{name.text}` has no key `{wanted}`, so workers fail with CreateContainerConfigError; it has {have}"
    )
    return Finding.at(key, message, related=(Related(maker.node.place, "where the Secret is made"),))
