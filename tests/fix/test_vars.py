"""`vars` become `replacements` where every use is a whole value, and kustomize builds the same."""

from __future__ import annotations

import subprocess
from shutil import which
from typing import TYPE_CHECKING

import pytest

from lintkit import configuration
from lintkit.fix.loop import fixed
from lintkit.rules._rule import all_rules

if TYPE_CHECKING:
    from pathlib import Path

RULE = next(rule for rule in all_rules() if rule.name == "deprecated-kustomize-field")
KUSTOMIZATION = """\
resources:
  - all.yaml
vars:
  - name: HOST
    objref: {apiVersion: v1, kind: Service, name: db}
  - name: CLAIM
    objref: {apiVersion: v1, kind: Service, name: db}
    fieldref: {fieldpath: spec.clusterIP}
namespace: apps
"""
ALL = """\
apiVersion: v1
kind: Service
metadata: {name: db}
spec: {clusterIP: 10.0.0.7}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: app
          args: [--host, $(HOST)]
          env:
            - {name: ADDRESS, value: $(CLAIM)}
            - {name: HOST_NAME, value: $(HOST)}
"""
AFTER = """\
resources:
  - all.yaml
replacements:
  - source:
      kind: Service
      name: db
      fieldPath: metadata.name
    targets:
      - select:
          kind: Deployment
          name: web
        fieldPaths:
          - spec.template.spec.containers.[name=app].args.1
          - spec.template.spec.containers.[name=app].env.[name=HOST_NAME].value
  - source:
      kind: Service
      name: db
      fieldPath: spec.clusterIP
    targets:
      - select:
          kind: Deployment
          name: web
        fieldPaths:
          - spec.template.spec.containers.[name=app].env.[name=ADDRESS].value
namespace: apps
"""


def repaired(root: Path, kustomization: str, manifests: str) -> str | None:
    (root / ".git").mkdir(exist_ok=True)
    (root / "kustomization.yaml").write_text(kustomization, "utf-8")
    (root / "all.yaml").write_text(manifests, "utf-8")
    outcome = fixed(root, configuration.load(root), unsafe=True, rules=(RULE,))
    return outcome.changes["kustomization.yaml"].after if outcome.changes else None


def test_whole_values_are_replaced(tmp_path: Path) -> None:
    assert repaired(tmp_path, KUSTOMIZATION, ALL) == AFTER


@pytest.mark.skipif(which("kustomize") is None, reason="there is no kustomize")
def test_kustomize_builds_the_same(tmp_path: Path) -> None:
    after = repaired(tmp_path, KUSTOMIZATION, ALL)
    assert after is not None
    built = []
    for text in (KUSTOMIZATION, after):
        (tmp_path / "kustomization.yaml").write_text(text, "utf-8")
        done = subprocess.run(["kustomize", "build", str(tmp_path)], check=True, capture_output=True, text=True)
        built.append(done.stdout)
    assert "$(" not in built[0]
    assert built[0] == built[1]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[--host, $(HOST)]", "['--url=http://$(HOST):80']"),
        ("metadata: {name: web}", "metadata: {name: web, annotations: {a: $(HOST)}}"),
        ("spec: {clusterIP: 10.0.0.7}", "spec: {}"),
        ("metadata: {name: db}", "metadata: {name: other}"),
        ("$(CLAIM)", "none"),
    ],
    ids=["part of a text", "a place of no variables", "no such field", "no such object", "not used"],
)
def test_what_is_not_certain_stays(tmp_path: Path, old: str, new: str) -> None:
    assert repaired(tmp_path, KUSTOMIZATION, ALL.replace(old, new)) is None


def test_comments_are_not_lost(tmp_path: Path) -> None:
    assert repaired(tmp_path, KUSTOMIZATION.replace("vars:", "vars: # the old way"), ALL) is None
