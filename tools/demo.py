"""Runs `lintkit check` on the example repository, and on a copy of it with three classic mistakes.

Prints the exit code of each check and ends with 0 when they are as they should be: 0, then 1.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
LINTKIT = Path(sys.executable).with_name("lintkit")
RELEASE = "kubernetes/apps/airflow/airflow/app/helmrelease.yaml"


class Mistake(NamedTuple):
    """A mistake that people make: the one place it changes, and what to."""

    title: str
    old: str
    new: str


MISTAKES = (
    Mistake(
        "the password of the database in plain text",
        "        existingSecret: airflow-postgresql-secret\n",
        "        password: hunter2\n",
    ),
    Mistake(
        "a pod template that forgets the database",
        """\
              - name: AIRFLOW__DATABASE__SQL_ALCHEMY_CONN
                valueFrom:
                  secretKeyRef:
                    name: airflow-metadata
                    key: connection
""",
        "",
    ),
    Mistake(
        "a Vector sidecar of another version, and not pinned",
        "image: timberio/vector:0.39.0-debian\n",
        "image: timberio/vector:latest-alpine\n",
    ),
)


def main() -> None:
    """Run the demo."""
    good = check(ROOT, "the example repository")
    with tempfile.TemporaryDirectory(prefix="lintkit-demo-") as folder:
        copy = Path(folder)
        shutil.copytree(ROOT / "kubernetes", copy / "kubernetes")
        shutil.copy(ROOT / ".lintkit.yaml", copy)
        path = copy / RELEASE
        text = path.read_text("utf-8")
        for mistake in MISTAKES:
            text = make(mistake, text)
        path.write_text(text, "utf-8")
        made = "".join(f"\n  {number}. {mistake.title}" for number, mistake in enumerate(MISTAKES, start=1))
        bad = check(copy, f"a copy of it with three classic mistakes{made}")
    if (good, bad) != (0, 1):
        sys.exit(f"demo: expected exit codes 0 and 1, not {good} and {bad}")


def make(mistake: Mistake, text: str) -> str:
    """Put a mistake into a text; ends the demo when the example no longer has its place."""
    places = text.count(mistake.old)
    if places != 1:
        sys.exit(f"demo: {RELEASE} has {places} places for the mistake `{mistake.title}`; tools/demo.py needs one")
    return text.replace(mistake.old, mistake.new)


def check(folder: Path, title: str) -> int:
    """Run `lintkit check kubernetes` in a folder; its exit code."""
    print(f"=== {title}\n$ lintkit check kubernetes", flush=True)
    code = subprocess.run([str(LINTKIT), "check", "kubernetes"], cwd=folder, check=False).returncode
    print(f"(exit code {code})\n", flush=True)
    return code


if __name__ == "__main__":
    main()
