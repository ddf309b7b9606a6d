"""Every probe against a cluster that keeps the promises, and against one that does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from lintkit.verify.probes._probe import all_probes
from tests.verify import healthy

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.verify.conftest import Trial
    from tests.verify.server import StandIn

SCHEDULER = "airflow-scheduler-7d9-abcde"
WORKER = "hello-world-task-1"
HANDLER = "airflow-failure-webhook"


class Case(NamedTuple):
    """One thing that is broken, and what the probe says of it: all lines that do not pass."""

    probe: str
    name: str
    broken: Callable[[StandIn], object]
    lines: tuple[str, ...]


CASES: list[Case] = []


def case(probe: str, *lines: str) -> Callable[[Callable[[StandIn], object]], Callable[[StandIn], object]]:
    def add(broken: Callable[[StandIn], object]) -> Callable[[StandIn], object]:
        CASES.append(Case(probe, broken.__name__, broken, lines))
        return broken

    return add


def stated(one: dict[str, Any], status: str, reason: str, message: str, kind: str = "Ready") -> None:
    one["status"]["conditions"] = [healthy.condition(kind, status, reason, message)]


# flux


@case("flux-source", "fail GitRepository/flux-system/flux-system: GitOperationFailed: auth: password=<redacted>")
def source_cannot_fetch(server: StandIn) -> None:
    stated(server.find("GitRepository", "flux-system"), "False", "GitOperationFailed", "auth: password=abc12345")


@case("flux-source", "fail HelmRepository/observability/grafana: it is not in the cluster")
def source_missing(server: StandIn) -> None:
    server.remove("HelmRepository", "grafana")


@case("flux-source", "unknown OCIRepository/flux-system/flux-operator: suspended")
def source_suspended(server: StandIn) -> None:
    server.find("OCIRepository", "flux-operator")["spec"]["suspend"] = True


@case("flux-kustomization", "unknown Kustomization/flux-system/loki: suspended")
def kustomization_suspended(server: StandIn) -> None:
    server.find("Kustomization", "loki")["spec"]["suspend"] = True


@case("flux-kustomization", "unknown Kustomization/flux-system/loki: no conditions yet")
def kustomization_without_conditions(server: StandIn) -> None:
    server.find("Kustomization", "loki")["status"] = {}


@case(
    "flux-kustomization",
    "fail Kustomization/flux-system/loki: ReconciliationFailed: kustomization path not found: stat /x",
)
def kustomization_failed(server: StandIn) -> None:
    stated(
        server.find("Kustomization", "loki"), "False", "ReconciliationFailed", "kustomization path not found: stat /x"
    )


@case(
    "flux-kustomization",
    "fail Kustomization/flux-system/loki: applied main@sha1:old, and tried main@sha1:new; its source holds {revision}",
)
def kustomization_behind(server: StandIn) -> None:
    status = server.find("Kustomization", "loki")["status"]
    status |= {"lastAppliedRevision": "main@sha1:old", "lastAttemptedRevision": "main@sha1:new"}


@case(
    "flux-kustomization",
    "unknown Kustomization/flux-system/loki: its controller has not looked at generation 2 yet, only at 1",
)
def kustomization_changed_just_now(server: StandIn) -> None:
    server.find("Kustomization", "loki")["metadata"]["generation"] = 2


@case(
    "flux-inventory",
    "fail Kustomization/flux-system/loki: missing: HelmRelease `observability/loki`; "
    "extra: ConfigMap `observability/left`",
)
def inventory_differs(server: StandIn) -> None:
    inventory = server.find("Kustomization", "loki")["status"]["inventory"]
    inventory["entries"] = [one for one in inventory["entries"] if not one["id"].endswith("_HelmRelease")]
    inventory["entries"].append({"id": "observability_left__ConfigMap", "v": "v1"})


@case("flux-inventory", "unknown Kustomization/flux-system/loki: it has no inventory: nothing was applied yet")
def inventory_empty(server: StandIn) -> None:
    del server.find("Kustomization", "loki")["status"]["inventory"]


@case(
    "flux-revision",
    "unknown GitRepository/flux-system/flux-system: it holds 12345678, a commit that this checkout does not know; "
    "`git fetch` may help",
)
def revision_unknown(server: StandIn) -> None:
    server.find("GitRepository", "flux-system")["status"]["artifact"]["revision"] = "main@sha1:" + "12345678" * 5


@case("flux-revision", "unknown GitRepository/flux-system/flux-system: it holds no revision yet")
def revision_none(server: StandIn) -> None:
    del server.find("GitRepository", "flux-system")["status"]["artifact"]


@case(
    "helm-release",
    "fail HelmRelease/observability/loki: InstallFailed: Helm install failed: context deadline exceeded",
)
def release_failed(server: StandIn) -> None:
    words = "Helm install failed: context deadline exceeded"
    stated(server.find("HelmRelease", "loki"), "False", "InstallFailed", words)


@case("helm-release", "fail HelmRelease/airflow/airflow: chart 1.15.0 is installed, the tree names 1.16.0")
def release_of_another_chart(server: StandIn) -> None:
    server.find("HelmRelease", "airflow")["status"]["history"][0]["chartVersion"] = "1.15.0"


@case("helm-release", "unknown HelmRelease/airflow/airflow: suspended")
def release_created_suspended(server: StandIn) -> None:
    found = server.find("HelmRelease", "airflow")
    found["spec"]["suspend"] = True
    found["status"] = {"observedGeneration": 1}


# external secrets


@case("secret-store", "fail ClusterSecretStore/onepassword-connect: InvalidProviderConfig: unable to validate store")
def store_invalid(server: StandIn) -> None:
    store = server.find("ClusterSecretStore", "onepassword-connect")
    stated(store, "False", "InvalidProviderConfig", "unable to validate store")


@case("secret-store", "unknown ClusterSecretStore/onepassword-connect: no conditions yet")
def store_not_seen(server: StandIn) -> None:
    server.find("ClusterSecretStore", "onepassword-connect")["status"] = {}


@case(
    "external-secret",
    "fail ExternalSecret/airflow/airflow-metadata: SecretSyncedError: could not get secret data from provider",
)
def secret_not_synced(server: StandIn) -> None:
    found = server.find("ExternalSecret", "airflow-metadata")
    stated(found, "False", "SecretSyncedError", "could not get secret data from provider")


@case(
    "external-secret",
    "fail ExternalSecret/airflow/airflow-metadata: stale: last refreshed 3 d ago, with an interval of 1h",
)
def secret_stale(server: StandIn) -> None:
    found = server.find("ExternalSecret", "airflow-metadata")
    found["spec"]["refreshInterval"] = "1h"
    found["status"]["refreshTime"] = (datetime.now(UTC) - timedelta(days=3)).isoformat()


@case("external-secret", "unknown ExternalSecret/airflow/airflow-metadata: no `Ready` condition; it has Deleted")
def secret_without_ready(server: StandIn) -> None:
    stated(server.find("ExternalSecret", "airflow-metadata"), "True", "x", "", "Deleted")


@case(
    "secret-keys",
    "fail Secret/airflow/airflow-metadata: no key `connection`; it has `uri`; needed by CronJob `airflow-smoke-test`, "
    "HelmRelease `airflow`",
)
def key_missing(server: StandIn) -> None:
    server.find("Secret", "airflow-metadata")["data"] = {"uri": healthy.SECRET}


@case("secret-keys", "fail Secret/airflow/airflow-admin: it is not in the cluster; needed by HelmRelease `airflow`")
def secret_missing(server: StandIn) -> None:
    server.remove("Secret", "airflow-admin")


# workloads


@case("workload", "fail Deployment/airflow/airflow-failure-webhook: it is not in the cluster")
def workload_missing(server: StandIn) -> None:
    server.remove("Deployment", HANDLER)


@case(
    "workload",
    "fail Deployment/airflow/airflow-failure-webhook: container `handler` has image `python:3.9`, the tree names "
    "`python:3.12.8-slim`",
)
def workload_with_another_image(server: StandIn) -> None:
    server.find("Deployment", HANDLER)["spec"]["template"]["spec"]["containers"][0]["image"] = "python:3.9"


@case(
    "workload",
    "fail Deployment/airflow/airflow-failure-webhook: 0 of 1 pods are ready; pod airflow-failure-webhook-7d9-abcde: "
    "ContainersNotReady: containers with unready status: [handler]",
)
def workload_running_but_not_ready(server: StandIn) -> None:
    pod = server.find("Pod", f"{HANDLER}-7d9-abcde")
    assert pod["status"]["phase"] == "Running"
    stated(pod, "False", "ContainersNotReady", "containers with unready status: [handler]")


@case(
    "workload",
    "fail Deployment/airflow/airflow-failure-webhook: container `handler` of pod "
    "airflow-failure-webhook-7d9-abcde waits: "
    'ImagePullBackOff (Back-off pulling image "python:3.12.8-slim")',
)
def workload_cannot_pull(server: StandIn) -> None:
    status = server.find("Pod", f"{HANDLER}-7d9-abcde")["status"]["containerStatuses"][0]
    words = 'Back-off pulling image "python:3.12.8-slim"'
    status["state"] = {"waiting": {"reason": "ImagePullBackOff", "message": words}}


@case(
    "workload",
    "fail Deployment/airflow/airflow-failure-webhook: container `handler` of pod airflow-failure-webhook-7d9-abcde was "
    "restarted 7 times, last 2 min ago",
)
def workload_restarts(server: StandIn) -> None:
    status = server.find("Pod", f"{HANDLER}-7d9-abcde")["status"]["containerStatuses"][0]
    ended = (datetime.now(UTC) - timedelta(seconds=125)).isoformat()
    status |= {"restartCount": 7, "lastState": {"terminated": {"exitCode": 1, "finishedAt": ended}}}


@case(
    "workload",
    "unknown Deployment/airflow/airflow-failure-webhook: its controller has not looked at generation 2 yet",
)
def workload_changed_just_now(server: StandIn) -> None:
    server.find("Deployment", HANDLER)["metadata"]["generation"] = 2


@case(
    "release-workloads",
    "fail HelmRelease/airflow/airflow: Deployment `airflow-scheduler`: container `scheduler` of pod "
    "airflow-scheduler-7d9-abcde waits: CreateContainerConfigError (couldn't find key connection in Secret "
    "airflow/airflow-metadata)",
)
def release_misses_a_key(server: StandIn) -> None:
    status = server.find("Pod", SCHEDULER)["status"]["containerStatuses"][0]
    words = "couldn't find key connection in Secret airflow/airflow-metadata"
    status["state"] = {"waiting": {"reason": "CreateContainerConfigError", "message": words}}


@case("release-workloads", "unknown HelmRelease/observability/alloy: the release was not installed yet")
def release_not_installed(server: StandIn) -> None:
    del server.find("HelmRelease", "alloy")["status"]["history"]


@case(
    "image-version",
    "fail image `timberio/vector` in airflow: container `vector` of pod hello-world-task-1 has tag `latest-alpine`, "
    "wanted version `0.39.0` and variant `debian`",
)
def worker_with_another_vector(server: StandIn) -> None:
    server.find("Pod", WORKER)["spec"]["initContainers"][0]["image"] = "timberio/vector:latest-alpine"


@case("image-version", "unknown image `timberio/vector` in airflow: no pod has this image now")
def no_vector(server: StandIn) -> None:
    for name in (SCHEDULER, WORKER):
        server.remove("Pod", name)


@case(
    "running-version",
    "fail program `vector` in airflow: pod airflow-scheduler-7d9-abcde runs 0.40.1, the tree names 0.39.0",
)
def vector_is_another(server: StandIn) -> None:
    server.commands["vector", "vector --version"] = ("vector 0.40.1 (x86_64)\n", "", 0)


@case(
    "running-version",
    "unknown program `vector` in airflow: `vector --version` in pod airflow-scheduler-7d9-abcde says: not found",
)
def vector_does_not_say(server: StandIn) -> None:
    server.commands["vector", "vector --version"] = ("", "not found", 127)


# airflow


@case(
    "dag-files",
    "fail HelmRelease/airflow/airflow: missing: `hello_world.py`; extra: `old/left.py` (pod "
    "airflow-scheduler-7d9-abcde, "
    "/git/repo/kubernetes/apps/airflow/airflow/dags)",
)
def dag_not_synced(server: StandIn) -> None:
    folder = "/git/repo/kubernetes/apps/airflow/airflow/dags"
    text = server.commands["git-sync", "ls -1ApR"][0].replace("hello_world.py\n", "old/\n__pycache__/\n")
    more = f"\n{folder}/__pycache__:\nx.py\n\n{folder}/old:\nleft.py\n"
    server.commands["git-sync", "ls -1ApR"] = (text + more, "", 0)


@case(
    "dag-files",
    "fail HelmRelease/airflow/airflow: `/git/repo/kubernetes/apps/airflow/airflow/dags` is not in pod "
    "airflow-scheduler-7d9-abcde: git-sync has not brought it",
)
def dags_not_synced_at_all(server: StandIn) -> None:
    server.commands["git-sync", "ls -1ApR"] = ("", "ls: /git/repo: No such file or directory", 2)


@case(
    "dag-files",
    "unknown HelmRelease/airflow/airflow: no running scheduler or DAG processor has a container `git-sync`",
)
def no_git_sync(server: StandIn) -> None:
    server.remove("Pod", SCHEDULER)


@case(
    "dag-list",
    "fail HelmRelease/airflow/airflow: not listed: `hello_world`, `simple_health_check`; Airflow lists 1 DAG",
)
def dags_not_listed(server: StandIn) -> None:
    table = 'a warning [not JSON]\n[{"dag_id": "cluster_health_monitoring", "is_paused": "True"}]\n'
    server.commands["scheduler", "airflow dags list -o"] = (table, "", None)


@case(
    "dag-list",
    "fail HelmRelease/airflow/airflow: the scheduler has no database: ERROR: You need to initialize the "
    "database. Please "
    "run `airflow db init`.",
)
def dag_list_without_database(server: StandIn) -> None:
    words = "ERROR: You need to initialize the database. Please run `airflow db init`."
    server.commands["scheduler", "airflow dags list -o"] = ("", words, 1)


@case(
    "dag-list",
    "unknown HelmRelease/airflow/airflow: `airflow dags list` in pod airflow-scheduler-7d9-abcde gives "
    "no table: Killed "
    "(exit code 137)",
)
def dag_list_killed(server: StandIn) -> None:
    server.commands["scheduler", "airflow dags list -o"] = ("", "Killed\n", 137)


@case(
    "dag-import", "fail HelmRelease/airflow/airflow: `hello_world.py`: ModuleNotFoundError: No module named 'requestz'"
)
def dag_with_an_import_error(server: StandIn) -> None:
    row = (
        '[{"filepath": "/opt/airflow/dags/repo/kubernetes/apps/airflow/airflow/dags/hello_world.py", "error": '
        "\"Traceback (most recent call last):\\n  File x\\nModuleNotFoundError: No module named 'requestz'\\n\"}]"
    )
    server.commands["scheduler", "airflow dags list-import-errors"] = (row, "", 1)


@case(
    "dag-import",
    "unknown HelmRelease/airflow/airflow: `airflow dags list-import-errors` in pod "
    "airflow-scheduler-7d9-abcde gives no "
    "table: boom (exit code 1)",
)
def import_errors_not_told(server: StandIn) -> None:
    server.commands["scheduler", "airflow dags list-import-errors"] = ("", "boom", 1)


@case(
    "airflow-database",
    "fail HelmRelease/airflow/airflow: pod airflow-scheduler-7d9-abcde is configured for SQLite",
    "fail HelmRelease/airflow/airflow: pod hello-world-task-1 is configured for SQLite",
)
def sqlite(server: StandIn) -> None:
    for container in ("scheduler", "base"):
        server.commands[container, "sh -c"] = ("scheme=sqlite\n", "", None)


@case(
    "airflow-database",
    "unknown HelmRelease/airflow/airflow: no scheduler of release `airflow` runs in namespace `airflow`",
    "unknown HelmRelease/airflow/airflow: no worker runs now",
)
def nobody_to_ask_for_the_database(server: StandIn) -> None:
    for name in (SCHEDULER, WORKER):
        server.remove("Pod", name)


@case(
    "worker-environment",
    "fail HelmRelease/airflow/airflow: container `base` of pod hello-world-task-1 has no "
    "`AIRFLOW__DATABASE__SQL_ALCHEMY_CONN`",
)
def worker_without_variable(server: StandIn) -> None:
    pod = server.find("Pod", WORKER)
    pod["spec"]["containers"][0]["env"] = [{"name": "PYTHONUNBUFFERED", "value": "1"}]
    pod["status"]["phase"] = "Failed"


@case(
    "worker-environment",
    "fail HelmRelease/airflow/airflow: container `base` of pod hello-world-task-1 waits: CreateContainerConfigError "
    "(couldn't find key connection in Secret airflow/airflow-metadata)",
)
def worker_that_cannot_start(server: StandIn) -> None:
    words = "couldn't find key connection in Secret airflow/airflow-metadata"
    pod = server.find("Pod", WORKER)
    pod["status"] = {
        "phase": "Pending",
        "containerStatuses": [
            {"name": "base", "state": {"waiting": {"reason": "CreateContainerConfigError", "message": words}}}
        ],
    }


@case("worker-environment", "unknown HelmRelease/airflow/airflow: no worker pod is there now")
def no_worker(server: StandIn) -> None:
    server.remove("Pod", WORKER)


@case(
    "worker-logs",
    "fail HelmRelease/airflow/airflow: pod hello-world-task-1: sqlalchemy.exc.OperationalError: "
    "(sqlite3.OperationalError) no such table: dag_run",
)
def worker_log_without_database(server: StandIn) -> None:
    words = "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) no such table: dag_run"
    server.logs["airflow", WORKER, "base"] = f"begin {healthy.SECRET}\n{words}\nend\n"


@case("worker-logs", "unknown HelmRelease/airflow/airflow: the logs are empty")
def worker_log_empty(server: StandIn) -> None:
    server.logs["airflow", WORKER, "base"] = ""


# dashboards


@case(
    "grafana-dashboard",
    "fail GrafanaDashboard/observability/airflow-logs: ApplyFailed: dashboard JSON is not valid",
)
def dashboard_not_synced(server: StandIn) -> None:
    found = server.find("GrafanaDashboard", "airflow-logs")
    stated(found, "False", "ApplyFailed", "dashboard JSON is not valid", "DashboardSynchronized")


@case(
    "grafana-dashboard",
    "fail GrafanaDatasource/observability/loki: no Grafana has the labels of its `instanceSelector`: "
    "EmptyAPIReply: none",
)
def datasource_without_grafana(server: StandIn) -> None:
    found = server.find("GrafanaDatasource", "loki")
    stated(found, "True", "EmptyAPIReply", "none", "NoMatchingInstance")


@case("grafana-dashboard", "unknown GrafanaDashboard/observability/airflow-logs: it has no conditions and no hash yet")
def dashboard_not_seen(server: StandIn) -> None:
    server.find("GrafanaDashboard", "airflow-logs")["status"] = {}


@pytest.mark.parametrize("broken", CASES, ids=lambda one: f"{one.probe}: {one.name}")
def test_what_is_broken_is_named(trial: Trial, broken: Case) -> None:
    broken.broken(trial.server)
    revision = f"main@sha1:{trial.example.whole.promises.commit}"
    assert trial.lines(broken.probe) == [one.replace("{revision}", revision) for one in broken.lines]


ELSEWHERE = {"flux-revision", "secret-keys", "loki-streams", "loki-bucket", "prometheus-rule"}
"""Tests of their own, here or beside this file."""


def test_every_probe_has_a_case_that_fails_and_one_that_is_unknown() -> None:
    seen = {(one.probe, line.partition(" ")[0]) for one in CASES for line in one.lines}
    probes = {one.name for one in all_probes()}
    assert {name for name in probes if (name, "fail") not in seen} <= ELSEWHERE
    assert {name for name in probes if (name, "unknown") not in seen} <= ELSEWHERE


def test_a_healthy_cluster_passes(trial: Trial) -> None:
    assert trial.lines() == []
