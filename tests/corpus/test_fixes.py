"""Fixes on real repositories: each removes its finding, brings none, and changes nothing but what it says."""

from __future__ import annotations

import json
import os
import subprocess
import tarfile
from collections import Counter
from difflib import SequenceMatcher
from functools import partial
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
from lintkit.text.source import Source
from tests.corpus.trees import ABSENT, ARCHIVES, NAMES, SAFELY, unpacked

if TYPE_CHECKING:
    from lintkit.engine import Report
    from lintkit.finding import Finding
    from lintkit.fix.loop import Outcome

SHARED = Path(__file__).parents[3] / "shared"
REPLAY = sorted((SHARED / "replay" / "trees").glob("*.tar.xz"))
ALL = bool(os.environ.get("LINTKIT_ALL_FIXES"))
"""Whether every fix of every tree is tried: takes the better part of an hour."""
FIGURES = os.environ.get("LINTKIT_FIGURES", "")
"""File to which a line is added for each tree: name, fixes tried, stood alone, stood together."""
SAMPLED = REPLAY if ALL else REPLAY[3::9]
EACH = 6
MOST = 60
AIRFLOW = SHARED / "replay" / "trees" / "wcygan-anton-e925f68.tar.xz"
pytestmark = [pytest.mark.corpus, pytest.mark.skipif(not ARCHIVES, reason=ABSENT)]


def replayed(archive: Path, base: Path) -> Path:
    """The tree before a real fix."""
    root = base / archive.name.removesuffix(".tar.xz")
    if not root.exists():
        with tarfile.open(archive) as opened:
            opened.extractall(root, **SAFELY)
    return root / "parent"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fixes")


def key(finding: Finding) -> tuple[str, str, str]:
    return finding.rule, finding.path, finding.message


def is_known_as(known: tuple[str, str, str], finding: Finding) -> bool:
    return key(finding) == known


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


def sampled(findings: list[Finding], most: int) -> list[Finding]:
    """So many of some findings: one of every rule and of every title's first word, then every n-th."""
    found: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        title = finding.fix.title if finding.fix is not None else ""
        found.setdefault((finding.rule, title.split(maxsplit=1)[0]), finding)
    chosen = list(found.values())[:most]
    rest = [one for one in findings if one not in chosen]
    step = max(1, len(rest) // max(1, most - len(chosen)))
    return [*chosen, *rest[::step]][:most]


def check_each(root: Path) -> tuple[int, int]:
    """Each fix on its own: it stands, or changes nothing; how many were tried, and how many stood."""
    options = configuration.load(root)
    report = engine.check(root, root=root, options=options)
    fixable = {key(one): one for one in report.findings if is_applicable(one.fix, unsafe=True)}
    chosen = list(fixable.values()) if ALL else sampled(list(fixable.values()), EACH)
    stood = 0
    for finding in chosen:
        wanted = partial(is_known_as, key(finding))
        outcome = fixed(root, options, unsafe=True, lost=kept, wanted=wanted, report=report)
        if outcome.applied:
            stood += 1
            check_one(report, finding, outcome)
        else:
            assert outcome.changes == {}
            assert outcome.refused
    return len(chosen), stood


def check_one(report: Report, finding: Finding, outcome: Outcome) -> None:
    """What stands removes its finding, brings none, leaves every other character, and keeps every comment."""
    assert report.tree is not None
    before, after = Counter(map(key, report.findings)), Counter(map(key, outcome.report.findings))
    assert after[key(finding)] == before[key(finding)] - len(outcome.applied)
    assert not {one: count for one, count in counts(outcome.report).items() if count > counts(report)[one]}
    all_edits = edits_of(outcome.applied)
    assert outcome.changes.keys() == all_edits.keys()
    for path, edits in all_edits.items():
        source = report.tree.repository.source(path)
        text, changed = source.text if source is not None else "", outcome.changes[path].after
        spans = sorted((edit.span.start, edit.span.end) for edit in edits)
        at = 0
        for part in _between(text, spans):
            at = changed.index(part, at) + len(part)
        assert len(changed) == len(text) + sum(len(one.text) - one.span.end + one.span.start for one in edits)
        assert not lost_comments(path, text, changed, spans)


def _between(text: str, spans: list[tuple[int, int]]) -> list[str]:
    """What stands outside of some spans."""
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(text)]
    return [text[end:start] for end, start in zip(ends, starts, strict=True)]


