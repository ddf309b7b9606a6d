"""`lintkit check FILE` says of the file of a real defect what the whole run says of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.corpus.trees import SAFELY

REPLAY = Path(__file__).parents[3] / "shared" / "replay"
CASES = REPLAY / "cases.jsonl"
ABSENT = "the real fixes of ../shared/replay are not here"

pytestmark = [pytest.mark.slow, pytest.mark.corpus, pytest.mark.skipif(not CASES.is_file(), reason=ABSENT)]


def cases() -> list[dict[str, Any]]:
    return [json.loads(line) for line in CASES.read_text("utf-8").splitlines()] if CASES.is_file() else []


def findings(root: Path, cache: Path, path: Path) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "lintkit", "check", "--root", str(root), str(path), "--output-format", "json"]
    done = subprocess.run(
        command,
        cwd=root,
        env={**os.environ, "LINTKIT_CACHE_DIR": str(cache)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["findings"]
    return found


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["id"])
def test_the_file_of_a_defect(case: dict[str, Any], tmp_path: Path) -> None:
    with tarfile.open(REPLAY / "trees" / f"{case['id']}.tar.xz") as archive:
        archive.extractall(tmp_path / "trees", **SAFELY)
    root = next((tmp_path / "trees").rglob("parent"))
    file = root / case["file"]
    if not file.exists():
        pytest.skip("the file is not in the tree")
    whole = [one for one in findings(root, tmp_path / "cache", root) if one["path"] == case["file"]]
    assert findings(root, tmp_path / "cache", file) == whole
