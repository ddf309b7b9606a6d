"""`check --changed-since`: what a change added, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.test_check import CLEAN, DUPLICATE, MOVING
from tests.git import Clone, git
from tests.git import clone as clone  # noqa: PLC0414 - a fixture

if TYPE_CHECKING:
    from pathlib import Path

FOUND = "error: the key `name` is already set on line 4 [duplicate-key]"
CONFIG = "select: [syntax, images, missing-path, secrets]\n"
KS = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec: {path: ./apps, prune: true, interval: 1h, sourceRef: {kind: GitRepository, name: flux-system}}
"""


def since(clone: Clone, reference: str, *arguments: str) -> list[str]:
    outcome = clone.check("--changed-since", reference, "--output-format", "concise", "--quiet", *arguments)
    assert outcome.err == ""
    found = outcome.out.splitlines()
    assert outcome.code == any(": error: " in line or ": warning: " in line for line in found)
    return found


@pytest.fixture
def old(clone: Clone) -> Clone:
    """A repository with an old finding in `old.yaml`."""
    clone.commit({".lintkit.yaml": CONFIG, "old.yaml": DUPLICATE, "apps/a.yaml": CLEAN, "ks.yaml": KS})
    return clone


def test_old_findings_are_not_shown_and_fail_nothing(old: Clone) -> None:
    assert old.check().code == 1
    assert since(old, "HEAD") == []
    outcome = old.check("--changed-since", "main")
    assert outcome.code == 0
    assert "\nnothing changed since `main` (" in outcome.out
    assert ": 1 finding from before not shown\n" in outcome.out


@pytest.mark.parametrize("how", ["untracked", "staged", "committed", "edited"])
def test_whatever_is_not_in_the_commit_counts(old: Clone, how: str) -> None:
    base = old.git("rev-parse", "HEAD")
    if how == "edited":
        old.write({"apps/a.yaml": DUPLICATE})
    else:
        old.write({"apps/new.yaml": DUPLICATE})
        old.git(*{"staged": ("add", "."), "committed": ("add", ".")}.get(how, ("status",)))
        if how == "committed":
            old.commit()
    name = "a" if how == "edited" else "new"
    assert since(old, base) == [f"apps/{name}.yaml:6:3: {FOUND}"]


def test_a_finding_in_a_file_that_did_not_change(old: Clone) -> None:
    (old.folder / "apps" / "a.yaml").unlink()
    (old.folder / "apps").rmdir()
    (found,) = since(old, "HEAD")
    assert found.startswith("ks.yaml:4:")
    assert found.endswith("[missing-path]")


def test_lines_that_move_are_not_new(old: Clone) -> None:
    old.write({"old.yaml": f"# a comment\n\n{DUPLICATE}"})
    assert since(old, "HEAD") == []


def test_a_second_one_in_the_same_file_is_new(old: Clone) -> None:
    old.write({"old.yaml": f"{DUPLICATE}---\n{MOVING}"})
    (found,) = since(old, "HEAD")
    assert found.startswith("old.yaml:14:14: ")
    assert "[mutable-image-tag]" in found


def test_another_literal_in_place_of_one_is_new(clone: Clone) -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: b}\nspec:\n  containers:\n    - name: a\n"
    clone.commit({".lintkit.yaml": CONFIG, "p.yaml": f"{pod}      env: [{{name: DB_PASSWORD, value: hunter2}}]\n"})
    clone.write({"p.yaml": f"{pod}      env: [{{name: DB_PASSWORD, value: hunter3}}]\n"})
    (found,) = since(clone, "HEAD")
    assert found.endswith("[inline-password]")
    assert "hunter" not in found


@pytest.mark.parametrize("staged", [True, False])
def test_a_file_that_is_renamed_brings_nothing(old: Clone, staged: bool) -> None:
    old.git("mv", "old.yaml", "renamed.yaml")
    if not staged:
        old.git("reset", "--quiet")
    assert since(old, "HEAD") == []
    if staged:
        old.write({"renamed.yaml": f"{DUPLICATE}  # edited as well\n"})
        assert since(old, "HEAD") == []


def test_what_the_other_branch_did_meanwhile_does_not_count(old: Clone) -> None:
    old.git("switch", "--quiet", "--create", "topic")
    old.commit({"topic.yaml": MOVING})
    old.git("switch", "--quiet", "main")
    old.commit({"old.yaml": CLEAN})
    old.git("switch", "--quiet", "topic")
    (found,) = since(old, "main")
    assert found.startswith("topic.yaml:")


def test_an_old_finding_is_not_new_when_its_rule_is_turned_on(old: Clone) -> None:
    old.commit({".lintkit.yaml": "select: [images]\n", "m.yaml": MOVING})
    old.write({".lintkit.yaml": "select: [images, syntax]\n"})
    assert since(old, "HEAD") == []


def test_a_comment_that_is_taken_away(old: Clone) -> None:
    ignored = MOVING.replace("latest", "latest # lintkit: ignore[mutable-image-tag] nightly")
    old.commit({"m.yaml": ignored})
    old.write({"m.yaml": MOVING})
    (found,) = since(old, "HEAD")
    assert found.startswith("m.yaml:7:14: ")


def test_ignore_files_count_as_they_were(old: Clone) -> None:
    old.commit({".sourceignore": "hidden/\n", "hidden/h.yaml": DUPLICATE})
    old.write({".sourceignore": "# nothing\n"})
    assert since(old, "HEAD") == [f"hidden/h.yaml:6:3: {FOUND}"]


def test_files_that_only_git_ignores_are_no_change(old: Clone) -> None:
    (old.folder / ".git" / "info").mkdir(exist_ok=True)
    (old.folder / ".git" / "info" / "exclude").write_text("local.yaml\n")
    old.write({"local.yaml": DUPLICATE})
    assert since(old, "HEAD") == []


