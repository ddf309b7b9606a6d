"""CustomResourceDefinitions as schemas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a custom kind.

    Attributes:
        name: `v1beta1`.
        schema: Structural schema, as the CRD has it; None when it has none.
        served: Whether the API server serves it.
        deprecation: Warning text when it is deprecated; empty when it is not.
    """

    name: str
    schema: dict[str, Any] | None
    served: bool = True
    deprecation: str = ""


@dataclass(frozen=True, slots=True)
class CustomKind:
    """A custom kind.

    Attributes:
        group: API group.
        kind: Kind.
        scope: `Namespaced` or `Cluster`.
        versions: Its versions, in the order of the CRD.
        origin: File that defines it.
    """

    group: str
    kind: str
    scope: str
    versions: tuple[Version, ...]
    origin: str

    def version(self, name: str) -> Version | None:
        """The version of that name."""
        return next((version for version in self.versions if version.name == name), None)


def custom_kind(content: object, origin: str) -> CustomKind | None:
    """The kind that a CustomResourceDefinition defines; None when the object is none.

    Args:
        content: The plain object, of `apiextensions.k8s.io/v1` or `v1beta1`.
        origin: File that it stands in.
    """
    if not isinstance(content, dict) or content.get("kind") != "CustomResourceDefinition":
        return None
    spec = content.get("spec")
    names = spec.get("names") if isinstance(spec, dict) else None
    if not isinstance(spec, dict) or not isinstance(names, dict) or not isinstance(names.get("kind"), str):
        return None
    common = _schema(spec.get("validation"))
    listed = spec.get("versions")
    if not isinstance(listed, list):
        listed = [{"name": spec.get("version"), "served": True}]
    versions = tuple(
        Version(
            str(one.get("name")),
            _schema(one.get("schema")) or common,
            one.get("served", True) is not False,
            (str(one.get("deprecationWarning") or "") or "it is deprecated") if one.get("deprecated") else "",
        )
        for one in listed
        if isinstance(one, dict)
    )
    return CustomKind(str(spec.get("group")), names["kind"], str(spec.get("scope", "Namespaced")), versions, origin)


def _schema(holder: object) -> dict[str, Any] | None:
    schema = holder.get("openAPIV3Schema") if isinstance(holder, dict) else None
    return schema if isinstance(schema, dict) else None
