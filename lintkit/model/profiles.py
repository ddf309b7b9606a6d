"""Chart profiles: which values of a chart name an object or a key, and which objects the chart makes itself.

A profile is data: one file for each chart in `schemas/charts/`, and in `.lintkit/charts/` for a repository's own.
docs/chart-profiles.md describes the form.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING

from lintkit import resources
from lintkit.errors import ConfigurationError
from lintkit.model.version_range import numbers, satisfies
from lintkit.syntax.node import Mapping, Node, Scalar, Sequence
from lintkit.syntax.parser import parse
from lintkit.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.helm import Chart

_FIELDS = frozenset(
    {
        "chart", "repositories", "versions", "fullname", "references", "makes", "makes-all", "literals", "includes",
        "source", "services", "port-references", "installs",
    }
)  # fmt: skip
_REFERENCE_FIELDS = frozenset({"to", "name", "key", "keys", "needs", "when", "optional", "port", "namespace", "source"})


@dataclass(frozen=True, slots=True)
class KeyAt:
    """A key that a reference needs.

    Attributes:
        path: Where the key's name stands in the values; empty when the chart fixes it.
        default: The key when nothing is written there.
        when: Path that must be set, and not to false, for the key to be needed.
    """

    path: str
    default: str
    when: str = ""


@dataclass(frozen=True, slots=True)
class ValueReference:
    """A value that names an object.

    Attributes:
        path: Path in the values: of the name, or of the mapping that holds it.
        to: Kind of the object.
        name: Field of the mapping that holds the name; empty when the path ends at the name.
        key: Field of the mapping that holds a key.
        keys: Keys that are needed, by their paths from the root of the values.
        when: Path that must be set, and not to false.
        optional: Field of the mapping that makes it optional.
        port: Field of the mapping that holds a port.
    """

    path: str
    to: str
    name: str = ""
    key: str = ""
    keys: tuple[KeyAt, ...] = ()
    when: str = ""
    optional: str = "optional"
    port: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """An object that the chart makes.

    Attributes:
        kind: Its kind.
        name: Its name: text with `{release}`, `{fullname}` and, with `each`, `{key}`.
        keys: Its keys; None when they are not known.
        each: Path with a `*`: one object for each entry there.
        when: Path that must be set, and not to false; with a `!` in front it must not be.
    """

    kind: str
    name: str
    keys: tuple[str, ...] | None = None
    each: str = ""
    when: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServicePorts:
    """Services that the values describe, with their ports.

    Attributes:
        each: Path with a `*`: one Service for each entry there.
        ports: Path below the entry of a mapping: name of the port -> what it is.
        number: Field of a port that holds its number.
    """

    each: str
    ports: str
    number: str = "port"


@dataclass(frozen=True, slots=True)
class PortReference:
    """A value that names a port of such a Service.

    Attributes:
        path: Path of the mapping that holds the port.
        port: Its field.
        services: Paths of the Service's key: below the mapping, or with a leading dot from the first `*` of `path` on;
            when none is written and there is one Service, that one is meant.
        names: Paths of the Service's own name, likewise: with one of these set the Service is another one.
    """

    path: str
    port: str
    services: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of one chart."""

    chart: str
    repositories: tuple[str, ...] = ()
    versions: str = ""
    fullname: str = "{release}-{chart}"
    references: tuple[ValueReference, ...] = ()
    makes: tuple[Made, ...] = ()
    makes_all: frozenset[str] = frozenset()
    literals: tuple[str, ...] = ()
    includes: dict[str, str] = field(default_factory=dict)
    services: tuple[ServicePorts, ...] = ()
    port_references: tuple[PortReference, ...] = ()
    installs: tuple[str, ...] = ()

    def is_for(self, chart: Chart) -> bool:
        """Whether this profile is about a chart: by name, repository and version."""
        if self.repositories and chart.repository:
            url = chart.repository.removeprefix("oci://").removeprefix("https://")
            if not any(fnmatchcase(url, pattern) for pattern in self.repositories):
                return False
        if self.versions and numbers(chart.version) is not None:
            return satisfies(chart.version, self.versions)
        return True

    def full_name(self, release: str) -> str:
        """What the chart calls its objects: most use the release's name when that holds the chart's."""
        if self.fullname == "{release}-{chart}":
            return release if self.chart in release else f"{release}-{self.chart}"
        return self.fullname.replace("{release}", release).replace("{chart}", self.chart)


