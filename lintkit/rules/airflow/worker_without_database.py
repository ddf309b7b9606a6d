"""The rule `worker-without-database`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Finding, Related, Severity
from lintkit.model.airflow import (
    COMMUNITY,
    CONNECTION,
    CORE,
    DATABASE,
    EXECUTION_URL,
    environment,
    mounts_config,
    pod_template,
    releases,
    text_entries,
    text_environment,
)
from lintkit.rules._rule import rule
from lintkit.rules.airflow._connection import (
    Given,
    config_file,
    connection_in_config,
    env_from,
    metadata_secret,
    secret_of,
)
from lintkit.rules.airflow._environment import with_connection
from lintkit.syntax.node import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.airflow import Airflow, PodTemplate
    from lintkit.model.contracts import Contracts
    from lintkit.model.tree import Tree

_NO_CONNECTION = frozenset({"existingSecret", "existingSecretKey", "existingSecretPasswordKey", "secretName"})
"""Keys of other charts' connections."""
_WHY = (
    "a custom `podTemplate` replaces the chart's own, and the scheduler passes no connection, so the task falls back "
    "to SQLite (`no such table: dag`)"
)
_CHARTS_FILE = "pod_templates/pod_template_file.yaml"


@rule(
    severity=Severity.ERROR,
    since="0.1",
    instead_of=("dangling-secret-ref", "dangling-secret-key", "cross-namespace-secret-ref"),
)
def worker_without_database(tree: Tree) -> Iterator[Finding]:
    """Airflow's worker pods do not get the connection to the metadata database.

    Judged by the whole decision table of the official chart (1.11 to 1.19) and of the community chart (8.9): which
    executor runs, whether a `podTemplate` replaces the chart's own, which variables its first container gets and from
    which Secret and key. From Airflow 3 on tasks need the URL of the API server instead.

    ## Why
    With the KubernetesExecutor each task is a pod, made from a template. A template in `values.podTemplate`
    replaces the chart's own, it is not merged with it: whatever the chart would have set is gone. Airflow then uses
    SQLite, and every task dies with `no such table: dag`, while scheduler and webserver are well.

    ## Bad
    ```yaml app/helmrelease.yaml
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata:
      name: airflow
      namespace: airflow
    spec:
      interval: 1h
      chart:
        spec:
          chart: airflow
          version: 1.16.0
          sourceRef:
            kind: HelmRepository
            name: apache-airflow
      values:
        executor: KubernetesExecutor
        podTemplate: |
          apiVersion: v1
          kind: Pod
          metadata:
            name: worker
          spec:
            containers:
              - name: base # error: the worker's container `base` has no connection to the metadata database
                env:
                  - name: PYTHONUNBUFFERED
                    value: "1"
              - name: vector
                image: timberio/vector:0.39.0-debian
    ```

    ## Good
    ```yaml app/helmrelease.yaml
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata:
      name: airflow
      namespace: airflow
    spec:
      interval: 1h
      chart:
        spec:
          chart: airflow
          version: 1.16.0
          sourceRef:
            kind: HelmRepository
            name: apache-airflow
      values:
        executor: KubernetesExecutor
        podTemplate: |
          apiVersion: v1
          kind: Pod
          metadata:
            name: worker
          spec:
            containers:
              - name: base
                env:
                  - name: PYTHONUNBUFFERED
                    value: "1"
                  - name: AIRFLOW__DATABASE__SQL_ALCHEMY_CONN
                    valueFrom:
                      secretKeyRef:
                        name: airflow-metadata
                        key: connection
                volumeMounts:
                  - name: config
                    mountPath: /opt/airflow/airflow.cfg
                    subPath: airflow.cfg
                  - name: dags
                    mountPath: /opt/airflow/dags
              - name: vector
                image: timberio/vector:0.39.0-debian
    ```
    """
    for contracts in tree.contracts:
        for airflow in releases(contracts):
            if airflow.flavour == COMMUNITY:
                yield from _community(airflow, contracts)
            else:
                yield from _official(airflow, contracts)


def _official(airflow: Airflow, contracts: Contracts) -> Iterator[Finding]:
    yield from _rejected(airflow)
    if not airflow.has_worker_pods:
        return
    version = airflow.airflow_version
    if version is not None and version >= (3, 0):
        yield from _airflow_3(airflow)
        return
    away = _template_elsewhere(airflow)
    if away is not None:
        message = "the workers' pod template is a file in the image: whether it has the database cannot be told here"
        yield Finding.at(away, message, severity=Severity.INFO)
        return
    certain = None if version is not None else Severity.WARNING
    template = pod_template(airflow.values.get("podTemplate"))
    if template is not None:
        yield from _custom(airflow, contracts, template, certain)
    else:
        yield from _default(airflow, contracts, certain)
    yield from _nameless_keys(airflow)