def check_whole(root: Path) -> int:
    """All fixes of a tree: nothing is found more than before, and a second run has nothing to do; how many stood."""
    before = engine.check(root, root=root)
    if not ALL and sum(one.fix is not None for one in before.findings) > MOST:
        return 0  # much else is broken there, and telling fixes apart takes minutes
    outcome = fixed(root, configuration.load(root), unsafe=True, lost=kept, report=before)
    after = counts(outcome.report)
    assert not {one: count for one, count in after.items() if count > counts(before)[one]}
    assert len(outcome.report.findings) <= len(before.findings) - len({key(one) for one in outcome.applied})
    second = repair(root, {path: change.after for path, change in outcome.changes.items()})
    assert second.changes == {}
    return len(outcome.applied)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_fixes_hold_in_the_corpus(name: str, base: Path) -> None:
    check(unpacked(name, base), name)


@pytest.mark.slow
@pytest.mark.parametrize("archive", SAMPLED, ids=lambda archive: archive.name.removesuffix(".tar.xz"))
def test_fixes_hold_before_real_fixes(archive: Path, base: Path) -> None:
    check(replayed(archive, base), archive.name.removesuffix(".tar.xz"))


def check(root: Path, name: str) -> None:
    tried, stood = check_each(root)
    together = check_whole(root)
    if FIGURES:
        with Path(FIGURES).open("a", encoding="utf-8") as file:
            file.write(f"{name} {tried} {stood} {together}\n")


AIRFLOW_DIFF = """\
-        pass: changeme # TODO: Move to 1Password/ESO
+      metadataSecretName: airflow-credentials
-        postgresPassword: changeme # TODO: Move to 1Password/ESO
+        existingSecret: airflow-credentials
+        secretKeys:
+          adminPasswordKey: postgres-password
+          userPasswordKey: password
-        password: changeme # TODO: Move to 1Password/ESO - must match data.metadataConnection.pass
+              - name: AIRFLOW__DATABASE__SQL_ALCHEMY_CONN
+                valueFrom:
+                  secretKeyRef:
+                    name: {{ template "airflow_metadata_secret" . }}
+                    key: connection
""".splitlines()
"""What a reviewer is asked to merge: each changed line has its reason, and no other line has moved."""


def diff_of(outcome: Outcome, path: str) -> list[str]:
    """The lines that a repair takes out of a file, and those that it puts in, in their order."""
    before, after = (outcome.changes[path].before or "").splitlines(), outcome.changes[path].after.splitlines()
    return [
        mark + line
        for tag, old_start, old_end, new_start, new_end in SequenceMatcher(
            None, before, after, autojunk=False
        ).get_opcodes()
        if tag != "equal"
        for mark, lines in (("-", before[old_start:old_end]), ("+", after[new_start:new_end]))
        for line in lines
    ]


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
    changed = {path: diff_of(outcome, path) for path in outcome.changes}
    assert changed["kubernetes/apps/airflow/airflow/app/helmrelease.yaml"] == AIRFLOW_DIFF
    assert not [line for lines in changed.values() for line in lines if "changeme" in line and line.startswith("+")]
    assert changed["kubernetes/apps/monitoring/kube-prometheus-stack/app/kustomization.yaml"] == [
        "+  - externalsecret.yaml"
    ]
    again = fixed(root, configuration.load(root), unsafe=True, lost=kept)
    assert again.changes == {}
    if which("kustomize"):
        for folder in ("kubernetes/apps/airflow/airflow/app", "kubernetes/apps/monitoring/kube-prometheus-stack/app"):
            subprocess.run(["kustomize", "build", str(root / folder)], check=True, capture_output=True)
