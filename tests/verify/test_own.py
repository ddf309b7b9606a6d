"""Probes of a repository: over live objects, logs, HTTP and commands; what runs something must be trusted."""

from __future__ import annotations

import json
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from tests.terminal import Outcome, Terminal
from tests.verify import healthy
from tests.verify.conftest import repository

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.verify.conftest import Trial

OBJECTS = """\
name: ready-pods
summary: Every pod of Airflow is ready.
objects:
  kind: Pod
  namespace: airflow
  expression: object.status.conditions.exists(one, one.type == "Ready" && one.status == "True")
"""


@pytest.fixture
def verify(
    trial: Trial, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., Outcome]:
    root = repository(tmp_path / "own")
    (root / ".lintkit" / "probes").mkdir(parents=True)
    terminal = Terminal(root, monkeypatch, capsys)

    def run(text: str, *arguments: str) -> Outcome:
        (root / ".lintkit" / "probes" / "probe.yaml").write_text(dedent(text), "utf-8")
        found = terminal.lintkit("verify", "--select", "own", *arguments)
        assert healthy.SECRET not in found.out + found.err
        return found

    return run


def said(found: Outcome) -> str:
    assert not found.err
    return found.out.splitlines()[0]


def test_an_expression_over_live_objects(trial: Trial, verify: Callable[..., Outcome]) -> None:
    assert said(verify(OBJECTS)) == "pass     Pod airflow/* (every pod of Airflow is ready): 3 objects [ready-pods]"
    trial.server.find("Pod", "hello-world-task-1")["status"]["conditions"][1]["status"] = "False"
    found = verify(OBJECTS)
    assert found.code == 1
    subject = "Pod airflow/* (every pod of Airflow is ready)"
    expression = 'object.status.conditions.exists(one, one.type == "Ready" && one.status == "True")'
    assert found.out.splitlines()[:3] == [
        f"FAIL     {subject}: `{expression}` is false for `airflow/hello-world-task-1` [ready-pods]",
        "         promised at .lintkit/probes/probe.yaml:1:7",
        "         $ kubectl -n airflow get pod -o yaml",
    ]
    trial.server.find("Pod", "hello-world-task-1")["status"] = {}
    assert said(verify(OBJECTS)) == (
        "unknown  Pod airflow/* (every pod of Airflow is ready): the expression has no value for "
        "`airflow/hello-world-task-1`: no such key: `conditions` [ready-pods]"
    )


def test_too_few_objects(verify: Callable[..., Outcome]) -> None:
    text = "name: jobs\nsummary: There is a job.\nobjects: {kind: batch/Job, namespace: 'a*', at-least: 2}\n"
    assert said(verify(text)) == "FAIL     Job a*/* (there is a job): 0 of at least 2 are there [jobs]"
    text = "name: odd\nsummary: There is one.\nobjects: {kind: example.org/Odd}\n"
    assert said(verify(text)) == (
        "unknown  Odd */* (there is one): not installed: the cluster knows no Odd (example.org) [odd]"
    )


def test_objects_of_namespaces_that_may_not_be_read(trial: Trial, verify: Callable[..., Outcome]) -> None:
    """What is true of those that may be read is not true of all."""
    trial.server.faults.refuse = lambda call: call.resource == "pods" and call.namespace != "airflow"
    text = OBJECTS.replace("namespace: airflow", "namespace: '*'")
    found = verify(text, "--select", "own,worker-environment")
    assert (
        "unknown  Pod */* (every pod of Airflow is ready): not all namespaces may be read; true of 3 in the others "
        "[ready-pods]"
    ) in found.out.splitlines()
    trial.server.find("Pod", "hello-world-task-1")["status"]["conditions"][1]["status"] = "False"
    assert "is false for `airflow/hello-world-task-1` [ready-pods]" in verify(text, "--select", "own,airflow").out


def test_values_of_secrets_are_not_seen_by_expressions(verify: Callable[..., Outcome]) -> None:
    text = """\
        name: connection
        summary: The connection is there, and its value is not.
        objects:
          kind: Secret
          namespace: airflow
          name: airflow-metadata
          expression: "'connection' in object.data && object.data.connection == ''"
    """
    assert verify(text).code == 0


def test_lines_in_loki(trial: Trial, verify: Callable[..., Outcome]) -> None:
    some = "name: errors\nsummary: There are lines.\nlogs: {query: '{container=\"scheduler\"}'}\n"
    none = some.replace("'}", "', expect: none}")
    assert verify(some).code == 0
    assert said(verify(none)).startswith("FAIL     logs (there are lines): there is a line, ")
    trial.loki.ages.clear()
    assert said(verify(some)) == "FAIL     logs (there are lines): no line; Loki has no streams at all [errors]"
    assert said(verify(none)) == "pass     logs (there are lines): no line [errors]"


