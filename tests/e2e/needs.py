"""What a machine needs for `make e2e`, and what Debian's packages can bring of it."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import sys
from pathlib import Path

GO = (1, 26)
PYTHON = (3, 12)
"""The newest one that Airflow 2.10 runs on."""
GIGABYTE = 1000**3
_PACKAGES = {"initdb": "postgresql", "openssl": "openssl", "git": "git"}


def lacks(*, is_built: bool) -> list[str]:
    """What the machine lacks, each as one line; none when all is there.

    Args:
        is_built: Whether all programs are in the cache already.
    """
    found = [f"`{program}`" for program in ("git", "openssl") if shutil.which(program) is None]
    if not sys.platform.startswith("linux"):
        found.append(f"Linux; this is {sys.platform}")
    if postgresql() is None:
        found.append("the server programs of PostgreSQL (Debian: `postgresql`)")
    if os.geteuid() == 0 and not account():
        found.append("an account for PostgreSQL, which does not run as root: `postgres` or `nobody`")
    if not is_built:
        version = go()
        if version is None or version < GO:
            have = f"; there is {version[0]}.{version[1]}" if version else ""
            found.append(f"Go {GO[0]}.{GO[1]} or newer, to build the components{have}")
        if sys.version_info[:2] > PYTHON:
            found.append("Python 3.12 or older, for Airflow 2.10")
    found += _space(is_built=is_built)
    return found


def install() -> None:
    """Install what Debian's packages bring, where that may be done without asking: as root."""
    missing = [
        package
        for program, package in _PACKAGES.items()
        if (postgresql() is None if program == "initdb" else shutil.which(program) is None)
    ]
    if not missing or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    print(f"e2e: installing {', '.join(missing)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (("update",), ("install", "--yes", "--no-install-recommends", *missing)):
        subprocess.run(["apt-get", "--quiet", "--quiet", *command], check=False, env=environment)


def postgresql() -> Path | None:
    """The folder with `initdb` and `postgres`."""
    on_path = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_number, reverse=True)
    return next(
        (one for one in [*folders, *([Path(on_path).parent] if on_path else [])] if (one / "initdb").exists()), None
    )


def _number(folder: Path) -> float:
    try:
        return float(folder.parent.name)
    except ValueError:
        return 0.0


def account() -> str:
    """Who PostgreSQL runs as: empty for whoever runs this; `postgres` or `nobody` in the place of root."""
    if os.geteuid() != 0:
        return ""
    names = {one.pw_name for one in pwd.getpwall()}
    return next((one for one in ("postgres", "nobody") if one in names), "")


def go() -> tuple[int, int] | None:
    """The version of Go; None without it."""
    program = shutil.which("go")
    if program is None:
        return None
    said = subprocess.run([program, "env", "GOVERSION"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"go(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else None


def _space(*, is_built: bool) -> list[str]:
    wanted = 2 if is_built else 12
    folder = Path.home()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    return [] if free >= wanted * GIGABYTE else [f"{wanted} GB of disk in {folder}; {free / GIGABYTE:.1f} GB are free"]
