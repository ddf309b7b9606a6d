"""Repositories for blueprints to add to."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lintkit import configuration
from lintkit.generate.plan import Request, carry_out, judge, plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lintkit.generate.plan import Plan, Verdict

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "kubernetes"
REMOTE = "https://github.com/lintkit/lintkit"


class Made(NamedTuple):
    """A plan, and what the judges say of it."""

    plan: Plan
    verdict: Verdict

    def against(self) -> list[str]:
        """What would keep the plan from being written."""
        lines = [f"{one.path}:{one.position[0]}: {one.message} [{one.rule}]" for one in self.verdict.findings]
        return lines + [f"{folder}: {why}" for folder, why in self.verdict.broken.items()]


def empty(root: Path, remote: str = "") -> Path:
    """An empty git repository, with a remote where one is named."""
    (root / ".git").mkdir(parents=True)
    if remote:
        (root / ".git" / "config").write_text(f'[remote "origin"]\n\turl = {remote}\n', "utf-8")
    return root


def make(
    root: Path, blueprint: str, name: str, namespace: str = "", answers: Mapping[str, object] | None = None
) -> Made:
    """Plan and judge, without writing."""
    options = configuration.load(root)
    made = plan(root, Request(blueprint, name, namespace, answers or {}), options)
    return Made(made, judge(made, options))


def write(root: Path, *args: str) -> None:
    """Plan, judge and write."""
    made = make(root, *args)
    carry_out(made.plan, made.verdict)


def cluster(root: Path) -> Path:
    """An empty repository after `lintkit new cluster home`."""
    write(empty(root), "cluster", "home")
    return root


def example(root: Path) -> Path:
    """A copy of the example, as the repository that it is."""
    shutil.copytree(EXAMPLE, empty(root, REMOTE) / "kubernetes")
    return root


def files(root: Path) -> dict[str, bytes]:
    """Path -> content of all files below a folder; those of git left out."""
    found = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found if ".git" not in path.parts}


def script(page: str) -> list[list[str]]:
    """The commands of the first shell block of a page that start with `lintkit new`, without `lintkit`."""
    block = re.search(r"^```sh\n(.*?)^```", (ROOT / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert block is not None, page
    return [line.split()[1:] for line in block[1].splitlines() if line.startswith("lintkit new ")]
