"""`lintkit check --watch`: a turn of the clock is a look at the tree; the test is who saves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lintkit import engine
from lintkit.cli import watching
from lintkit.errors import ConfigurationError
from lintkit.watch import LEAST_PAUSE, Clock, Stamps, Update, stamps_of, watch
from tests.cli.test_check import CLEAN, DUPLICATE, MOVING
from tests.terminal import terminal as terminal  # noqa: PLC0414 - a fixture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.terminal import Terminal

FOUND = "error: the key `name` is already set on line 4 [duplicate-key]"


class Turns:
    """A clock that does the next thing whenever somebody waits, and presses Ctrl-C at the end."""

    def __init__(self, *steps: Callable[[], object]) -> None:
        self.steps = iter(steps)
        self.seconds = 0.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self.slept.append(seconds)
        try:
            step = next(self.steps)
        except StopIteration:
            raise KeyboardInterrupt from None
        step()

    @property
    def clock(self) -> Clock:
        return Clock(self.now, self.sleep)


def nothing() -> None:
    """Nobody saves."""


class TestLoop:
    """The loop alone, on stamps that are made up."""

    def run(self, *looks: Stamps, failing: int = -1) -> tuple[list[Update], Turns]:
        given: Iterator[Stamps] = iter(looks)
        shown: list[Update] = []
        runs = 0
        report = engine.Report(Path(), ())

        def check(_earlier: engine.Report | None) -> engine.Report:
            nonlocal runs
            runs += 1
            if runs == failing:
                message = "is wrong"
                raise ConfigurationError(message, ".lintkit.yaml")
            return report

        turns = Turns(*([nothing] * (len(looks) - 1)))
        watch(lambda: next(given), check, shown.append, turns.clock)
        return shown, turns

    A, B, C = {"a": (1, 1, 1)}, {"a": (2, 1, 1)}, {"a": (2, 2, 1)}

    def test_nothing_is_judged_while_nothing_changes(self) -> None:
        shown, _ = self.run(self.A, self.A, self.A)
        assert [one.files for one in shown] == [()]

    def test_a_file_that_is_still_being_written_is_waited_for(self) -> None:
        shown, _ = self.run(self.A, self.B, self.C, self.C)
        assert [one.files for one in shown] == [(), ("a",)]

    def test_what_is_added_and_removed_is_named(self) -> None:
        later = {"b": (1, 1, 1)}
        shown, _ = self.run(self.A, later, later)
        assert shown[-1].files == ("a", "b")

    def test_a_run_that_fails_ends_nothing(self) -> None:
        shown, _ = self.run(self.A, self.B, self.B, self.C, self.C, failing=2)
        assert [(one.files, one.error) for one in shown] == [
            ((), ""), (("a",), ".lintkit.yaml: is wrong"), (("a",), ""),
        ]  # fmt: skip

    def test_looking_takes_a_small_part_of_the_time(self) -> None:
        turns = Turns()

        def look() -> Stamps:
            turns.seconds += 0.1
            return {}

        report = engine.Report(Path(), ())
        watch(look, lambda _: report, lambda _: None, turns.clock)
        assert turns.slept == [pytest.approx(2.0)]
        assert self.run(self.A, self.A)[1].slept[0] == LEAST_PAUSE


class TestCommand:
    def watched(self, terminal: Terminal, *steps: Callable[[], object]) -> str:
        """What is printed when each step is a save; two looks follow each."""
        turns = Turns(*(part for step in steps for part in (step, nothing)))

        def check(earlier: engine.Report | None) -> engine.Report:
            return engine.check(terminal.folder, root=terminal.folder, earlier=earlier)

        assert watching.run(terminal.folder, None, check, color=False, clock=turns.clock) == 0
        return terminal.capture.readouterr().out

    def test_what_appears_and_what_goes(self, terminal: Terminal) -> None:
        terminal.write({".lintkit.yaml": "select: [syntax, images]\n", "a.yaml": DUPLICATE, "b.yaml": CLEAN})
        out = self.watched(
            terminal,
            lambda: terminal.write({"b.yaml": MOVING}),
            lambda: terminal.write({"a.yaml": CLEAN}),
            (terminal.folder / "b.yaml").unlink,
        )
        assert out.startswith(f"a.yaml:6:3: {FOUND}\n")
        assert f"watching {terminal.folder}; Ctrl-C ends" in out
        changes = [line for line in out.splitlines() if line.startswith(("+ ", "- "))]
        image = "b.yaml:7:14: warning: "
        assert [line.partition(image)[0] + image if image in line else line for line in changes] == [
            f"+ {image}", f"- a.yaml:6:3: {FOUND}", f"- {image}",
        ]  # fmt: skip
        assert [line.split()[1] for line in out.splitlines() if line[2:3] == ":" and line[5:6] == ":"] == [
            "b.yaml", "a.yaml", "b.yaml",
        ]  # fmt: skip

    def test_a_mistake_in_the_configuration_is_said_and_mended(self, terminal: Terminal) -> None:
        terminal.write({".lintkit.yaml": "select: [syntax]\n", "a.yaml": DUPLICATE})
        out = self.watched(
            terminal,
            lambda: terminal.write({".lintkit.yaml": "selectt: [syntax]\n"}),
            lambda: terminal.write({".lintkit.yaml": "select: [images]\n"}),
        )
        assert "lintkit: .lintkit.yaml:1:1: `selectt` is no option; did you mean `select`?\n" in out
        assert f"\n- a.yaml:6:3: {FOUND}\nno findings (" in out

    def test_ignored_files_are_not_looked_at(self, terminal: Terminal) -> None:
        terminal.write({".gitignore": "x/\n", "x/a.yaml": CLEAN, "a.yaml": CLEAN, "b/c.yaml": CLEAN})
        assert sorted(stamps_of(terminal.folder)) == [".gitignore", "a.yaml", "b/c.yaml"]
        assert sorted(stamps_of(terminal.folder, ("b/",))) == [".gitignore", "a.yaml"]

    @pytest.mark.parametrize("more", [("--fix",), ("--output", "json"), ("--changed-since", "HEAD")])
    def test_what_it_does_not_go_with(self, terminal: Terminal, more: tuple[str, ...]) -> None:
        terminal.write({"a.yaml": CLEAN})
        outcome = terminal.check("--watch", *more)
        assert outcome.code == 2
        assert outcome.err.startswith("lintkit: --watch goes with neither --fix, ")


def test_ctrl_c_ends_a_real_one(terminal: Terminal) -> None:
    terminal.write({".lintkit.yaml": "select: [syntax]\n", "a.yaml": CLEAN})
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "lintkit", "check", "--watch"],
        cwd=terminal.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "NO_COLOR": "1"},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        lines: list[str] = []

        def until(text: str) -> None:
            deadline = time.monotonic() + 60
            while not lines or text not in lines[-1]:
                assert time.monotonic() < deadline, lines
                assert process.stdout is not None
                lines.append(process.stdout.readline().decode())

        until("Ctrl-C ends")
        terminal.write({"a.yaml": DUPLICATE})
        until(f"+ a.yaml:6:3: {FOUND}")
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert process.stderr.read() == b""
