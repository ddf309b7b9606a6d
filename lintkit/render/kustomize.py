"""What the kustomize binary says of a folder, on a copy of the tree."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lintkit.collect.repository import Repository

_SECONDS = 60


def binary() -> str | None:
    """Path of the kustomize binary, or None."""
    return shutil.which("kustomize")


def broken(repository: Repository, overlay: Mapping[str, str], folders: Iterable[str]) -> dict[str, str]:
    """The folders that do not build, with the last line of what kustomize says.

    Args:
        repository: The files on disk.
        overlay: Path -> text in place of it.
        folders: Folders with a kustomization file.
    """
    kustomize = binary()
    if kustomize is None:
        return {}
    found: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="lintkit-") as name:
        copy = Path(name) / "tree"
        _copy(repository, overlay, copy)
        for folder in folders:
            command = [kustomize, "build", "--load-restrictor", "LoadRestrictionsNone", str(copy / folder)]
            try:
                done = subprocess.run(  # noqa: S603 - a program of the user's PATH, no shell
                    command, capture_output=True, text=True, timeout=_SECONDS, check=False, cwd=name
                )
            except subprocess.TimeoutExpired:
                found[folder] = f"kustomize took more than {_SECONDS} seconds"
                continue
            if done.returncode:
                lines = done.stderr.strip().splitlines()
                found[folder] = lines[-1].replace(f"{copy}/", "") if lines else f"exit code {done.returncode}"
    return found


def _copy(repository: Repository, overlay: Mapping[str, str], copy: Path) -> None:
    for path in repository.listing.files:
        target = copy / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if path not in overlay:
            try:
                shutil.copyfile(repository.root / path, target)
            except OSError:
                continue
    for path, text in overlay.items():
        target = copy / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8", newline="")
