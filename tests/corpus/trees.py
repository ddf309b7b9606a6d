"""Where the real repositories are, and how one is unpacked."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
ARCHIVES = sorted(CORPUS.glob("*.tar.xz"))
NAMES = [archive.name.removesuffix(".tar.xz") for archive in ARCHIVES]
SAFELY: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
"""How an archive is unpacked where Python knows the word: 3.11.4 and newer."""
ABSENT = "the real repositories of ../shared/corpus are not here"


def unpacked(name: str, base: Path) -> Path:
    """A repository below `base`, unpacked the first time it is asked for."""
    root = base / name
    if not root.exists():
        with tarfile.open(CORPUS / f"{name}.tar.xz") as archive:
            archive.extractall(root, **SAFELY)
    inner = list(root.iterdir())
    return inner[0] if len(inner) == 1 and inner[0].is_dir() and not inner[0].name.startswith(".") else root
