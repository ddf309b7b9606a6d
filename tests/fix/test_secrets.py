# ruff: noqa: E501, ISC004 - the files of a case read as lines
"""Literal secrets that move to a vault: what is written, that nothing is lost, and that no value is ever shown."""

from __future__ import annotations

import json
import stat
import subprocess
from shutil import which
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from lintkit import configuration, engine
from lintkit.cli.check import command
from lintkit.errors import UsageError
from lintkit.fix.loop import fixed
from lintkit.fix.patch import patch
from lintkit.render.committed import is_committed, is_ignored
from lintkit.report import FORMATS, render
from lintkit.rules._rule import all_rules

if TYPE_CHECKING:
    from pathlib import Path

    from lintkit.fix.loop import Outcome

pytestmark = pytest.mark.skipif(which("git") is None, reason="git is not installed")

VALUE = "hunter2-not-shown"
RULES = tuple(rule for rule in all_rules() if rule.name in {"inline-password", "worker-without-database", "wrong-type"})

SYNC = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: flux-system
  namespace: flux-system
spec:
  interval: 1h
  url: https://example.com/home.git
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: flux-system
  namespace: flux-system
spec:
  interval: 1h
  prune: true
  path: ./apps
  sourceRef:
    kind: GitRepository
    name: flux-system
"""
STORE = """\
---
apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata:
  name: onepassword
spec:
  provider:
    onepassword:
      connectHost: http://onepassword.apps.svc
      vaults: {home: 1}
      auth:
        secretRef:
          connectTokenSecretRef:
            name: other
            namespace: apps
            key: token
---
apiVersion: v1
kind: Namespace
metadata:
  name: apps
"""
REPOSITORY = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata:
  name: apache-airflow
  namespace: apps
spec:
  interval: 1h
  url: https://airflow.apache.org
"""
STYLE = """\
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: other
  namespace: apps
spec:
  refreshInterval: 12h
  secretStoreRef:
    kind: ClusterSecretStore
    name: onepassword
  target:
    name: other
    creationPolicy: Owner
  data:
    - secretKey: token
      remoteRef:
        key: cluster/other
        property: token
"""
AIRFLOW = f"""\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: airflow
  namespace: apps
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
    data:
      # the database
      metadataConnection:
        user: airflow # who
        pass: {VALUE} # to be moved
        host: airflow-postgresql.apps.svc
        db: airflow
    postgresql:
      enabled: true
      auth:
        username: airflow
        password: "{VALUE}"
        postgresPassword: admin-{VALUE}
"""


def tree(root: Path, *, commit: bool = True, **files: str) -> Path:
    """A committed repository with an ExternalSecret and some files in `apps/`."""
    texts = {"apps/sync.yaml": SYNC + STORE, "apps/other/externalsecret.yaml": STYLE}
    if "chart: airflow" in files.get("helmrelease", ""):
        texts["apps/sync.yaml"] += f"---\n{REPOSITORY}"
    texts["apps/other/kustomization.yaml"] = "resources:\n  - ./externalsecret.yaml\n"
    texts["apps/web/kustomization.yaml"] = "resources:\n" + "".join(f"  - ./{name}.yaml\n" for name in files)
    texts["apps/kustomization.yaml"] = "resources:\n  - ./sync.yaml\n  - ./other\n  - ./web\n"
    texts |= {f"apps/web/{name}.yaml": text for name, text in files.items()}
    for path, text in texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    if commit:
        author = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", "-C", str(root), "add", "-A"], check=True)
        subprocess.run(["git", "-C", str(root), *author, "commit", "-q", "-m", "all"], check=True)
    return root