def test_a_root_below_the_work_tree(clone: Clone) -> None:
    clone.commit({"cluster/.lintkit.yaml": f"root: true\n{CONFIG}", "cluster/old.yaml": DUPLICATE, "x.yaml": CLEAN})
    clone.write({"cluster/new.yaml": DUPLICATE, "x.yaml": DUPLICATE})
    assert since(clone, "HEAD", "cluster") == [f"new.yaml:6:3: {FOUND}"]


def test_path_chooses_as_ever(old: Clone) -> None:
    old.write({"apps/new.yaml": DUPLICATE, "more.yaml": DUPLICATE})
    assert since(old, "HEAD", "apps") == [f"apps/new.yaml:6:3: {FOUND}"]


def test_the_first_manifest_of_a_repository(clone: Clone) -> None:
    clone.commit({"README.md": "x\n", ".lintkit.yaml": CONFIG})
    clone.write({"a.yaml": DUPLICATE})
    outcome = clone.check("--changed-since", "HEAD")
    assert outcome.out.startswith(f"a.yaml:6:3: {FOUND}\n")
    assert "there was nothing to lint at `HEAD` (" in outcome.out


def test_with_a_baseline(old: Clone) -> None:
    old.lintkit("baseline", "write")
    old.commit()
    old.write({"new.yaml": DUPLICATE})
    assert since(old, "HEAD", "--baseline", ".lintkit-baseline") == [f"new.yaml:6:3: {FOUND}"]


def test_names_that_git_would_quote(old: Clone) -> None:
    old.commit({'ü "x"/a\tb.yaml': CLEAN})
    old.write({'ü "x"/a\tb.yaml': DUPLICATE, 'ü "x"/neu ü.yaml': DUPLICATE})
    assert since(old, "HEAD") == [f'ü "x"/a\tb.yaml:6:3: {FOUND}', f'ü "x"/neu ü.yaml:6:3: {FOUND}']


def test_a_hook_of_git_points_elsewhere(old: Clone, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    old.write({"new.yaml": DUPLICATE})
    assert since(old, "HEAD") == [f"new.yaml:6:3: {FOUND}"]


def test_nothing_on_disk_or_in_git_changes(old: Clone) -> None:
    old.write({"new.yaml": DUPLICATE, "old.yaml": CLEAN})
    before = {path: path.stat().st_mtime_ns for path in old.folder.rglob("*") if path.is_file()}
    since(old, "HEAD")
    assert {path: path.stat().st_mtime_ns for path in old.folder.rglob("*") if path.is_file()} == before


class TestErrors:
    def error(self, clone: Clone, *arguments: str) -> tuple[int, str]:
        outcome = clone.check("--changed-since", *arguments)
        assert outcome.out == ""
        return outcome.code, outcome.err

    def test_an_unknown_commit(self, old: Clone) -> None:
        assert self.error(old, "mian") == (
            2,
            "lintkit: --changed-since mian: git knows no such commit; did you mean `main`?\n",
        )
        assert self.error(old, "-x") == (2, "lintkit: --changed-since -x: git knows no such commit\n")
        old.git("remote", "add", "origin", "https://example.invalid/x")
        code, err = self.error(old, "origin/v1")
        message = "lintkit: --changed-since origin/v1: git knows no such commit; `git fetch origin v1` gets it\n"
        assert (code, err) == (2, message)

    def test_no_work_tree(self, old: Clone, tmp_path: Path) -> None:
        (tmp_path / "plain").mkdir()
        (tmp_path / "plain" / "a.yaml").write_text(CLEAN)
        code, err = self.error(old, "HEAD", "--root", str(tmp_path / "plain"))
        assert code == 2
        assert err.startswith(f"lintkit: --changed-since needs a git work tree, and {tmp_path}/plain is in none: not a")

    def test_no_git(self, old: Clone, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        assert self.error(old, "HEAD") == (3, "lintkit: --changed-since needs git, and there is none on the PATH\n")

    def test_a_shallow_clone(self, old: Clone, tmp_path: Path) -> None:
        old.git("switch", "--quiet", "--create", "topic")
        old.commit({"new.yaml": DUPLICATE})
        old.git("switch", "--quiet", "main")
        old.commit({"main.yaml": CLEAN})
        git(tmp_path, "clone", "--quiet", "--depth=1", "--no-single-branch", f"file://{old.folder}", "shallow")
        git(tmp_path / "shallow", "switch", "--quiet", "topic")
        code, err = self.error(old, "origin/main", "--root", str(tmp_path / "shallow"))
        assert code == 2
        assert err == (
            "lintkit: --changed-since origin/main: the clone is shallow and ends before `origin/main` and HEAD meet; "
            "fetch with `fetch-depth: 0`, GIT_DEPTH: 0 or `git fetch --unshallow`\n"
        )

    def test_a_clone_without_old_files(self, old: Clone, tmp_path: Path) -> None:
        old.commit({"old.yaml": CLEAN})
        old.git("config", "uploadpack.allowFilter", "true")
        git(tmp_path, "clone", "--quiet", "--filter=blob:none", f"file://{old.folder}", "partial")
        code, err = self.error(old, "HEAD~1", "--root", str(tmp_path / "partial"))
        assert code == 2
        assert err.startswith("lintkit: --changed-since: ")

    def test_what_it_does_not_go_with(self, old: Clone) -> None:
        message = "lintkit: --changed-since goes with neither --fix, --diff nor standard input\n"
        assert self.error(old, "HEAD", "--fix") == (2, message)
        assert self.error(old, "HEAD", "--diff") == (2, message)
