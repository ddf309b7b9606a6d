"""What counts as a manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit import configuration, engine

if TYPE_CHECKING:
    from pathlib import Path

FORM = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: <app-name>, namespace: flux-system}
spec:
  interval: 1h
  path: ./apps/<namespace>/<app-name>
  prune: true
  sourceRef: {kind: GitRepository, name: flux-system}
"""


def test_a_form_to_fill_in_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "form.yaml").write_text(FORM, "utf-8")
    (tmp_path / "real.yaml").write_text(FORM.replace("<app-name>", "web").replace("<namespace>", "web"), "utf-8")
    report = engine.check(tmp_path, root=tmp_path, options=configuration.load(tmp_path))
    assert {finding.path for finding in report.findings} == {"real.yaml"}
    assert "a form to fill in: its name is a `<…>`" in {one.reason for one in report.skipped if one.path == "form.yaml"}
