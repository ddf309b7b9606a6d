"""Runs that know what runs before have found say what runs that know nothing say."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest

from tests.corpus.edits import edit
from tests.corpus.trees import ABSENT, ARCHIVES, NAMES, unpacked

EXAMPLE = Path(__file__).parents[2] / "kubernetes"


def check(root: Path, cache: Path | None, *arguments: str) -> tuple[int, str, str]:
    """Exit code and output of a run, without its time."""
    command = [sys.executable, "-m", "lintkit", "check", "--root", str(root), *arguments, "--output-format", "json"]
    environment = {**os.environ, "LINTKIT_CACHE_DIR": str(cache)} if cache else dict(os.environ)
    command += [] if cache else ["--no-cache"]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, re.sub(r"\d+\.\d\d s\)", "TIME)", done.stdout), done.stderr


def copied(tree: Path, target: Path) -> Path:
    shutil.copytree(tree, target, symlinks=True)
    (target / ".git").mkdir(exist_ok=True)
    return target


def compare(root: Path, cache: Path, seed: int, count: int) -> None:
    random = Random(seed)  # noqa: S311 - edits, no secrets
    check(root, cache)
    for number in range(count):
        done = edit(root, random)
        assert check(root, cache) == check(root, None), f"{seed}: edit {number}: {done}"
        assert check(root, cache) == check(root, None), f"{seed}: edit {number}, again: {done}"


def test_edits_of_the_example(tmp_path: Path) -> None:
    compare(copied(EXAMPLE, tmp_path / "tree"), tmp_path / "cache", 1, 3)


@pytest.mark.slow
@pytest.mark.corpus
@pytest.mark.skipif(not ARCHIVES, reason=ABSENT)
@pytest.mark.parametrize("name", NAMES)
def test_edits_of_real_repositories(name: str, tmp_path: Path) -> None:
    compare(copied(unpacked(name, tmp_path / "corpus"), tmp_path / "tree"), tmp_path / "cache", 7, 3)


def together(root: Path, cache: Path, count: int) -> None:
    expected = check(root, None)
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: check(root, cache), range(count)))
    assert found == {expected}


def killed(root: Path, cache: Path, count: int, seed: int) -> None:
    expected = check(root, None)
    random = Random(seed)  # noqa: S311 - edits, no secrets
    command = [sys.executable, "-m", "lintkit", "check", "--root", str(root)]
    for number in range(count):
        process = subprocess.Popen(
            [*command, "--output-format", random.choice(("json", "text", "sarif"))],
            cwd=root,
            env={**os.environ, "LINTKIT_CACHE_DIR": str(cache)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(random.random() * 1.2)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if number % 5 == 4:
            assert check(root, cache) == expected
            shutil.rmtree(cache / "runs", ignore_errors=True)  # so that the next ones write again


def test_runs_at_one_time_say_the_same(tmp_path: Path) -> None:
    together(copied(EXAMPLE, tmp_path / "tree"), tmp_path / "cache", 12)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_run_after_one_that_was_killed_is_right(tmp_path: Path) -> None:
    killed(copied(EXAMPLE, tmp_path / "tree"), tmp_path / "cache", 5, 3)


@pytest.mark.slow
def test_two_hundred_runs_at_one_time_say_the_same(tmp_path: Path) -> None:
    together(copied(EXAMPLE, tmp_path / "tree"), tmp_path / "cache", 200)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_runs_after_many_that_were_killed_are_right(tmp_path: Path) -> None:
    killed(copied(EXAMPLE, tmp_path / "tree"), tmp_path / "cache", 40, 4)
