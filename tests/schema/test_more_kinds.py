"""Kinds of operators in common use: what is wrong is told, what may be newer than lintkit is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.schema.trees import expect, told

if TYPE_CHECKING:
    from pathlib import Path

BACKUP = """\
    apiVersion: volsync.backube/v1alpha1
    kind: ReplicationSource
    metadata:
      name: notes
      namespace: apps
    spec:
      sourcePVC: notes
      trigger:
        schedule: 0 6 * * *
      restic:
        repository: notes-volsync
        copyMethod: Snapshot
        {line}
"""


@pytest.mark.parametrize(
    "line",
    [
        "cacheCapacity: 2Gi",
        "retain: {daily: 7, within: 3d}",
        "pruneIntervalDays: often # wrong-type: `spec.restic.pruneIntervalDays` is text, expected a whole number",
        "cacheCapasity: 2Gi # unknown-field: `cacheCapasity`",
        "retain: {dayly: 7} # unknown-field: `dayly`",
    ],
)
def test_a_backup(line: str, tmp_path: Path) -> None:
    expect(tmp_path, BACKUP.format(line=line))


def test_a_mover_of_another_build_is_not_judged(tmp_path: Path) -> None:
    expect(
        tmp_path,
        """\
        apiVersion: volsync.backube/v1alpha1
        kind: ReplicationSource
        metadata:
          name: notes
          namespace: apps
        spec:
          sourcePVC: notes
          kopia:
            repository: notes-volsync
            compression: zstd-fastest
        """,
    )


def test_settings_of_a_trigger_are_texts(tmp_path: Path) -> None:
    expect(
        tmp_path,
        """\
        apiVersion: keda.sh/v1alpha1
        kind: ScaledObject
        metadata:
          name: web
          namespace: apps
        spec: # missing-field: `scaleTargetRef`
          triggers:
            - type: prometheus
              metadata:
                serverAddress: http://prometheus:9090
                threshold: 5 # unquoted-string: `5`
        """,
    )


def test_labels_of_a_network_policy_of_cilium_have_a_source(tmp_path: Path) -> None:
    expect(
        tmp_path,
        """\
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata:
          name: web
          namespace: apps
        spec:
          endpointSelector:
            matchLabels:
              k8s:app: web
          ingress:
            - fromEndpoints:
                - matchLabels:
                    k8s:io.kubernetes.pod.namespace: gateway
              toPort: # unknown-field: `toPort`
                - ports: []
            - fromEntities: [kube-apisever] # invalid-value: did you mean `kube-apiserver`
        """,
    )


def test_a_pool_of_addresses_under_its_older_and_newer_name(tmp_path: Path) -> None:
    expect(
        tmp_path,
        """\
        apiVersion: cilium.io/v2alpha1
        kind: CiliumLoadBalancerIPPool
        metadata:
          name: old
        spec:
          cidrs:
            - cidr: 192.168.1.0/24
        ---
        apiVersion: cilium.io/v2
        kind: CiliumLoadBalancerIPPool
        metadata:
          name: new
        spec:
          blocks:
            - start: 192.168.1.10
              stop: 192.168.1.20
        """,
    )


@pytest.mark.parametrize(
    ("api_version", "kind", "spec"),
    [
        ("dragonflydb.io/v1alpha1", "Dragonfly", "{replicas: 3, fieldOfTomorrow: true}"),
        ("tuppr.home-operations.com/v1alpha1", "TalosUpgrade", "{talos: {version: v1.13.0}, drain: {enabled: true}}"),
        ("gateway.envoyproxy.io/v1alpha1", "EnvoyProxy", "{provider: {type: Kubernetes}, fieldOfTomorrow: {}}"),
        ("traefik.io/v1alpha1", "Middleware", "{middlewareOfTomorrow: {}}"),
        ("grafana.integreatly.org/v1beta1", "Grafana", '{config: {server: {root_url: "https://a"}}, tomorrow: 1}'),
        ("ceph.rook.io/v1", "CephCluster", "{mon: {count: 3}, storage: {fieldOfTomorrow: 1}}"),
    ],
)
def test_what_grows_with_most_releases_is_left_open(api_version: str, kind: str, spec: str, tmp_path: Path) -> None:
    text = f"apiVersion: {api_version}\nkind: {kind}\nmetadata:\n  name: one\nspec: {spec}\n"
    assert told(tmp_path, {"app.yaml": text}) == []


def test_what_is_known_of_an_open_kind_is_checked(tmp_path: Path) -> None:
    expect(
        tmp_path,
        """\
        apiVersion: dragonflydb.io/v1alpha1
        kind: Dragonfly
        metadata:
          name: cache
          namespace: apps
        spec:
          replicas: three # wrong-type: `spec.replicas` is text, expected a whole number
          resources:
            limts: {} # unknown-field: did you mean `limits`
        """,
    )


def test_a_value_is_read_as_yaml_after_substitution(tmp_path: Path) -> None:
    files = {
        "flux.yaml": """\
            apiVersion: kustomize.toolkit.fluxcd.io/v1
            kind: Kustomization
            metadata:
              name: apps
              namespace: flux-system
            spec:
              interval: 1h
              path: ./apps
              prune: true
              sourceRef:
                kind: GitRepository
                name: flux-system
              postBuild:
                substitute:
                  EXTENSIONS: ""
                  NONE: "[]"
                  SCHEMAS: |
                    [
                      {name: public}
                    ]
                  SERVERS: none
                  OWNER: "'5'"
                  LIMIT: "'5'"
            """,
        "apps/kustomization.yaml": """\
            apiVersion: kustomize.config.k8s.io/v1beta1
            kind: Kustomization
            resources: [database.yaml]
            """,
        "apps/database.yaml": """\
            apiVersion: postgresql.cnpg.io/v1
            kind: Database
            metadata:
              name: notes
              namespace: apps
            spec:
              name: notes
              owner: ${OWNER}
              connectionLimit: ${LIMIT} # wrong-type: `spec.connectionLimit` is text, expected a whole number
              cluster:
                name: postgres
              extensions: ${EXTENSIONS:=${NONE}}
              schemas: ${SCHEMAS}
              servers: ${SERVERS} # wrong-type: `spec.servers` is text, expected a list
            """,
    }
    expect(tmp_path, files)


def test_faults_that_real_commits_mended(tmp_path: Path) -> None:
    expect(
        tmp_path,
        """\
        apiVersion: upgrade.cattle.io/v1
        kind: Plan
        metadata:
          name: server
          namespace: system-upgrade
        spec:
          concurrency: 1
          nodeSelector:
            matchExpression: # unknown-field: did you mean `matchExpressions`
              - {key: node-role.kubernetes.io/master, operator: Exists}
        ---
        apiVersion: actions.summerwind.dev/v1alpha1
        kind: HorizontalRunnerAutoscaler
        metadata:
          name: runners
          namespace: actions
        spec:
          maxReplicas: 3
          scaleUpTrigger: # unknown-field: did you mean `scaleUpTriggers`
            - duration: 30m
        ---
        apiVersion: actions.summerwind.dev/v1alpha1
        kind: RunnerDeployment
        metadata:
          name: runners
          namespace: actions
        spec:
          nodeSelector: {} # unknown-field[warning]: `nodeSelector` is no field of `spec`
          template: {}
        """,
    )
