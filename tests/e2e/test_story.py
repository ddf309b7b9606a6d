"""The story of the logging milestone: all is well, then one thing after the other breaks, and `verify` names it."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.e2e.airflow import NAMESPACE, stand_in_vector
from tests.e2e.api import condition
from tests.e2e.kubelet import MissingError
from tests.e2e.processes import until
from tests.e2e.services import Loki
from tests.e2e.world import DAGS, RELEASE, verify

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.build import Components
    from tests.e2e.world import Verified, World

pytestmark = pytest.mark.e2e

APPS = "kubernetes/apps"
EXTERNAL_SECRETS = f"{APPS}/airflow/airflow/app"


def places(result: dict[str, Any]) -> list[tuple[str, int]]:
    return [(one["path"], one["line"]) for one in result["related"]]


def at(result: dict[str, Any]) -> tuple[str, int]:
    return result["path"], result["line"]


def test_all_is_as_promised(world: World) -> None:
    verified = world.verify()
    assert verified.not_passed() == []
    assert verified.code == 0, verified.error
    print(f"{len(verified.results)} expectations in {verified.seconds:.1f} s")


def test_a_dag_that_git_sync_has_not_brought(world: World) -> None:
    file = world.folder / "git" / "repo" / DAGS / "hello_world.py"
    text = file.read_text("utf-8")
    file.unlink()
    try:
        verified = world.verify("--select", "dag-files,dag-list,dag-import")
    finally:
        file.write_text(text, "utf-8")
    assert verified.code == 1
    files = verified.one("dag-files")
    assert files["outcome"] == "fail"
    assert "missing: `hello_world.py`" in files["evidence"]
    assert at(files) == (RELEASE, world.line_of(RELEASE, "subPath: kubernetes"))
    assert "-c git-sync -- ls" in files["command"]
    listed = verified.one("dag-list")
    assert listed["outcome"] == "fail"
    assert "not listed: `hello_world`; Airflow lists 2 DAGs" in listed["evidence"]
    assert places(listed) == [(f"{DAGS}/hello_world.py", world.line_of(f"{DAGS}/hello_world.py", "def hello_world()"))]
    assert verified.one("dag-import")["outcome"] == "pass"


def test_a_dag_that_cannot_be_imported(world: World) -> None:
    world.change(f"{DAGS}/hello_world.py", "import logging\n", "import logging\nimport no_such_module\n")
    try:
        world.git_sync.pull()
        verified = world.verify("--select", "dag-files,dag-list,dag-import")
    finally:
        world.revert()
        world.git_sync.pull()
        world.settled()
    assert verified.code == 1
    imported = verified.one("dag-import")
    assert imported["outcome"] == "fail"
    assert "`hello_world.py`: ModuleNotFoundError: No module named 'no_such_module'" in imported["evidence"]
    assert [path for path, _ in places(imported)] == [f"{DAGS}/hello_world.py"]
    assert "airflow dags list-import-errors" in imported["command"]
    assert verified.one("dag-files")["outcome"] == "pass"
    assert "not listed: `hello_world`" in verified.one("dag-list")["evidence"]


def test_a_worker_without_the_environment_of_the_database(world: World) -> None:
    entry = """              - name: AIRFLOW__DATABASE__SQL_ALCHEMY_CONN
                valueFrom:
                  secretKeyRef:
                    name: airflow-metadata
                    key: connection
