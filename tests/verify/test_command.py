"""`lintkit verify` as a person runs it: reports, exit codes, waiting, recording."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from tests.terminal import Outcome, Terminal
from tests.verify import healthy

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.verify.conftest import Trial

HOOK = "kubernetes/apps/airflow/failure-webhook/app/deployment.yaml"


@pytest.fixture
def verify(trial: Trial, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    terminal = Terminal(trial.example.root, monkeypatch, capsys)

    def run(*arguments: str) -> Outcome:
        found = terminal.lintkit("verify", *arguments)
        assert healthy.SECRET not in found.out + found.err
        assert "Traceback" not in found.err
        return found

    return run


def break_it(trial: Trial) -> None:
    trial.server.remove("Deployment", "airflow-failure-webhook")
    trial.server.find("Kustomization", "loki")["spec"]["suspend"] = True


def comes_later(trial: Trial, one: dict[str, Any]) -> None:
    """An object comes into the cluster after it was first asked for."""

    def run() -> None:
        while not any(call.resource == "deployments" for call in trial.server.calls):
            time.sleep(0.01)
        time.sleep(0.2)
        trial.server.objects.append(one)

    threading.Thread(target=run, daemon=True).start()


def test_all_is_well(verify: Callable[..., Outcome]) -> None:
    found = verify()
    assert found.code == 0
    lines = found.out.splitlines()
    assert all(line.startswith("pass     ") for line in lines[:-2])
    assert (
        "pass     Deployment/airflow/airflow-failure-webhook is up, with the images of the tree: 1 of 1 pods are ready "
        "[workload]"
    ) in lines
    assert lines[-1].startswith(f"{len(lines) - 2} pass (cluster `stand-in`, ")
    assert verify("--quiet").out.count("\n") == 1


def test_what_fails_and_what_is_not_known(trial: Trial, verify: Callable[..., Outcome]) -> None:
    break_it(trial)
    found = verify("--quiet", "--select", "workload,flux-kustomization")
    assert found.code == 1
    failing = "Deployment/airflow/airflow-failure-webhook is up, with the images of the tree"
    unclear = "Kustomization/flux-system/loki is applied at the revision of its source"
    assert found.out.splitlines()[:7] == [
        f"FAIL     {failing}: it is not in the cluster [workload]",
        f"         promised at {HOOK}:5:9",
        "         $ kubectl -n airflow describe deployment airflow-failure-webhook",
        f"unknown  {unclear}: suspended [flux-kustomization]",
        "         promised at kubernetes/apps/observability/loki/ks.yaml:5:9",
        "         $ kubectl -n flux-system get kustomization.kustomize.toolkit.fluxcd.io loki -o yaml",
        "",
    ]
    assert found.out.splitlines()[7].startswith("15 pass, 1 fail, 1 unknown (cluster `stand-in`, ")


def test_exit_codes(trial: Trial, verify: Callable[..., Outcome]) -> None:
    trial.server.find("Kustomization", "loki")["spec"]["suspend"] = True
    assert verify("--select", "flux-kustomization").code == 4
    assert verify("--select", "flux-kustomization", "--allow-unknown").code == 0
    break_it(trial)
    assert verify("--allow-unknown").code == 1
    assert verify("--select", "flx").err == "lintkit: `flx` is no probe and no group of probes; did you mean `flux`?\n"
    assert verify("--select", "flx").code == 2
    assert verify("--wait", "soon").code == 2
    assert verify("--timeout", "0s").err == "lintkit: --timeout is more than 0\n"
    assert verify("--context", "other").err.startswith("lintkit: no cluster to ask: ")
    assert verify("--context", "other").code == 2
    assert verify("--namespace", "nowhere").code == 3
    trial.server.stop()
    found = verify("--timeout", "1s")
    assert found.code == 3
    assert found.err.startswith("lintkit: cluster `stand-in` cannot be reached: the API server does not answer")


def test_without_a_kubeconfig(verify: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    found = verify()
    assert found.code == 2
    assert found.err == f"lintkit: no cluster to ask: there is no kubeconfig at {tmp_path / 'none'}\n"


PLUGIN = "exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: {}}}"
FAILS, MISSING = PLUGIN.format("'false'"), PLUGIN.format("no-such")


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        (("token: let-me-in", FAILS), 3, "cluster `stand-in`: cannot log in: exec: process returned 1"),
        (("token: let-me-in", MISSING), 3, "cluster `stand-in`: cannot log in: [Errno 2] No such file or directory"),
        (("kind: Config", "kind: [Config"), 2, "no cluster to ask: while parsing a flow sequence"),
        (
            ("server: http", "certificate-authority: /no\n    server: https"),
            2,
            "no cluster to ask: File does not exist",
        ),
        (("current-context: stand-in", ""), 2, "no cluster to ask: Invalid kube-config file. Expected key"),
    ],
)
def test_a_kubeconfig_that_is_wrong(
    verify: Callable[..., Outcome], change: tuple[str, str], code: int, message: str
) -> None:
    path = Path(os.environ["KUBECONFIG"])
    text = path.read_text("utf-8")
    assert change[0] in text
    path.write_text(text.replace(*change), "utf-8")
    found = verify()
    assert (found.code, found.out) == (code, "")
    assert found.err.startswith(f"lintkit: {message}")


def test_credentials_of_a_plugin(verify: Callable[..., Outcome], tmp_path: Path) -> None:
    """Run by the client as kubectl runs it."""
    path = Path(os.environ["KUBECONFIG"])
    status = {"token": "let-me-in"}
    credential = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status}
    (tmp_path / "credential").write_text(json.dumps(credential))
    plugin = PLUGIN.format(f"cat, args: [{tmp_path}/credential]")
    path.write_text(path.read_text("utf-8").replace("token: let-me-in", plugin), "utf-8")
    assert verify("--select", "flux").code == 0


def test_without_the_client(verify: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kubernetes", None)
    found = verify()
    assert found.code == 3
    assert found.err == "lintkit: `lintkit verify` needs the Kubernetes client: `pip install 'lintkit[verify]'`\n"


def test_in_a_pod_that_has_no_account(
    verify: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    found = verify()
    assert (found.code, found.err) == (2, "lintkit: no cluster to ask: Service token file does not exist.\n")


def test_json(trial: Trial, verify: Callable[..., Outcome]) -> None:
    break_it(trial)
    whole = json.loads(verify("--output-format", "json", "--select", "workload").out)
    assert whole["cluster"] == "stand-in"
    assert whole["counts"] == {"pass": 0, "fail": 1, "unknown": 0}
    assert whole["results"] == [
        {
            "probe": "workload",
            "outcome": "fail",
            "subject": "Deployment/airflow/airflow-failure-webhook",
            "claim": "is up, with the images of the tree",
            "evidence": "it is not in the cluster",
            "namespace": "airflow",
            "path": HOOK,
            "line": 5,
            "column": 9,
            "command": "kubectl -n airflow describe deployment airflow-failure-webhook",
            "related": [],
        }
    ]


def test_sarif(trial: Trial, verify: Callable[..., Outcome]) -> None:
    break_it(trial)
    (run,) = json.loads(verify("--output-format", "sarif", "--select", "workload,flux-kustomization").out)["runs"]
    (failed, unknown) = run["results"]
    assert (failed["ruleId"], failed["kind"], failed["level"]) == ("workload", "fail", "error")
    assert failed["message"]["text"].startswith("Deployment/airflow/airflow-failure-webhook is up, ")
    place = failed["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == (HOOK, 5)
    assert (unknown["ruleId"], unknown["kind"], unknown["level"]) == ("flux-kustomization", "open", "none")
    assert run["tool"]["driver"]["rules"][failed["ruleIndex"]]["id"] == "workload"


def test_junit(trial: Trial, verify: Callable[..., Outcome]) -> None:
    break_it(trial)
    root = ET.fromstring(verify("--output-format", "junit", "--select", "workload,flux-kustomization").out)  # noqa: S314 - our own
    assert {name: root.get(name) for name in ("tests", "failures", "skipped")} == {
        "tests": "17", "failures": "1", "skipped": "1"
    }  # fmt: skip
    (failure,) = root.iter("failure")
    assert failure.get("message") == "it is not in the cluster"
    assert f"promised at {HOOK}:5:9" in (failure.text or "")
    (skipped,) = root.iter("skipped")
    assert skipped.get("message") == "suspended"


def test_only_some_objects(trial: Trial, verify: Callable[..., Outcome]) -> None:
    found = json.loads(verify("kubernetes/apps/observability/loki", "--output-format", "json").out)
    assert {one["path"].rpartition("/loki/")[0] for one in found["results"]} == {"kubernetes/apps/observability"}
    found = json.loads(verify("--namespace", "airflow", "--output-format", "json").out)
    assert {one["namespace"] for one in found["results"]} == {"airflow"}
    cluster = json.loads(verify("kubernetes/clusters/home", "--output-format", "json").out)
    assert len(cluster["results"]) == len(json.loads(verify("--output-format", "json").out)["results"])


def test_no_exec_runs_nothing(trial: Trial, verify: Callable[..., Outcome]) -> None:
    trial.server.calls.clear()
    found = verify("--no-exec")
    assert found.code == 0
    left_out = "airflow-database, dag-files, dag-import, dag-list, running-version: --no-exec"
    assert found.out.splitlines()[-1] == f"not asked: {left_out}"
    assert "pods/exec" not in {one.resource for one in trial.server.calls}


def test_it_only_reads(trial: Trial, verify: Callable[..., Outcome]) -> None:
    """Verbs are get and list; each kind is listed once, and no object is asked for by its name."""
    trial.server.calls.clear()
    verify()
    resources = [one for one in trial.server.calls if one.resource]
    assert {one.verb for one in resources} == {"get", "list"}
    lists = [
        one for one in resources if one.verb == "list" and (one.resource, one.namespace) != ("pods", "observability")
    ]
    assert len(lists) == len({one.resource for one in lists})
    single = {one.resource for one in resources if one.verb == "get"}
    assert single == {"pods/exec", "pods/log", "pods/portforward", "services"}


def test_waiting_heals(trial: Trial, verify: Callable[..., Outcome]) -> None:
    deployment = trial.server.find("Deployment", "airflow-failure-webhook")
    trial.server.objects.remove(deployment)
    comes_later(trial, deployment)
    found = verify("--wait", "20s", "--select", "workload")
    assert found.code == 0


def test_waiting_ends(trial: Trial, verify: Callable[..., Outcome]) -> None:
    trial.server.remove("Deployment", "airflow-failure-webhook")
    assert verify("--wait", "1s", "--select", "workload").code == 1


def test_waiting_does_not_wait_for_what_is_suspended(trial: Trial, verify: Callable[..., Outcome]) -> None:
    trial.server.find("Kustomization", "loki")["spec"]["suspend"] = True
    trial.server.calls.clear()
    assert verify("--wait", "10m", "--select", "flux-kustomization").code == 4
    assert len([one for one in trial.server.calls if one.resource == "kustomizations"]) == 1


def test_waiting_for_a_cluster_that_comes(trial: Trial, verify: Callable[..., Outcome]) -> None:
    trial.server.stop()
    threading.Timer(0.5, trial.server.start).start()
    assert verify("--wait", "30s", "--select", "flux").code == 0


def test_a_recording_says_the_same_without_a_cluster(
    trial: Trial, verify: Callable[..., Outcome], tmp_path: Path
) -> None:
    break_it(trial)
    trial.server.faults.refuse = lambda call: call.resource == "secrets"
    trial.server.logs["airflow", "hello-world-task-1", "base"] = f"{healthy.SECRET}\nno such table: dag\n"
    file = tmp_path / "run.jsonl"
    live = verify("--record", str(file), "--output-format", "json")
    trial.server.stop()
    again = verify("--replay", str(file), "--output-format", "json")
    assert live.code == again.code == 1
    assert json.loads(live.out) == json.loads(again.out)
    text = file.read_text("utf-8")
    assert healthy.SECRET not in text
    assert "let-me-in" not in text
    assert "resourceVersion" not in text


def test_a_recording_of_waiting_is_replayed_round_by_round(
    trial: Trial, verify: Callable[..., Outcome], tmp_path: Path
) -> None:
    deployment = trial.server.find("Deployment", "airflow-failure-webhook")
    trial.server.objects.remove(deployment)
    comes_later(trial, deployment)
    file = tmp_path / "run.jsonl"
    assert verify("--record", str(file), "--wait", "20s", "--select", "workload").code == 0
    assert len(json.loads(file.read_text("utf-8").splitlines()[0])["rounds"]) > 1
    assert verify("--replay", str(file), "--select", "workload").code == 0


def test_two_recordings_differ_where_the_cluster_does(
    trial: Trial, verify: Callable[..., Outcome], tmp_path: Path
) -> None:
    verify("--record", str(tmp_path / "a"), "--select", "flux")
    trial.server.find("Kustomization", "loki")["metadata"]["resourceVersion"] = "99"
    trial.server.find("Kustomization", "alloy")["spec"]["suspend"] = True
    verify("--record", str(tmp_path / "b"), "--select", "flux")
    before, after = ((tmp_path / name).read_text("utf-8").splitlines()[1:] for name in "ab")
    changed = [json.loads(line) for line in set(after) - set(before)]
    assert [one["object"]["metadata"]["name"] for one in changed] == ["alloy"]


def test_a_recording_of_many_rounds_holds_each_answer_once(
    trial: Trial, verify: Callable[..., Outcome], tmp_path: Path
) -> None:
    trial.server.remove("Deployment", "airflow-failure-webhook")
    file = tmp_path / "run.jsonl"
    live = verify("--record", str(file), "--wait", "2s", "--select", "workload,flux-source", "--output-format", "json")
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert len(lines[0]["rounds"]) > 1
    again = [one for one in lines[1:] if one["round"] > 1]
    assert again
    assert all(one["same"] == 1 for one in again)
    replayed = verify("--replay", str(file), "--select", "workload,flux-source", "--output-format", "json")
    assert json.loads(live.out) == json.loads(replayed.out)


def test_what_is_no_recording(verify: Callable[..., Outcome], tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("{}\n")
    found = verify("--replay", str(file))
    assert (found.code, found.err) == (
        2, f"lintkit: --replay {file}: is no recording of `lintkit verify` (KeyError)\n",
    )  # fmt: skip
    file.write_text('{"recording": "lintkit-verify/9"}\n')
    assert "is of form `lintkit-verify/9`; this lintkit reads `lintkit-verify/1`" in verify("--replay", str(file)).err
    assert verify("--replay", str(file), "--record", "y").err == "lintkit: --replay goes with no --record\n"


def test_what_a_recording_does_not_hold_is_not_known(verify: Callable[..., Outcome], tmp_path: Path) -> None:
    file = tmp_path / "x"
    verify("--record", str(file), "--select", "workload")
    found = verify("--replay", str(file), "--select", "secret-store")
    assert found.code == 4
    assert (
        "unknown  ClusterSecretStore/onepassword-connect is valid: the recording does not hold the answer" in found.out
    )
