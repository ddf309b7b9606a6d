"""How time and memory of `lintkit check` grow with the tree.

    python tools/growth.py TREE [--sizes 400,1600,...] [--write docs]

The tree is copied under other names until there are as many YAML files as asked for; each copy is a cluster of its own.
Time is that of the processor, which what else runs on the machine changes least. Prints a table; `--write FOLDER`
writes the plot `assets/growth.svg` there, and the table into `benchmarks.md` between its marks.
"""

from __future__ import annotations

import argparse
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

SIZES = "400,1600,6400,25600,50000"
BEGIN, END = "<!-- bench: growth -->", "<!-- bench: end -->"


class Point(NamedTuple):
    """One run: files, seconds of the processor, peak memory in MB."""

    files: int
    seconds: float
    memory: float


def yaml_files(tree: Path) -> int:
    """Number of YAML files below a folder."""
    return sum(len([name for name in names if name.endswith((".yaml", ".yml"))]) for _, _, names in os.walk(tree))


def copies(tree: Path, target: Path, files: int) -> None:
    """Copies of a tree below `target`; the last is cut off where there are enough files."""
    tops = "|".join(re.escape(one.name) for one in tree.iterdir() if one.is_dir())
    inner = re.compile(rf"((?:path|directory): *[\"']?)(?:\./)?({tops})/")
    (target / ".git").mkdir(parents=True)
    left = files
    number = 0
    while left > 0:
        number += 1
        name = f"copy-{number:04}"
        for folder, folders, names in os.walk(tree):
            folders[:] = sorted(one for one in folders if one != ".git")
            for file in sorted(names):
                source = Path(folder, file)
                if source.is_symlink() or (left <= 0 and source.suffix in {".yaml", ".yml"}):
                    continue
                there = target / name / source.relative_to(tree)
                there.parent.mkdir(parents=True, exist_ok=True)
                if source.suffix in {".yaml", ".yml"}:
                    left -= 1
                    text = source.read_text("utf-8", "surrogateescape")
                    there.write_text(inner.sub(rf"\1./{name}/\2/", text), "utf-8", "surrogateescape")


def measure(tree: Path) -> Point:
    """Check a tree without a cache; a process of its own measures it."""
    command = [
        sys.executable,
        "-m",
        "lintkit",
        "check",
        "--no-cache",
        "--exit-zero",
        "--quiet",
        "--root",
        str(tree),
        str(tree),
    ]
    measured = Path(__file__).resolve().parents[1] / "tests" / "bench" / "one_run.py"
    told = subprocess.run(
        [sys.executable, "-I", "-S", str(measured), *command], capture_output=True, text=True, check=True
    )
    seconds, _, memory, code = told.stdout.split()
    if int(code):
        message = f"lintkit ended with {code}"
        raise SystemExit(message)
    return Point(yaml_files(tree), float(seconds), float(memory) / 1024)


def exponent(points: list[tuple[float, float]]) -> float:
    """The exponent of growth: the slope of the line that fits best where both axes are logarithmic."""
    logs = [(math.log(x), math.log(y)) for x, y in points]
    middle_x = sum(x for x, _ in logs) / len(logs)
    middle_y = sum(y for _, y in logs) / len(logs)
    return sum((x - middle_x) * (y - middle_y) for x, y in logs) / sum((x - middle_x) ** 2 for x, _ in logs)


def exponents(points: list[Point]) -> tuple[float, float]:
    """Exponents of time and memory from 1000 files on; below, the start of Python counts for too much."""
    large = [one for one in points if one.files >= 1000] or points
    return (
        exponent([(one.files, one.seconds) for one in large]),
        exponent([(one.files, one.memory) for one in large]),
    )


def plot(points: list[Point], time: float, memory: float) -> str:
    """Both lines as an SVG; both axes are logarithmic."""
    width, height, left, bottom = 640, 360, 70, 50

    def x(value: float) -> float:
        low, high = math.log10(points[0].files), math.log10(points[-1].files)
        return left + (math.log10(value) - low) / (high - low) * (width - left - 150)

    series = (
        ("time", [one.seconds for one in points], "s", "#2563eb", time),
        ("memory", [one.memory for one in points], "MB", "#dc2626", memory),
    )
    values = [value for _, row, *_ in series for value in row]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))

    def y(value: float) -> float:
        return 20 + (high - math.log10(value)) / (high - low) * (height - bottom - 20)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" ',
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    for power in range(low, high + 1):
        at = y(10**power)
        parts.append(f'<line x1="{left}" x2="{width - 150}" y1="{at:.0f}" y2="{at:.0f}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 8}" y="{at + 4:.0f}" text-anchor="end">{10**power:g}</text>')
    parts += [
        f'<text x="{x(one.files):.0f}" y="{height - 28}" text-anchor="middle">{one.files}</text>' for one in points
    ]
    parts.append(f'<text x="{(left + width - 150) / 2:.0f}" y="{height - 8}" text-anchor="middle">YAML files</text>')
    for name, row, unit, color, power in series:
        line = " ".join(f"{x(one.files):.1f},{y(value):.1f}" for one, value in zip(points, row, strict=True))
        parts.append(f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="2"/>')
        for one, value in zip(points, row, strict=True):
            parts.append(f'<circle cx="{x(one.files):.1f}" cy="{y(value):.1f}" r="3" fill="{color}"/>')
        parts.append(
            f'<text x="{width - 140}" y="{y(row[-1]) + 4:.0f}" fill="{color}">{name} ({unit}), n^{power:.2f}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


def main() -> None:
    """Measure, print, write."""
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("tree", type=Path)
    given.add_argument("--sizes", default=SIZES)
    given.add_argument("--write", type=Path)
    options = given.parse_args()
    points: list[Point] = []
    lines = ["| YAML files | CPU s | ms a file | peak MB | KB a file |", "|---|---|---|---|---|"]
    for size in map(int, options.sizes.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder, "tree")
            copies(options.tree.resolve(), target, size)
            one = measure(target)
            shutil.rmtree(target)
        points.append(one)
        per_file = f"{one.seconds * 1000 / one.files:.2f}", f"{one.memory * 1024 / one.files:.0f}"
        lines.append(f"| {one.files} | {one.seconds:.2f} | {per_file[0]} | {one.memory:.0f} | {per_file[1]} |")
        print(lines[-1], flush=True)
    time, memory = exponents(points)
    lines += ["", f"Exponents from 1000 files on: time {time:.2f}, memory {memory:.2f}."]
    print(lines[-1])
    if options.write:
        (options.write / "assets").mkdir(exist_ok=True)
        (options.write / "assets" / "growth.svg").write_text(plot(points, time, memory), "utf-8")
        page = options.write / "benchmarks.md"
        before, _, after = page.read_text("utf-8").partition(BEGIN)
        page.write_text(f"{before}{BEGIN}\n" + "\n".join(lines) + f"\n{END}{after.partition(END)[2]}", "utf-8")


if __name__ == "__main__":
    main()
