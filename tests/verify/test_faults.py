"""Whatever goes wrong between lintkit and the cluster is `unknown` with its reason: never a pass, never a traceback."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from lintkit.verify.expectation import Expectation, failed
from lintkit.verify.run import answer
from tests.terminal import Outcome, Terminal
from tests.verify.server import Faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from lintkit.verify.expectation import Result
    from tests.verify.conftest import Trial

SCHEDULER = "airflow-scheduler-7d9-abcde"


def reasons(found: list[Result], probe: str = "") -> set[str]:
    """Why nothing is known of anything; every answer must be `unknown`."""
    chosen = [one for one in found if not probe or one.expectation.probe == probe]
    assert {one.outcome.value for one in chosen} == {"unknown"}
    return {one.answer.evidence for one in chosen}


def test_an_expired_token(trial: Trial) -> None:
    trial.server.faults.expired = True
    assert reasons(trial.ask()) == {
        "the credentials are refused (401): they have expired, or the cluster does not know them"
    }


def test_a_token_that_expires_in_the_middle(trial: Trial) -> None:
    trial.server.faults = Faults(expired=True, spare=14)
    outcomes = {one.outcome.value for one in trial.ask()}
    assert outcomes == {"pass", "unknown"}


def test_a_list_that_is_gone_once_is_read_again(trial: Trial) -> None:
    trial.server.page = 5
    trial.server.faults.gone = 1
    assert trial.lines("flux-kustomization") == []


def test_a_list_that_is_always_gone(trial: Trial) -> None:
    trial.server.page = 5
    trial.server.faults.gone = 1000
    assert reasons(trial.ask("flux-kustomization")) == {
        "the list of kustomizations was out of date before it was read (410 Gone)"
    }


def test_an_api_server_that_hangs(trial: Trial) -> None:
    trial.seconds = 0.5
    trial.server.faults.hang = frozenset({"helmreleases"})
    started = time.monotonic()
    found = trial.ask("helm-release", "external-secret")
    assert time.monotonic() - started < 4
    assert reasons(found, "helm-release") == {"the API server did not answer within 0.5 s"}
    assert {one.outcome.value for one in found if one.expectation.probe == "external-secret"} == {"pass"}


def test_connections_that_are_cut_for_a_moment(trial: Trial) -> None:
    trial.server.faults = Faults(reset=3, spare=6)
    assert trial.lines("flux") == []


def test_connections_that_are_cut_for_good(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lintkit.verify.client._PAUSES", (0.01, 0.01))
    trial.server.faults = Faults(reset=100_000, spare=1)
    (reason, *rest) = sorted(reasons(trial.ask("flux")))
    assert not rest
    assert reason.startswith("the API server does not answer: ")


def test_an_api_server_that_is_restarted_in_the_middle(trial: Trial) -> None:
    """What is asked again after a pause of the server is answered."""
    trial.server.faults.restart = 8
    found = trial.ask("flux", "external-secrets")
    assert {one.outcome.value for one in found} == {"pass"}


def test_an_api_server_that_goes_away_in_the_middle(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lintkit.verify.client._PAUSES", (0.01, 0.01))
    asked = trial.server.faults
    asked.spare = 10
    asked.reset = 100_000
    found = trial.ask()
    assert {one.outcome.value for one in found} <= {"pass", "unknown"}
    assert "unknown" in {one.outcome.value for one in found}


def test_a_namespace_that_is_forbidden(trial: Trial) -> None:
    """Where only some namespaces may be read, those are read, and the others are not known."""
    trial.server.faults.refuse = lambda call: (
        call.resource == "helmreleases" and call.namespace in {"", "observability"}
    )
    found = {one.expectation.subject: one for one in trial.ask("helm-release")}
    assert found["HelmRelease/airflow/airflow"].outcome.value == "pass"
    refused = found["HelmRelease/observability/loki"]
    assert refused.outcome.value == "unknown"
    assert refused.answer.evidence == (
        'no access (403): helmreleases is forbidden: User "tester" cannot get resource "helmreleases" in API group '
        '"helm.toolkit.fluxcd.io"'
    )


def test_pods_that_may_not_be_seen(trial: Trial) -> None:
    """A workload whose pods nobody may list is not taken for one without pods."""
    trial.server.faults.refuse = lambda call: call.resource == "pods"
    for reason in reasons([one for one in trial.ask("workloads", "airflow") if one.expectation.namespace == "airflow"]):
        assert reason.endswith('cannot list resource "pods" in API group ""')


def test_exec_denied(trial: Trial) -> None:
    trial.server.faults.refuse = lambda call: call.resource == "pods/exec"
    found = trial.ask("airflow-database", "dag-list", "dag-import", "dag-files", "running-version")
    for reason in reasons(found):
        assert reason.startswith("no access (403): pods/exec is forbidden: ")


def test_port_forward_denied(trial: Trial) -> None:
    trial.server.faults.refuse = lambda call: call.resource == "pods/portforward"
    for reason in reasons(trial.ask("loki-streams")):
        assert reason.startswith("no access (403): pods/portforward is forbidden: ")


def test_logs_denied(trial: Trial) -> None:
    trial.server.faults.refuse = lambda call: call.resource == "pods/log"
    for reason in reasons(trial.ask("worker-logs")):
        assert reason.startswith("no access (403): pods/log is forbidden: ")


def test_a_program_that_is_not_there(trial: Trial) -> None:
    del trial.server.commands["git-sync", "ls -1ApR"]
    assert reasons(trial.ask("dag-files")) == {
        "`ls /git/repo/kubernetes/apps/airflow/airflow/dags` in pod airflow-scheduler-7d9-abcde says: nothing"
    }


def test_a_page_of_a_proxy(trial: Trial) -> None:
    trial.server.faults.wrong = frozenset({"helmreleases"})
    assert reasons(trial.ask("helm-release")) == {
        "the API server answers `/apis/helm.toolkit.fluxcd.io/v2/helmreleases` with something that is no JSON"
    }


def test_objects_of_a_form_that_nobody_expects(trial: Trial) -> None:
    trial.server.find("HelmRelease", "loki")["status"] = {"conditions": ["Ready"]}
    (reason,) = {
        one.answer.evidence
        for one in trial.ask("helm-release")
        if one.expectation.subject == "HelmRelease/observability/loki"
    }
    assert reason.startswith("internal error in probe helm-release, nothing is known: AttributeError")


@pytest.mark.parametrize(
    "wrong",
    [
        {"spec": None, "status": None},
        {"status": {"conditions": None, "history": None, "inventory": {"entries": None}}},
        {"status": {"conditions": [{}], "containerStatuses": [{}], "history": []}},
        {"metadata": {"labels": None, "annotations": None}},
    ],
)
def test_empty_objects_break_nothing(trial: Trial, wrong: dict[str, object]) -> None:
    for one in trial.server.objects:
        for field, value in wrong.items():
            one[field] = {**one["metadata"], **value} if field == "metadata" else value  # type: ignore[dict-item]
    assert not [one for one in trial.ask() if "internal error" in one.answer.evidence]


def test_a_defect_in_a_probe_is_no_traceback(example: object) -> None:
    def broken(_: object) -> None:
        message = "list index out of range"
        raise IndexError(message)

    whole = example.whole  # type: ignore[attr-defined]
    one = whole.expectations[0]
    made = Expectation(one.subject, one.claim, one.place, one.command, broken, probe="odd")  # type: ignore[arg-type]
    found = answer(made, None)  # type: ignore[arg-type]
    assert found.evidence == "internal error in probe odd, nothing is known: IndexError: list index out of range"
    assert found.outcome.value == "unknown"
    assert failed("x").outcome.value == "fail"


@pytest.fixture
def verify(trial: Trial, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    terminal = Terminal(trial.example.root, monkeypatch, capsys)
    return lambda *arguments: terminal.lintkit("verify", *arguments)


def test_waiting_heals_what_was_cut(
    trial: Trial, verify: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lintkit.verify.client._PAUSES", (0.01,))

    def heal() -> None:
        while len(trial.server.calls) < 12:
            time.sleep(0.01)
        trial.server.faults.reset = 0

    trial.server.faults = Faults(reset=100_000, spare=5)
    threading.Thread(target=heal, daemon=True).start()
    found = verify("--wait", "30s", "--select", "flux", "--timeout", "2s")
    assert (found.code, "Traceback" in found.err) == (0, False)


def test_a_forwarded_port_that_says_nonsense(trial: Trial, verify: Callable[..., Outcome]) -> None:
    """The client's own thread ends with an exception then; nobody sees a traceback."""
    trial.server.faults.garbled = True
    found = verify("--quiet", "--select", "loki-streams", "--timeout", "1s")
    assert found.code == 4
    assert "Traceback" not in found.out + found.err


def test_objects_that_may_not_be_read_are_not_asked_for_one_by_one(trial: Trial) -> None:
    """Where neither lists nor the first few objects may be read, the rest is not tried."""
    trial.server.faults.refuse = lambda call: call.resource == "kustomizations"
    found = trial.ask("flux")
    assert reasons(found, "flux-kustomization")
    assert len([one for one in trial.server.calls if one.resource == "kustomizations"]) < 25


def test_what_helm_remembers_is_not_read(trial: Trial) -> None:
    trial.ask("secret-keys")
    assert trial.server.queries["secrets"] == {"limit": ["100"], "fieldSelector": ["type!=helm.sh/release.v1"]}


def test_a_token_of_which_nobody_knows(trial: Trial, verify: Callable[..., Outcome]) -> None:
    trial.server.faults.expired = True
    found = verify("--quiet")
    assert found.code == 4
    assert "the credentials are refused (401)" in found.out
    assert "let-me-in" not in found.out + found.err
