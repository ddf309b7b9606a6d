"""Secrets that a fix takes out of the tree: never lost, and never shown."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from lintkit.errors import WriteError
from lintkit.render.committed import is_committed, is_ignored
from lintkit.syntax.node import Scalar
from lintkit.syntax.parser import parse
from lintkit.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from lintkit.finding import Finding, Fix, Moved


def why_lost(root: Path, fix: Fix) -> str:
    """Why the secrets of a fix could not be had again; empty when git has them."""
    for path in sorted({one.place.source.path for one in fix.moved}):
        if not is_committed(root, path):
            return (
                f"{path} is not committed as it is, so the secret would be lost: commit it, or give `--secrets-to FILE`"
            )
    return ""


def why_shown(_root: Path, fix: Fix) -> str:
    """Why a fix is no part of a patch; empty when it takes no secret away."""
    return "a patch would show the secret: `--fix --unsafe-fixes` moves it" if fix.moved else ""


def kept(_root: Path, _fix: Fix) -> str:
    """For secrets that will be written to a file."""
    return ""


def why_no_place(root: Path, file: Path) -> str:
    """Why secrets may not be written to a file; empty when they may: outside of the tree, or where git ignores it."""
    where = file.parent.resolve() / file.name
    if where.exists() or where.is_symlink():
        return f"{file} exists"
    if not where.parent.is_dir():
        return f"{file.parent} is no folder"
    if where.is_relative_to(root.resolve()) and not is_ignored(root, where):
        return f"{file} is in the tree, and git does not ignore it"
    return ""


def save(file: Path, findings: Iterable[Finding]) -> int:
    """Write the secrets that fixes take away to a new file that its owner alone can read; how many there are.

    Raises:
        WriteError: The file exists or cannot be written.
    """
    moved: dict[tuple[str, int], Moved] = {}
    for finding in findings:
        for one in finding.fix.moved if finding.fix is not None else ():
            moved[one.place.source.path, one.place.span.start] = one
    if not moved:
        return 0
    rows = [
        {"item": one.item, "field": one.field, "path": path, "value": _text(one)} for (path, _), one in moved.items()
    ]
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            json.dump(rows, opened, indent=2, ensure_ascii=False)
            opened.write("\n")
            opened.flush()
            os.fsync(opened.fileno())
    except OSError as error:
        message = f"{file} cannot be written: {error.strerror or error}"
        raise WriteError(message) from error
    return len(rows)


def _text(moved: Moved) -> str:
    """The secret without its quotes."""
    source, span = moved.place
    written = source.text[span.start : span.end]
    root = next((document.root for document in parse(Source("", written)).documents), None)
    return root.text if isinstance(root, Scalar) else written
