"""A sidecar for a workload that is there: its files get lines, and lose none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from lintkit.errors import UsageError
from lintkit.syntax.parser import parse
from lintkit.text.source import Source
from tests.generate.trees import empty, make

if TYPE_CHECKING:
    from pathlib import Path

    from tests.generate.trees import Made

LOKI = {"loki-url": "http://loki.logs.svc.cluster.local:3100"}
FLUX = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: web
  namespace: flux-system
spec:
  interval: 1h
  path: ./apps/web
  prune: true
  targetNamespace: web
  sourceRef:
    kind: GitRepository
    name: flux-system
"""
LISTING = """\
# what runs
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
- workload.yaml # the one
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      # in the order that people read
      containers:
      - name: web   # serves
        image: ghcr.io/example/web:1.2.3
        volumeMounts:
        - {name: tmp, mountPath: /tmp}
        # what it says
        - name: output
          mountPath: /var/log/app
      volumes:
      - name: tmp
        emptyDir: {}
      - name: output # lost with the pod
        emptyDir: {}
"""
CRONJOB = """\
apiVersion: batch/v1
kind: CronJob
metadata:
  name: web
spec:
  schedule: "0 3 * * *" # at night
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: report
              image: ghcr.io/example/report:1.2.3
"""
AIRFLOW = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: web
spec:
  interval: 1h
  chart:
    spec:
      chart: airflow
      version: 1.16.0
      sourceRef:
        kind: HelmRepository
        name: apache-airflow
        namespace: flux-system
  values:
    executor: KubernetesExecutor
"""
TEMPLATE = (
    AIRFLOW
    + """\
    # not merged with the chart's own
    podTemplate: |
      apiVersion: v1
      kind: Pod
      metadata:
        name: worker
      spec:
        containers:
          - name: base # the task
            image: apache/airflow:2.10.5
            env:
              - name: AIRFLOW__DATABASE__SQL_ALCHEMY_CONN
                valueFrom: {secretKeyRef: {name: airflow-metadata, key: connection}}
            volumeMounts:
              - name: logs
                mountPath: /opt/airflow/logs
        volumes:
          - name: logs
            emptyDir: {}
    # after it
    logs:
      persistence:
        enabled: false
"""
)
APP = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: web
spec:
  interval: 1h
  chartRef:
    kind: OCIRepository
    name: app-template
  values:
    controllers:
      main:
        containers:
          app: # the only one
            image:
              repository: ghcr.io/example/web
              tag: 1.2.3
    persistence:
      output:
        type: emptyDir
        advancedMounts:
          main:
            app:
              - path: /var/log/app
"""


def sidecar(tmp_path: Path, workload: str, breaks: str = "\n", **answers: object) -> Made:
    root = empty(tmp_path)
    for path, text in {"clusters/web.yaml": FLUX, "apps/web/kustomization.yaml": LISTING}.items():
        (root / path).parent.mkdir(parents=True)
        (root / path).write_bytes(text.replace("\n", breaks).encode())
    (root / "apps/web/workload.yaml").write_bytes(workload.encode())
    return make(root, "vector-sidecar", "web", answers=LOKI | answers)


def added(made: Made, path: str) -> list[str]:
    """The lines that a file gets; it loses none."""
    change = made.plan.changes[path]
    old = (change.before or "").splitlines()
    found = []
    for line in change.after.splitlines():
        if old and line == old[0]:
            old.pop(0)
        else:
            found.append(line)
    assert old == [], f"{path} lost {old}"
    return found


def value(made: Made, path: str) -> Any:  # noqa: ANN401 - any YAML value
    root = parse(Source(path, made.plan.overlay[path])).documents[0].root
    assert root is not None
    return root.value


def by_name(entries: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in entries}


@pytest.mark.parametrize("workload", [DEPLOYMENT, CRONJOB, AIRFLOW, TEMPLATE, APP])
def test_every_line_stays(workload: str, tmp_path: Path) -> None:
    made = sidecar(tmp_path, workload)
    assert made.against() == []
    assert sorted(made.plan.changes) == [
        "apps/web/kustomization.yaml",
        "apps/web/vector.yaml",
        "apps/web/workload.yaml",
    ]
    assert any("timberio/vector" in line for line in added(made, "apps/web/workload.yaml"))
    assert added(made, "apps/web/kustomization.yaml")[:4] == [
        "configMapGenerator:",
        "- name: web-vector-config",
        "  files:",
        "  - vector.yaml",
    ]


@pytest.mark.parametrize("workload", [DEPLOYMENT, CRONJOB, AIRFLOW, TEMPLATE, APP])
def test_line_breaks_stay_as_they_are(workload: str, tmp_path: Path) -> None:
    made = sidecar(tmp_path, workload.replace("\n", "\r\n"), breaks="\r\n")
    for path in ("apps/web/workload.yaml", "apps/web/kustomization.yaml"):
        text = made.plan.overlay[path]
        assert text.count("\n") == text.count("\r\n") > 5, path


