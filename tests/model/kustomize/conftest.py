"""Every tree of these tests is built twice: by lintkit alone, and held against the kustomize binary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

from lintkit.collect.repository import Repository
from tests.model.kustomize import trees

if TYPE_CHECKING:
    from pathlib import Path

    from lintkit.model.kustomize.build import Build


class BuildTree(Protocol):
    def __call__(self, files: dict[str, str | bytes], folder: str = "app") -> Build: ...


@pytest.fixture(params=["alone", pytest.param("against the binary", marks=trees.needs_binary)])
def build(request: pytest.FixtureRequest, tmp_path: Path) -> BuildTree:
    """Write a tree, build a folder of it, and compare with what the binary builds from the same files.

    Where the binary fails, lintkit has to report something; where it does not, the objects are the same.
    """

    def build(files: dict[str, str | bytes], folder: str = "app") -> Build:
        trees.write(tmp_path, files)
        found = trees.build(tmp_path, folder)
        if request.param != "alone":
            output = trees.run_binary(tmp_path / folder)
            if output.objects is None:
                assert trees.has_mistake(found, Repository.open(tmp_path)), output.error
            else:
                assert trees.comparable(found, output) == output.objects
        return found

    return build
