# ruff: noqa: E501 - one case a line reads as a table
"""Ignore files leave out what git leaves out."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lintkit.collect.discover import discover
from lintkit.collect.ignore import IgnoreFile, parse_patterns

if TYPE_CHECKING:
    from pathlib import Path

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not here")
_CLEAN = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")} | {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}
PATHS = (
    "a", "b", "a.yaml", "b.yaml", ".hidden", "# a", "!a", "a b", "a ", "A.yaml", "é.yaml", "[a]", "a-b", "a\\b", "]x",
    "dir/a", "dir/a.yaml", "dir/b", "dir/dir/a", "dir/dir/b.yaml", "dir/.hidden", "dir/sub/a", "dir/sub/deep/a.yaml",
    "build/out", "build/keep", "x/build/out", "foo/bar/baz", "foo/baz", "x/foo/bar/baz", "x/y/foo/baz", "foo.d/bar",
    "abc", "aXc", "a/c", "ac",
)  # fmt: skip
IGNORES = [
    "a", "a.yaml", "*.yaml", "/a", "/a.yaml", "dir", "dir/", "/dir", "/dir/", "dir/a", "/dir/a", "dir/*", "dir/**",
    "**/a", "**/dir", "dir/**/a", "**/sub/**", "a/**", "**", "*", "/*", "*\n!a.yaml", "/*\n!/dir\n/dir/*\n!/dir/sub",
    "dir/*\n!dir/b", "*.yaml\n!dir/*.yaml", "!a", "a\n!a\na", "\\#*", "\\!a", "# a", "#a", "a\\ ", "a ", "a  ", "a b",
    "[ab]", "[!a]", "[^a]", "[a-c].yaml", "a?c", "a*c", "?", "??", "a[", "a\\", "[]x]*", "[]", "[[:upper:]]*", "[[:alpha:]]",
    "[[:nope:]]", "a[!X]c", "build", "build/", "build/*\n!build/keep", "**/build/out", "foo/**/baz", "foo/bar", "x/**/baz",
    "foo*/bar", "*/bar", "*/*/bar", "/**/foo", "/**", "**/", "dir//a", "//a", "/", "", "\n\n", "a\\b", "a\\\\b", "\\a",
    "*a*", "**a", "a**", "dir/su*/de**/a.yaml", "é*", "\ufeffa", "a\r", "dir/sub/deep/", "!dir/\ndir/", ".*", "a-b", "[a-]b",
    "[\\]]x", "*/", "*/a", "dir/?", "[a]", "\\[a\\]",
]  # fmt: skip


def work_tree(root: Path, paths: tuple[str, ...] = PATHS) -> None:
    for path in paths:
        target = root / path
        if target.is_dir() or any(parent.is_file() for parent in target.parents):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()


def by_git(root: Path) -> set[str]:
    """The files that git sees."""
    subprocess.run(["git", "init", "-q", str(root)], check=True, env=_CLEAN)
    command = ["git", "-C", str(root), "ls-files", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(command, check=True, capture_output=True, env=_CLEAN)
    return {os.fsdecode(path) for path in done.stdout.split(b"\0") if path}


@pytest.fixture(scope="session")
def one_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("ignore")
    work_tree(root)
    return root


@needs_git
@pytest.mark.parametrize("patterns", IGNORES)
def test_the_same_files_as_git(one_tree: Path, patterns: str) -> None:
    (one_tree / ".gitignore").write_text(patterns + "\n", "utf-8", newline="")
    assert set(discover(one_tree).files) == by_git(one_tree)


@needs_git
@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ("*.yaml", "!a.yaml"),
        ("dir/a.yaml", "!a.yaml"),
        ("dir/", "!a.yaml"),
        ("", "/a.yaml"),
        ("", "sub/"),
        ("!dir/b", "b"),
        ("sub", "!sub"),
        ("", "/dir/"),
    ],
)
def test_an_inner_file_wins_as_in_git(tmp_path: Path, outer: str, inner: str) -> None:
    work_tree(tmp_path)
    (tmp_path / ".gitignore").write_text(outer + "\n", "utf-8")
    (tmp_path / "dir/.gitignore").write_text(inner + "\n", "utf-8")
    assert set(discover(tmp_path).files) == by_git(tmp_path)


_PATTERN = st.text(alphabet="ab/*?[]!-.\\ #", min_size=1, max_size=8)


@needs_git
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_PATTERN, min_size=1, max_size=4))
def test_any_patterns_as_in_git(one_tree: Path, patterns: list[str]) -> None:
    (one_tree / ".gitignore").write_text("\n".join(patterns) + "\n", "utf-8")
    assert set(discover(one_tree).files) == by_git(one_tree)


def test_what_says_nothing_is_told_from_what_takes_back() -> None:
    ignore = IgnoreFile("dir", parse_patterns("*.yaml\n!a.yaml\n"), ".gitignore")
    assert ignore.verdict("dir/b.yaml", is_folder=False) is True
    assert ignore.verdict("dir/a.yaml", is_folder=False) is False
    assert ignore.verdict("dir/a.txt", is_folder=False) is None


@pytest.mark.parametrize(
    "pattern",
    ["*a" * 30, "**/" * 30 + "x", "a*" * 40 + "b", "[" * 500, "[a-" * 200, "**/*a" * 20, "(a+)+$", "?" * 200 + "*b" * 30],
)  # fmt: skip
def test_no_pattern_takes_long(pattern: str) -> None:
    ignore = IgnoreFile("", parse_patterns(pattern), ".gitignore")
    started = time.perf_counter()
    for path in ("a" * 200, "a/" * 100 + "a", "ab" * 100 + "c"):
        ignore.verdict(path, is_folder=False)
    assert time.perf_counter() - started < 1
