"""Pages that show commands and what they print: read as blocks, run in a tree, and compared.

    ```console            commands after `$ `, each with what it prints
    ```python ```text     a program, and what it prints
    <!-- file: PATH -->   the next block is the text of this file, and is written
    <!-- run: TREE -->    the tree that the blocks from the next one on run in: `example`, `broken`, `plugin` or `empty`
    <!-- same as: PATH -->  the next block stands in this file of the repository
    <!-- not run: WHY --> the next block is left alone

A line `...` stands for any lines, and `…` inside of a line for any text. Times are masked.

`make shown` writes anew what programs print, where neither of the two stands.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.git import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
from demo import MISTAKES, RELEASE, make  # noqa: E402 - a script of tools/

_FENCE = re.compile(r"^(?P<indent> *)(?P<fence>```+)(?P<info>.*)$")
_ORDER = re.compile(r"^ *<!-- (?P<verb>file|run|same as|not run): (?P<what>.+?) -->$")
_TIME = re.compile(r"\b\d+(?:\.\d+)? (?=(?:m?s|seconds)\b)")
_END = "\x00"
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec: {type: LoadBalancer, ports: [{port: 80}]}
"""


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page.

    Attributes:
        line: Line of its fence, from 1.
        info: What follows the fence: `yaml`, `console`.
        text: What stands in it, without the page's indent.
        orders: What the comments right above it say: verb -> text.
        indent: What stands before each of its lines.
    """

    line: int
    info: str
    text: str
    orders: dict[str, str]
    indent: str = ""


def blocks(page: str) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    lines = iter(enumerate(page.splitlines(), start=1))
    orders: dict[str, str] = {}
    for number, line in lines:
        if order := _ORDER.match(line):
            orders[order["verb"]] = order["what"]
        elif fence := _FENCE.match(line):
            inside: list[str] = []
            for _, inner in lines:
                if inner.strip() == fence["fence"]:
                    break
                inside.append(inner.removeprefix(fence["indent"]))
            yield Block(number, fence["info"].strip(), "".join(f"{one}\n" for one in inside), orders, fence["indent"])
            orders = {}
        elif line.strip():
            orders = {}


@dataclass(frozen=True, slots=True)
class Shown:
    """A command or program of a page, and what the page says it prints.

    Attributes:
        line: Where it stands.
        command: What a shell runs.
        expected: What it prints.
        begin: The line where that begins.
        indent: What stands before each of its lines.
    """

    line: int
    command: str
    expected: str
    begin: int
    indent: str = ""


class Wrong(NamedTuple):
    """What a page shows and does not happen; no output where a command did not run, or a file says something else."""

    shown: Shown
    output: str | None = None
    reason: str = ""

    def __str__(self) -> str:
        if self.output is None:
            return f"line {self.shown.line}: {self.reason}"
        return (
            f"line {self.shown.line}: $ {self.shown.command}\n{self.output}--- and the page says\n{self.shown.expected}"
        )


def commands(block: Block) -> list[Shown]:
    """The commands of a `console` block; one that ends in a backslash goes on in the next line."""
    found: list[Shown] = []
    goes_on = False
    for number, line in enumerate(block.text.splitlines(), start=block.line + 1):
        if goes_on:
            last = found[-1]
            command = f"{last.command}\n{line.removeprefix('> ')}"
            found[-1] = replace(last, command=command, begin=number + 1)
        elif line.startswith("$ "):
            found.append(Shown(number, line[2:], "", number + 1, block.indent))
        else:
            assert found, f"line {number}: output before any command"
            last = found[-1]
            found[-1] = replace(last, expected=f"{last.expected}{line}\n")
            continue
        goes_on = line.endswith("\\")
    return found


def tree(name: str, folder: Path) -> Path:
    """A folder to run in: `example`, `broken` (with the mistakes of `make demo`), `plugin` (with what the rule of the
    example plugin finds) or `empty`.
    """
    assert name in {"example", "broken", "plugin", "empty"}, name
    folder.mkdir(parents=True)
    if name != "empty":
        shutil.copytree(ROOT / "kubernetes", folder / "kubernetes")
        shutil.copy(ROOT / ".lintkit.yaml", folder)
    if name == "plugin":
        (folder / "kubernetes" / "apps" / "service.yaml").write_text(SERVICE, "utf-8")
    if name == "broken":
        path = folder / RELEASE
        text = path.read_text("utf-8")
        for mistake in MISTAKES:
            text = make(mistake, text)
        path.write_text(text, "utf-8")
    return folder


def wrong(page: str, folder: Path, environment: dict[str, str]) -> Iterator[Wrong]:
    """What a page shows and does not happen.

    Args:
        page: Its text.
        folder: Where trees are made.
        environment: Variables besides those of this process.
    """
    here: Path | None = None
    program: Block | None = None
    for number, block in enumerate(blocks(page)):
        if "run" in block.orders or here is None:
            here = tree(block.orders.get("run", "example"), folder / f"{number}")
        if "not run" in block.orders:
            continue
        if "same as" in block.orders and block.text not in (ROOT / block.orders["same as"]).read_text("utf-8"):
            yield Wrong(Shown(block.line, "", "", 0), reason=f"{block.orders['same as']} says something else")
        if "file" in block.orders:
            path = here / block.orders["file"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, "utf-8")
        elif block.info == "python":
            program = block
        elif block.info == "text" and program is not None:
            yield from _ran(_program(program, block), here, environment)
            program = None
        elif block.info == "console":
            yield from ran(block, here, environment)
    if program is not None:
        yield from _ran(_program(program, Block(program.line, "", "", {})), here or folder, environment)


def rewritten(page: str, found: Iterable[Wrong]) -> str:
    """A page with what programs really print; what leaves something out stays as it is."""
    lines = page.splitlines(keepends=True)
    for one in sorted(found, key=lambda one: -one.shown.begin):
        expected = one.shown.expected
        if one.output is not None and "…" not in expected and "..." not in expected.splitlines():
            start = one.shown.begin - 1
            new = [f"{one.shown.indent}{line}".rstrip() + "\n" for line in _timed(one.output, expected).splitlines()]
            lines[start : start + len(expected.splitlines())] = new
    return "".join(lines)


def ran(block: Block, folder: Path, environment: dict[str, str]) -> Iterator[Wrong]:
    """What the commands of a `console` block print otherwise than it says."""
    yield from _ran(commands(block), folder, environment)


def _program(program: Block, output: Block) -> list[Shown]:
    command = f"python - <<'PROGRAM'\n{program.text}PROGRAM"
    return [Shown(program.line, command, output.text, output.line + 1, output.indent)]


def _ran(wanted: list[Shown], folder: Path, environment: dict[str, str]) -> Iterator[Wrong]:
    script = "".join(f"{one.command}\n_code=$?; printf '\\0'; (exit $_code)\n" for one in wanted)
    own = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "LINTKIT_", "PYTEST_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{own['PATH']}"
    done = subprocess.run(
        ["bash", "-c", f"exec 2>&1 </dev/null\n{script}"], cwd=folder, capture_output=True, text=True, check=False,
        env={**own, **ENVIRONMENT, **environment, "PATH": path, "COLUMNS": "100", "NO_COLOR": "1"}, timeout=300,
    )  # fmt: skip
    outputs = done.stdout.split(_END)
    for one, output in zip(wanted, outputs, strict=False):
        if not matches(one.expected, output):
            yield Wrong(one, output)
    if len(outputs) <= len(wanted):
        yield Wrong(wanted[len(outputs) - 1], reason="the commands after it did not run")


def matches(expected: str, output: str) -> bool:
    """Whether an output is what a page shows; spaces at the ends of lines do not count."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == "..." else re.escape(line.rstrip()).replace("…", ".*?") + "\n"
        for line in _masked(expected).splitlines()
    )
    return re.fullmatch(pattern, "".join(f"{line.rstrip()}\n" for line in _masked(output).splitlines())) is not None


def _timed(output: str, expected: str) -> str:
    """An output with the times that the page has."""
    times = iter(_TIME.findall(expected))
    return _TIME.sub(lambda found: next(times, found[0]), output)


def _masked(text: str) -> str:
    return _TIME.sub("0 ", text)