def _rejected(airflow: Airflow) -> Iterator[Finding]:
    """Values that the chart's schema refuses (W1), and keys at the root that belong under `data` (W11)."""
    values = airflow.values
    connection = values.get("data", "metadataConnection")
    refused = [key for key in connection.entries if key in _NO_CONNECTION] if isinstance(connection, Mapping) else []
    if refused and isinstance(connection, Mapping):
        first, *others = [(f"`data.metadataConnection.{key}`", connection.key(key) or connection) for key in refused]
        message = (
            f"the chart refuses {first[0]}, so the release is never installed; "
            "`data.metadataSecretName` names a Secret with the key `connection`"
        )
        related = tuple(Related(node.place, f"it refuses {name} too") for name, node in others)
        yield Finding.at(first[1], message, related=related)
    for entry in values.root.mappings_at("env"):
        if "valueFrom" in entry.entries:
            message = "the chart refuses `valueFrom` in `env`, so the release is never installed; `secret` takes it"
            yield Finding.at(entry.key("valueFrom") or entry, message)
    extra = values.get("extraEnv")
    if isinstance(extra, Sequence) and extra.elements:
        message = (
            "the chart refuses a list in `extraEnv`, so the release is never installed; it is a text: `extraEnv: |`"
        )
        yield Finding.at(values.root.key("extraEnv") or extra, message)
    workers = values.get("workers")
    if isinstance(workers, Mapping) and "podTemplate" in workers.entries:
        message = (
            "the chart refuses `workers.podTemplate`, so the release is never installed; `podTemplate` is at the root"
        )
        yield Finding.at(workers.key("podTemplate") or workers, message)
    for name, instead in (
        ("metadataSecretName", "data.metadataSecretName"),
        ("metadataConnection", "data.metadataConnection"),
        ("extraEnvs", "extraEnv"),
        ("envs", "env"),
        ("secrets", "secret"),
        ("podTemplates", "podTemplate"),
    ):
        node = values.root.key(name)
        if node is not None:
            message = f"the chart does not read `{name}` here, and says nothing; did you mean `{instead}`?"
            yield Finding.at(node, message)


def _template_elsewhere(airflow: Airflow) -> Node | None:
    """A setting that takes the pod template from a file of the image (W2)."""
    values = airflow.values
    for section in ("kubernetes_executor", "kubernetes"):
        node = values.get("config", section, "pod_template_file")
        if isinstance(node, Scalar) and _CHARTS_FILE not in node.text:
            return node
    for entry in values.root.mappings_at("env"):
        if (entry.text("name") or "").endswith("__POD_TEMPLATE_FILE") and _CHARTS_FILE not in (
            entry.text("value") or ""
        ):
            return entry
    return None


def _custom(
    airflow: Airflow, contracts: Contracts, template: PodTemplate, severity: Severity | None
) -> Iterator[Finding]:
    """Rows W3 to W4b and W10: a pod template of the user's own."""
    if template.error:
        if not template.uses_helper:
            message = f"the pod template cannot be read: {template.error}"
            yield Finding.at(template.node, message, severity=Severity.INFO)
        return
    first = template.containers[0]
    variables = environment(first)
    given = next((variables[name] for name in (DATABASE, CORE) if name in variables), None)
    if given is not None:
        yield from secret_of(given, airflow, contracts)
    elif not template.uses_helper and not any(name in variables for name in CONNECTION):
        state = env_from(first.mappings_at("envFrom"), airflow.release.release_namespace, contracts)
        if state is Given.NO and config_file(template, airflow, contracts) is Given.NO:
            yield _without(airflow, template, first, severity)
            return
    elif template.uses_helper:
        yield from _chart_environment(airflow, contracts, severity)
    yield from _unmounted(first)


def _without(airflow: Airflow, template: PodTemplate, first: Mapping, severity: Severity | None) -> Finding:
    name = first.text("name") or "?"
    related = []
    message = f"the worker's container `{name}` has no connection to the metadata database: {_WHY}"
    for other in template.containers[1:]:
        if any(one in environment(other) for one in CONNECTION):
            message = (
                f"the worker's container is the first one, `{name}`, and it has no connection to the metadata "
                f"database; `{other.text('name')}` has it"
            )
            related.append(Related((other.get("name") or other).place, "has the connection"))
    fix = with_connection(airflow, first)
    return Finding.at(first.get("name") or first, message, severity=severity, related=tuple(related), fix=fix)


def _unmounted(first: Mapping) -> Iterator[Finding]:
    """Row W10: a template without airflow.cfg or without DAGs."""
    mounts = [mount.text("mountPath") or "" for mount in first.mappings_at("volumeMounts")]
    lacking = []
    if not mounts_config(first):
        lacking.append("airflow.cfg")
    if not any("dags" in path or "git" in path for path in mounts):
        lacking.append("the DAGs")
    if lacking:
        name = first.text("name") or "?"
        message = f"the worker's container `{name}` mounts neither {' nor '.join(lacking)}" if len(lacking) > 1 else (
            f"the worker's container `{name}` does not mount {lacking[0]}")  # fmt: skip
        yield Finding.at(first.get("name") or first, message, severity=Severity.WARNING)


