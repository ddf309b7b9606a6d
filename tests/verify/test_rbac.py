"""The rights that `--rbac` prints are enough for every call, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from lintkit import configuration, engine
from lintkit.finding import Severity
from lintkit.verify import rbac
from lintkit.verify.plan import Choice, plan
from tests.terminal import Terminal
from tests.verify.server import Call

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.verify.conftest import Example, Trial


RELEASE = "kubernetes/apps/airflow/airflow/app/helmrelease.yaml"
UNUSED = {"secretstores", "helmcharts", "buckets", "externalartifacts", "ocirepositories"}
"""The tree has none of these kinds; a probe has the rights for all of its kinds."""


def allows(manifests: list[dict[str, Any]], call: Call) -> bool:
    """Whether one of the roles covers a call."""
    for role in manifests:
        if role["kind"] == "Role" and role["metadata"]["namespace"] != call.namespace:
            continue
        for rule in role.get("rules", ()):
            names = rule.get("resourceNames")
            if (
                call.group in rule["apiGroups"]
                and call.resource in rule["resources"]
                and call.verb in rule["verbs"]
                and (names is None or call.name in names)
            ):
                return True
    return False


def test_every_call_is_covered(trial: Trial) -> None:
    manifests = list(yaml.safe_load_all(rbac.render(trial.example.whole)))
    refused: list[Call] = []

    def refuse(call: Call) -> bool:
        if allows(manifests, call):
            return False
        refused.append(call)
        return True

    trial.server.faults.refuse = refuse
    assert trial.lines() == []
    # Secrets are listed where that is allowed; else those of the tree are asked for by name
    assert refused == [Call("list", "", "secrets", "", "")]


def test_every_right_is_used(trial: Trial) -> None:
    """What no call needs is not asked for."""
    trial.server.faults.refuse = lambda call: (call.verb, call.resource) == ("list", "secrets")
    trial.lines()
    calls = set(trial.server.calls)
    for role in yaml.safe_load_all(rbac.render(trial.example.whole)):
        for rule in role.get("rules", ()):
            for resource in rule["resources"]:
                if resource in UNUSED:
                    continue
                assert any(
                    one.resource == resource and one.verb in rule["verbs"] and one.group in rule["apiGroups"]
                    for one in calls
                ), (resource, rule["verbs"])


def test_it_names_the_secrets_and_the_namespaces(example: Example) -> None:
    manifests = list(yaml.safe_load_all(rbac.render(example.whole)))
    (role,) = [one for one in manifests if one["kind"] == "Role" and one["metadata"]["namespace"] == "observability"]
    assert role["rules"] == [
        {"apiGroups": [""], "resources": ["pods/portforward"], "verbs": ["create", "get"]},
        {
            "apiGroups": [""],
            "resources": ["secrets"],
            "resourceNames": ["grafana-admin", "loki-s3-credentials"],
            "verbs": ["get"],
        },
        {"apiGroups": [""], "resources": ["services"], "resourceNames": ["loki-gateway"], "verbs": ["get"]},
    ]
    whole = [one for one in manifests if one["kind"] == "ClusterRole"]
    assert {verb for one in whole for rule in one["rules"] for verb in rule["verbs"]} == {"list"}
    assert "secrets" not in {name for one in whole for rule in one["rules"] for name in rule["resources"]}


def test_what_a_worker_gets_its_environment_from_may_be_read(example: Example) -> None:
    text = (example.root / RELEASE).read_text("utf-8")
    at = "            image: apache/airflow:2.10.5\n"
    assert at in text
    more = f"{at}            envFrom: [{{secretRef: {{name: login}}}}, {{configMapRef: {{name: flags}}}}]\n"
    tree = engine.load_tree(example.root, configuration.load(example.root), overlay={RELEASE: text.replace(at, more)})
    made = plan(tree, example.root, Choice(select=("worker-environment",)))
    (role,) = [one for one in yaml.safe_load_all(rbac.render(made)) if one["kind"] == "Role"]
    assert role["rules"] == [
        {"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["flags"], "verbs": ["get"]},
        {"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["login"], "verbs": ["get"]},
    ]


def test_without_exec_there_is_no_right_to_it(example: Example) -> None:
    made = plan(example.whole.promises.tree, example.root, Choice(executes=False))
    assert "pods/exec" not in rbac.render(made)
    assert "pods/exec" in rbac.render(example.whole)
    made = plan(example.whole.promises.tree, example.root, Choice(select=("helm-release",)))
    (role,) = [one for one in yaml.safe_load_all(rbac.render(made)) if one["kind"] == "ClusterRole"]
    assert role["rules"] == [
        {"apiGroups": ["helm.toolkit.fluxcd.io"], "resources": ["helmreleases"], "verbs": ["list"]}
    ]


def test_the_command_prints_manifests_that_are_valid(
    example: Example, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """No cluster is asked for it."""
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    found = Terminal(example.root, monkeypatch, capsys).lintkit("verify", "--rbac")
    assert found.code == 0
    (tmp_path / "rbac.yaml").write_text(found.out, "utf-8")
    report = engine.check(tmp_path / "rbac.yaml", root=tmp_path)
    assert not [one for one in report.findings if (one.severity or Severity.ERROR) > Severity.INFO]
    assert report.resources == len(list(yaml.safe_load_all(found.out)))
    (tmp_path / "rbac.yaml").write_text(found.out.replace("resourceNames", "resourceName"), "utf-8")
    report = engine.check(tmp_path / "rbac.yaml", root=tmp_path)
    assert "unknown-field" in {one.rule for one in report.findings}
