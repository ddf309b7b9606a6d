"""Loki: reached in three ways, with a tenant or a login; silent, late, refusing, hanging."""

from __future__ import annotations

import base64
import copy
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lintkit import configuration, engine
from lintkit.options import LoggedComponent, LokiAccess, VerifyOptions
from lintkit.verify.login import connect, quiet_client
from lintkit.verify.plan import Choice, plan
from lintkit.verify.run import ask

if TYPE_CHECKING:
    import pytest

    from lintkit.verify.expectation import Result
    from tests.verify.conftest import Trial

HANDLER = "logs of webhook handler `airflow-failure-webhook` in airflow"
TOKEN = "a-token-of-loki-4711"  # noqa: S105 - the stand-in's own


def results(trial: Trial, **access: Any) -> list[Result]:  # noqa: ANN401 - fields of LokiAccess
    """The answers of `loki-streams` with this access."""
    root = trial.example.root
    options = replace(configuration.load(root), verify=VerifyOptions(loki=LokiAccess(**access)))
    made = plan(engine.load_tree(root, options), root, Choice(select=("loki-streams",)))
    cluster = connect(timeout=trial.seconds)
    try:
        with quiet_client():
            return list(ask(made.expectations, cluster, made.namespaces))
    finally:
        cluster.close()


def outcomes(found: list[Result]) -> set[str]:
    """What was said, with what passes as one word: how old a line is depends on the machine."""
    passes = {"pass"} if any(one.outcome.value == "pass" for one in found) else set()
    return passes | {f"{one.outcome.value}: {one.answer.evidence}" for one in found if one.outcome.value != "pass"}


def test_a_silent_component_is_named_with_the_labels_that_exist(trial: Trial) -> None:
    del trial.loki.ages["handler"]
    assert trial.lines("loki-streams") == [
        (
            f'fail {HANDLER}: no streams {{namespace="airflow", container="handler"}}; '
            "`namespace` is one of `airflow`; `container` is one of `base`, `scheduler`, `webserver`"
        )
    ]
    found = trial.one("loki-streams", HANDLER)
    assert found.expectation.path == "kubernetes/apps/airflow/failure-webhook/app/deployment.yaml"
    assert found.expectation.position == (5, 9)
    assert found.expectation.command == (
        "kubectl -n observability port-forward svc/loki-gateway 3100:80 & logcli --addr=http://127.0.0.1:3100 "
        'query --since=15m --limit=1 \'{namespace="airflow", container="handler"}\''
    )


def test_no_streams_at_all(trial: Trial) -> None:
    trial.loki.ages.clear()
    assert (
        'fail logs of scheduler in airflow: no streams {namespace="airflow", container="scheduler"}; '
        "Loki has no streams at all"
    ) in trial.lines("loki-streams")


def test_a_label_that_no_stream_has(trial: Trial) -> None:
    (found,) = results(trial, components=(LoggedComponent(name="tasks", query='{job="airflow-task"}'),))
    assert found.answer.evidence == (
        'no streams {job="airflow-task"}; there is no label `job`, there are `container`, `namespace`, `pod`'
    )
    assert found.expectation.subject == "logs of tasks"


def test_labels_that_a_collector_calls_otherwise(trial: Trial) -> None:
    """Nobody has said what labels there are: that these are missing says nothing of the logs."""
    trial.loki.names = ["k8s_container_name", "service_name"]
    trial.loki.ages = {"other": 1.0}
    found = outcomes(results(trial))
    assert (
        'unknown: no streams {namespace="airflow", container="scheduler"}; there is no label `namespace`, there are '
        "`k8s_container_name`, `service_name`; there is no label `container`, there are `k8s_container_name`, "
        "`service_name`; `verify.loki.components` says by which labels logs are known here"
    ) in found
    assert {one.partition(":")[0] for one in found} == {"unknown"}


def test_lines_that_come_too_late(trial: Trial) -> None:
    trial.loki.ages["scheduler"] = 7500.0
    assert trial.lines("loki-streams") == [
        "fail logs of scheduler in airflow: the newest line is of 2 h ago: it is silent, or its logs come too late"
    ]
    assert results(trial, within="3h")[0].outcome.value == "pass"


def test_late_or_silent_is_told_by_the_log_of_the_pod(trial: Trial) -> None:
    pod = "airflow-scheduler-7d9-abcde"
    trial.server.logs["airflow", pod, "scheduler"] = "a line\nanother\n"
    old = "fail logs of scheduler in airflow: the newest line is of 2 h ago, and"

    def said() -> str:
        (line,) = trial.lines("loki-streams")
        return re.sub(r"wrote \d+ s ago", "wrote now", line)

    trial.loki.ages["scheduler"] = 7500.0
    assert said() == f"{old} pod {pod} wrote now: its logs come 2 h late"
    trial.server.silent = 8000.0
    assert said() == f"{old} pod {pod} itself has written nothing since 2 h ago"
    trial.server.silent = 0.0
    del trial.loki.ages["scheduler"]
    assert f", although pod {pod} wrote now; `namespace` is one of `airflow`" in said()


