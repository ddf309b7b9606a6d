"""What lintkit itself knows of the values of charts: `schemas/values/<chart>.yaml`, one file for a range of versions.

The form is that of shapes (docs/shapes.md); a range behind the name of a field says in which versions of the chart it
stands: `forceRename >=4: string`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lintkit import resources
from lintkit.errors import ConfigurationError
from lintkit.model.version_range import is_valid, numbers, satisfies
from lintkit.schema import built_in
from lintkit.schema.chart_files import ChartFiles
from lintkit.schema.shapes import compile_shape
from lintkit.schema.structural import closed
from lintkit.syntax.node import Mapping, Node, Scalar, Sequence
from lintkit.syntax.parser import parse
from lintkit.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

ORIGIN = "lintkit"
_FIELDS = frozenset({"chart", "repositories", "versions", "newest", "source", "definitions", "values"})
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_RELEASE = re.compile(r"v?\d+\.\d+\.\d+(?:\+[\w.-]+)?")


@dataclass(frozen=True, slots=True, eq=False)
class ChartValues:
    """The values of one chart.

    Attributes:
        chart: Name of the chart.
        repositories: Globs on the URL of its repository.
        versions: Range of the versions that are known.
        newest: The newest of them.
        root: The file.
        ranges: Every range that a field of the file has.
    """

    chart: str
    repositories: tuple[str, ...]
    versions: str
    newest: str
    root: Mapping
    ranges: tuple[str, ...]

    def is_of(self, repository: str) -> bool:
        """Whether the chart of this name in a repository is this one."""
        return any(fnmatchcase(repository, glob) for glob in self.repositories)

    def knows(self, version: str) -> bool:
        """Whether a version is known."""
        return _RELEASE.fullmatch(version.strip()) is not None and satisfies(version, self.versions)

    def precedes(self, version: str) -> bool:
        """Whether a version is newer than what is known, and of the same major version."""
        wanted, newest = numbers(version), numbers(self.newest)
        return wanted is not None and newest is not None and wanted[0] == newest[0] and wanted > newest

    def schema(self, version: str) -> dict[str, Any]:
        """The JSON Schema of the values of a version; types of Kubernetes are those of the newest that is known."""
        return _compiled(self, frozenset(one for one in self.ranges if satisfies(version, one)))

    def files(self, version: str) -> ChartFiles:
        """A version as a chart of which only the schema is at hand; its templates may run text as templates."""
        schema = self.schema(version)
        return ChartFiles(self.chart, version, schema=schema, template_keys=None, evaluates_text=True, origin=ORIGIN)


@lru_cache(maxsize=64)
def load(chart: str) -> ChartValues | None:
    """What is known of a chart, or None."""
    text = resources.read("schemas", "values", f"{chart}.yaml")
    return read(text, f"schemas/values/{chart}.yaml") if text else None


def read(text: str, path: str) -> ChartValues:
    """Read a file.

    Raises:
        ConfigurationError: The file is not of the form that docs/shapes.md describes.
    """
    stream = parse(Source(path, text))
    if stream.error is not None:
        line, column = stream.source.position(stream.error.place.span.start)
        raise ConfigurationError(stream.error.message, path, line, column)
    root = stream.documents[0].root if stream.documents else None
    if not isinstance(root, Mapping) or not root.entries.keys() <= _FIELDS:
        message = f"a file of values has the fields {', '.join(sorted(_FIELDS))}"
        raise ConfigurationError(message, path, 1)
    repositories = tuple(one.text for one in root.elements_at("repositories") if isinstance(one, Scalar))
    ranges = tuple(dict.fromkeys(_ranges(root)))
    versions, newest = root.text("versions") or "", root.text("newest") or ""
    return ChartValues(root.text("chart") or "", repositories, versions, newest, root, ranges)


def _ranges(node: Node) -> Iterator[str]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            _, wanted = _split(key)
            if wanted:
                yield wanted
            yield from _ranges(value)
    elif isinstance(node, Sequence):
        for element in node.elements:
            yield from _ranges(element)


def _split(key: Scalar) -> tuple[str, str]:
    """A field and its range: `size! >=4` -> (`size!`, `>=4`)."""
    found = re.fullmatch(r"(.*?) ([<>=].*)", key.text)
    if found is None:
        return key.text, ""
    if not is_valid(found[2]):
        line, column = key.source.position(key.start)
        message = f"`{found[2]}` is no range of versions"
        raise ConfigurationError(message, key.source.path, line, column)
    return found[1], found[2]


def _narrowed(node: Node, holding: frozenset[str]) -> Node:
    """A file as it reads for one version: fields whose range does not hold are left out."""
    if isinstance(node, Sequence):
        return node.with_elements([_narrowed(element, holding) for element in node.elements])
    if not isinstance(node, Mapping):
        return node
    pairs: list[tuple[Node, Node]] = []
    entries: dict[str, Node] = {}
    for key, value in node.items():
        name, wanted = _split(key)
        if wanted and wanted not in holding:
            continue
        entries[name] = _narrowed(value, holding)
        pairs.append((key.with_text(name), entries[name]))
    return Mapping(node.source, node.start, node.end, pairs, entries, is_simple=True)


@lru_cache(maxsize=64)
def _compiled(values: ChartValues, holding: frozenset[str]) -> dict[str, Any]:
    root = _narrowed(values.root, holding)
    shape = root.at("values")
    definitions = root.mapping_at("definitions") if isinstance(root, Mapping) else None
    if shape is None:
        return {}
    types = built_in.load("")
    names: list[str] = []
    schema: dict[str, Any] = built_in.linked(closed(compile_shape(shape, definitions), close=False), types, names)
    of_kubernetes = types.closure(tuple(names)) if types is not None else {}
    return {"$schema": _DIALECT, **schema, "$defs": {**schema.get("$defs", {}), **of_kubernetes}}
