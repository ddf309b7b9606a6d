"""The example in `kubernetes/` is what the commands of docs/example.md make, byte for byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit import engine
from lintkit.finding import Severity
from tests.generate.trees import EXAMPLE, REMOTE, files, script
from tests.model.kustomize.trees import needs_binary, run_binary

if TYPE_CHECKING:
    from pathlib import Path

    from tests.terminal import Terminal


def test_the_documented_commands_make_the_example(terminal: Terminal) -> None:
    (terminal.folder / ".git" / "config").write_text(f'[remote "origin"]\n\turl = {REMOTE}\n', "utf-8")
    commands = script("docs/example.md")
    assert [command[1] for command in commands] == [
        "cluster", "external-secret", "loki", "alloy", "airflow", "grafana-dashboard", "alert",
    ]  # fmt: skip
    for command in commands:
        outcome = terminal.lintkit(*command)
        assert outcome.code == 0, outcome.err
    made, wanted = files(terminal.folder), {f"kubernetes/{path}": text for path, text in files(EXAMPLE).items()}
    assert sorted(made) == sorted(wanted)
    for path, text in wanted.items():
        assert made[path] == text, path


@needs_binary
def test_a_cluster_and_airflow_alone_are_clean_and_build(terminal: Terminal) -> None:
    assert terminal.lintkit("new", "cluster", "berlin").code == 0
    assert terminal.lintkit("new", "airflow", "etl").code == 0
    report = engine.check(terminal.folder, root=terminal.folder)
    assert [one.message for one in report.findings if (one.severity or Severity.ERROR) > Severity.INFO] == []
    assert _built(terminal.folder)["kubernetes/apps/airflow/etl/app"] == ""
    assert set(_built(terminal.folder).values()) == {""}


def _built(root: Path) -> dict[str, str]:
    """Folder -> why it does not build."""
    folders = sorted(path.parent for path in root.rglob("kustomization.yaml"))
    return {folder.relative_to(root).as_posix(): run_binary(folder).error for folder in folders}