def profile_for(chart: Chart, own: tuple[Profile, ...] = ()) -> Profile | None:
    """The profile of a chart; the repository's own profiles come first."""
    for profile in (*own, *_built_in(chart.name)):
        if profile.chart == chart.name and profile.is_for(chart):
            return profile
    return None


@lru_cache(maxsize=256)
def _built_in(name: str) -> tuple[Profile, ...]:
    if not name or "/" in name or name.startswith("."):
        return ()
    text = resources.read("schemas", "charts", f"{name}.yaml")
    return read_profiles(text, f"schemas/charts/{name}.yaml") if text else ()


def read_profiles(text: str, path: str) -> tuple[Profile, ...]:
    """The profiles of one file; it may hold several documents.

    Raises:
        ConfigurationError: The file is not of the documented form.
    """
    stream = parse(Source(path, text))
    if stream.error is not None:
        line, column = stream.source.position(stream.error.place.span.start)
        raise ConfigurationError(stream.error.message, path, line, column)
    return tuple(_profile(document.root) for document in stream.documents if isinstance(document.root, Mapping))


def _profile(root: Mapping) -> Profile:
    _known(root, _FIELDS, "a chart profile")
    return Profile(
        _needed(root, "chart"),
        tuple(_texts(root, "repositories")),
        root.text("versions") or "",
        root.text("fullname") or "{release}-{chart}",
        tuple(_references(root)),
        tuple(_makes(root)),
        frozenset(_texts(root, "makes-all")),
        tuple(_texts(root, "literals")),
        {key.text: value.text for key, value in _items(root, "includes") if isinstance(value, Scalar)},
        tuple(
            ServicePorts(_needed(entry, "each"), _needed(entry, "ports"), entry.text("number") or "port")
            for entry in root.mappings_at("services")
        ),
        tuple(
            PortReference(
                key.text, value.text("port") or "port", tuple(_texts(value, "services")), tuple(_texts(value, "names"))
            )
            for key, value in _items(root, "port-references")
            if isinstance(value, Mapping)
        ),
        tuple(_texts(root, "installs")),
    )


def _references(root: Mapping) -> Iterator[ValueReference]:
    for key, value in _items(root, "references"):
        if isinstance(value, Scalar):
            yield ValueReference(key.text, value.text)
        elif isinstance(value, Mapping):
            _known(value, _REFERENCE_FIELDS, f"`{key.text}`")
            yield ValueReference(
                key.text,
                _needed(value, "to"),
                value.text("name") or "",
                value.text("key") or "",
                tuple(_keys(value)),
                value.text("when") or "",
                value.text("optional") or "optional",
                value.text("port") or "",
            )


def _keys(value: Mapping) -> Iterator[KeyAt]:
    for name in _texts(value, "needs"):
        yield KeyAt("", name)
    for key, node in _items(value, "keys"):
        if isinstance(node, Scalar):
            yield KeyAt(key.text, node.text)
        elif isinstance(node, Mapping):
            yield KeyAt(key.text, node.text("default") or "", node.text("when") or "")


def _makes(root: Mapping) -> Iterator[Made]:
    for entry in root.mappings_at("makes"):
        _known(entry, frozenset({"kind", "name", "keys", "each", "when", "source"}), "an entry of `makes`")
        keys = tuple(_texts(entry, "keys")) if "keys" in entry.entries else None
        when = tuple(_texts(entry, "when")) or ((entry.text("when") or "",) if entry.text("when") else ())
        yield Made(_needed(entry, "kind"), _needed(entry, "name"), keys, entry.text("each") or "", when)


def _items(root: Mapping, name: str) -> list[tuple[Scalar, Node]]:
    node = root.get(name)
    return list(node.items()) if isinstance(node, Mapping) else []


def _texts(root: Mapping, name: str) -> list[str]:
    node = root.get(name)
    if not isinstance(node, Sequence):
        return []
    return [element.text for element in node.elements if isinstance(element, Scalar)]


def _needed(root: Mapping, name: str) -> str:
    text = root.text(name)
    if not text:
        line, column = root.source.position(root.start)
        message = f"`{name}` is missing"
        raise ConfigurationError(message, root.source.path, line, column)
    return text


def _known(root: Mapping, names: frozenset[str], what: str) -> None:
    for key, _ in root.items():
        if key.text not in names:
            line, column = root.source.position(key.start)
            message = f"`{key.text}` is no field of {what}; expected one of {', '.join(sorted(names))}"
            raise ConfigurationError(message, root.source.path, line, column)
