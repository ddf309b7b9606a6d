"""Judges a tree again whenever a file of it changes.

Changes are seen by asking for the time and size of every file (docs/decisions/0020-watching.md). The clock comes from
outside, so that a test can turn it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from lintkit.changes import difference
from lintkit.collect.discover import discover
from lintkit.errors import LintkitError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from lintkit.engine import Report
    from lintkit.finding import Finding

LEAST_PAUSE = 0.3
_SHARE = 20
"""Looking takes at most this part of the time."""

Stamps = dict[str, tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class Update:
    """What a look at the tree came to.

    Attributes:
        files: What was saved, added or removed; empty for the first look.
        report: The run; None when it could not be made.
        error: Why it could not.
        appeared: Findings that were not there before.
        went: Findings that are gone.
    """

    files: tuple[str, ...]
    report: Report | None
    error: str = ""
    appeared: tuple[Finding, ...] = ()
    went: tuple[Finding, ...] = ()


class Clock(NamedTuple):
    """Seconds now, and how to wait for some."""

    now: Callable[[], float]
    sleep: Callable[[float], None]


def watch(
    look: Callable[[], Stamps],
    check: Callable[[Report | None], Report],
    show: Callable[[Update], None],
    clock: Clock,
) -> None:
    """Check, then check again at each change; ends when the clock or a key press raises KeyboardInterrupt.

    Args:
        look: What stands on disk.
        check: Judges the tree; is given the last run that could be made.
        show: Is told what came of each run.
        clock: Seconds now, and how to wait.
    """
    before: Stamps = {}
    seen: Stamps | None = None
    last: Report | None = None
    try:
        while True:
            begun = clock.now()
            stamps = look()
            pause = max(LEAST_PAUSE, _SHARE * (clock.now() - begun))
            if seen is None or stamps != before:
                if seen is not None and stamps != seen:
                    seen = stamps  # still being written: wait until a look shows what the last one did
                    clock.sleep(LEAST_PAUSE)
                    continue
                files = () if seen is None else _changed(before, stamps)
                before = seen = stamps
                update = _judged(files, check, last)
                last = update.report or last
                show(update)
            clock.sleep(pause)
    except KeyboardInterrupt:
        return


def stamps_of(root: Path, exclude: tuple[str, ...] = ()) -> Stamps:
    """Time, size and number of every file that counts."""
    found: Stamps = {}
    for path in discover(root, exclude=exclude).files:
        try:
            stat = os.stat(root / path, follow_symlinks=False)  # noqa: PTH116 - hot
        except OSError:
            continue  # it went while we looked
        found[path] = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
    return found


def _judged(files: tuple[str, ...], check: Callable[[Report | None], Report], last: Report | None) -> Update:
    try:
        report = check(last)
    except LintkitError as error:
        return Update(files, None, str(error))
    appeared, went = difference(last.findings if last else (), report.findings)
    return Update(files, report, "", tuple(appeared), tuple(went))


def _changed(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path)))
