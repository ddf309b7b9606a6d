"""What was measured, as tables in Markdown."""

from __future__ import annotations

import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench import peers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.bench.measure import Best


def table(results: Mapping[str, Best], reference: str) -> Iterator[str]:
    """Ratios to one of the commands, then what they are ratios of."""
    base = results.get(reference)
    is_base = base is not None and base.wall > 0
    yield f"| command | wall / {reference} | CPU / {reference} | wall ms | CPU ms | peak MB | exit |"
    yield "|---|---|---|---|---|---|---|"
    for label, one in results.items():
        if one.code is None:
            yield f"| {label} | - | - | did not end | | | |"
            continue
        ratios = [one.wall / base.wall, one.cpu / base.cpu] if is_base and base is not None else [0.0, 0.0]
        shown = " | ".join(f"{ratio:.3g}" if is_base else "-" for ratio in ratios)
        note = "" if one.is_fair else " (did not do the work)"
        numbers = f"{one.wall * 1000:.0f} | {one.cpu * 1000:.0f} | {one.memory:.0f} | {one.code}{note}"
        yield f"| {label} | {shown} | {numbers} |"


def stages(timings: Mapping[str, float], documents: int) -> Iterator[str]:
    """Where the time of a run goes, the slowest first; what takes less than 0.2 ms is one row."""
    yield "| stage or rule | ms | us a document |"
    yield "|---|---|---|"
    rest = 0.0
    for name, seconds in sorted(timings.items(), key=lambda row: -row[1]):
        if seconds < 0.0002:
            rest += seconds
        else:
            yield f"| {name} | {seconds * 1000:.1f} | {seconds * 1e6 / documents:.0f} |"
    yield f"| all others | {rest * 1000:.1f} | {rest * 1e6 / documents:.0f} |"


def machine() -> str:
    """What it was measured on, and when."""
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        model = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} x {model}, {platform.system()}, "
        f"Python {sys.version.partition(' ')[0]}{load}"
    )


def versions() -> str:
    """The peers that took part, and those that are not installed."""
    there = [(name, peers.found(name)) for name in peers.NAMES]
    told = [f"{name} {peers.version(name, where)}" for name, where in there if where]
    absent = [name for name, where in there if not where]
    return "; ".join(told) + (f". Not installed: {', '.join(absent)}" if absent else "")
