"""CONTRIBUTING.md, "your first rule", followed to the letter in a copy of the checkout."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.documents import ROOT, blocks, ran

if TYPE_CHECKING:
    from pathlib import Path

PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
COPIED = (
    "docs", "examples", "kubernetes", "lintkit", "schemas", "share", "templates", "tests", "tools",
    ".lintkit.yaml", "CONTRIBUTING.md", "README.md", "mkdocs.yml", "pyproject.toml",
)  # fmt: skip


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the page works on."""
    folder = tmp_path / "lintkit"
    folder.mkdir()
    for name in COPIED:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "corpus", "e2e")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored, symlinks=True)
        else:
            shutil.copy(ROOT / name, folder)
    return folder


def test_your_first_rule(checkout: Path, tmp_path: Path) -> None:
    files: list[str] = []
    commands: list[str] = []
    environment = {"PYTHONPATH": str(checkout), "LINTKIT_CACHE_DIR": str(tmp_path / "cache")}
    for block in blocks(PAGE):
        if "file" in block.orders:
            files.append(block.orders["file"])
            path = checkout / block.orders["file"]
            assert not path.exists(), f"{path} is there already"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, "utf-8")
        elif block.info == "console":
            commands += [line for line in block.text.splitlines() if line.startswith("$ ")]
            problems = "\n".join(map(str, ran(block, checkout, environment)))
            assert not problems, problems
    assert files[0] == "lintkit/rules/flux/paused_release.py"
    assert [one.split()[1] for one in commands] == ["python", "lintkit", "lintkit", "python", "python"]
    page = (checkout / "docs" / "rules" / "paused-release.md").read_text("utf-8")
    assert page.startswith("# paused-release\n\nA HelmRelease is suspended.\n")
    assert not (ROOT / "lintkit" / "rules" / "flux" / "paused_release.py").exists()
    assert os.access(checkout / "docs" / "rules.md", os.W_OK)
