"""A small repository with something to follow in each file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

SYNC = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: flux-system
  namespace: flux-system
spec:
  interval: 1h
  url: https://example.com/home.git
  ref:
    branch: main
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: flux-system
  namespace: flux-system
spec:
  interval: 1h
  path: ./cluster
  prune: true
  sourceRef:
    kind: GitRepository
    name: flux-system
"""
STORE = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: stores
  namespace: flux-system
spec:
  interval: 1h
  path: ./stores
  prune: true
  wait: true
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
  interval: 1h
  path: ./apps
  prune: true
  dependsOn:
    - name: stores
  sourceRef:
    kind: GitRepository
    name: flux-system
  postBuild:
    substitute:
      GREETING: good-morning
"""
CLUSTER_STORE = """\
apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata:
  name: vault
spec:
  provider:
    fake:
      data: []
"""
EXTERNAL = """\
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: database
spec:
  refreshInterval: 1h
  secretStoreRef:
    kind: ClusterSecretStore
    name: vault
  target:
    name: database
  data:
    - secretKey: password
      remoteRef:
        key: database
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
        - name: web
          image: nginx:1.27.0
          env:
            - name: PASSWORD
              valueFrom:
                secretKeyRef:
                  name: database
                  key: password
            - name: GREETING
              value: ${GREETING}
          envFrom:
            - configMapRef:
                name: settings
"""
FILES = {
    ".git/HEAD": "",
    "cluster/flux-system/sync.yaml": SYNC,
    "cluster/stores.yaml": STORE,
    "cluster/apps.yaml": APPS,
    "stores/kustomization.yaml": "resources:\n  - store.yaml\n",
    "stores/store.yaml": CLUSTER_STORE,
    "apps/kustomization.yaml": (
        "namespace: shop\nresources:\n  - namespace.yaml\n  - secret.yaml\n  - web.yaml\n"
        "configMapGenerator:\n  - name: settings\n    files:\n      - color.txt\n"
    ),
    "apps/namespace.yaml": "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n",
    "apps/secret.yaml": EXTERNAL,
    "apps/web.yaml": DEPLOYMENT,
    "apps/color.txt": "blue\n",
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The repository, with nothing wrong in it."""
    root = tmp_path.resolve() / "home"
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    return root
