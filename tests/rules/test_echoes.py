"""What two rules see at one place is said once, by the one that says more."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from lintkit import engine
from lintkit.options import Options

if TYPE_CHECKING:
    from pathlib import Path

RELEASE = """\
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata: {name: airflow-metadata, namespace: airflow}
    spec:
      secretStoreRef: {kind: ClusterSecretStore, name: store}
      data: [{secretKey: connection, remoteRef: {key: a}}]
    ---
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata: {name: airflow, namespace: airflow}
    spec:
      interval: 1h
      chart:
        spec: {chart: airflow, version: 1.16.0, sourceRef: {kind: HelmRepository, name: charts}}
      values:
        executor: KubernetesExecutor
        podTemplate: |
          apiVersion: v1
          kind: Pod
          spec:
            containers:
              - name: base
                env:
                  - name: AIRFLOW__DATABASE__SQL_ALCHEMY_CONN
                    valueFrom: {secretKeyRef: {name: airflow-metadata, key: connectoin}}
                  - name: OTHER
                    valueFrom: {secretKeyRef: {name: airflow-metadata, key: other}}
                volumeMounts:
                  - {name: config, mountPath: /opt/airflow/airflow.cfg, subPath: airflow.cfg}
                  - {name: dags, mountPath: /opt/airflow/dags}
    """
BOTH = ("worker-without-database", "dangling-secret-key")


def found(folder: Path, *select: str) -> list[tuple[str, int, str | None]]:
    (folder / "release.yaml").write_text(dedent(RELEASE), "utf-8")
    report = engine.check(folder, root=folder, options=Options(select=select))
    return [(one.rule, one.position[0], one.fix.title if one.fix else None) for one in report.findings]


def test_the_more_specific_rule_speaks_and_keeps_the_fix_of_the_other(tmp_path: Path) -> None:
    assert found(tmp_path, *BOTH) == [
        ("worker-without-database", 25, "rename to `connection`"),
        ("dangling-secret-key", 27, None),
    ]


def test_alone_the_other_speaks(tmp_path: Path) -> None:
    assert found(tmp_path, "dangling-secret-key") == [
        ("dangling-secret-key", 25, "rename to `connection`"),
        ("dangling-secret-key", 27, None),
    ]
