"""5,000 objects in 300 Kustomizations: how long, how much memory, how many calls."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from lintkit import configuration, engine
from lintkit.verify.plan import Choice, plan
from tests.git import git
from tests.verify import healthy
from tests.verify.server import StandIn

if TYPE_CHECKING:
    from pathlib import Path

APPS, OBJECTS = 300, 5_000
MOST_SECONDS, MOST_MEGABYTES = 60, 300

SYNC = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux-system, namespace: flux-system}
spec: {interval: 1m, url: https://github.com/lintkit/lintkit, ref: {branch: main}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: flux-system, namespace: flux-system}
spec:
  interval: 10m
  path: ./clusters/main
  prune: true
  sourceRef: {kind: GitRepository, name: flux-system}
"""
KUSTOMIZATION = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: app-{0}, namespace: flux-system}}
spec:
  interval: 10m
  path: ./apps/app-{0}
  prune: true
  targetNamespace: app-{0}
  sourceRef: {{kind: GitRepository, name: flux-system}}
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web-{1}, labels: {{app: web-{1}}}}}
spec:
  replicas: 1
  selector: {{matchLabels: {{app: web-{1}}}}}
  template:
    metadata: {{labels: {{app: web-{1}}}}}
    spec:
      containers:
        - name: main
          image: example.org/web:1.2.3
          envFrom: [{{secretRef: {{name: login}}}}]
          env: [{{name: PASSWORD, valueFrom: {{secretKeyRef: {{name: login, key: password}}}}}}]
"""
EXTERNAL = """\
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: login}
spec:
  refreshInterval: 1h
  secretStoreRef: {kind: ClusterSecretStore, name: vault}
  target: {name: login}
  data: [{secretKey: password, remoteRef: {key: login}}]
"""
RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: cache}
spec:
  interval: 1h
  chart: {spec: {chart: redis, version: 1.2.3, sourceRef: {kind: HelmRepository, name: charts, namespace: flux-system}}}
"""
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: config-{1}}}\ndata: {{key: value}}\n"
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {{name: web-{1}}}
spec: {{selector: {{app: web-{1}}}, ports: [{{port: 80}}]}}
"""


def write(root: Path) -> None:
    """A repository of that size."""
    home = root / "clusters" / "main"
    (home / "flux-system").mkdir(parents=True)
    (home / "flux-system" / "gotk-sync.yaml").write_text(SYNC)
    each = OBJECTS // APPS - 1  # the Kustomization is one of them
    for number in range(APPS):
        (home / f"app-{number}.yaml").write_text(KUSTOMIZATION.format(number))
        folder = root / "apps" / f"app-{number}"
        folder.mkdir(parents=True)
        more = [DEPLOYMENT.format(number, 0), DEPLOYMENT.format(number, 1), EXTERNAL, RELEASE]
        more += [SERVICE.format(number, index) for index in range(2)]
        more += [CONFIG.format(number, index) for index in range(each - len(more))]
        (folder / "all.yaml").write_text("---\n".join(more))
    git(root, "init", "-q", "-b", "main")
    git(root, "remote", "add", "origin", "https://github.com/lintkit/lintkit")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "all of it")


@pytest.mark.slow
def test_a_large_cluster(tmp_path: Path) -> None:
    root = tmp_path / "tree"
    root.mkdir()
    write(root)
    whole = plan(engine.load_tree(root, configuration.load(root)), root, Choice())
    objects = healthy.cluster(whole.promises)
    assert len(whole.promises.tree.written) >= OBJECTS - APPS
    server = StandIn(objects)
    server.start()
    try:
        environment = {**os.environ, "KUBECONFIG": str(server.kubeconfig(tmp_path / "kubeconfig"))}
        command = [sys.executable, "-c", MEASURED, "verify", "--output-format", "json", str(root)]
        started = time.monotonic()
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        seconds = time.monotonic() - started
    finally:
        server.stop()
    assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-2000:]
    report = json.loads(done.stdout)
    megabytes = int(done.stderr.split("peak=")[1]) / 1024
    resources = [one for one in server.calls if one.resource]
    cpu = done.stderr.split("cpu=")[1].split()[0]
    said = f"{seconds:.1f} s, {cpu} s of them computing, {megabytes:.0f} MB, {len(server.calls)} calls"
    print(f"\n{report['counts']}, {len(objects)} live objects: {said}")  # noqa: T201 - docs/verify.md has the figures
    assert report["counts"] == {"pass": len(whole.expectations), "fail": 0, "unknown": 0}
    assert {one.verb for one in resources} == {"list"}
    kinds = {one.resource: one.group for one in resources}
    count = {name: len(list(server.of(group, kind(name), None))) for name, group in kinds.items()}
    pages = {name: max(1, -(-number // (100 if name == "secrets" else 500))) for name, number in count.items()}
    assert len(resources) == sum(pages.values()), "one list a kind, page by page"
    assert seconds < MOST_SECONDS
    assert megabytes < MOST_MEGABYTES


# the peak of this process alone: what `getrusage` says begins with what the process that forked it had
MEASURED = """
import pathlib, re, resource, sys
from lintkit.cli.main import main
try:
    main(sys.argv[1:])
finally:
    used = resource.getrusage(resource.RUSAGE_SELF)
    status = pathlib.Path("/proc/self/status")
    own = re.search(r"VmHWM:\\s+(\\d+)", status.read_text()) if status.exists() else None
    peak = int(own[1]) if own else used.ru_maxrss
    print(f"cpu={used.ru_utime + used.ru_stime:.1f} peak={peak}", file=sys.stderr)
"""


def kind(plural: str) -> str:
    from tests.verify.server import KINDS  # noqa: PLC0415 - a table

    return next(
        name
        for versions in KINDS.values()
        for kinds in versions.values()
        for name, one in kinds.items()
        if one.rstrip("*") == plural
    )
