"""An entry more in a kustomization: one line, at its place."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from lintkit.collect.repository import Repository
from lintkit.errors import UsageError
from lintkit.generate.register import narrowed, registered
from lintkit.generate.style import style_of
from lintkit.model.tree import Tree
from lintkit.options import Options
from tests.generate.trees import empty

if TYPE_CHECKING:
    from pathlib import Path

    from lintkit.generate.style import Style


@pytest.fixture
def style(tmp_path: Path) -> Style:
    return style_of(Tree(Repository.open(empty(tmp_path)), Options()))


@pytest.mark.parametrize(
    ("text", "entry", "line"),
    [
        ("resources:\n- a\n- c # last\n", "b", "- b"),
        ("resources:\n  - ./a/ks.yaml\n  - ./c/ks.yaml\n", "b/ks.yaml", "  - ./b/ks.yaml"),
        ("resources:\n  - namespace.yaml\n  # apps\n  - w/ks.yaml\n", "a/ks.yaml", "  - a/ks.yaml"),
        ("resources:\n  - b # not sorted\n  - a\n", "c", "  - c"),
        ('resources:\n  - "a"\n  - "c"\n', "b", '  - "b"'),
    ],
)
def test_one_line_more(text: str, entry: str, line: str, style: Style) -> None:
    after = registered("kustomization.yaml", text, entry, style)
    lines = after.splitlines()
    lines.remove(line)
    assert lines == text.splitlines()


def test_the_first_of_its_kind_goes_below_the_heading(style: Style) -> None:
    text = "resources:\n  - namespace.yaml\n  # apps\n  - w/ks.yaml\n"
    assert registered("kustomization.yaml", text, "a/ks.yaml", style) == (
        "resources:\n  - namespace.yaml\n  # apps\n  - a/ks.yaml\n  - w/ks.yaml\n"
    )


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("kind: Kustomization\n", "kind: Kustomization\nresources:\n  - a\n"),
        ("resources: []\nnamespace: web\n", "resources:\n  - a\nnamespace: web\n"),
        ("resources:\n  - ./a/\n", "resources:\n  - ./a/\n"),
    ],
)
def test_a_list_that_is_not_there_is_empty_or_has_it(text: str, after: str, style: Style) -> None:
    assert registered("kustomization.yaml", text, "a", style) == after


@pytest.mark.parametrize("text", ["resources: text\n", "- a\n", "resources: *x\n", "{"])
def test_where_no_place_is_certain_it_says_so(text: str, style: Style) -> None:
    with pytest.raises(
        UsageError, match=r"^kustomization.yaml is written in a way that leaves no certain place for `a`"
    ):
        registered("kustomization.yaml", text, "a", style)


def test_a_patch_of_a_kind_names_the_object_that_it_was_for() -> None:
    text = dedent("""\
        patches:
          - path: a.yaml
            target:
              kind: HelmRelease
          - path: b.yaml
            target:
              kind: HelmRelease
              labelSelector: app=web
          - path: c.yaml
            target: {kind: Deployment}
        """)
    after = narrowed("kustomization.yaml", text, {"HelmRelease": "web"})
    assert after == text.replace("kind: HelmRelease\n  - path: b", "kind: HelmRelease\n      name: web\n  - path: b")
