"""The GitHub Action and the GitLab template: read as YAML, and their scripts run as the runners run them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import yaml

from tests.cli.test_check import CLEAN, DUPLICATE
from tests.git import clone as clone  # noqa: PLC0414 - a fixture

if TYPE_CHECKING:
    from tests.git import Clone

ROOT = Path(__file__).resolve().parent.parent.parent
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
GITLAB: dict[str, Any] = yaml.safe_load((ROOT / "ci" / "gitlab.yml").read_text("utf-8"))
CONFIG = "select: [syntax]\n"
FOUND = "the key `name` is already set on line 4"


class Ran(NamedTuple):
    """What a script ended with."""

    code: int
    out: str
    err: str


def run(script: str, clone: Clone, shell: list[str], **variables: str) -> Ran:
    """Run a script with `lintkit` on its PATH, and nothing of this machine's environment that could be meant for CI."""
    program = clone.folder.parent / "runner" / "lintkit" / "bin"
    program.mkdir(parents=True, exist_ok=True)
    (program / "lintkit").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m lintkit "$@"\n')
    (program / "lintkit").chmod(0o755)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "CI", "RUNNER"))
    }
    environment |= {"PATH": f"{program}:{os.environ['PATH']}", "RUNNER_TEMP": str(program.parent.parent), **variables}
    done = subprocess.run(
        [*shell, script], cwd=clone.folder, env=environment, capture_output=True, text=True, check=False
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def branch(clone: Clone) -> Clone:
    """A branch with an old finding, a new one, and what a forge would have fetched."""
    clone.commit({".lintkit.yaml": CONFIG, "old.yaml": DUPLICATE, "apps/a.yaml": CLEAN})
    clone.git("update-ref", "refs/remotes/origin/main", "HEAD")
    clone.git("switch", "--quiet", "--create", "topic")
    clone.commit({"apps/new one.yaml": DUPLICATE})
    return clone


class TestAction:
    """https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax"""

    def step(self, clone: Clone, **given: str) -> tuple[Ran, str]:
        """The step that lints, as the runner calls bash; and the summary."""
        step = ACTION["runs"]["steps"][1]
        inputs = {name: one["default"] for name, one in ACTION["inputs"].items()}
        more = {name: value for name, value in given.items() if name.isupper()}
        inputs |= {name.replace("_", "-"): value for name, value in given.items() if name.islower()}
        variables = {}
        for name, expression in step["env"].items():
            assert expression.startswith("${{ inputs.")
            variables[name] = inputs[expression.removeprefix("${{ inputs.").removesuffix(" }}")]
        summary = clone.folder.parent / "summary.md"
        summary.write_text("")
        bash = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c"]
        ran = run(step["run"], clone, bash, **variables, **more, GITHUB_STEP_SUMMARY=str(summary))
        return ran, summary.read_text("utf-8")

    def test_its_form(self) -> None:
        assert set(ACTION) == {"name", "description", "branding", "inputs", "runs"}
        assert ACTION["runs"]["using"] == "composite"
        for step in ACTION["runs"]["steps"]:
            assert {"name", "shell", "run"} <= set(step) <= {"name", "shell", "run", "env"}
            assert "${{" not in step["run"], "what others write is no part of a script"
        used = {value for step in ACTION["runs"]["steps"] for value in step.get("env", {}).values()}
        assert used == {f"${{{{ inputs.{name} }}}}" for name in ACTION["inputs"]}
        for one in ACTION["inputs"].values():
            assert set(one) == {"description", "default"}

    def test_annotations_and_a_summary(self, branch: Clone) -> None:
        ran, summary = self.step(branch)
        assert ran.code == 1
        assert [line.partition(",")[0] for line in ran.out.splitlines()] == [
            "::error file=apps/new one.yaml",
            "::error file=old.yaml",
        ]
        assert summary.startswith("### lintkit\n\n2 errors (")

    @pytest.mark.parametrize("reference", ["auto", "origin/main"])
    def test_what_a_pull_request_added(self, branch: Clone, reference: str) -> None:
        ran, _ = self.step(branch, changed_since=reference, GITHUB_BASE_REF="main")
        assert (ran.code, [line.partition(",")[0] for line in ran.out.splitlines()]) == (
            1,
            ["::error file=apps/new one.yaml"],
        )

    def test_auto_outside_of_a_pull_request(self, branch: Clone) -> None:
        ran, _ = self.step(branch, changed_since="auto", GITHUB_BASE_REF="")
        assert len(ran.out.splitlines()) == 2

    def test_paths_arguments_and_sarif(self, branch: Clone) -> None:
        ran, _ = self.step(
            branch, paths="apps/new one.yaml\napps/a.yaml\n", args="--exit-zero --quiet", sarif="o.sarif"
        )
        assert (ran.code, ran.err) == (0, "")
        assert [line.partition(",")[0] for line in ran.out.splitlines()] == ["::error file=apps/new one.yaml"]
        results = json.loads((branch.folder / "o.sarif").read_text("utf-8"))["runs"][0]["results"]
        assert [one["message"]["text"] for one in results] == [FOUND]

    def test_nothing_of_an_input_is_run(self, branch: Clone) -> None:
        words = '$(touch pwned) `touch pwned`; touch pwned #"'
        for name in ("changed_since", "args", "paths", "sarif"):
            self.step(branch, **{name: words})
        assert not (branch.folder / "pwned").exists()


class TestGitlab:
    """https://docs.gitlab.com/ci/yaml/"""

    def script(self, clone: Clone, **variables: str) -> Ran:
        (job,) = GITLAB.values()
        given = {name: value for name, value in job["variables"].items() if name.startswith("LINTKIT")}
        return run("\n".join(job["script"]), clone, ["bash", "-e", "-o", "pipefail", "-c"], **given, **variables)

    def test_its_form(self) -> None:
        assert list(GITLAB) == ["lintkit"]
        (job,) = GITLAB.values()
        assert set(job) == {"stage", "image", "variables", "rules", "before_script", "script", "artifacts"}
        assert all(isinstance(value, str) for value in job["variables"].values())
        assert job["variables"]["GIT_DEPTH"] == "0"

    def test_a_merge_request_fails_by_what_it_adds_and_reports_everything(self, branch: Clone) -> None:
        base = branch.git("rev-parse", "origin/main")
        ran = self.script(branch, CI_MERGE_REQUEST_DIFF_BASE_SHA=base)
        assert ran.code == 1
        assert "apps/new one.yaml:6:3: error: " in ran.out
        assert "old.yaml" not in ran.out
        (job,) = GITLAB.values()
        report = json.loads((branch.folder / job["artifacts"]["reports"]["codequality"]).read_text("utf-8"))
        assert [one["location"]["path"] for one in report] == ["apps/new one.yaml", "old.yaml"]
        assert (branch.folder / job["artifacts"]["reports"]["junit"]).is_file()
        assert self.script(branch, CI_MERGE_REQUEST_DIFF_BASE_SHA=branch.git("rev-parse", "HEAD")).code == 0

    def test_a_branch_fails_by_everything(self, branch: Clone) -> None:
        ran = self.script(branch)
        assert ran.code == 1
        assert "old.yaml:6:3: error: " in ran.out

    def test_the_version_is_that_of_the_package(self) -> None:
        from lintkit import __version__  # noqa: PLC0415 - only here

        (job,) = GITLAB.values()
        assert job["variables"]["LINTKIT_VERSION"] == __version__
        assert f"/v{__version__}/ci/gitlab.yml" in (ROOT / "ci" / "gitlab.yml").read_text("utf-8")