def test_a_volume_that_holds_the_logs_is_used(tmp_path: Path) -> None:
    made = sidecar(tmp_path, DEPLOYMENT)
    pod = value(made, "apps/web/workload.yaml")["spec"]["template"]["spec"]
    assert [one["name"] for one in pod["volumes"]] == ["tmp", "output", "vector-config", "vector-data"]
    assert pod["containers"][0]["volumeMounts"][1:] == [{"name": "output", "mountPath": "/var/log/app"}]
    [vector] = pod["initContainers"]
    assert vector["restartPolicy"] == "Always"
    assert by_name(vector["volumeMounts"])["output"] == {
        "name": "output",
        "mountPath": "/var/log/app",
        "readOnly": True,
    }
    assert "      - name: vector" in added(made, "apps/web/workload.yaml"), "dashes stand where the others do"
    assert "configMapGenerator" in made.plan.overlay["apps/web/kustomization.yaml"]
    assert "disableNameSuffixHash" not in made.plan.overlay["apps/web/kustomization.yaml"]


def test_without_one_a_volume_is_made_and_mounted(tmp_path: Path) -> None:
    made = sidecar(tmp_path, CRONJOB, path="/reports", files="*.txt")
    pod = value(made, "apps/web/workload.yaml")["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["containers"][0]["volumeMounts"] == [{"name": "logs", "mountPath": "/reports"}]
    assert by_name(pod["volumes"])["logs"] == {"name": "logs", "emptyDir": {}}
    assert value(made, "apps/web/vector.yaml")["sources"]["files"]["include"] == ["/reports/*.txt"]


def test_a_pod_template_inside_of_values_is_edited_in_place(tmp_path: Path) -> None:
    made = sidecar(tmp_path, TEMPLATE)
    text = value(made, "apps/web/workload.yaml")["spec"]["values"]["podTemplate"]
    root = parse(Source("template", text)).documents[0].root
    assert root is not None
    pod = root.value["spec"]
    assert [one["name"] for one in pod["initContainers"]] == ["vector"]
    assert [one["name"] for one in pod["volumes"]] == ["logs", "vector-config", "vector-data"]
    config = value(made, "apps/web/vector.yaml")
    assert config["sinks"]["loki"]["labels"]["job"] == "airflow-task"
    listing = value(made, "apps/web/kustomization.yaml")
    assert listing["configMapGenerator"][0]["options"] == {"disableNameSuffixHash": True}


def test_airflow_without_a_pod_template_gets_it_by_values_of_the_chart(tmp_path: Path) -> None:
    workers = value(sidecar(tmp_path, AIRFLOW), "apps/web/workload.yaml")["spec"]["values"]["workers"]
    assert [one["name"] for one in workers["extraInitContainers"]] == ["vector"]
    assert [one["name"] for one in workers["extraVolumes"]] == ["vector-config", "vector-data"]


def test_app_template_gets_it_in_its_own_words(tmp_path: Path) -> None:
    values = value(sidecar(tmp_path, APP), "apps/web/workload.yaml")["spec"]["values"]
    vector = values["controllers"]["main"]["initContainers"]["vector"]
    assert vector["image"] == {"repository": "timberio/vector", "tag": "0.39.0-debian"}
    assert vector["restartPolicy"] == "Always"
    assert values["persistence"]["output"]["advancedMounts"]["main"] == {
        "app": [{"path": "/var/log/app"}],
        "vector": [{"path": "/var/log/app", "readOnly": True}],
    }
    assert values["persistence"]["vector-config"]["name"] == "web-vector-config"


def test_a_second_one_is_refused(tmp_path: Path) -> None:
    made = sidecar(tmp_path, DEPLOYMENT)
    for path, text in made.plan.overlay.items():
        (tmp_path / path).write_text(text, "utf-8")
    with pytest.raises(UsageError, match=r"workload.yaml: `web` has a container `vector` already"):
        make(tmp_path, "vector-sidecar", "web", answers=LOKI)


@pytest.mark.parametrize(
    ("workload", "message"),
    [
        (DEPLOYMENT.replace("name: web\nspec", "name: wob\nspec"), "there is no workload `web`; did you mean `wob`?"),
        (AIRFLOW.replace("chart: airflow", "chart: loki"), "HelmRelease `web` of chart `loki` has no pod template"),
        (
            DEPLOYMENT.replace("      volumes:\n", "      volumes: [{name: x, emptyDir: {}}]\n      other:\n"),
            "leaves no certain place for `volumes`; add it by hand",
        ),
    ],
)
def test_what_it_cannot_do_it_says(workload: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        sidecar(tmp_path, workload)
    assert message in str(caught.value)
