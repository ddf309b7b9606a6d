"""Objects judged in a second process: what it finds clean is not judged again, and it may fail without harm."""

from __future__ import annotations

import os
import sys
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from lintkit import engine
from lintkit.collect.cache import Cache
from lintkit.options import Options
from lintkit.schema import beside, validation

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")

GOOD = """\
apiVersion: v1
kind: ConfigMap
metadata: {{name: config-{number}, namespace: default}}
data: {{a: b}}
"""
BAD = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: bad, namespace: default}
dta: {a: b}
"""


@pytest.fixture(autouse=True)
def _one_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "is_one_free", lambda: True)
    monkeypatch.setattr(validation, "_MANY", 3)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    root.mkdir()
    for number in range(5):
        (root / f"good-{number}.yaml").write_text(GOOD.format(number=number), "utf-8")
    (root / "bad.yaml").write_text(BAD, "utf-8")
    return root


def told(tree: Path, cache: Cache | None) -> list[tuple[str, str, str]]:
    report = engine.judge(tree, Options(select=("schema",)), cache=cache)
    return [(one.path, one.rule, one.message) for one in report.findings]


def test_what_a_second_process_finds_clean_is_not_judged_again(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = told(tree, None)
    assert [(path, rule) for path, rule, _ in expected] == [("bad.yaml", "unknown-field")]
    judged: list[str] = []
    judge = validation.Validation._judged

    def noted(self: validation.Validation, resource: object, known: object) -> object:
        judged.append(resource.name)  # type: ignore[attr-defined]
        return judge(self, resource, known)  # type: ignore[arg-type]

    monkeypatch.setattr(validation.Validation, "_judged", noted)
    assert told(tree, Cache(tmp_path / "cache")) == expected
    assert judged == ["bad"]


def test_a_second_process_that_fails_changes_nothing(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    expected = told(tree, None)
    here = os.getpid()
    judge = validation.Validation._judged

    def failing(self: validation.Validation, resource: object, known: object) -> object:
        if os.getpid() != here:
            sys.exit("killed")
        return judge(self, resource, known)  # type: ignore[arg-type]

    monkeypatch.setattr(validation.Validation, "_judged", failing)
    assert told(tree, Cache(tmp_path / "cache")) == expected
    assert capfd.readouterr() == ("", "")


def test_without_a_second_process_all_is_the_same(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = told(tree, None)
    monkeypatch.setattr(beside, "is_one_free", lambda: False)
    assert told(tree, Cache(tmp_path / "cache")) == expected


def test_an_object_that_was_clean_and_is_edited_is_judged(tree: Path, tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    told(tree, cache)
    (tree / "good-1.yaml").write_text(GOOD.format(number=1).replace("data:", "dat:"), "utf-8")
    assert ("good-1.yaml", "unknown-field") in [(path, rule) for path, rule, _ in told(tree, Cache(tmp_path / "cache"))]


@pytest.mark.parametrize(
    ("before", "after"),
    [('"1"', "1"), ("a", "'a'"), ("[a]", "a"), ("{b: c}", "b"), ("null", '"null"'), ("!!str 1", "1")],
)
def test_texts_that_read_alike_and_are_not_are_told_apart(before: str, after: str, tree: Path, tmp_path: Path) -> None:
    path = tree / "value.yaml"
    for value in (before, after):
        path.write_text(GOOD.format(number=9).replace("{a: b}", f"{{a: {value}}}"), "utf-8")
        assert told(tree, Cache(tmp_path / "cache")) == told(tree, None)


def test_a_crd_of_the_tree_that_changes_is_no_longer_fitted(tree: Path, tmp_path: Path) -> None:
    crd = """\
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: things.example.com}
        spec:
          group: example.com
          names: {kind: Thing, plural: things}
          scope: Namespaced
          versions:
            - name: v1
              served: true
              storage: true
              schema:
                openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: TYPE}}}}}
        """
    thing = "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: a, namespace: default}\nspec: {size: 1}\n"
    (tree / "thing.yaml").write_text(thing, "utf-8")
    found = []
    for kind in ("integer", "string"):
        (tree / "crd.yaml").write_text(dedent(crd).replace("TYPE", kind), "utf-8")
        found.append([rule for path, rule, _ in told(tree, Cache(tmp_path / "cache")) if path == "thing.yaml"])
    assert found == [[], ["unquoted-string"]]
