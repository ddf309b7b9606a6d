"""The objects of a cluster in which everything is as a tree promises."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lintkit.model.flux import HELM, KUSTOMIZE, SOURCE, FluxKustomization
from lintkit.model.helm import HelmRelease
from lintkit.verify.dags import dag_files, dags_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.resource import Resource
    from lintkit.verify.promises import Promises

SECRET = "hunter2-in-the-secret"  # noqa: S105 - a test looks for it in every output
Made = dict[str, Any]


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def condition(kind: str = "Ready", status: str = "True", reason: str = "Succeeded", message: str = "done") -> Made:
    return {"type": kind, "status": status, "reason": reason, "message": message, "observedGeneration": 1}


def cluster(promises: Promises) -> list[Made]:
    """All objects, each once."""
    revision = f"main@sha1:{promises.commit}"
    found: dict[tuple[str, str, str, str], Made] = {}
    for one in _all(promises, revision):
        metadata = one["metadata"]
        key = one["apiVersion"].partition("/")[0], one["kind"], metadata.get("namespace", ""), metadata["name"]
        found.setdefault(key, one)
    return list(found.values())


def _all(promises: Promises, revision: str) -> Iterator[Made]:
    for _, kind, namespace, name in sorted(promises.cluster.implied):
        if kind == "GitRepository":
            yield made(
                "source.toolkit.fluxcd.io/v1", kind, namespace, name, status=_status(artifact={"revision": revision})
            )
    for (namespace, name), applied in promises.owned.items():
        entries = [{"id": _id(one), "v": "v1"} for one in applied.resources]
        status = _status(
            lastAppliedRevision=revision, lastAttemptedRevision=revision, inventory={"entries": entries}
        )  # fmt: skip
        source = applied.kustomization.source if applied.kustomization else None
        reference = {"kind": "GitRepository", "name": source.name if source else "flux-system"}
        reference["namespace"] = source.namespace if source else "flux-system"
        yield made("kustomize.toolkit.fluxcd.io/v1", "Kustomization", namespace, name, {"sourceRef": reference}, status)
    for resource in promises.cluster.resources:
        one = _of(resource, promises, revision)
        if one is not None:
            yield one
            if resource.kind == "Deployment":
                yield from pods(one)
    yield from _secrets(promises)
    yield from loki(8080)
    yield from prometheus(promises)
    for airflow in promises.airflows:
        yield from _airflow(airflow.release.release_namespace, airflow.release.release_name)


def made(
    version: str, kind: str, namespace: str, name: str, spec: Made | None = None, status: Made | None = None
) -> Made:
    where = {"namespace": namespace} if namespace else {}
    metadata = {"name": name, **where, "uid": f"{kind}-{namespace}-{name}", "generation": 1, "resourceVersion": "7"}
    return {
        "apiVersion": version, "kind": kind, "metadata": metadata, "spec": copy.deepcopy(spec or {}),
        "status": status or {},
    }  # fmt: skip


def _status(**more: object) -> Made:
    return {"observedGeneration": 1, "conditions": [condition()], **more}


def _id(resource: Resource) -> str:
    name = resource.name.replace(":", "__") + ("-0123456789" if resource.hashed else "")
    return f"{resource.id.namespace}_{name}_{resource.group}_{resource.kind}"


def _of(resource: Resource, promises: Promises, revision: str) -> Made | None:
    """The live form of an object that has a status."""
    value = resource.root.value
    status: Made = {}
    if resource.group == SOURCE:
        status = {} if value["spec"].get("type") == "oci" else _status(artifact={"revision": revision})
    elif resource.group == HELM:
        chart = HelmRelease(resource).chart(promises.cluster)
        version = chart.version if chart else "1.0.0"
        status = _status(history=[{"chartVersion": version.removeprefix("v"), "version": 1}])
    elif resource.group == "external-secrets.io":
        status = _status(refreshTime=now())
    elif resource.group == "apps":
        status = {"observedGeneration": 1, "replicas": 1, "readyReplicas": 1}
    elif resource.group == "grafana.integreatly.org":
        status = {"conditions": [condition(f"{resource.kind.removeprefix('Grafana')}Synchronized")]}
    elif resource.group == KUSTOMIZE and not FluxKustomization(resource).source:
        return None
    elif resource.group == KUSTOMIZE or resource.kind == "Secret":
        return None  # made from what it applies, and from who needs it
    return made(value["apiVersion"], resource.kind, resource.id.namespace, resource.name, value.get("spec"), status)


def _secrets(promises: Promises) -> Iterator[Made]:
    keys: dict[tuple[str, str], set[str]] = {}
    for answer in promises.contracts.answers:
        reference = answer.reference
        if reference.kind == "Secret" and reference.namespace:
            keys.setdefault((reference.namespace, reference.name), set()).update({reference.key or "some"})
    keys["observability", "loki-s3-credentials"] = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
    for (namespace, name), found in keys.items():
        one = {**made("v1", "Secret", namespace, name), "data": dict.fromkeys(sorted(found), SECRET)}
        one["metadata"]["annotations"] = {
            "objectset.rio.cattle.io/applied": SECRET,
            "a-copy": f'{{"password": "{SECRET}"}}',
        }
        one["metadata"]["managedFields"] = [{"fieldsV1": {"f:data": SECRET}}]
        yield one


def pods(workload: Made, *, ready: bool = True) -> Iterator[Made]:
    """The ReplicaSet and the pod of a Deployment."""
    metadata = workload["metadata"]
    name, namespace = f"{metadata['name']}-7d9", metadata["namespace"]
    replicas = made("apps/v1", "ReplicaSet", namespace, name)
    replicas["metadata"]["ownerReferences"] = [{"uid": metadata["uid"]}]
    yield replicas
    template = workload["spec"]["template"]
    yield pod(namespace, f"{name}-abcde", template["spec"], template["metadata"].get("labels"), name, ready=ready)


def pod(
    namespace: str, name: str, spec: Made, labels: dict[str, str] | None = None, owner: str = "", *, ready: bool = True
) -> Made:
    statuses = [{"name": one["name"], "restartCount": 0, "state": {"running": {}}} for one in spec["containers"]]
    status = {
        "phase": "Running", "containerStatuses": statuses,
        "conditions": [condition("PodScheduled"), condition("Ready", "True" if ready else "False")],
    }  # fmt: skip
    one = made("v1", "Pod", namespace, name, spec, status)
    one["metadata"] |= {"labels": labels or {}, "creationTimestamp": now()}
    if owner:
        one["metadata"]["ownerReferences"] = [{"uid": f"ReplicaSet-{namespace}-{owner}"}]
    return one


def _airflow(namespace: str, release: str) -> Iterator[Made]:
    """A scheduler as the chart makes it, and a worker."""
    connection = {
        "name": "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
        "valueFrom": {"secretKeyRef": {"name": "m", "key": "c"}},
    }
    sidecar = {"name": "vector", "image": "timberio/vector:0.39.0-debian", "args": [f"--password={SECRET}"]}
    spec = {
        "containers": [
            {
                "name": "scheduler",
                "image": "apache/airflow:2.10.5",
                "env": [connection, {"name": "X", "value": SECRET}],
            },
            {"name": "git-sync", "image": "git-sync", "volumeMounts": [{"name": "dags", "mountPath": "/git"}]},
            sidecar,
        ]
    }
    labels = {"component": "scheduler", "release": release, "tier": "airflow"}
    deployment = made(
        "apps/v1", "Deployment", namespace, f"{release}-scheduler",
        {"replicas": 1, "template": {"metadata": {"labels": labels}, "spec": spec}}, {"observedGeneration": 1},
    )  # fmt: skip
    deployment["metadata"]["annotations"] = {
        "meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": namespace
    }  # fmt: skip
    yield deployment
    yield from pods(deployment)
    worker = {
        "containers": [{"name": "base", "image": "apache/airflow:2.10.5", "env": [connection]}],
        "initContainers": [sidecar],
    }
    yield pod(
        namespace,
        "hello-world-task-1",
        worker,
        {"kubernetes_executor": "True", "component": "worker", "release": release},
    )


def prometheus(promises: Promises) -> Iterator[Made]:
    """The ConfigMap in which the Prometheus Operator keeps rules."""
    rules = promises.of_kind("monitoring.coreos.com", "PrometheusRule")
    files = made("v1", "ConfigMap", "monitoring", "prometheus-main-rulefiles-0")
    files["metadata"]["labels"] = {"managed-by": "prometheus-operator", "prometheus-name": "main"}
    files["data"] = {f"{one.namespace}-{one.name}-0a1b.yaml": "groups: []" for one in rules}
    yield files


def loki(port: int) -> Iterator[Made]:
    """Loki's Service, and the pod behind it."""
    labels = {"app": "loki-gateway"}
    ports = [{"port": 80, "name": "http", "targetPort": "web"}]
    yield made("v1", "Service", "observability", "loki-gateway", {"selector": labels, "ports": ports})
    container = {"name": "nginx", "image": "nginx", "ports": [{"name": "web", "containerPort": port}]}
    yield pod("observability", "loki-gateway-1", {"containers": [container]}, labels)


def commands(promises: Promises) -> dict[tuple[str, str], tuple[str, str, int | None]]:
    """What the containers of a healthy Airflow say."""
    folder = "kubernetes/apps/airflow/airflow/dags"
    listed = f"/git/repo/{folder}/:\n" + "".join(f"{one}\n" for one in dag_files(promises.tree.repository, folder))
    ids = [dag.id for dag in dags_of(promises.tree.repository, folder)]
    rows = ",".join(f'{{"dag_id": "{one}", "is_paused": "False"}}' for one in ids)
    warning = "/usr/lib/python3: UserWarning: [deprecated] something\n"
    return {
        ("git-sync", "ls -1ApR"): (listed, "", 0),
        ("scheduler", "airflow dags list -o"): (f"{warning}[{rows}]\n", warning, 0),
        ("scheduler", "airflow dags list-import-errors"): ("No data found\n", "", 0),
        ("scheduler", "sh -c"): ("scheme=postgresql+psycopg2\n", "", 0),
        ("base", "sh -c"): ("scheme=postgresql\n", "", 0),
        ("vector", "vector --version"): ("vector 0.39.0 (x86_64-unknown-linux-gnu 73da9bb)\n", "", 0),
    }
