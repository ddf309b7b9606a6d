"""No test reads what was imported on this machine, or what Helm keeps on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def own_machine(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty store of schemas and an empty cache of Helm."""
    folder = tmp_path_factory.getbasetemp() / "machine"
    monkeypatch.setenv("LINTKIT_STORE", str(folder / "store"))
    monkeypatch.setenv("HELM_CACHE_HOME", str(folder / "helm"))
    return folder
