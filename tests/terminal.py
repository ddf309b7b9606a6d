"""Runs the command line as a person does, and small trees to run it on."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from textwrap import dedent
from typing import TYPE_CHECKING, NamedTuple

import pytest

from lintkit.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path


def drained(terminal: int) -> bytes:
    """All that was written to a terminal whose other end is closed; it comes in parts."""
    found = b""
    with suppress(OSError):  # how Linux says that there is no more
        while part := os.read(terminal, 4096):
            found += part
    return found


class Outcome(NamedTuple):
    """What a command ended with, and wrote."""

    code: int
    out: str
    err: str


class Terminal:
    """A folder to stand in, and what is typed there."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.patch = patch
        self.capture = capture
        patch.chdir(folder)

    def write(self, files: dict[str, str]) -> None:
        """Write files below the folder; texts are dedented."""
        for path, text in files.items():
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).write_text(dedent(text).lstrip("\n"), "utf-8")

    def lintkit(self, *arguments: str, stdin: str = "") -> Outcome:
        """Run `lintkit ARGUMENTS`."""
        self.patch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        written = self.capture.readouterr()
        return Outcome(int(ended.value.code or 0), written.out, written.err)

    def check(self, *arguments: str, stdin: str = "") -> Outcome:
        """Run `lintkit check ARGUMENTS`."""
        return self.lintkit("check", *arguments, stdin=stdin)


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """A terminal in an empty folder, which is the root of a tree."""
    (tmp_path / ".git").mkdir()
    return Terminal(tmp_path, monkeypatch, capsys)
