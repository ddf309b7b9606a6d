"""lintkit as others install it: a wheel, with its data inside."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parent.parent


def check(folder: Path, **environment: str) -> str:
    """The findings of `lintkit check` on the example, without the summary."""
    run = subprocess.run(
        [sys.executable, "-P", "-m", "lintkit", "check", "--quiet", "--root", str(ROOT), str(ROOT / "kubernetes")],
        cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, **environment},
    )  # fmt: skip
    assert (run.stderr, run.returncode) == ("", 0)
    return run.stdout


@pytest.mark.slow
def test_a_wheel_finds_what_a_checkout_finds(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", tmp_path, ROOT],
        check=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    inside = tmp_path / "inside"
    with ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(inside)
    assert "lintkit/_data/schemas/helm.toolkit.fluxcd.io/helmrelease.yaml" in names
    assert not [name for name in names if name.startswith(("tests/", "kubernetes/", "tools/"))]
    where = subprocess.run(
        [sys.executable, "-P", "-c", "from lintkit import resources; print(resources.folder('schemas'))"],
        cwd=tmp_path, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(inside)},
    ).stdout.strip()  # fmt: skip
    assert where == str(inside / "lintkit" / "_data" / "schemas")
    assert check(tmp_path, PYTHONPATH=str(inside)) == check(tmp_path)
