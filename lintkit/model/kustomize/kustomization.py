"""A kustomization file, read as kustomize reads it."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lintkit.syntax.node import Mapping, Scalar, Sequence
from lintkit.syntax.plain import kubectl_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.syntax.node import Node
    from lintkit.text.source import Source

GROUP = "kustomize.config.k8s.io"
FIELDS = (
    "apiVersion", "kind", "metadata", "openapi", "namePrefix", "nameSuffix", "namespace", "commonLabels", "labels",
    "commonAnnotations", "patchesStrategicMerge", "patchesJson6902", "patches", "images", "imageTags", "replacements",
    "replicas", "vars", "sortOptions", "resources", "components", "crds", "bases", "configMapGenerator",
    "secretGenerator", "helmGlobals", "helmCharts", "helmChartInflationGenerator", "generatorOptions",
    "configurations", "generators", "transformers", "validators", "buildMetadata",
)  # fmt: skip
_CANONICAL = {name.lower(): name for name in FIELDS}
_REMOTE = re.compile(
    r"^(?:[a-z][a-z0-9+.-]*::|https?://|ssh://|git@|git::|file://|s3::|gcs::"
    r"|github\.com[/:]|gitlab\.com[/:]|bitbucket\.org[/:])|\?(?:.*&)?(?:ref|version)=|\.git(?:$|[/?])|//.+\?ref=",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, eq=False)
class Kustomization:
    """One kustomization file.

    Attributes:
        path: Path of the file.
        folder: Folder it stands in; paths in it are relative to this.
        root: Its content; an empty mapping for a generated one.
        fields: Canonical field name -> value; kustomize ignores the letter case of keys.
        is_component: Whether its kind is Component.
        generated_from: Files that Flux would list itself, when the folder has no kustomization file; else None.
    """

    path: str
    folder: str
    root: Mapping
    fields: dict[str, Node]
    is_component: bool
    generated_from: tuple[str, ...] | None = None

    @property
    def source(self) -> Source:
        """The file's text."""
        return self.root.source

    def text(self, name: str) -> str | None:
        """The text of a scalar field, or None when absent or null."""
        node = self.fields.get(name)
        return node.text if isinstance(node, Scalar) and not node.is_null else None

    def scalar(self, name: str) -> Scalar | None:
        """A scalar field that is neither null nor empty."""
        node = self.fields.get(name)
        return node if isinstance(node, Scalar) and not node.is_null and node.text else None

    def scalars(self, name: str) -> list[Scalar]:
        """The scalars of a list field that are neither null nor empty."""
        return [item for item in self.entries(name) if not item.is_null and item.text]

    def entries(self, name: str) -> list[Scalar]:
        """The scalars of a list field, those included that say nothing."""
        node = self.fields.get(name)
        return [item for item in node.elements if isinstance(item, Scalar)] if isinstance(node, Sequence) else []

    def mappings(self, name: str) -> list[Mapping]:
        """The mappings of a list field."""
        node = self.fields.get(name)
        return [item for item in node.elements if isinstance(item, Mapping)] if isinstance(node, Sequence) else []

    def mapping(self, name: str) -> Mapping | None:
        """A mapping field."""
        node = self.fields.get(name)
        return node if isinstance(node, Mapping) else None

    def resources(self) -> Iterator[Scalar]:
        """Entries of `resources` and of the deprecated `bases`."""
        yield from self.scalars("resources")
        yield from self.scalars("bases")


def read(path: str, root: Mapping) -> Kustomization:
    """Read a kustomization file's content."""
    fields = {_CANONICAL.get(key.lower(), key): value for key, value in root.entries.items()}
    kind = fields.get("kind")
    is_component = isinstance(kind, Scalar) and kind.text == "Component"
    return Kustomization(path, posixpath.dirname(path), root, fields, is_component)


def is_true(node: Node | None) -> bool:
    """Whether a field of a kustomization file is true; kustomize reads these files as kubectl does, so `yes` is."""
    return isinstance(node, Scalar) and not node.style and kubectl_value(node.text) is True


def is_remote(entry: str) -> bool:
    """Whether a `resources` entry names something outside of the repository."""
    return _REMOTE.search(entry) is not None


def resolve(folder: str, entry: str) -> str | None:
    """The path that an entry means, seen from `folder`; None when it climbs out of the root."""
    if posixpath.isabs(entry):
        return None
    path = posixpath.normpath(posixpath.join(folder, entry))
    if path in {".", ""}:
        return ""
    return None if path.startswith("../") or path == ".." else path
