"""Fixes on real repositories: each removes its finding, brings none, and changes nothing but what it says."""

from __future__ import annotations

import json
import subprocess
import tarfile
from collections import Counter
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft7Validator

from lintkit import configuration, engine
from lintkit.cli.fixing import repaired
from lintkit.fix.choose import edits_of, is_applicable
from lintkit.fix.keep import kept
from lintkit.fix.loop import fixed
from lintkit.model.images import images
from lintkit.syntax.comments import comments
from lintkit.syntax.parser import parse
from lintkit.text.edit import apply
from lintkit.text.source import Source
from tests.corpus.trees import ABSENT, ARCHIVES, NAMES, unpacked

if TYPE_CHECKING:
    from lintkit.engine import Report
    from lintkit.finding import Finding
    from lintkit.fix.loop import Outcome

SHARED = Path(__file__).parents[3] / "shared"
REPLAY = sorted((SHARED / "replay" / "trees").glob("*.tar.xz"))
SAMPLED = REPLAY[3::9]
AIRFLOW = SHARED / "replay" / "trees" / "wcygan-anton-e925f68.tar.xz"
_MOST = 150
pytestmark = [pytest.mark.corpus, pytest.mark.skipif(not ARCHIVES, reason=ABSENT)]


def replayed(archive: Path, base: Path) -> Path:
    """The tree before a real fix."""
    root = base / archive.name.removesuffix(".tar.xz")
    if not root.exists():
        with tarfile.open(archive) as opened:
            opened.extractall(root, filter="data")
    return root / "parent"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fixes")


def key(finding: Finding) -> tuple[str, str, str]:
    return finding.rule, finding.path, finding.message


def counts(report: Report) -> Counter[tuple[str, str]]:
    return Counter((one.rule, one.path) for one in report.findings)


def repair(root: Path, overlay: dict[str, str] | None = None) -> Outcome:
    for path, text in (overlay or {}).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8", newline="")
    return fixed(root, configuration.load(root), unsafe=True, lost=kept)


def lost_comments(path: str, before: str, after: str, spans: list[tuple[int, int]]) -> list[str]:
    """Comments that are gone and did not stand on a line that an edit touches."""
    source = Source(path, before)
    touched = {
        line
        for start, end in spans
        for line in range(source.position(start)[0], source.position(max(start, end - 1))[0] + 1)
    }
    left = Counter(after[span.start : span.end] for span in comments(parse(Source(path, after))))
    return [
        before[span.start : span.end]
        for span in comments(parse(source))
        if source.position(span.start)[0] not in touched and not left[before[span.start : span.end]]
    ]


def one_of_each(report: Report) -> list[Finding]:
    """A fixable finding of every rule, and one of every title's first word."""
    found: dict[tuple[str, str], Finding] = {}
    for finding in report.findings:
        if finding.fix is not None and is_applicable(finding.fix, unsafe=True):
            found.setdefault((finding.rule, finding.fix.title.split()[0]), finding)
    return list(found.values())


def check_each(root: Path) -> None:
    """Each fix on its own: what stands removes its finding, brings none, and leaves every other character."""
    report = engine.check(root, root=root)
    for finding in one_of_each(report):
        assert finding.fix is not None
        assert report.tree is not None
        overlay: dict[str, str] = {}
        for path, edits in edits_of([finding]).items():
            source = report.tree.repository.source(path)
            before = source.text if source is not None else ""
            overlay[path] = after = apply(before, edits)
            spans = sorted((edit.span.start, edit.span.end) for edit in edits)
            at = 0
            for part in _between(before, spans):
                at = after.index(part, at) + len(part)
            assert not lost_comments(path, before, after, spans)
        again = engine.check(root, root=root, overlay=overlay)
        more = {one: count for one, count in counts(again).items() if count > counts(report)[one]}
        if more or key(finding) in {key(one) for one in again.findings}:
            outcome = fixed(root, configuration.load(root), paths=[root / finding.path], unsafe=True, lost=kept)
            assert key(finding) not in {key(one) for one in outcome.applied} or not more, (key(finding), more)


def _between(text: str, spans: list[tuple[int, int]]) -> list[str]:
    """What stands outside of some spans."""
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(text)]
    return [text[end:start] for end, start in zip(ends, starts, strict=True)]


def check_whole(root: Path) -> None:
    """All fixes of a tree: nothing is found more than before, and a second run has nothing to do."""
    before = engine.check(root, root=root)
    if sum(one.fix is not None for one in before.findings) > _MOST:
        return  # much else is broken there, and telling fixes apart takes minutes
    outcome = repair(root)
    left = {key(one) for one in outcome.report.findings}
    assert not [one for one in outcome.applied if key(one) in left]
    after = counts(outcome.report)
    assert not {one: count for one, count in after.items() if count > counts(before)[one]}
    assert len(outcome.report.findings) <= len(before.findings) - len({key(one) for one in outcome.applied})
    second = repair(root, {path: change.after for path, change in outcome.changes.items()})
    assert second.changes == {}


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_fixes_hold_in_the_corpus(name: str, base: Path) -> None:
    root = unpacked(name, base)
    check_each(root)
    check_whole(root)


@pytest.mark.slow
@pytest.mark.parametrize("archive", SAMPLED, ids=lambda archive: archive.name.removesuffix(".tar.xz"))
def test_fixes_hold_before_real_fixes(archive: Path, base: Path) -> None:
    root = replayed(archive, base)
    check_each(root)
    check_whole(root)


@pytest.mark.slow
@pytest.mark.skipif(not AIRFLOW.exists() or which("git") is None, reason=ABSENT)
def test_one_run_repairs_the_airflow_of_anton(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = replayed(AIRFLOW, base)
    author = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q"], ["add", "-A"], [*author, "commit", "-q", "-m", "all"]):
        subprocess.run(["git", "-C", str(root), *command], check=True)
    outcome = repaired(root, configuration.load(root), [root], unsafe=True)
    said = capsys.readouterr()
    assert "changeme" not in said.out + said.err
    assert "item `airflow`, fields `password`, `postgres-password`" in said.err
    report = engine.check(root, root=root)
    errors = [one for one in report.findings if one.rule in {"inline-password", "worker-without-database"}]
    assert [one.message for one in errors] == ["the worker's container `base` mounts neither airflow.cfg nor the DAGs"]
    assert report.tree is not None
    vector = {
        image.tag
        for resource in report.tree.written
        for image in images(resource)
        if image.repository.endswith("vector") and "airflow" in resource.path
    }
    assert vector == {"0.39.0-debian"}
    release = next(one for one in report.tree.written if one.kind == "HelmRelease" and one.name == "airflow")
    schema = json.loads((SHARED / "reference/charts/airflow/1.16.0/values.schema.json").read_text("utf-8"))
    values = release.written.at("spec", "values")
    assert values is not None
    assert [error.message for error in Draft7Validator(schema).iter_errors(values.value)] == []
    assert {path for path in outcome.changes if "airflow/airflow" in path} == {
        "kubernetes/apps/airflow/airflow/app/externalsecret.yaml",
        "kubernetes/apps/airflow/airflow/app/helmrelease.yaml",
        "kubernetes/apps/airflow/airflow/app/kustomization.yaml",
    }
    if which("kustomize"):
        for folder in ("kubernetes/apps/airflow/airflow/app", "kubernetes/apps/monitoring/kube-prometheus-stack/app"):
            subprocess.run(["kustomize", "build", str(root / folder)], check=True, capture_output=True)
