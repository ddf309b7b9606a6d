"""What a run leaves for the next: the same output, as long as all is as it was, and no secret."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lintkit.cli import front
from lintkit.collect.cache import Cache, digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.terminal import Outcome, Terminal

RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: db, namespace: default}
spec:
  interval: 1h
  chartRef: {kind: OCIRepository, name: db}
  values:
    auth:
      password: Kx9-hunter2-Zq
"""
SOURCE = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: {name: db, namespace: default}
spec: {interval: 1h, url: oci://ghcr.io/example/db, ref: {tag: 1.2.3}}
"""
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: default}
spec:
  containers:
    - name: web
      image: nginx:latest
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cache:
    folder = tmp_path.parent / f"{tmp_path.name}-cache"
    monkeypatch.setenv("LINTKIT_CACHE_DIR", str(folder))
    monkeypatch.setattr("lintkit.collect.cache.version_stamp", lambda: "this version")  # whoever edits it meanwhile
    return Cache(folder)


@pytest.fixture(autouse=True)
def _nothing_is_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    # files are written a moment before they are read here; that a fresh file is not trusted has a test of its own
    monkeypatch.setattr("lintkit.collect.state._FRESH", 0)


@pytest.fixture
def repository(terminal: Terminal, cache: Cache) -> Terminal:
    terminal.write({"db.yaml": RELEASE + "---\n" + SOURCE, "web/pod.yaml": POD, ".gitignore": "build/\n"})
    return terminal


def timeless(outcome: Outcome) -> tuple[int, str, str]:
    return outcome.code, re.sub(r"\d+\.\d\d s\)", "TIME)", outcome.out), outcome.err


def is_known(*arguments: str, capture: pytest.CaptureFixture[str]) -> bool:
    """Whether a command needs no run."""
    found = front.known(["check", *arguments]) is not None
    capture.readouterr()
    return found


OPTIONS: list[list[str]] = [
    [], ["web"], ["web/pod.yaml", "db.yaml"], ["--output-format", "json"], ["--output-format", "sarif"],
    ["--output", "github", "--statistics"], ["--quiet", "--color", "always"], ["--select", "images"], ["--exit-zero"],
    ["--fail-on", "info", "--output-format", "concise"],
]  # fmt: skip


@pytest.mark.parametrize("arguments", OPTIONS, ids=" ".join)
def test_the_second_run_prints_what_the_first_did(
    arguments: list[str], repository: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    first = repository.check(*arguments)
    assert is_known(*arguments, capture=capsys)
    second = repository.check(*arguments)
    assert timeless(second) == timeless(first)
    assert timeless(repository.check(*arguments, "--no-cache")) == timeless(first)


CHANGES: dict[str, Callable[[Path], object]] = {
    "a file": lambda root: (root / "web/pod.yaml").write_text(POD.replace("latest", "1.27.0"), "utf-8"),
    "a file of the same size": lambda root: (root / "web/pod.yaml").write_text(
        POD.replace("latest", "1.27.1"), "utf-8"
    ),
    "a new file": lambda root: (root / "web/new.yaml").write_text(POD, "utf-8"),
    "a file that went": lambda root: (root / "web/pod.yaml").unlink(),
    "a new folder": lambda root: (root / "other").mkdir(),
    "another name": lambda root: (root / "web/pod.yaml").rename(root / "web/pod.yml"),
    "a link": lambda root: (root / "web/link.yaml").symlink_to("pod.yaml"),
    "what git ignores": lambda root: (root / ".gitignore").write_text("builds\n", "utf-8"),
    "the configuration": lambda root: (root / ".lintkit.yaml").write_text("ignore: [images]\n", "utf-8"),
    "the configuration in TOML": lambda root: (root / "pyproject.toml").write_text("[tool.lintkit]\n", "utf-8"),
    "the remote": lambda root: (root / ".git/config").write_text('[remote "origin"]\n\turl = x\n', "utf-8"),
    "a rule": lambda root: (root / ".lintkit/rules").mkdir(parents=True),
    "the store": lambda _: Path(os.environ["LINTKIT_STORE"], "new").mkdir(parents=True),
    "charts of Helm": lambda _: Path(os.environ["HELM_CACHE_HOME"], "repository/a").mkdir(parents=True),
    "the root": lambda root: (root / "web/.git").mkdir(),
    "a repository around it": lambda root: (root.parent / ".git").mkdir(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_what_counts_makes_a_new_run(
    change: str, repository: Terminal, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LINTKIT_STORE", "HELM_CACHE_HOME"):
        monkeypatch.setenv(name, str(repository.folder.parent / f"{repository.folder.name}-{name}"))
    repository.check("web")
    assert is_known("web", capture=capsys)
    CHANGES[change](repository.folder)
    try:
        assert not is_known("web", capture=capsys)
    finally:
        if (repository.folder.parent / ".git").is_dir():
            (repository.folder.parent / ".git").rmdir()


def test_other_words_another_folder_and_another_environment_are_other_runs(
    repository: Terminal, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.check("web")
    assert is_known("web", capture=capsys)
    assert not is_known("web/", capture=capsys)
    assert not is_known("web", "--no-cache", capture=capsys)
    monkeypatch.setenv("NO_COLOR", "1")
    assert not is_known("web", capture=capsys)
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.chdir(repository.folder / "web")
    assert not is_known("web", capture=capsys)


@pytest.mark.parametrize(
    "arguments",
    [["--verbose"], ["--fix"], ["--diff"], ["--output", "json:out.json"], ["-", "--stdin-filename", "a.yaml"]],
)
def test_what_does_more_than_print_is_not_kept(
    arguments: list[str], repository: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.check(*arguments, stdin=POD)
    assert not is_known(*arguments, capture=capsys)


def test_a_content_that_is_as_it_was_is_known_at_any_time(
    repository: Terminal, cache: Cache, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.check()
    for path in ("db.yaml", "web/pod.yaml"):
        os.utime(repository.folder / path, (1, 1))
    before = [path.stat().st_mtime_ns for path in Path(cache.folder, "runs").iterdir()]
    assert is_known(capture=capsys)
    assert [path.stat().st_mtime_ns for path in Path(cache.folder, "runs").iterdir()] != before  # it has the new times


def test_a_file_that_is_fresh_is_read_again(
    repository: Terminal, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lintkit.collect.state._FRESH", 10**12)
    repository.check()
    assert is_known(capture=capsys)
    path = repository.folder / "web/pod.yaml"
    status = path.stat()
    path.write_text(POD.replace("latest", "1.27.0"), "utf-8")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert not is_known(capture=capsys)


def test_no_secret_is_kept(repository: Terminal, cache: Cache) -> None:
    for arguments in OPTIONS:
        outcome = repository.check(*arguments)
    outcome = repository.check()
    assert "db.yaml:9:17: error: `password`" in outcome.out
    kept = [path.read_bytes() for path in Path(cache.folder).rglob("*") if path.is_file()]
    assert len(kept) > len(OPTIONS)
    assert not any(b"hunter2" in content for content in kept)


def test_only_the_user_can_read_it(repository: Terminal, cache: Cache) -> None:
    repository.check()
    assert {path.stat().st_mode & 0o077 for path in Path(cache.folder).rglob("*.entry")} == {0}
    assert Path(cache.folder).stat().st_mode & 0o077 == 0


def test_a_configuration_may_do_without(repository: Terminal, cache: Cache) -> None:
    repository.write({".lintkit.yaml": "cache: false\n"})
    repository.check()
    assert set(cache.sizes().values()) == {(0, 0)}


@pytest.mark.parametrize("content", [b"", b"x", b"\0" * 100, digest("x").encode() * 9])
def test_an_entry_that_is_broken_is_none(
    content: bytes, repository: Terminal, cache: Cache, capsys: pytest.CaptureFixture[str]
) -> None:
    first = repository.check()
    for path in Path(cache.folder).rglob("*.entry"):
        path.write_bytes(content)
    assert not is_known(capture=capsys)
    assert timeless(repository.check()) == timeless(first)
    assert is_known(capture=capsys)


def test_an_entry_that_says_something_else_is_none(
    repository: Terminal, cache: Cache, capsys: pytest.CaptureFixture[str]
) -> None:
    first = repository.check()
    for part in ("runs",):
        for path in Path(cache.folder, part).iterdir():
            for value in (7, {}, ("a",), ({}, [], 0), (1, 2, 3), ({"exists": 1}, [], 0)):
                cache.write(part, path.stem, value)
                assert timeless(repository.check()) == timeless(first)


def test_a_folder_that_cannot_be_written_is_no_obstacle(repository: Terminal, cache: Cache) -> None:
    Path(cache.folder).write_text("a file", "utf-8")
    assert repository.check().code == 1
    assert repository.check().code == 1


def test_the_oldest_go(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lintkit.collect.cache.PARTS", {"runs": 8, "schemas": 8})
    for number in range(20):
        cache.write("runs", f"n{number}", number)
        os.utime(Path(cache.folder, "runs", f"n{number}.entry"), (number, number))
        assert cache.sizes()["runs"][0] <= 8
    assert cache.read("runs", "n19") == 19
    assert cache.read("runs", "n0") is None


def test_the_command(repository: Terminal, cache: Cache) -> None:
    assert repository.lintkit("cache", "dir").out == f"{cache.folder}\n"
    repository.check()
    shown = repository.lintkit("cache", "show").out
    assert re.search(r"^ +1 +0\.0 MB  runs that are known$", shown, re.MULTILINE)
    Path(cache.folder, "mine").write_text("stays", "utf-8")
    assert "entries removed from" in repository.lintkit("cache", "clean").out
    assert [path.name for path in Path(cache.folder).iterdir()] == ["mine"]
    assert repository.lintkit("cache", "clean").out == f"0 entries removed from {cache.folder}\n"


def test_a_known_run_imports_next_to_nothing(repository: Terminal) -> None:
    """What is loaded is what takes the time: no click, no pathlib, no dataclasses, none of the rules."""
    command = [sys.executable, "-X", "importtime", "-m", "lintkit", "check", "web"]
    repository.check("web")
    runs = [
        subprocess.run(command, cwd=repository.folder, capture_output=True, text=True, check=False) for _ in range(2)
    ]
    assert runs[1].returncode == runs[0].returncode == 1
    imported = set(_imported(runs[1].stderr))
    assert "lintkit.cli.front" in imported
    assert "lintkit.engine" in set(_imported(runs[0].stderr))
    banned = {
        "asyncio", "click", "concurrent", "dataclasses", "hashlib", "importlib.metadata", "inspect", "jinja2", "json",
        "jsonschema", "jsonschema_rs", "logging", "re", "rich", "ruamel", "subprocess", "typing", "yaml",
    }  # fmt: skip
    unwanted = {name for name in imported if name in banned or name.partition(".")[0] in banned}
    before = subprocess.run([*command[:3], "-c", "pass"], capture_output=True, text=True, check=True)
    assert unwanted <= set(_imported(before.stderr))
    assert {name for name in imported if name.startswith("lintkit.")} == {
        "lintkit.cli", "lintkit.cli.main", "lintkit.cli.front", "lintkit.collect", "lintkit.collect.cache",
        "lintkit.collect.state",
    }  # fmt: skip


def test_a_run_imports_only_what_it_needs(repository: Terminal) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "lintkit", "check", "--no-cache"],
        cwd=repository.folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    imported = set(_imported(done.stderr))
    banned = {
        "asyncio", "concurrent", "importlib.metadata", "jinja2", "jsonschema", "logging", "pygls", "requests", "rich",
        "ruamel", "celpy", "kubernetes", "urllib.request", "tarfile", "tomllib",
    }  # fmt: skip
    assert "lintkit.engine" in imported
    assert not {name for name in imported if name in banned or name.partition(".")[0] in banned}


def _imported(told: str) -> Iterator[str]:
    for line in told.splitlines():
        if line.startswith("import time:"):
            yield line.rpartition("|")[2].strip()
