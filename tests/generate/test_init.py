"""`lintkit init`: what a repository gets, and what stays as it is."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from lintkit import __version__, configuration
from lintkit.errors import UsageError
from lintkit.generate.ci import hook, job, kind_of_ci
from lintkit.syntax.parser import parse
from lintkit.text.source import Source
from tests.corpus.trees import ABSENT, ARCHIVES, NAMES, unpacked
from tests.generate.trees import empty, example, files

if TYPE_CHECKING:
    from pathlib import Path

    from tests.terminal import Terminal

LINTKIT = f"""\
  - repo: https://github.com/lintkit/lintkit
    rev: v{__version__}
    hooks:
      - id: lintkit-secrets
      - id: lintkit
"""
UNSAFE = """\
    apiVersion: v1
    kind: Secret
    metadata:
      name: web
    stringData:
      password: Correct-Horse-7-Battery
"""


def test_an_empty_repository(terminal: Terminal) -> None:
    outcome = terminal.lintkit("init")
    assert outcome.code == 0
    assert outcome.out.splitlines() == ["wrote .lintkit.yaml", "wrote .pre-commit-config.yaml"]
    assert outcome.err == "note: no CI is to be seen; `--ci github` or `--ci gitlab` writes a job\n"
    assert (terminal.folder / ".pre-commit-config.yaml").read_text("utf-8") == f"repos:\n{LINTKIT}"
    text = (terminal.folder / ".lintkit.yaml").read_text("utf-8")
    assert configuration.read_yaml(text, ".lintkit.yaml") == configuration.Options()
    assert all(line.startswith("#") for line in text.splitlines() if line)


def test_a_second_run_changes_nothing(terminal: Terminal) -> None:
    terminal.lintkit("init", "--ci", "github")
    before = files(terminal.folder)
    outcome = terminal.lintkit("init", "--ci", "github")
    assert files(terminal.folder) == before
    assert outcome.out.splitlines() == [
        "kept: .lintkit.yaml is there already",
        "kept: .pre-commit-config.yaml names lintkit already",
        "kept: .github/workflows/lintkit.yaml names lintkit already",
    ]


def test_nothing_is_written_by_a_dry_run(terminal: Terminal) -> None:
    outcome = terminal.lintkit("init", "--dry-run", "--ci", "gitlab")
    assert "would write .gitlab-ci.yml" in outcome.out.splitlines()
    assert files(terminal.folder) == {}


def test_what_opens_the_vault_is_declared(tmp_path: Path, terminal: Terminal) -> None:
    root = example(tmp_path / "home")
    assert terminal.lintkit("init", "--root", str(root), "--no-pre-commit", "--ci", "none").code == 0
    text = (root / ".lintkit.yaml").read_text("utf-8")
    assert (
        dedent("""\
        # Nothing in this repository makes these, and nothing can: they are made by hand before Flux starts.
        external:
          - kind: Secret
            namespace: external-secrets
            name: onepassword-connect-credentials
            keys:
              - 1password-credentials.json
            reason: opens the vault for HelmRelease onepassword-connect
        """)
        in text
    )
    assert terminal.lintkit("check", str(root), "--fail-on", "info").code == 0


def test_a_baseline_accepts_what_is_wrong_today(terminal: Terminal) -> None:
    terminal.write({"apps/secret.yaml": UNSAFE})
    assert "1 finding today; `lintkit check` shows them" in terminal.lintkit("init", "--dry-run").out
    assert terminal.check().code == 1
    outcome = terminal.lintkit("init", "--baseline")
    assert "1 finding accepted; `lintkit baseline show` lists them" in outcome.out.splitlines()
    assert "Battery" not in outcome.out
    assert (
        (terminal.folder / ".lintkit.yaml")
        .read_text("utf-8")
        .endswith(
            "# Findings of the day that lintkit came; `lintkit baseline prune` takes out what is gone.\n"
            "baseline: .lintkit-baseline\n"
        )
    )
    assert terminal.check().code == 0
    terminal.write({"apps/other.yaml": UNSAFE.replace("web", "other")})
    assert terminal.check().code == 1


def test_an_existing_configuration_is_kept_and_gets_the_baseline_alone(terminal: Terminal) -> None:
    text = "# ours\nfail-on: warning # and not error\n"
    terminal.write({"apps/secret.yaml": UNSAFE, ".lintkit.yaml": text})
    assert "kept: .lintkit.yaml is there already" in terminal.lintkit("init").out.splitlines()
    assert (terminal.folder / ".lintkit.yaml").read_text("utf-8") == text
    assert terminal.lintkit("init", "--baseline").code == 0
    after = (terminal.folder / ".lintkit.yaml").read_text("utf-8")
    assert after.startswith(text)
    assert after.endswith("baseline: .lintkit-baseline\n")
    assert terminal.check().code == 0


def test_an_existing_baseline_is_kept(terminal: Terminal) -> None:
    terminal.write({"apps/secret.yaml": UNSAFE})
    terminal.lintkit("init", "--baseline")
    before = files(terminal.folder)
    assert "kept: .lintkit-baseline is there already; `lintkit baseline write` writes it again" in (
        terminal.lintkit("init", "--baseline").out.splitlines()
    )
    assert files(terminal.folder) == before


@pytest.mark.parametrize(
    "text",
    [
        "# hooks\nrepos:\n  - repo: a # why\n    rev: v1\n    hooks: [{id: a}]\nci: {skip: []} # not there\n",
        "repos:\n- repo: a\n  rev: v1\n  hooks:\n  - id: a\n  # - id: b\n",
        "repos: []\n",
        "default_stages: [pre-commit]\n",
    ],
)
def test_hooks_are_merged_and_every_comment_stays(text: str) -> None:
    after = hook(text)
    assert after is not None
    root = parse(Source("hooks", after)).documents[0].root
    assert root is not None
    before = parse(Source("hooks", text)).documents[0].root
    assert before is not None
    assert root.value["repos"][-1]["repo"] == "https://github.com/lintkit/lintkit"
    assert root.value["repos"][:-1] == before.value.get("repos", [])
    assert [one["id"] for one in root.value["repos"][-1]["hooks"]] == ["lintkit-secrets", "lintkit"]
    for line in text.splitlines():
        if line != "repos: []":
            assert line in after.splitlines()


def test_hooks_without_a_certain_place_are_refused() -> None:
    with pytest.raises(UsageError, match=r"\.pre-commit-config\.yaml is written in a way that leaves no certain place"):
        hook("repos: [{repo: a, rev: b, hooks: []}]\n")


def test_the_workflow_looks_like_the_others(tmp_path: Path) -> None:
    root = empty(tmp_path)
    assert kind_of_ci(root) == ""
    folder = root / ".github/workflows"
    folder.mkdir(parents=True)
    (folder / "test.yml").write_text(
        "---\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@0123abc # v9\n", "utf-8"
    )
    (root / ".git/HEAD").write_text("ref: refs/heads/trunk\n", "utf-8")
    assert kind_of_ci(root) == "github"
    path, text = job(root, "github")
    assert path == ".github/workflows/lintkit.yml"
    assert text is not None
    assert text.startswith("---\nname: lintkit\n")
    assert "      - uses: actions/checkout@0123abc # v9\n" in text
    assert "      - trunk\n" in text
    assert f"      - uses: lintkit/lintkit@v{__version__}\n" in text


def test_gitlab_gets_an_include(tmp_path: Path) -> None:
    root = empty(tmp_path, "git@gitlab.com:example/home.git")
    assert kind_of_ci(root) == "gitlab"
    line = f"  - remote: https://raw.githubusercontent.com/lintkit/lintkit/v{__version__}/ci/gitlab.yml\n"
    assert job(root, "gitlab") == (".gitlab-ci.yml", f"# Merge requests fail by what they add.\ninclude:\n{line}")
    text = "stages: [test] # one\ninclude:\n  - local: other.yml # ours\n"
    (root / ".gitlab-ci.yml").write_text(text, "utf-8")
    assert job(root, "gitlab")[1] == text + line
    (root / ".gitlab-ci.yml").write_text("include: other.yml\n", "utf-8")
    with pytest.raises(UsageError, match=r"^\.gitlab-ci\.yml is written in a way that leaves no certain place"):
        job(root, "gitlab")


@pytest.mark.corpus
@pytest.mark.slow
@pytest.mark.skipif(not ARCHIVES, reason=ABSENT)
@pytest.mark.parametrize("name", NAMES)
def test_a_real_repository_passes_from_the_day_on(name: str, tmp_path: Path, terminal: Terminal) -> None:
    root = unpacked(name, tmp_path)
    before = files(root)
    assert terminal.lintkit("init", "--baseline", "--root", str(root)).code == 0
    assert terminal.lintkit("check", "--root", str(root), str(root)).code == 0
    after = files(root)
    new = {path for path in after if path not in before}
    assert new <= {".lintkit.yaml", ".lintkit-baseline", ".pre-commit-config.yaml", ".github/workflows/lintkit.yaml",
                   ".github/workflows/lintkit.yml"}  # fmt: skip
    assert {".lintkit.yaml", ".lintkit-baseline"} <= new
    changed = {path for path in before if after[path] != before[path]}
    assert changed <= {".pre-commit-config.yaml"}
    for path in changed:
        assert after[path].decode().replace(added(after[path].decode()), "", 1) == before[path].decode()
    again = files(root)
    terminal.lintkit("init", "--baseline", "--root", str(root))
    assert files(root) == again


def added(text: str) -> str:
    """The lines of lintkit in a list of hooks, as they are indented there."""
    start = text.rindex("\n", 0, text.index("repo: https://github.com/lintkit/lintkit")) + 1
    return text[start : text.index("id: lintkit\n", start) + len("id: lintkit\n")]
