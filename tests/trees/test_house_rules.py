"""The rules that a real repository wrote four scripts for, as one configuration with rule files beside it.

`anton-house-rules/clean` is a small repository that keeps them; each folder of `violating` is laid over it, and the
text file of its name says what is found: rule, line and message.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from lintkit import engine
from lintkit.cli.main import lintkit

HERE = Path(__file__).parent / "anton-house-rules"
VIOLATING = sorted(path.stem for path in (HERE / "violating").glob("*.txt"))


def tree(root: Path, *layers: str) -> Path:
    """The configuration with some trees laid over each other."""
    (root / ".git").mkdir()
    shutil.copy(HERE / ".lintkit.yaml", root)
    shutil.copytree(HERE / ".lintkit", root / ".lintkit")
    for layer in layers:
        shutil.copytree(HERE / layer, root, dirs_exist_ok=True)
    return root


def found(root: Path) -> list[tuple[str, str]]:
    """Rules with `path:line: severity: message [rule]` of each of their findings."""
    report = engine.check(root, root=root)
    assert not report.failures
    return [
        (one.rule, f"{one.path}:{one.position[0]}: {one.severity}: {one.message} [{one.rule}]")
        for one in report.findings
    ]


def test_the_clean_tree_is_clean(tmp_path: Path) -> None:
    assert found(tree(tmp_path, "clean")) == []


@pytest.mark.parametrize("name", VIOLATING)
def test_a_violating_tree_is_found(name: str, tmp_path: Path) -> None:
    expected = (HERE / "violating" / f"{name}.txt").read_text("utf-8").splitlines()
    rules = {line.rpartition("[")[2].rstrip("]") for line in expected}
    assert [line for rule, line in found(tree(tmp_path, "clean", f"violating/{name}")) if rule in rules] == expected


def test_every_rule_of_the_house_has_a_violation() -> None:
    text = "".join(path.read_text("utf-8") for path in (HERE / "violating").glob("*.txt"))
    names = [rule.name for rule in engine.rules_of(HERE) if rule.origin]
    built_in = (
        "irregular-app-folder", "missing-depends-on", "unready-provider",
        "disallowed-store", "irregular-refresh", "excessive-fetches",
        "undefined-variable", "missing-entry",
        "dangling-secret-key", "dangling-secret-ref",
    )  # fmt: skip
    assert names
    assert [name for name in (*names, *built_in) if f"[{name}]" not in text] == []


def test_the_rules_are_listed_and_shown() -> None:
    runner = CliRunner()
    listed = runner.invoke(lintkit, ["rule", "--root", str(HERE)], standalone_mode=False).output
    assert "An ExternalSecret is not what was approved." in listed.partition("\ncustom:\n")[2]
    page = runner.invoke(
        lintkit, ["rule", "changed-secret-contract", "--root", str(HERE)], standalone_mode=False
    ).output
    assert "Category `custom`, error, from `.lintkit/rules/external-secrets.yaml`." in page
