"""Charts for tests: files packed as Helm packs them."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def about(name: str = "demo", version: str = "1.2.3", *, more: str = "") -> str:
    return f"apiVersion: v2\nname: {name}\nversion: {version}\n{more}"


def packed(files: Mapping[str, str | bytes], folder: str = "demo") -> bytes:
    """A gzipped tar of `files` below `folder`."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, content in files.items():
            raw = content.encode() if isinstance(content, str) else content
            member = tarfile.TarInfo(f"{folder}/{path}")
            member.size = len(raw)
            archive.addfile(member, io.BytesIO(raw))
    return buffer.getvalue()


def raw_archive(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    """A gzipped tar of members as they are."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for member, content in members:
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()
