"""No test reads what was imported on this machine, or what Helm keeps on it; and a plugin, installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE_PLUGIN = Path(__file__).resolve().parent.parent / "examples" / "lintkit-example"


@pytest.fixture(autouse=True)
def own_machine(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty store of schemas, an empty cache of Helm, and a cache that only tests share."""
    folder = tmp_path_factory.getbasetemp() / "machine"
    monkeypatch.setenv("LINTKIT_STORE", str(folder / "store"))
    monkeypatch.setenv("HELM_CACHE_HOME", str(folder / "helm"))
    monkeypatch.setenv("LINTKIT_CACHE_DIR", str(folder / "cache"))
    return folder


@pytest.fixture(scope="session")
def example_plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the example of a plugin is installed in, as pip does it."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run(
        [
            sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-index", "--no-deps",
            "--no-build-isolation", "--target", folder, EXAMPLE_PLUGIN,
        ],
        check=True,
    )  # fmt: skip
    return folder
