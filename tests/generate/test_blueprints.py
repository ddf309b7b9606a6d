"""Every blueprint of the package: alone in a new repository, with defaults only, it is clean and builds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lintkit.generate.blueprint import load, names
from tests.generate.trees import ROOT, cluster, make, write

if TYPE_CHECKING:
    from pathlib import Path

BLUEPRINTS = sorted(names(ROOT))


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with nothing but the entry point and one app."""
    root = cluster(tmp_path_factory.mktemp("fresh"))
    write(root, "app", "web")
    return root


@pytest.mark.parametrize("name", BLUEPRINTS)
def test_every_blueprint_is_clean_in_a_new_repository(name: str, fresh: Path) -> None:
    new = "web" if name == "vector-sidecar" else "sample"
    made = make(fresh, name, new)
    assert made.against() == []
    assert made.plan.changes
    assert made.plan.made[-1] == f"{name} {new}"


@pytest.mark.parametrize("name", BLUEPRINTS)
def test_every_question_has_a_default_and_says_what_it_wants(name: str, fresh: Path) -> None:
    blueprint = load(name, fresh)
    assert blueprint.title
    for question in blueprint.questions:
        assert question.default is not None, question.name
        assert question.description.endswith("."), question.name
