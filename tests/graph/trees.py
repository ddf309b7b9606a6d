"""Small trees for the tests, written to a folder and read back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit import engine
from lintkit.graph.build import graph_of

if TYPE_CHECKING:
    from pathlib import Path

    from lintkit.graph.graph import Graph

SYNC = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: flux-system
  namespace: flux-system
spec:
  interval: 1m
  url: https://example.com/fleet.git
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: flux-system
  namespace: flux-system
spec:
  interval: 10m
  path: ./clusters/prod
  prune: true
  sourceRef:
    kind: GitRepository
    name: flux-system
"""
APPS = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: apps
  namespace: flux-system
spec:
  dependsOn:
    - name: infra
  interval: 10m
  path: ./apps
  prune: true
  sourceRef:
    kind: GitRepository
    name: flux-system
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: infra
  namespace: flux-system
spec:
  interval: 10m
  path: ./infra
  prune: true
  sourceRef:
    kind: GitRepository
    name: flux-system
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: scheduler
  namespace: airflow
spec:
  selector:
    matchLabels:
      app: scheduler
  template:
    metadata:
      labels:
        app: scheduler
    spec:
      containers:
        - name: scheduler
          image: apache/airflow:3.1.0
          env:
            - name: CONNECTION
              valueFrom:
                secretKeyRef:
                  name: airflow-metadata
                  key: connection
            - name: PASSWORD
              valueFrom:
                secretKeyRef:
                  name: airflow-metadata
                  key: passwrod
            - name: EXTRA
              valueFrom:
                secretKeyRef:
                  name: airflow-extra
                  key: extra
                  optional: true
"""
EXTERNAL = """\
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: metadata
  namespace: airflow
spec:
  secretStoreRef:
    kind: ClusterSecretStore
    name: vault
  target:
    name: airflow-metadata
  data:
    - secretKey: connection
      remoteRef:
        key: airflow
        property: connection
    - secretKey: password
      remoteRef:
        key: airflow
        property: password
"""
NAMESPACE = """\
apiVersion: v1
kind: Namespace
metadata:
  name: airflow
"""
KUSTOMIZATION = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - {}
"""
AIRFLOW = {
    "clusters/prod/flux-system/gotk-sync.yaml": SYNC,
    "clusters/prod/apps.yaml": APPS,
    "apps/deployment.yaml": DEPLOYMENT,
    "apps/external-secret.yaml": EXTERNAL,
    "infra/kustomization.yaml": KUSTOMIZATION.format("namespace.yaml"),
    "infra/namespace.yaml": NAMESPACE,
    "infra/unused.yaml": NAMESPACE.replace("airflow", "unused"),
}


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write a tree below a folder, and mark the folder as its root."""
    (folder / ".git").mkdir(parents=True, exist_ok=True)
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    return folder


def graph_in(folder: Path) -> Graph:
    """The graph of a tree with its findings."""
    report = engine.check(folder, root=folder)
    assert report.tree is not None
    return graph_of(report.tree, report.findings)


def many(apps: int) -> dict[str, str]:
    """A tree of twenty objects for each app, each app in a namespace and a Flux Kustomization of its own."""
    files = {"clusters/prod/flux-system/gotk-sync.yaml": SYNC}
    for number in range(apps):
        name = f"app-{number:03}"
        files[f"clusters/prod/{name}.yaml"] = (
            APPS.partition("---\n")[2].replace("name: infra", f"name: {name}").replace("./infra", f"./apps/{name}")
        )
        head = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n"
        config_maps = (f"{head}  name: {name}-{index:02}\n  namespace: {name}\n" for index in range(16))
        files[f"apps/{name}/config.yaml"] = "---\n".join([NAMESPACE.replace("airflow", name), *config_maps])
        for path, text in {"deployment": DEPLOYMENT, "external-secret": EXTERNAL}.items():
            files[f"apps/{name}/{path}.yaml"] = text.replace("airflow", name)
    return files
