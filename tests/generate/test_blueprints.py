"""Every blueprint of the package: alone in a new repository, with defaults only, it is clean and builds."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from lintkit.fix.patch import patch
from lintkit.generate.blueprint import EXAMPLE, load, names
from tests.generate.trees import ROOT, cluster, example, make, write

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


@pytest.mark.slow
@pytest.mark.parametrize("name", BLUEPRINTS)
def test_every_example_is_clean_and_is_what_the_blueprint_makes(name: str, tmp_path: Path) -> None:
    root = example(tmp_path)
    one = load(name, root).example
    made = make(root, name, one.name, one.namespace, one.answers)
    assert made.against() == []
    text = patch(made.plan.changes)
    assert (ROOT / "templates" / name / EXAMPLE).read_text("utf-8") == text
    assert subprocess.run(["git", "apply", "-"], cwd=root, input=text.encode(), check=True).returncode == 0
    assert {path: (root / path).read_text("utf-8") for path in made.plan.overlay} == made.plan.overlay
