"""Schemas that were imported on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lintkit.schema.crd import CustomKind


class Store:
    """A folder of imported schemas."""

    def kind(self, group: str, kind: str) -> CustomKind | None:
        """The kind, when its CRD was imported."""
        raise NotImplementedError
