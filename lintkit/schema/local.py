"""Schemas that a repository or its owner keeps in files: folders of CRDs and JSON Schemas, and path templates."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lintkit.errors import ConfigurationError
from lintkit.schema.crd import CustomKind, custom_kind
from lintkit.schema.foreign import is_shallow

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = re.compile(r"[A-Za-z0-9.-]{0,100}")
_VARIABLE = re.compile(r"\{\{\s*\.(\w+)\s*\}\}")
_VARIABLES = frozenset(
    {"Group", "ResourceKind", "ResourceAPIVersion", "NormalizedKubernetesVersion", "StrictSuffix", "KindSuffix"}
)
_NAMED = re.compile(r"^(?P<kind>[a-z0-9]+)[_-](?:(?P<group>[a-z0-9.-]+)[_-])?(?P<version>v\d+[a-z0-9]*)\.json$")
_MAX_FILES = 20_000
_YAML = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class SchemaFile:
    """A JSON Schema of one version of one kind."""

    path: Path
    content: dict[str, Any]


class LocalSchemas:
    """One entry of `schemas:` in the configuration.

    Args:
        entry: A folder, or a path with kubeconform's variables: `schemas/{{.Group}}/{{.ResourceKind}}.json`.
        root: Where relative paths start.

    Raises:
        ConfigurationError: The folder does not exist, or the template has an unknown variable.
    """

    def __init__(self, entry: str, root: Path) -> None:
        self.entry = entry
        self.is_template = "{{" in entry
        for name in _VARIABLE.findall(entry):
            if name not in _VARIABLES:
                known = ", ".join(f"`{{{{.{one}}}}}`" for one in sorted(_VARIABLES))
                message = f"`schemas`: `{entry}` has the variable `{name}`; known are {known}"
                raise ConfigurationError(message)
        self.root = root
        self.folder = root / entry
        if not self.is_template and not self.folder.is_dir():
            message = f"`schemas`: there is no folder `{entry}`"
            raise ConfigurationError(message)

    def find(self, group: str, version: str, kind: str, kubernetes_version: str = "") -> SchemaFile | None:
        """The JSON Schema file of a kind."""
        if self.is_template:
            if not all(_NAME.fullmatch(part) and part not in {".", ".."} for part in (group, version, kind)):
                return None  # what a manifest says may lead to another folder, or be no file's name
            path = self.root / self._rendered(group, version, kind, kubernetes_version)
            return _read(path) if path.is_file() else None
        for key in ((group, version, kind.lower()), (group.partition(".")[0], version, kind.lower())):
            path_found = self._files.get(key)
            if path_found is not None:
                return _read(path_found)
        return None

    def custom_kind(self, group: str, kind: str) -> CustomKind | None:
        """The kind, when the folder holds its CRD."""
        return None if self.is_template else self._crds.get((group, kind))

    def _rendered(self, group: str, version: str, kind: str, kubernetes_version: str) -> str:
        suffix = f"-{group.partition('.')[0]}-{version}" if group else f"-{version}"
        values = {
            "Group": group,
            "ResourceKind": kind.lower(),
            "ResourceAPIVersion": version,
            "NormalizedKubernetesVersion": f"v{kubernetes_version}" if kubernetes_version else "master",
            "StrictSuffix": "-strict",
            "KindSuffix": suffix,
        }
        return _VARIABLE.sub(lambda found: values[found[1]], self.entry)

    @cached_property
    def _listing(self) -> tuple[Path, ...]:
        found: list[Path] = []
        for folder, _, names in os.walk(self.folder):
            found += [Path(folder, name) for name in names if name.endswith((".json", *_YAML))]
            if len(found) > _MAX_FILES:
                message = f"`schemas`: `{self.entry}` holds over {_MAX_FILES} files; name a smaller folder"
                raise ConfigurationError(message)
        return tuple(sorted(found))

    @cached_property
    def _files(self) -> dict[tuple[str, str, str], Path]:
        """(group or its first part, version, kind in lower case) -> file."""
        found: dict[tuple[str, str, str], Path] = {}
        for path in self._listing:
            name = _NAMED.match(path.name)
            if name is None:
                continue
            group = name["group"]
            if group is None:
                group = path.parent.name if path.parent != self.folder and "." in path.parent.name else ""
            found.setdefault((group, name["version"], name["kind"]), path)
        return found

    @cached_property
    def _crds(self) -> dict[tuple[str, str], CustomKind]:
        found: dict[tuple[str, str], CustomKind] = {}
        for path in self._listing:
            if path.suffix in _YAML:
                for kind in crds_in(path):
                    found.setdefault((kind.group, kind.kind), kind)
        return found


def crds_in(path: Path) -> Iterator[CustomKind]:
    """The kinds that the CRDs in a YAML file define; nothing for a file that cannot be read."""
    import yaml  # noqa: PLC0415 - only where there are CRDs to read

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        text = path.read_text("utf-8")
        if "CustomResourceDefinition" not in text or not is_shallow(text):
            return
        contents = list(yaml.load_all(text, loader))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return
    for content in contents:
        items = content.get("items") if isinstance(content, dict) and content.get("kind") == "List" else [content]
        for item in items or ():
            kind = custom_kind(item, str(path))
            if kind is not None:
                yield kind


def _read(path: Path) -> SchemaFile:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        message = f"`{path}` is no JSON Schema: {error}"
        raise ConfigurationError(message) from None
    if not isinstance(content, dict):
        message = f"`{path}` is no JSON Schema: not an object"
        raise ConfigurationError(message)
    return SchemaFile(path, content)
