"""Commands timed in turn: A B C, A B C, ... so that what else the machine does falls on all of them alike."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_ONE_RUN = Path(__file__).with_name("one_run.py")
ENOUGH = 8.0
"""Seconds after which a command takes part in no further round."""
TIMEOUT = 120


def nothing() -> None:
    """What most commands need before they run."""


@dataclass(frozen=True)
class Command:
    """A program that takes part.

    Attributes:
        label: Its name in the table.
        arguments: Program and arguments.
        folder: Where it runs.
        environment: Added to that of this process.
        before: Called before each run, outside of the time.
        is_fair: Whether an exit code means that it did its work.
    """

    label: str
    arguments: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[], None] = nothing
    is_fair: Callable[[int], bool] = lambda code: code in {0, 1}


@dataclass(frozen=True)
class Sample:
    """One run: seconds of CPU (with its children) and of wall time, peak memory in MB of its largest process."""

    cpu: float
    wall: float
    memory: float
    code: int


@dataclass(frozen=True)
class Best:
    """The best of several runs; `code` is the last exit code, None for a run that did not end in time."""

    cpu: float
    wall: float
    memory: float
    code: int | None
    is_fair: bool = True


def once(command: Command) -> Sample | None:
    """Run a command; None when it does not end in time."""
    command.before()
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", str(_ONE_RUN), *command.arguments],
        cwd=command.folder,
        env={**os.environ, **command.environment},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        told, _ = process.communicate(timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return None
    cpu, wall, memory, code = told.split()
    return Sample(float(cpu), float(wall), float(memory) / 1024, int(code))


def interleaved(commands: Sequence[Command], runs: int = 5) -> dict[str, Best]:
    """Label -> the best of `runs` rounds; the first round only warms the machine up, but for what is slow."""
    samples: dict[str, list[Sample]] = {command.label: [] for command in commands}
    spent = dict.fromkeys(samples, 0.0)
    failed: set[str] = set()
    for number in range(runs + 1):
        for command in commands:
            if command.label in failed or spent[command.label] > ENOUGH:
                continue
            sample = once(command)
            if sample is None:
                failed.add(command.label)
                continue
            spent[command.label] += sample.wall
            if number or spent[command.label] > ENOUGH / 4:
                samples[command.label].append(sample)
    found: dict[str, Best] = {}
    for command in commands:
        one = samples[command.label]
        if command.label in failed or not one:
            found[command.label] = Best(0.0, 0.0, 0.0, None, is_fair=False)
            continue
        found[command.label] = Best(
            min(sample.cpu for sample in one),
            min(sample.wall for sample in one),
            max(sample.memory for sample in one),
            one[-1].code,
            command.is_fair(one[-1].code),
        )
    return found
