"""A new app looks like the others of its tree, and a flat tree can apply it."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import TYPE_CHECKING

from lintkit.syntax.parser import parse
from lintkit.text.source import Source
from tests.generate.trees import Made, cluster, empty, make

if TYPE_CHECKING:
    from pathlib import Path

FLAT = {
    "clusters/home/apps.yaml": """\
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata:
          name: all
          namespace: flux-system
        spec:
          interval: 7m
          path: ./apps/home
          prune: true
          sourceRef:
            kind: GitRepository
            name: home
        """,
    "apps/home/kustomization.yaml": """\
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        resources:
        - ../base/web
        """,
    "apps/base/web/kustomization.yaml": """\
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        namespace: default
        resources:
        - release.yaml
        - repository.yaml
        """,
    "apps/base/web/release.yaml": """\
        apiVersion: helm.toolkit.fluxcd.io/v2
        kind: HelmRelease
        metadata:
          name: web
        spec:
          interval: 33m
          chart:
            spec:
              chart: podinfo
              version: 6.9.2
              sourceRef:
                kind: HelmRepository
                name: podinfo
        """,
    "apps/base/web/repository.yaml": """\
        apiVersion: source.toolkit.fluxcd.io/v1
        kind: HelmRepository
        metadata:
          name: podinfo
        spec:
          interval: 5m
          url: https://stefanprodan.github.io/podinfo
        """,
}


def added(tmp_path: Path, files: dict[str, str], *request: str) -> Made:
    root = empty(tmp_path)
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(dedent(text), "utf-8")
    made = make(root, *request)
    assert made.against() == []
    return made


def test_a_flat_tree_gets_a_flat_app(tmp_path: Path) -> None:
    made = added(tmp_path, FLAT, "helm-app", "other")
    assert sorted(made.plan.changes) == [
        "apps/base/other/helmrelease.yaml",
        "apps/base/other/kustomization.yaml",
        "apps/base/other/ocirepository.yaml",
        "apps/home/kustomization.yaml",
    ]
    overlay = made.plan.overlay
    assert overlay["apps/home/kustomization.yaml"].endswith("resources:\n- ../base/other\n- ../base/web\n")
    assert "namespace: default\n" in overlay["apps/base/other/kustomization.yaml"]
    assert overlay["apps/base/other/helmrelease.yaml"].startswith("apiVersion: "), (
        "no file of this tree begins with ---"
    )
    assert "  interval: 33m\n" in overlay["apps/base/other/helmrelease.yaml"]


def test_files_end_as_the_others_do(tmp_path: Path) -> None:
    short = {path.replace(".yaml", ".yml"): text.replace(".yaml", ".yml") for path, text in FLAT.items()}
    overlay = added(tmp_path, short, "helm-app", "other").plan.overlay
    assert sorted(overlay) == [
        "apps/base/other/helmrelease.yml",
        "apps/base/other/kustomization.yml",
        "apps/base/other/ocirepository.yml",
        "apps/home/kustomization.yml",
    ]
    assert "- helmrelease.yml\n- ocirepository.yml\n" in overlay["apps/base/other/kustomization.yml"]


def test_levels_are_as_wide_as_the_others(tmp_path: Path) -> None:
    spaces = re.compile(r"^ +", re.MULTILINE)
    wide = {path: spaces.sub(lambda found: found[0] * 2, dedent(text)) for path, text in FLAT.items()}
    made = added(tmp_path, wide, "app", "other")
    text = made.plan.overlay["apps/base/other/helmrelease.yaml"]
    assert "\nspec:\n    interval: 33m\n    chart:\n        spec:\n            chart: app-template\n" in text
    assert "                            capabilities:\n                                drop:\n" in text
    narrow = make(own_tree(tmp_path / "narrow"), "app", "other").plan.overlay["apps/base/other/helmrelease.yaml"]
    assert value(text) == value(narrow)


def own_tree(root: Path) -> Path:
    root.mkdir()
    for path, text in FLAT.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(dedent(text), "utf-8")
    return root


def value(text: str) -> object:
    root = parse(Source("text", text)).documents[0].root
    assert root is not None
    return root.value


def test_kinds_that_the_same_apply_would_bring_get_a_flux_kustomization_of_their_own(tmp_path: Path) -> None:
    overlay = added(tmp_path, FLAT, "external-secret", "token").plan.overlay
    assert overlay["apps/base/stores/kustomization.yaml"].endswith("resources:\n- ks.yaml\n")
    assert "apps/base/stores/app/clustersecretstore.yaml" in overlay
    assert overlay["apps/base/stores/ks.yaml"] == dedent("""\
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata:
          name: external-secrets-stores
          namespace: flux-system
        spec:
          interval: 7m
          path: ./apps/base/stores/app
          prune: true
          sourceRef:
            kind: GitRepository
            name: home
          wait: true
        """)
    assert "  dependsOn:\n  - name: external-secrets-stores\n" in overlay["apps/base/token/ks.yaml"]
    assert "apps/base/external-secrets/helmrelease.yaml" in overlay, "the operator itself has no kinds of its own"
    assert overlay["apps/home/kustomization.yaml"].endswith(
        "resources:\n- ../base/external-secrets\n- ../base/onepassword-connect\n- ../base/stores\n- ../base/token\n"
        "- ../base/web\n"
    )


def test_an_app_set_apart_does_not_change_the_layout(tmp_path: Path) -> None:
    first = added(tmp_path, FLAT, "external-secret", "token").plan
    for path, text in first.overlay.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    overlay = make(tmp_path, "external-secret", "second").plan.overlay
    assert sorted(overlay) == [
        "apps/base/second/externalsecret.yaml",
        "apps/base/second/kustomization.yaml",
        "apps/home/kustomization.yaml",
    ], "the kind is there by now"


def test_default_is_a_namespace_that_nobody_makes(tmp_path: Path) -> None:
    made = make(cluster(tmp_path), "helm-app", "web")
    assert "kubernetes/apps/default/web/app/helmrelease.yaml" in made.plan.changes
    assert "kubernetes/apps/default/namespace.yaml" not in made.plan.changes