"""
    world.change(RELEASE, entry, "")
    try:
        world.settled()
        world.write_template()
        pod = world.work("without-database")
        verified = world.verify("--select", "worker-environment,worker-logs,airflow-database")
        line = world.line_of(RELEASE, "- name: base")
    finally:
        world.revert()
        world.settled()
        world.write_template()
    name = pod["metadata"]["name"]
    world.api.delete("v1", "Pod", NAMESPACE, name)
    assert verified.code == 1
    for probe, claim, evidence in (
        ("worker-environment", "", f"container `base` of pod {name} has no `AIRFLOW__DATABASE__SQL_ALCHEMY_CONN`"),
        ("airflow-database", "workers", f"pod {name} is configured for SQLite"),
        ("worker-logs", "", f"pod {name}: "),
    ):
        one = verified.one(probe, claim=claim)
        assert one["outcome"] == "fail", one
        assert evidence in one["evidence"]
        assert one["path"] == RELEASE
        static = [item for item in one["related"] if item["message"].startswith("`worker-without-database`")]
        assert [item["path"] for item in static] == [RELEASE], one
        assert abs(static[0]["line"] - line) <= 2
    said = verified.one("worker-logs")["evidence"]
    assert re.search(r"no such table: \w+|initialize the database|cannot use sqlite with the", said, re.IGNORECASE)
    assert verified.one("airflow-database", claim="scheduler")["outcome"] == "pass"


def test_a_worker_with_another_vector(world: World) -> None:
    text = world.template.read_text("utf-8")
    world.template.write_text(text.replace("vector:0.39.0-debian", "vector:0.40.1-debian"), "utf-8")
    stand_in_vector(world.folder / "bin", "0.40.1")
    try:
        pod = world.work("other-vector")
        verified = world.verify("--select", "image-version,running-version")
    finally:
        world.template.write_text(text, "utf-8")
        stand_in_vector(world.folder / "bin", "0.39.0")
    name = pod["metadata"]["name"]
    world.api.delete("v1", "Pod", NAMESPACE, name)
    assert verified.code == 1
    image = verified.one("image-version")
    expected = f"container `vector` of pod {name} has tag `0.40.1-debian`, wanted tag `0.39.0-debian`"
    assert (image["outcome"], image["evidence"]) == ("fail", expected)
    running = verified.one("running-version")
    assert running["outcome"] == "fail"
    assert "runs 0.40.1, the tree names 0.39.0" in running["evidence"]
    assert at(image) == at(running) == (RELEASE, world.line_of(RELEASE, "image: timberio/vector"))


def test_an_external_secret_that_is_not_synced(world: World) -> None:
    key = ("airflow", "fernet-key")
    value = world.vault.pop(key)
    try:
        until("SecretSyncedError", lambda: _synced(world) == "False", 30)
        verified = world.verify("--select", "external-secrets")
    finally:
        world.vault[key] = value
        until("SecretSynced", lambda: _synced(world) == "True", 30)
    assert verified.code == 1
    assert [one["subject"] for one in verified.of("fail")] == ["ExternalSecret/airflow/airflow-fernet-key"]
    one = verified.one("external-secret", "airflow-fernet-key")
    assert one["evidence"].startswith("SecretSyncedError: error processing spec.data[0]")
    assert at(one) == (f"{EXTERNAL_SECRETS}/externalsecret-fernet-key.yaml", 5)


def _synced(world: World) -> str:
    found = world.api.get("external-secrets.io/v1", "ExternalSecret", NAMESPACE, "airflow-fernet-key")
    return str(condition(found or {}).get("status"))


def test_a_secret_without_a_key(world: World) -> None:
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "airflow-metadata", "namespace": NAMESPACE},
    }
    pod = world.scheduler_pod()
    assert pod
    world.stores.is_paused = True
    try:
        world.api.patch(secret, {"data": {"connection": None, "conection": "eA=="}})
        with pytest.raises(MissingError) as missing:  # what a kubelet would say, when it starts the container again
            world.kubelet.environment(pod, "scheduler")
        with _waiting(world, pod, f"{missing.value}"):
            verified = world.verify("--select", "secret-keys,release-workloads", "--namespace", NAMESPACE)
    finally:
        world.api.patch(secret, {"data": {"conection": None}})
        world.stores.is_paused = False
    until("the key is back", lambda: world.kubelet.environment(pod, "scheduler"), 30)
    assert verified.code == 1
    one = verified.one("secret-keys", "airflow-metadata")
    assert one["outcome"] == "fail"
    assert one["evidence"].startswith("no key `connection`; it has `conection`; needed by ")
    file = f"{EXTERNAL_SECRETS}/externalsecret-metadata.yaml"
    assert at(one) == (file, world.line_of(file, "connection:"))
    assert RELEASE in [path for path, _ in places(one)]
    workloads = verified.one("release-workloads", "HelmRelease/airflow/airflow")
    assert workloads["outcome"] == "fail"
    assert "CreateContainerConfigError (couldn't find key connection in Secret" in workloads["evidence"]
    assert file in [path for path, _ in places(workloads)]


@contextmanager
def _waiting(world: World, pod: dict[str, Any], message: str) -> Iterator[None]:
    """As long as it lasts, the pod's first container waits with a message."""
    before = pod["status"]["containerStatuses"]
    waiting = {
        **before[0],
        "ready": False,
        "state": {"waiting": {"reason": "CreateContainerConfigError", "message": message}},
    }
    world.api.status(pod, {"containerStatuses": [waiting, *before[1:]]})
    try:
        yield
    finally:
        world.api.status(pod, {"containerStatuses": before})


def test_a_helm_release_that_failed(world: World) -> None:
    path = f"{APPS}/observability/alertmanager/app/helmrelease.yaml"
    world.change(path, "  values:\n", "  values:\n    replicaCount: many\n")
    try:
        until("the release fails", lambda: _upgrade_failed(world), 120)
        verified = until("it is between two tries", lambda: _named(world), 120)  # during one, it is in progress
    finally:
        world.revert()
        world.settled()
    assert verified.code == 1
    one = verified.one("helm-release", "alertmanager")
    assert one["outcome"] == "fail"
    assert one["evidence"].startswith("UpgradeFailed: Helm upgrade failed for release observability/alertmanager")
    assert "replicaCount" in one["evidence"]
    assert at(one) == (path, 5)
    assert "kubectl -n observability get helmrelease" in one["command"]
    assert [other["subject"] for other in verified.of("fail")] == ["HelmRelease/observability/alertmanager"]


