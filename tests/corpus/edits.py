"""Edits of files as people make them, and as they should not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

_YAML = (".yaml", ".yml")


def manifests(root: Path) -> list[Path]:
    """The YAML files of a tree."""
    return sorted(
        path for path in root.rglob("*") if path.suffix in _YAML and path.is_file() and ".git" not in path.parts
    )


def edit(root: Path, random: Random) -> str:
    """Change one file of a tree; returns what was done."""
    path = random.choice(manifests(root))
    text = path.read_text("utf-8")
    lines = text.splitlines(keepends=True)
    at = random.randrange(len(lines)) if lines else 0
    what = random.choice(("comment", "value", "drop", "double", "rename", "word", "remove", "copy", "bool"))
    if what == "comment":
        lines.insert(at, "# a comment\n")
    elif what == "value" and lines:
        lines[at] = re.sub(r": .*", f": v{random.randrange(100)}", lines[at], count=1)
    elif what == "drop" and lines:
        del lines[at]
    elif what == "double" and lines:
        lines.insert(at, lines[at])
    elif what == "rename":
        lines = [re.sub(r"^(  name: .*?)$", r"\1-x", line) for line in lines]
    elif what == "word" and lines:
        lines[at] = re.sub(r"[a-z]{3,}", "wrong", lines[at], count=1)
    elif what == "bool" and lines:
        lines[at] = re.sub(r": .*", ": true", lines[at], count=1)
    elif what == "copy":
        path = path.with_name(f"copy-{path.name}")
    if what == "remove":
        path.unlink()
    else:
        path.write_text("".join(lines), "utf-8")
    return f"{what} at line {at + 1} of {path.relative_to(root)}"