def _default(airflow: Airflow, contracts: Contracts, severity: Severity | None) -> Iterator[Finding]:
    """Rows W5 to W7: the chart's own pod template."""
    if airflow.built_in(DATABASE) or airflow.built_in(CORE):
        yield from _chart_environment(airflow, contracts, severity)
        return
    names, is_known = _custom_environment(airflow)
    if any(name in names for name in CONNECTION) or connection_in_config(airflow) is not None or not is_known:
        return
    sources = text_entries(airflow.values.get("extraEnvFrom"))
    if sources is None or env_from(sources, airflow.release.release_namespace, contracts) is not Given.NO:
        return
    flag = airflow.values.get("enableBuiltInSecretEnvVars", DATABASE) or airflow.place
    message = (
        "the chart's own connection is switched off and nothing takes its place, so workers fall back to SQLite "
        "(`no such table: dag`)"
    )
    relics = [name for name in names if name.startswith("AIRFLOW__KUBERNETES_")]
    if relics:
        message += f"; Airflow 2 does not read `{relics[0]}`"
    yield Finding.at(flag, message, severity=severity)


def _chart_environment(airflow: Airflow, contracts: Contracts, severity: Severity | None) -> Iterator[Finding]:
    if not airflow.built_in(DATABASE):
        flag = airflow.values.get("enableBuiltInSecretEnvVars", DATABASE) or airflow.place
        message = f"workers get the connection by `{CORE}` alone, which Airflow 3 does not read"
        yield Finding.at(flag, message, severity=Severity.WARNING)
    names, _ = _custom_environment(airflow)
    for name in (DATABASE, CORE):
        if airflow.built_in(name) and name in names:
            message = (
                f"`{name}` is set twice: by the chart and here; "
                f"`enableBuiltInSecretEnvVars.{name}: false` leaves the chart's out"
            )
            yield Finding.at(names[name], message, severity=severity)
    yield from metadata_secret(airflow, contracts)


def _custom_environment(airflow: Airflow) -> tuple[dict[str, Node], bool]:
    """Names that the values set for workers, and whether all of them are known."""
    values = airflow.values
    names: dict[str, Node] = {}
    for path in (("env",), ("workers", "env")):
        for entry in values.root.mappings_at(*path):
            node = entry.get("name")
            if isinstance(node, Scalar):
                names[node.text] = node
    for entry in values.root.mappings_at("secret"):
        node = entry.get("envName")
        if isinstance(node, Scalar):
            names[node.text] = node
    extra, is_known = text_environment(values.get("extraEnv"))
    names.update(extra)
    return names, is_known and values.is_whole


def _nameless_keys(airflow: Airflow) -> Iterator[Finding]:
    """Row W9: `secret` entries without a key."""
    for entry in airflow.values.root.mappings_at("secret"):
        if entry.text("envName") and entry.text("secretName") and entry.text("secretKey") is None:
            message = (
                f"`secret` entry `{entry.text('envName')}` has no `secretKey`; the chart writes it as `%!s(<nil>)`"
            )
            yield Finding.at(entry.get("envName") or entry, message, severity=Severity.WARNING)


def _airflow_3(airflow: Airflow) -> Iterator[Finding]:
    """Rows A1 to A5: tasks talk to the API server."""
    chart = airflow.version
    if chart is not None and chart <= (1, 15):
        node = airflow.values.get("airflowVersion") or airflow.place
        message = (
            f"chart {chart[0]}.{chart[1]} knows no Airflow 3: workers get no URL of the API server; 1.16 is the first"
        )
        yield Finding.at(node, message)
        return
    if chart == (1, 16):
        node = airflow.values.get("airflowVersion") or airflow.place
        message = "chart 1.16 gives workers no secret for the API server of Airflow 3; 1.17 is the first that does"
        yield Finding.at(node, message, severity=Severity.WARNING)
    template = pod_template(airflow.values.get("podTemplate"))
    if template is None or template.error or not template.containers:
        return
    first = template.containers[0]
    if not mounts_config(first) and EXECUTION_URL not in environment(first):
        name = first.text("name") or "?"
        message = (
            f"the worker's container `{name}` has neither airflow.cfg nor `{EXECUTION_URL}`: a custom `podTemplate` "
            "replaces the chart's own, so tasks look for the API server on localhost"
        )
        yield Finding.at(first.get("name") or first, message)


def _community(airflow: Airflow, contracts: Contracts) -> Iterator[Finding]:
    """The community chart: the connection comes from the Secret `<release>-config-envs`, by `envFrom`."""
    values = airflow.values
    executor = values.text("airflow", "executor")
    if not any(name in executor for name in ("KubernetesExecutor",)):
        return
    node = values.get("airflow", "kubernetesPodTemplate", "stringOverride")
    template = pod_template(node)
    if template is None or template.error:
        return
    first = template.containers[0]
    variables = environment(first)
    expected = f"{airflow.release.release_name}-config-envs"
    named = [entry.text_at("secretRef", "name") or "" for entry in first.mappings_at("envFrom")]
    if template.uses_helper or any(name in variables for name in CONNECTION):
        return
    if any(name == expected or name.endswith("-config-envs") for name in named):
        return
    if env_from(first.mappings_at("envFrom"), airflow.release.release_namespace, contracts) is Given.NO:
        yield _without(airflow, template, first, None)