def repair(root: Path) -> Outcome:
    return fixed(root, configuration.load(root), unsafe=True, rules=RULES)


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(command, arguments, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result.return_value, result.stdout, result.stderr


def test_airflow_takes_all_of_its_passwords_from_one_secret(tmp_path: Path) -> None:
    outcome = repair(tree(tmp_path, helmrelease=AIRFLOW))
    assert {path: change.after for path, change in outcome.changes.items()} == {
        "apps/web/externalsecret.yaml": """\
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: airflow-credentials
  namespace: apps
spec:
  refreshInterval: 12h
  secretStoreRef:
    kind: ClusterSecretStore
    name: onepassword
  target:
    name: airflow-credentials
    creationPolicy: Owner
    template:
      engineVersion: v2
      data:
        connection: "postgresql://airflow:{{ .password | urlquery }}@airflow-postgresql.apps.svc:5432/airflow?sslmode=disable"
        password: "{{ .password }}"
        postgres-password: "{{ .postgres_password }}"
  data:
    - secretKey: password
      remoteRef:
        key: cluster/airflow
        property: password
    - secretKey: postgres_password
      remoteRef:
        key: cluster/airflow
        property: postgres-password
""",
        "apps/web/helmrelease.yaml": AIRFLOW.replace(f"        pass: {VALUE} # to be moved\n", "")
        .replace("        db: airflow\n", "        db: airflow\n      metadataSecretName: airflow-credentials\n")
        .replace(
            f'        password: "{VALUE}"\n        postgresPassword: admin-{VALUE}\n',
            "        existingSecret: airflow-credentials\n        secretKeys:\n"
            "          userPasswordKey: password\n          adminPasswordKey: postgres-password\n",
        ),
        "apps/web/kustomization.yaml": "resources:\n  - ./externalsecret.yaml\n  - ./helmrelease.yaml\n",
    }
    assert outcome.refused == ()
    assert outcome.report.findings == ()


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    run("--fix", "--unsafe-fixes", str(tree(tmp_path, helmrelease=AIRFLOW)))
    assert repair(tmp_path).changes == {}


def test_what_is_to_do_is_said_and_the_value_is_not(tmp_path: Path) -> None:
    tree(tmp_path, helmrelease=AIRFLOW)
    for name in FORMATS:
        assert VALUE not in render(engine.check(tmp_path), name)
    _, output, errors = run("--fix", "--unsafe-fixes", str(tmp_path))
    assert "put into the vault of ClusterSecretStore `onepassword`: item `cluster/airflow`" in errors
    assert "fields `password`, `postgres-password`" in errors
    assert "op item create --category login --vault VAULT --title 'cluster/airflow' 'password[password]=…'" in errors
    assert "change it, do not only move it" in errors
    assert VALUE not in output + errors


def test_a_patch_leaves_it_out(tmp_path: Path) -> None:
    _, output, errors = run("--diff", "--unsafe-fixes", str(tree(tmp_path, helmrelease=AIRFLOW)))
    assert "not fixed: apps/web/helmrelease.yaml:21 [inline-password]: a patch would show the secret" in errors
    assert VALUE not in output + errors


def test_a_patch_keeps_away_from_secrets(tmp_path: Path) -> None:
    pod = (
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  namespace: apps\nspec:\n  containers:\n    - name: a\n"
        f"      image: a:1.0.0\n      env:\n        - name: DB_PASSWORD\n          value: {VALUE}\n  priority: '1'\n"
    )
    tree(tmp_path, pod=pod)
    _, output, errors = run("--diff", "--unsafe-fixes", "--select", "wrong-type", str(tmp_path))
    assert output == ""
    assert "not shown: apps/web/pod.yaml: a secret stands close to what is fixed" in errors
    far = pod.replace("  priority: '1'\n", "").replace(
        "spec:\n", "spec:\n  priority: '1'\n  hostNetwork: false\n  hostPID: false\n"
    )
    (tmp_path / "apps" / "web" / "pod.yaml").write_text(far, "utf-8")
    _, output, errors = run("--diff", "--unsafe-fixes", "--select", "wrong-type", str(tmp_path))
    assert "+  priority: 1\n" in output
    assert VALUE not in output + errors


def test_what_git_does_not_have_stays(tmp_path: Path) -> None:
    tree(tmp_path, helmrelease=AIRFLOW, commit=False)
    outcome = repair(tmp_path)
    assert outcome.changes == {}
    assert {one.reason for one in outcome.refused} == {
        "apps/web/helmrelease.yaml is not committed as it is, so the secret would be lost: "
        "commit it, or give `--secrets-to FILE`"
    }


def test_a_change_since_the_last_commit_is_seen(tmp_path: Path) -> None:
    tree(tmp_path, helmrelease=AIRFLOW)
    path = "apps/web/helmrelease.yaml"
    assert is_committed(tmp_path, path)
    assert not is_committed(tmp_path, "apps/none.yaml")
    (tmp_path / path).write_text(AIRFLOW.replace(VALUE, "newer"), "utf-8")
    assert not is_committed(tmp_path, path)
    assert repair(tmp_path).changes == {}


def test_the_secrets_can_be_kept_in_a_file(tmp_path: Path) -> None:
    root = tree(tmp_path / "tree", helmrelease=AIRFLOW, commit=False)
    file = tmp_path / "kept.json"
    _, output, errors = run("--fix", "--unsafe-fixes", "--secrets-to", str(file), str(root))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    kept = {(row["item"], row["field"], row["value"]) for row in json.loads(file.read_text("utf-8"))}
    assert kept == {
        ("cluster/airflow", "password", VALUE),
        ("cluster/airflow", "postgres-password", f"admin-{VALUE}"),
    }
    assert f"3 secrets written to {file}: delete it soon" in errors
    assert VALUE not in output + errors
    assert VALUE not in (root / "apps/web/helmrelease.yaml").read_text("utf-8")


def test_the_file_for_secrets_is_no_part_of_the_tree(tmp_path: Path) -> None:
    root = tree(tmp_path / "tree", helmrelease=AIRFLOW, commit=False)
    (tmp_path / "there").write_text("", "utf-8")
    before = (root / "apps/web/helmrelease.yaml").read_text("utf-8")
    for file, reason in (
        (tmp_path / "there", "exists"),
        (root / "kept.json", "git does not ignore it"),
        (tmp_path / "no" / "kept.json", "is no folder"),
    ):
        with pytest.raises(UsageError, match=reason):
            run("--fix", "--unsafe-fixes", "--secrets-to", str(file), str(root))
    assert (root / "apps/web/helmrelease.yaml").read_text("utf-8") == before
    (root / ".gitignore").write_text("kept.json\n", "utf-8")
    assert is_ignored(root, root / "kept.json")
    run("--fix", "--unsafe-fixes", "--secrets-to", str(root / "kept.json"), str(root))
    assert json.loads((root / "kept.json").read_text("utf-8"))


def release(chart: str, version: str, values: str) -> str:
    head = AIRFLOW.partition("  values:\n")[0].replace("name: airflow\n", "name: web\n")
    head = head.replace("chart: airflow", f"chart: {chart}").replace("1.16.0", version)
    return f"{head}  values:\n{values}"


@pytest.mark.parametrize(
    ("chart", "before", "after", "fetched"),
    [
        (
            "grafana",
            f"    adminUser: root\n    adminPassword: {VALUE}\n",
            "    adminUser: root\n    admin:\n      existingSecret: web-credentials\n      passwordKey: admin-password\n",
            'admin-user: "root"',
        ),
        (
            "redis",
            f"    auth: # of all\n      enabled: true\n      password: {VALUE}\n",
            "    auth: # of all\n      enabled: true\n      existingSecret: web-credentials\n"
            "      existingSecretPasswordKey: redis-password\n",
            "secretKey: redis-password",
        ),
        (
            "app-template",
            "    controllers:\n      web:\n        containers:\n          app:\n            env:\n"
            f"              DB_PASSWORD: {VALUE} # why\n",
            "    controllers:\n      web:\n        containers:\n          app:\n            env:\n"
            "              DB_PASSWORD:\n                valueFrom:\n                  secretKeyRef:\n"
            "                    name: web-credentials\n                    key: DB_PASSWORD # why\n",
            "secretKey: DB_PASSWORD",
        ),
    ],
)
def test_each_chart_is_told_in_its_own_way(tmp_path: Path, chart: str, before: str, after: str, fetched: str) -> None:
    version = {"grafana": "8.0.0", "redis": "19.0.0", "app-template": "4.0.0"}[chart]
    outcome = repair(tree(tmp_path, helmrelease=release(chart, version, before)))
    assert outcome.changes["apps/web/helmrelease.yaml"].after == release(chart, version, after)
    assert fetched in outcome.changes["apps/web/externalsecret.yaml"].after
    assert VALUE not in "".join(change.after for change in outcome.changes.values())


def test_a_chart_that_knows_no_better_gets_the_value_by_target_path(tmp_path: Path) -> None:
    before = release("widget", "1.0.0", f"    database:\n      user: a\n      password: {VALUE}\n")
    outcome = repair(tree(tmp_path, helmrelease=before))
    assert outcome.changes["apps/web/helmrelease.yaml"].after == before.replace(
        f"      password: {VALUE}\n", ""
    ).replace(
        "  values:\n",
        "  valuesFrom:\n    - kind: Secret\n      name: web-credentials\n      valuesKey: password\n"
        "      targetPath: database.password\n  values:\n",
    )


def test_a_pod_gets_it_by_reference(tmp_path: Path) -> None:
    pod = (
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  namespace: apps\nspec:\n  containers:\n    - name: a\n"
        "      image: a:1.0.0\n      env:\n        - name: DB_PASSWORD\n          value: {0}\n"
    )
    outcome = repair(tree(tmp_path, pod=pod.replace("{0}", VALUE)))
    reference = (
        "valueFrom:\n            secretKeyRef:\n              name: a-credentials\n              key: DB_PASSWORD"
    )
    assert outcome.changes["apps/web/pod.yaml"].after == pod.replace("value: {0}", reference)


def test_a_tree_without_a_store_has_no_fix(tmp_path: Path) -> None:
    tree(tmp_path, helmrelease=AIRFLOW)
    (tmp_path / "apps" / "other" / "externalsecret.yaml").write_text("", "utf-8")
    assert repair(tmp_path).changes == {}


def test_no_fix_holds_the_value(tmp_path: Path) -> None:
    report = engine.check(tree(tmp_path, helmrelease=AIRFLOW))
    fixes = [one.fix for one in report.findings if one.rule == "inline-password"]
    assert all(fix is not None and VALUE not in repr(fix) for fix in fixes)
    assert patch({}) == ""


@pytest.mark.parametrize(
    ("key", "property_", "remote"),
    [
        ("/prod/other-token", "", "        key: /prod/web/password\n"),
        ("other-token", "", "        key: web-password\n"),
        ("other", "        property: token\n", "        key: web\n        property: password\n"),
        ("3fa85f64-5717-4562-b3fc-2c963f66afa6", "", ""),
    ],
)
def test_items_are_called_as_the_others_are(tmp_path: Path, key: str, property_: str, remote: str) -> None:
    tree(tmp_path, helmrelease=release("widget", "1.0.0", f"    database:\n      user: a\n      password: {VALUE}\n"))
    style = STYLE.replace("        key: cluster/other\n        property: token\n", f"        key: {key}\n{property_}")
    (tmp_path / "apps" / "other" / "externalsecret.yaml").write_text(style, "utf-8")
    outcome = repair(tmp_path)
    if remote:
        assert outcome.changes["apps/web/externalsecret.yaml"].after.endswith(f"      remoteRef:\n{remote}")
    else:
        assert outcome.changes == {}


def test_a_file_that_is_no_part_of_the_tree_is_not_replaced(tmp_path: Path) -> None:
    tree(tmp_path, helmrelease=AIRFLOW)
    (tmp_path / ".lintkit.yaml").write_text("exclude: [apps/web/externalsecret.yaml]\n", "utf-8")
    (tmp_path / "apps" / "web" / "externalsecret.yaml").write_text("mine: 1\n", "utf-8")
    outcome = repair(tmp_path)
    assert outcome.changes == {}
    assert {one.reason for one in outcome.refused} == {"apps/web/externalsecret.yaml is there, and no part of the tree"}