def test_workers_that_did_not_run_need_not_have_logged(trial: Trial) -> None:
    del trial.loki.ages["base"]
    worker = trial.server.find("Pod", "hello-world-task-1")
    (line,) = trial.lines("loki-streams")
    assert line.startswith(
        'fail logs of worker in airflow: no streams {namespace="airflow", container="base"}, '
        "although pod hello-world-task-1 began "
    )
    worker["metadata"]["creationTimestamp"] = "2020-01-01T00:00:00Z"
    assert trial.lines("loki-streams") == [
        "unknown logs of worker in airflow: no streams, and no worker ran in the last 15 min"
    ]


def test_directly_and_through_grafana(trial: Trial) -> None:
    trial.server.calls.clear()
    assert outcomes(results(trial, url=trial.loki.url)) == {"pass"}
    trial.loki.prefix = "/api/datasources/proxy/uid/logs"
    assert outcomes(results(trial, grafana=trial.loki.url, datasource="logs")) == {"pass"}
    assert {one.name for one in trial.server.calls} == {"/version"}


def test_a_service_of_the_configuration(trial: Trial) -> None:
    assert outcomes(results(trial, service="observability/loki-gateway:http")) == {"pass"}
    assert outcomes(results(trial, service="observability/loki:3100")) == {
        "unknown: there is no Service `loki` in namespace `observability`"
    }
    assert outcomes(results(trial, service="observability/loki-gateway:81")) == {
        "unknown: Service `loki-gateway` has no port `81` that leads to pods"
    }


def test_a_tenant(trial: Trial) -> None:
    trial.loki.headers = {"X-Scope-OrgID": "airflow"}
    assert outcomes(results(trial, url=trial.loki.url)) == {
        "unknown: Loki refuses (401): no org id; `verify.loki.tenant` names the tenant"
    }
    assert outcomes(results(trial, url=trial.loki.url, tenant="airflow")) == {"pass"}


def test_basic_and_bearer(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOKI_SECRET", TOKEN)
    trial.loki.headers = {"Authorization": f"Bearer {TOKEN}"}
    bearer = {"token_variable": "LOKI_SECRET"}
    assert outcomes(results(trial, url=trial.loki.url, **bearer)) == {"pass"}
    pair = base64.b64encode(f"me:{TOKEN}".encode()).decode()
    trial.loki.headers = {"Authorization": f"Basic {pair}"}
    login = {"username": "me", "password_variable": "LOKI_SECRET"}
    assert outcomes(results(trial, url=trial.loki.url, **login)) == {"pass"}
    monkeypatch.delenv("LOKI_SECRET")
    assert outcomes(results(trial, url=trial.loki.url, **login)) == {
        "unknown: the environment variable `LOKI_SECRET` for Loki is not set"
    }


def test_loki_that_hangs(trial: Trial) -> None:
    trial.loki.hangs = True
    trial.seconds = 0.4
    assert outcomes(results(trial)) == {
        "unknown: port 8080 of pod observability/loki-gateway-1: no answer within 0.4 s"
    }
    assert outcomes(results(trial, url=trial.loki.url)) == {"unknown: no answer within 0.4 s"}


def test_what_answers_is_not_loki(trial: Trial) -> None:
    assert outcomes(results(trial, url=f"{trial.loki.url}/else")) == {"unknown: Loki answers 404: 404 page not found"}
    assert outcomes(results(trial, url="http://127.0.0.1:1")) == {
        "unknown: `127.0.0.1:1` does not answer: [Errno 111] Connection refused"
    }
    (said,) = {one.partition("?")[0] for one in outcomes(results(trial, url="ftp://logs"))}
    assert said == "unknown: `ftp://logs/loki/api/v1/query_range"


def test_nobody_behind_the_service(trial: Trial) -> None:
    pod = trial.server.find("Pod", "loki-gateway-1")
    ready = copy.deepcopy(pod["status"]["conditions"])
    pod["status"]["conditions"] = []
    assert outcomes(results(trial)) == {"unknown: no ready pod is behind Service `observability/loki-gateway`"}
    pod["status"]["conditions"] = ready
    trial.server.ports.clear()
    assert outcomes(results(trial)) == {"unknown: port 8080 of pod observability/loki-gateway-1: connection refused"}


def test_a_key_of_the_bucket_is_missing(trial: Trial) -> None:
    trial.server.find("Secret", "loki-s3-credentials")["data"].pop("AWS_SECRET_ACCESS_KEY")
    found = trial.one("loki-bucket", "HelmRelease/observability/loki")
    assert found.outcome.value == "fail"
    assert found.answer.evidence == "no key `AWS_SECRET_ACCESS_KEY`; there are `AWS_ACCESS_KEY_ID`"
    release = "kubernetes/apps/observability/loki/app/helmrelease.yaml"
    places = [(one.place.source.path, *one.place.source.position(one.place.span.start)) for one in found.answer.related]
    assert (release, 68, 28) in places
    trial.server.remove("Secret", "loki-s3-credentials")
    assert trial.lines("loki-bucket") == [
        "fail HelmRelease/observability/loki: Secret `loki-s3-credentials` is not in the cluster"
    ]