def _named(world: World) -> Verified | None:
    verified = world.verify("--select", "helm-release,flux-kustomization", "--namespace", "observability")
    return verified if verified.code == 1 else None


def _upgrade_failed(world: World) -> bool:
    found = world.api.get("helm.toolkit.fluxcd.io/v2", "HelmRelease", "observability", "alertmanager") or {}
    return condition(found).get("reason") == "UpgradeFailed"


def test_a_kustomization_that_is_suspended(world: World) -> None:
    one = {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": "alloy", "namespace": "flux-system"},
    }
    world.api.patch(one, {"spec": {"suspend": True}})
    try:
        verified = world.verify("--select", "flux")
    finally:
        world.api.patch(one, {"spec": {"suspend": None}})
    until("it is applied again", lambda: world.settled(1) is None, 60)
    assert verified.code == 4
    assert verified.of("fail") == []
    assert {(one["probe"], one["subject"], one["evidence"]) for one in verified.of("unknown")} == {
        ("flux-kustomization", "Kustomization/flux-system/alloy", "suspended"),
        ("flux-inventory", "Kustomization/flux-system/alloy", "suspended"),
    }
    assert at(verified.one("flux-kustomization", "/alloy")) == (f"{APPS}/observability/alloy/ks.yaml", 5)


def test_a_component_that_is_silent_in_loki(world: World, built: Components) -> None:
    silent = Loki(built, world.processes, "loki-silent")
    silent.ready()
    world.door.target = silent.port
    try:
        for name in ("scheduler", "base", "handler"):
            silent.push({"namespace": NAMESPACE, "container": name}, f"a line of {name}")
        verified = world.verify("--select", "loki")
    finally:
        world.door.target = world.loki.port
    assert verified.code == 1
    one = verified.one("loki-streams", "webserver")
    assert one["outcome"] == "fail"
    expected = "`container` is one of `base`, `handler`, `scheduler`"
    assert one["evidence"] == (
        f'no streams {{namespace="airflow", container="webserver"}}; `namespace` is one of `airflow`; {expected}'
    )
    assert one["path"] == RELEASE
    assert [other["subject"] for other in verified.of("fail")] == [one["subject"]]
    assert verified.of("unknown") == []


def test_a_loki_that_refuses_the_tenant(world: World) -> None:
    world.door.target = world.strict_loki.port
    try:
        refused = world.verify("--select", "loki-streams")
        for name in ("webserver", "scheduler", "base", "handler"):
            world.strict_loki.push({"namespace": NAMESPACE, "container": name}, f"a line of {name}")
        config = world.folder / "with-tenant.yaml"
        config.write_text("verify:\n  loki:\n    tenant: home\n", "utf-8")
        let_in = world.verify("--select", "loki-streams", "--config", str(config))
    finally:
        world.door.target = world.loki.port
    assert refused.code == 4
    assert {one["evidence"] for one in refused.results} == {
        "Loki refuses (401): no org id; `verify.loki.tenant` names the tenant"
    }
    assert (let_in.code, {one["outcome"] for one in let_in.results}) == (0, {"pass"})


def test_the_rights_that_are_printed_are_enough(world: World) -> None:
    printed = world.verify("--rbac")
    objects = [one for one in yaml.safe_load_all(printed.output) if one]
    world.api.apply(*objects)
    account = next(one["metadata"] for one in objects if one["kind"] == "ServiceAccount")
    path = world.api.path("v1", "ServiceAccount", account["namespace"], account["name"])
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 600}}
    token = world.api.request("POST", f"{path}/token", asked)["status"]["token"]
    verified = verify(world.repository, world.cluster.kubeconfig(token=token))
    assert verified.not_passed() == []
    assert verified.code == 0


def test_a_namespace_that_may_not_be_read(world: World) -> None:
    with world.narrow("airflow", "external-secrets", "flux-system"):
        verified = world.verify(user="narrow")
    assert verified.code == 4
    assert verified.of("fail") == []
    unknown = verified.of("unknown")
    assert {one["namespace"] for one in unknown if "loki-streams" not in one["probe"]} == {"observability"}
    for one in unknown:
        assert "403" in one["evidence"], one
        assert "observability" in one["evidence"], one
    assert not [one for one in verified.of("pass") if one["namespace"] == "observability"]
    assert len(verified.of("pass")) > 40