def test_http_must_be_trusted(trial: Trial, verify: Callable[..., Outcome]) -> None:
    text = f"name: web\nsummary: It answers.\nhttp: {{url: '{trial.loki.url}/x', status: 404, contains: not found}}\n"
    found = verify(text)
    assert (found.code, found.err) == (3, "lintkit: the tree promises nothing that these probes could ask for\n")
    assert not trial.loki.asked
    assert said(verify(text, "--trust-probes")) == (f"pass     {trial.loki.url}/x (it answers): it answers 404 [web]")
    wrong = text.replace("404", "200")
    assert said(verify(wrong, "--trust-probes")).endswith("it answers 404, wanted 200 [web]")
    wrong = text.replace("not found", "welcome")
    assert said(verify(wrong, "--trust-probes")).endswith("it answers 404 without `welcome` [web]")
    service = (
        "name: web\nsummary: It answers.\nhttp: {url: /x, service: 'observability/loki-gateway:80', status: 404}\n"
    )
    assert said(verify(service, "--trust-probes")).startswith("pass     /x (it answers)")


def test_a_command_must_be_trusted(trial: Trial, verify: Callable[..., Outcome]) -> None:
    text = """\
        name: version
        summary: It is Airflow 2.10.
        exec:
          namespace: airflow
          pod: airflow-scheduler-*
          container: scheduler
          command: [airflow, version]
          contains: "2.10"
    """
    trial.server.commands["scheduler", "airflow version"] = ("2.10.5\n", "", 0)
    assert verify(text).code == 3
    assert verify(text, "--trust-probes", "--no-exec").code == 3
    assert said(verify(text, "--trust-probes")) == (
        "pass     `airflow version` in airflow/airflow-scheduler-* (it is Airflow 2.10): as wanted in pod "
        "airflow-scheduler-7d9-abcde [version]"
    )
    trial.server.commands["scheduler", "airflow version"] = ("3.0.1\n", "", None)
    assert "no `2.10` in what pod airflow-scheduler-7d9-abcde says: 3.0.1 " in said(verify(text, "--trust-probes"))
    trial.server.commands["scheduler", "airflow version"] = ("", "boom", 3)
    assert "exit code 3 in pod airflow-scheduler-7d9-abcde, wanted 0: boom " in said(verify(text, "--trust-probes"))
    assert "no pod `other` with a container" in said(
        verify(text.replace("airflow-scheduler-*", "other"), "--trust-probes")
    )


def test_what_is_left_out_is_said(verify: Callable[..., Outcome]) -> None:
    found = verify(f"{OBJECTS}---\nname: web\nsummary: It answers.\nhttp: {{url: 'http://x'}}\n")
    assert found.out.splitlines()[-1] == "not asked: web: needs --trust-probes"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: a\nsummary: b\n", ":1:1: a probe has one of `objects`, `logs`, `http` and `exec`; this has none"),
        ("name: flux\nsummary: b\nlogs: {query: '{}'}\n", ":1:7: the name `flux` is taken"),
        ("- a\n", ":1:1: a probe is a mapping with `name`, `summary` and one of `objects`, `logs`, `http` and `exec`"),
        (
            "name: a\nsummary: b\nobjects: {kind: Pod, expression: objct.x}\n",
            ":3:34: the expression: `objct` is no variable; did you mean `object`?",
        ),
        ("name: a\nsummary: b\nhttp: {url: ftp://x}\n", ":3:13: `ftp://x` is no http or https URL"),
        ("name: a\nsummary: b\nlog: {query: x}\n", ":3:1: `log` is no option; did you mean `logs`?"),
        ("name: a\nsummary: b\nexec: {namespace: a, pod: b, container: c, command: []}\n", ": `exec.command` names no"),
    ],
)
def test_a_file_that_is_wrong(verify: Callable[..., Outcome], text: str, message: str) -> None:
    found = verify(text)
    assert found.code == 2
    where, _, rest = message.rpartition(": ")
    assert found.err.startswith("lintkit: .lintkit/probes/probe.yaml")
    assert message.split(": ", 1)[1] in found.err
    assert where.split(": ")[0] in found.err
    assert rest in found.err


def test_a_recording_holds_their_answers(trial: Trial, verify: Callable[..., Outcome], tmp_path: Path) -> None:
    file = tmp_path / "run"
    live = verify(OBJECTS, "--record", str(file), "--output-format", "json")
    trial.server.stop()
    again = verify(OBJECTS, "--replay", str(file), "--output-format", "json")
    assert json.loads(live.out) == json.loads(again.out)
