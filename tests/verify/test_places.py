"""A result names the line that promised it, what explains it, and the command that shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lintkit import configuration, engine
from lintkit.verify.login import connect, quiet_client
from lintkit.verify.plan import Choice, plan
from lintkit.verify.run import ask
from tests.git import git
from tests.verify import healthy
from tests.verify.conftest import repository

if TYPE_CHECKING:
    from pathlib import Path

    from lintkit.verify.expectation import Result
    from tests.verify.conftest import Trial

RELEASE = "kubernetes/apps/airflow/airflow/app/helmrelease.yaml"
ALERTS = "kubernetes/apps/observability/airflow-alerts/app"
CONNECTION = """\
              - name: AIRFLOW__DATABASE__SQL_ALCHEMY_CONN
                valueFrom:
                  secretKeyRef:
                    name: airflow-metadata
                    key: connection
"""


def place(one: Any) -> str:  # noqa: ANN401 - what has a place
    line, _ = one.place.source.position(one.place.span.start)
    return f"{one.place.source.path}:{line}"


def asked(trial: Trial, overlay: dict[str, str], *names: str, root: Path | None = None) -> list[Result]:
    """The answers for a tree in which some files say something else."""
    root = root or trial.example.root
    tree = engine.load_tree(root, configuration.load(root), overlay=overlay)
    made = plan(tree, root, Choice(select=names))
    cluster = connect(timeout=trial.seconds)
    try:
        with quiet_client():
            return list(ask(made.expectations, cluster, made.namespaces))
    finally:
        cluster.close()


def line_of(trial: Trial, path: str, text: str) -> int:
    lines = (trial.example.root / path).read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


def test_a_missing_key_names_who_makes_it_and_who_needs_it(trial: Trial) -> None:
    trial.server.find("Secret", "airflow-metadata")["data"] = {}
    found = trial.one("secret-keys", "Secret/airflow/airflow-metadata")
    maker = "kubernetes/apps/airflow/airflow/app/externalsecret-metadata.yaml"
    assert place(found.expectation) == f"{maker}:20"
    assert found.expectation.command == "kubectl -n airflow describe secret airflow-metadata"
    related = {f"{place(one)}: {one.message}" for one in found.answer.related}
    worker = line_of(trial, RELEASE, "key: connection")
    assert f"{maker}:20: ExternalSecret `airflow-metadata` makes it" in related
    assert f"{RELEASE}:{worker}: HelmRelease `airflow` needs it" in related


def test_a_worker_without_database_is_explained_by_the_rule(trial: Trial) -> None:
    """The finding of `worker-without-database` stands beside what the pods say, with its line."""
    text = (trial.example.root / RELEASE).read_text("utf-8")
    assert CONNECTION in text
    words = "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) no such table: dag_run"
    trial.server.logs["airflow", "hello-world-task-1", "base"] = f"{words}\n"
    trial.server.commands["base", "sh -c"] = ("scheme=sqlite\n", "", None)
    trial.server.find("Pod", "hello-world-task-1")["spec"]["containers"][0]["env"] = []
    overlay = {RELEASE: text.replace(CONNECTION, "")}
    broken = [
        one
        for one in asked(trial, overlay, "worker-logs", "worker-environment", "airflow-database")
        if one.outcome.value == "fail"
    ]
    assert {one.expectation.probe for one in broken} == {"worker-logs", "worker-environment", "airflow-database"}
    container = line_of(trial, RELEASE, "- name: base")
    for one in broken:
        assert place(one.expectation) == f"{RELEASE}:{container}"
        (rule,) = one.answer.related
        assert place(rule) == f"{RELEASE}:{container}"
        assert rule.message.startswith("`worker-without-database`: the worker's container `base` has no connection")


def test_airflow_3_is_judged_by_its_own_rules(trial: Trial) -> None:
    """No database is needed in a worker; the URL of the API server, or an airflow.cfg, is."""
    text = (trial.example.root / RELEASE).read_text("utf-8")
    overlay = {RELEASE: text.replace("airflowVersion: 2.10.5", "airflowVersion: 3.0.2")}
    worker = trial.server.find("Pod", "hello-world-task-1")
    (found,) = asked(trial, overlay, "worker-environment")
    assert found.answer.evidence == (
        "container `base` of pod hello-world-task-1 has no `AIRFLOW__CORE__EXECUTION_API_SERVER_URL`"
    )
    worker["spec"]["containers"][0]["env"] = [{"name": "AIRFLOW__CORE__EXECUTION_API_SERVER_URL", "value": "http://x"}]
    (found,) = asked(trial, overlay, "worker-environment")
    assert found.outcome.value == "pass"
    assert [one.expectation.claim for one in asked(trial, overlay, "airflow-database")] == [
        "has a scheduler with a database that is not SQLite"
    ]
    trial.loki.ages["api-server"] = 1.0
    assert "logs of api-server in airflow" in {one.expectation.subject for one in asked(trial, overlay, "loki")}


def test_a_dag_that_is_not_listed_names_the_line_that_defines_it(trial: Trial) -> None:
    trial.server.commands["scheduler", "airflow dags list -o"] = ("[]", "", 0)
    found = trial.one("dag-list", "HelmRelease/airflow/airflow")
    dags = "kubernetes/apps/airflow/airflow/dags"
    assert place(found.expectation) == f"{RELEASE}:{line_of(trial, RELEASE, 'subPath: kubernetes')}"
    related = {f"{place(one)}: {one.message}" for one in found.answer.related}
    number = line_of(trial, f"{dags}/hello_world.py", "def hello_world")
    assert f"{dags}/hello_world.py:{number}: defines `hello_world`" in related


def test_an_object_missing_from_an_inventory_is_named_where_it_is_written(trial: Trial) -> None:
    status = trial.server.find("Kustomization", "loki")["status"]
    status["inventory"]["entries"] = []
    found = trial.one("flux-inventory", "Kustomization/flux-system/loki")
    release = "kubernetes/apps/observability/loki/app/helmrelease.yaml"
    assert place(found.expectation) == "kubernetes/apps/observability/loki/ks.yaml:5"
    assert found.expectation.command == "flux -n flux-system tree kustomization loki"
    assert f"{release}:5: HelmRelease `observability/loki` is written here" in {
        f"{place(one)}: {one.message}" for one in found.answer.related
    }


def test_a_rule_that_nobody_loads(trial: Trial) -> None:
    rule = "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: web\nspec:\n  groups: []\n"
    text = (trial.example.root / ALERTS / "kustomization.yaml").read_text("utf-8")
    overlay = {f"{ALERTS}/kustomization.yaml": f"{text}resources:\n  - ./rule.yaml\n", f"{ALERTS}/rule.yaml": rule}

    def said() -> str:
        (found,) = asked(trial, overlay, "prometheus-rule")
        assert place(found.expectation) == f"{ALERTS}/rule.yaml:4"
        return f"{found.outcome.value}: {found.answer.evidence}"

    assert said() == "fail: it is not in the cluster"
    live = healthy.made("monitoring.coreos.com/v1", "PrometheusRule", "observability", "web")
    trial.server.objects.append(live)
    assert said() == "fail: no `ruleSelector` matches it: it is in no rule file of `main`"
    files = trial.server.find("ConfigMap", "prometheus-main-rulefiles-0")
    files["data"] = {"observability-web-8e1c.yaml": "groups: []"}
    assert said() == "pass: in ConfigMap `monitoring/prometheus-main-rulefiles-0`"
    condition = healthy.condition("Accepted", "False", "InvalidConfiguration", "bad expression")
    live["status"] = {"bindings": [{"resource": "prometheuses", "name": "main", "conditions": [condition]}]}
    assert said() == "fail: prometheuses `main` does not accept it: InvalidConfiguration: bad expression"
    live["status"] = {}
    trial.server.objects.remove(files)
    assert said() == "unknown: no ConfigMap of a Prometheus Operator with rules is in the cluster"


def test_the_commit_of_the_cluster_is_counted_from_the_one_checked_out(trial: Trial, tmp_path: Path) -> None:
    root = repository(tmp_path / "other")
    first = git(root, "rev-parse", "HEAD")
    for name in ("one", "two"):
        (root / name).write_text(name)
        git(root, "add", ".")
        git(root, "commit", "-q", "-m", name)
    artifact = trial.server.find("GitRepository", "flux-system")["status"]["artifact"]

    def said() -> str:
        (found,) = asked(trial, {}, "flux-revision", root=root)
        return f"{found.outcome.value}: {found.answer.evidence}"

    artifact["revision"] = f"main@sha1:{first}"
    assert said() == f"fail: it holds {first[:8]}: behind by 2 commits"
    second = git(root, "rev-parse", "HEAD")
    git(root, "reset", "-q", "--hard", "HEAD~1")
    artifact["revision"] = f"refs/heads/main@sha1:{second}"
    assert said() == f"fail: it holds {second[:8]}: ahead by 1 commit"
    artifact["revision"] = f"main@sha1:{git(root, 'rev-parse', 'HEAD')}"
    assert said().startswith("pass: ")
    (root / "one").write_text("changed")
    assert said().endswith("; the checkout has changes that are not committed")


def test_secrets_may_be_refused(trial: Trial) -> None:
    trial.server.faults.refuse = lambda call: call.resource == "secrets"
    lines = trial.lines("secret-keys")
    assert len(lines) > 5
    for line in lines:
        assert line.startswith("unknown Secret/")
        assert line.endswith('cannot get resource "secrets" in API group ""')


def test_a_kind_that_is_not_installed(trial: Trial) -> None:
    kinds = {group: found for group, found in trial.server.kinds.items() if group != "external-secrets.io"}
    trial.server.kinds = kinds
    (line,) = trial.lines("secret-store")
    assert line == (
        "unknown ClusterSecretStore/onepassword-connect: not installed: the cluster knows no ClusterSecretStore "
        "(external-secrets.io)"
    )
