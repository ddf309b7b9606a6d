"""The hooks, run by the real pre-commit on real git repositories."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from pre_commit.clientlib import load_manifest

from tests.cli.test_check import CLEAN, DUPLICATE
from tests.git import ENVIRONMENT, Clone
from tests.git import clone as clone  # noqa: PLC0414 - a fixture

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent.parent
MANIFEST = ROOT / ".pre-commit-hooks.yaml"
HOOKS: dict[str, dict[str, Any]] = {hook["id"]: hook for hook in load_manifest(str(MANIFEST))}
SECRET = "correct-horse-battery-staple"  # noqa: S105 - the one that must not be seen
POD = f"""\
apiVersion: v1
kind: Pod
metadata: {{name: web, namespace: default}}
spec:
  containers:
    - name: web
      env: [{{name: DB_PASSWORD, value: {SECRET}}}]
"""
KS = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec: {path: ./apps, prune: true, interval: 1h, sourceRef: {kind: GitRepository, name: flux-system}}
"""


def local(*names: str) -> str:
    """A configuration with our hooks as they are, but for the installation: the lintkit of this environment runs."""
    hooks = []
    for name in names:
        hook = {key: HOOKS[name][key] for key in ("id", "name", "files", "require_serial", "pass_filenames")}
        entry = HOOKS[name]["entry"].removeprefix("lintkit ")
        hooks.append({**hook, "language": "system", "entry": f"'{sys.executable}' -m lintkit {entry}"})
    return yaml.safe_dump({"repos": [{"repo": "local", "hooks": hooks}]})


def pre_commit(clone: Clone, *arguments: str) -> tuple[int, str]:
    """Run pre-commit; its code and all it prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {**ENVIRONMENT, "PRE_COMMIT_HOME": str(clone.folder.parent / "home"), "PRE_COMMIT_COLOR": "never"}
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", *arguments],
        cwd=clone.folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def hooked(clone: Clone) -> Callable[..., Clone]:
    """A clone with some of our hooks, and an old finding in a file that nobody touches."""

    def make(*names: str) -> Clone:
        clone.write(
            {".pre-commit-config.yaml": local(*names), ".lintkit.yaml": "select: [syntax, missing-path, secrets]\n"}
        )
        clone.commit({"old.yaml": DUPLICATE, "apps/a.yaml": CLEAN})
        return clone

    return make


def test_the_hooks_are_what_pre_commit_takes() -> None:
    assert list(HOOKS) == ["lintkit", "lintkit-fix", "lintkit-secrets"]
    for hook in HOOKS.values():
        assert (hook["language"], hook["pass_filenames"], hook["require_serial"]) == ("python", True, True)
        assert hook["entry"].startswith("lintkit check")


@pytest.mark.slow
class TestHooks:
    def test_only_changed_files_with_knowledge_of_the_whole_tree(self, hooked: Callable[..., Clone]) -> None:
        clone = hooked("lintkit")
        clone.write({"ks.yaml": KS})
        clone.git("add", ".")
        assert pre_commit(clone, "run")[0] == 0
        clone.write({"ks.yaml": KS.replace("./apps", "./app")})
        clone.git("add", ".")
        code, out = pre_commit(clone, "run")
        assert code == 1
        assert "ks.yaml:4:" in out
        assert "did you mean `./apps`" in out
        assert "old.yaml" not in out

    def test_what_is_not_staged_does_not_count(self, hooked: Callable[..., Clone]) -> None:
        clone = hooked("lintkit")
        clone.write({"new.yaml": CLEAN})
        clone.git("add", ".")
        clone.write({"new.yaml": DUPLICATE})
        assert pre_commit(clone, "run")[0] == 0

    def test_all_files_finds_the_old_ones(self, hooked: Callable[..., Clone]) -> None:
        code, out = pre_commit(hooked("lintkit"), "run", "--all-files")
        assert code == 1
        assert "old.yaml:6:3: error: " in out

    def test_a_password_does_not_reach_the_history(self, hooked: Callable[..., Clone]) -> None:
        clone = hooked("lintkit-secrets")
        assert pre_commit(clone, "install")[0] == 0
        head = clone.git("rev-parse", "HEAD")
        clone.write({"pod.yaml": POD, "twice.yaml": DUPLICATE})
        clone.git("add", ".")
        environment = {**os.environ, **ENVIRONMENT, "PRE_COMMIT_HOME": str(clone.folder.parent / "home")}
        done = subprocess.run(
            ["git", "commit", "--message", "add a pod"],
            cwd=clone.folder, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        said = done.stdout + done.stderr
        assert done.returncode == 1
        assert "pod.yaml:7:" in said
        assert "[inline-password]" in said
        assert "twice.yaml" not in said, "only secrets stop this commit"
        assert SECRET not in said
        assert clone.git("rev-parse", "HEAD") == head

    def test_fixes_are_made_and_shown_to_the_author(self, hooked: Callable[..., Clone]) -> None:
        clone = hooked("lintkit-fix")
        config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\ndata: {on: true}\n"
        clone.write({".lintkit.yaml": "select: [unquoted-string]\n", "new.yaml": config})
        clone.git("add", ".")
        code, out = pre_commit(clone, "run")
        assert code == 1
        assert "files were modified by this hook" in out
        assert (clone.folder / "new.yaml").read_text("utf-8") == config.replace("true", '"true"')
        clone.git("add", ".")
        assert pre_commit(clone, "run")[0] == 0

    def test_installed_from_the_repository_as_others_do(self, clone: Clone) -> None:
        commit = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
        ).stdout.strip()  # fmt: skip
        if not commit:
            pytest.skip("this checkout has no git history to install the hooks from")
        clone.write(
            {
                ".lintkit.yaml": "select: [syntax]\n",
                "new.yaml": DUPLICATE,
                ".pre-commit-config.yaml": yaml.safe_dump(
                    {"repos": [{"repo": str(ROOT), "rev": commit, "hooks": [{"id": "lintkit"}]}]}
                ),
            }
        )
        clone.git("add", ".")
        code, out = pre_commit(clone, "run")
        if "pip" in out and "install" in out and "An unexpected error has occurred" in out:
            pytest.skip("pip cannot install lintkit here: no package index within reach")
        assert code == 1
        assert "new.yaml:6:3: error: the key `name` is already set on line 4 [duplicate-key]" in out
