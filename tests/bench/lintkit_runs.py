"""Runs of lintkit that take part: nothing known before, all known, one file edited, one file as it was."""

from __future__ import annotations

import compileall
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import lintkit
from tests.bench.measure import Command

if TYPE_CHECKING:
    from collections.abc import Iterator

COLD, WARM = "lintkit, cold", "lintkit, warm"
EDITED, UNCHANGED, ALONE = "lintkit, one edited file", "lintkit, the same file again", "lintkit, one file, cold"


def program() -> list[str]:
    """How lintkit is started; the modules are compiled first, as an installer does it."""
    compileall.compile_dir(str(Path(lintkit.__file__).parent), quiet=2)
    script = Path(sys.executable).with_name("lintkit")
    return [str(script)] if script.is_file() else [sys.executable, "-m", "lintkit"]


def on_tree(root: Path, work: Path) -> Iterator[Command]:
    """All of a tree: with an empty cache, and with one that knows it."""
    base = program()
    arguments = [*base, "check", "--root", str(root), str(root)]
    empty, full = work / "empty", work / "full"
    environment = {"LINTKIT_CACHE_DIR": str(full)}
    subprocess.run(arguments, cwd=root, env=_with(environment), capture_output=True, check=False)
    yield Command(
        COLD,
        arguments,
        root,
        {"LINTKIT_CACHE_DIR": str(empty)},
        before=lambda: shutil.rmtree(empty, ignore_errors=True),
    )
    yield Command(WARM, arguments, root, environment)


def on_file(root: Path, file: str, work: Path) -> Iterator[Command]:
    """One file of a tree that the cache knows: changed before each run, and as it was."""
    base = program()
    edited, same, empty = work / "edited", work / "same", work / "empty"
    arguments = [*base, "check", "--root", str(root), str(root / file)]
    for folder in (edited, same):
        environment = {"LINTKIT_CACHE_DIR": str(folder)}
        subprocess.run([*arguments[:-1], str(root)], cwd=root, env=_with(environment), capture_output=True, check=False)
    text = (root / file).read_text("utf-8")
    rounds = iter(range(1_000))

    def edit() -> None:
        (root / file).write_text(f"{text.rstrip()}\n# {next(rounds)}\n", "utf-8")

    yield Command(EDITED, arguments, root, {"LINTKIT_CACHE_DIR": str(edited)}, before=edit)
    untouched = [*arguments[:-1], str(root / file)]
    yield Command(
        UNCHANGED, untouched, root, {"LINTKIT_CACHE_DIR": str(same)}, before=lambda: _settle(untouched, same, root)
    )
    yield Command(
        ALONE,
        arguments,
        root,
        {"LINTKIT_CACHE_DIR": str(empty)},
        before=lambda: shutil.rmtree(empty, ignore_errors=True),
    )


def _settle(arguments: list[str], cache: Path, root: Path) -> None:
    """The file was edited for another run: let the cache know it as it is now."""
    environment = _with({"LINTKIT_CACHE_DIR": str(cache)})
    subprocess.run(arguments, cwd=root, env=environment, capture_output=True, check=False)


def _with(more: dict[str, str]) -> dict[str, str]:
    return {**os.environ, **more}
