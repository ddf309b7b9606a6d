"""Installs lintkit and what it needs into `.venv`, in the versions of the lock files, each held against its hashes.

    python3 tools/install_dev.py [--runtime]

`constraints.txt` has what lintkit needs to run and to be installed, `constraints-dev.txt` the tools and tests as well;
`make lock` writes both. Any Python from 3.11 on will do; nothing outside of `.venv` is touched.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".venv"
PYTHON = FOLDER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def main(arguments: list[str]) -> None:
    """Install the development tools, or with `--runtime` lintkit alone."""
    if sys.version_info < OLDEST:
        here = ".".join(map(str, sys.version_info[:3]))
        sys.exit(f"lintkit needs Python 3.11 or newer, and {sys.executable} is {here}; try `make PYTHON=python3.12`")
    lock = "constraints.txt" if arguments == ["--runtime"] else "constraints-dev.txt"
    if not _works():
        _run([sys.executable, "-m", "venv", "--clear", str(FOLDER)], "cannot make .venv (Debian: python3-venv)")
    failed = "cannot install"
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    _run([*pip, "--require-hashes", "--no-deps", "--requirement", str(ROOT / lock)], failed)
    _run([*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)], failed)


def _works() -> bool:
    """Whether `.venv` is there, with pip, and of a Python that is new enough."""
    if not PYTHON.exists():
        return False
    check = f"import sys, pip; sys.exit(sys.version_info < {OLDEST})"
    return subprocess.run([str(PYTHON), "-c", check], check=False, capture_output=True).returncode == 0


def _run(command: list[str], failed: str) -> None:
    code = subprocess.run(command, check=False).returncode
    if code:
        sys.exit(f"{failed}: `{' '.join(command)}` ended with {code}")


if __name__ == "__main__":
    main(sys.argv[1:])
