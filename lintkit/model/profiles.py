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

USUAL = "{release}-{chart}"
"""How most charts call their objects: after the release, and after the chart where the release's name lacks it."""
_FIELDS = frozenset(
    {
        "chart", "repositories", "versions", "fullname", "references", "makes", "makes-all", "literals", "includes",
        "source", "services", "port-references", "installs", "fullname-max", "instead",
    }
)  # fmt: skip
_REFERENCE_FIELDS = frozenset(
    {
        "to", "name", "key", "default-key", "keys", "keys-in", "needs", "when", "optional", "port", "namespace",
        "source",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class KeyAt:
    """A key that a reference needs.

    Attributes:
        path: Where the key's name stands in the values; empty when the chart fixes it.
        default: The key when nothing is written there.
        when: Conditions under which the key is needed.
    """

    path: str
    default: str
    when: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ValueReference:
    """A value that names an object.

    Attributes:
        path: Path in the values: of the name, or of the mapping that holds it.
        to: Kind of the object.
        name: Field of the mapping that holds the name; empty when the path ends at the name.
        key: Field of the mapping that holds a key.
        default_key: The key when that field is absent.
        keys: Keys that are needed, by their paths from the root of the values.
        keys_in: Paths below the mapping where more keys are written.
        when: Conditions on the values; one with a leading dot is about the mapping.
        optional: Field of the mapping that makes it optional.
        port: Field of the mapping that holds a port.
        namespace: Field of the mapping that holds the object's namespace.
    """

    path: str
    to: str
    name: str = ""
    key: str = ""
    default_key: str = ""
    keys: tuple[KeyAt, ...] = ()
    keys_in: tuple[str, ...] = ()
    when: tuple[str, ...] = ()
    optional: str = "optional"
    port: str = ""
    namespace: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """An object that the chart makes.

    Attributes:
        kind: Its kind.
        name: Its name: text with `{release}`, `{fullname}`, the value at a path (`{a.b}`) and, with `each`, `{key}` and
            the field of an entry (`{.name}`).
        keys: Its keys, of the same form; None when they are not known.
        each: Path that ends in `*` or `[]`: one object for each entry there.
        when: Conditions on the values; one with a leading dot is about the entry of `each`.
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
        unless: Paths likewise: with one of these set nothing is known of the Service.
    """

    path: str
    port: str
    services: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conditional:
    """Something that holds under conditions on the values.

    Attributes:
        name: A kind or a group of the API.
        when: The conditions.
    """

    name: str
    when: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Instead:
    """How the chart takes a secret value from a Secret.

    Attributes:
        path: Path of the literal.
        secret: Path of the value that names the Secret.
        key: Key of the Secret.
        key_at: Path of the value that names the key; empty when the chart fixes it.
        text: What the key holds: `{path}` and `{path|default}` are other values, `{}` is the secret; empty for the
            secret alone.
        also: More keys that the chart then reads from the Secret -> their texts, of the same form.
        shares: Path of another literal; where both are the same, the vault holds one field.
        when: Conditions on the values.
    """

    path: str
    secret: str
    key: str
    key_at: str = ""
    text: str = ""
    also: tuple[tuple[str, str], ...] = ()
    shares: str = ""
    when: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of one chart."""

    chart: str
    repositories: tuple[str, ...] = ()
    versions: str = ""
    fullname: str = USUAL
    references: tuple[ValueReference, ...] = ()
    makes: tuple[Made, ...] = ()
    makes_all: tuple[Conditional, ...] = ()
    literals: tuple[str, ...] = ()
    includes: dict[str, str] = field(default_factory=dict)
    services: tuple[ServicePorts, ...] = ()
    port_references: tuple[PortReference, ...] = ()
    installs: tuple[Conditional, ...] = ()
    fullname_max: int = 63
    instead: tuple[Instead, ...] = ()

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
        name = self.fullname.replace("{release}", release).replace("{chart}", self.chart)
        if self.fullname == USUAL and self.chart in release:
            name = release
        return name[: self.fullname_max].removesuffix("-")


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
        root.text("fullname") or USUAL,
        tuple(_references(root)),
        tuple(_makes(root)),
        tuple(_conditionals(root, "makes-all", "kind")),
        tuple(_texts(root, "literals")),
        {key.text: value.text for key, value in _items(root, "includes") if isinstance(value, Scalar)},
        tuple(
            ServicePorts(_needed(entry, "each"), _needed(entry, "ports"), entry.text("number") or "port")
            for entry in root.mappings_at("services")
        ),
        tuple(
            PortReference(
                key.text,
                value.text("port") or "port",
                tuple(_texts(value, "services")),
                tuple(_texts(value, "names")),
                tuple(_texts(value, "unless")),
            )
            for key, value in _items(root, "port-references")
            if isinstance(value, Mapping)
        ),
        tuple(_conditionals(root, "installs", "group")),
        int(root.text("fullname-max") or 63),
        tuple(_instead(root)),
    )


def _instead(root: Mapping) -> Iterator[Instead]:
    for key, value in _items(root, "instead"):
        if isinstance(value, Mapping):
            _known(value, frozenset({"secret", "key", "key-at", "text", "also", "shares", "when"}), f"`{key.text}`")
            also = tuple((name.text, text.text) for name, text in _items(value, "also") if isinstance(text, Scalar))
            yield Instead(
                key.text,
                _needed(value, "secret"),
                _needed(value, "key"),
                value.text("key-at") or "",
                value.text("text") or "",
                also,
                value.text("shares") or "",
                tuple(_texts(value, "when")),
            )


def _references(root: Mapping) -> Iterator[ValueReference]:
    for key, value in _items(root, "references"):
        for entry in value.elements if isinstance(value, Sequence) else (value,):
            if isinstance(entry, Scalar):
                yield ValueReference(key.text, entry.text)
            elif isinstance(entry, Mapping):
                yield _reference(key.text, entry)


def _reference(path: str, entry: Mapping) -> ValueReference:
    _known(entry, _REFERENCE_FIELDS, f"`{path}`")
    return ValueReference(
        path,
        _needed(entry, "to"),
        entry.text("name") or "",
        entry.text("key") or "",
        entry.text("default-key") or "",
        tuple(_keys(entry)),
        tuple(_texts(entry, "keys-in")),
        tuple(_texts(entry, "when")),
        entry.text("optional") or "optional",
        entry.text("port") or "",
        entry.text("namespace") or "",
    )


def _keys(value: Mapping) -> Iterator[KeyAt]:
    for name in _texts(value, "needs"):
        yield KeyAt("", name)
    for key, node in _items(value, "keys"):
        if isinstance(node, Scalar):
            yield KeyAt(key.text, node.text)
        elif isinstance(node, Mapping):
            yield KeyAt(key.text, node.text("default") or "", tuple(_texts(node, "when")))


def _conditionals(root: Mapping, name: str, field: str) -> Iterator[Conditional]:
    node = root.get(name)
    for element in node.elements if isinstance(node, Sequence) else ():
        if isinstance(element, Scalar):
            yield Conditional(element.text)
        elif isinstance(element, Mapping):
            _known(element, frozenset({field, "when"}), f"an entry of `{name}`")
            yield Conditional(_needed(element, field), tuple(_texts(element, "when")))


def _makes(root: Mapping) -> Iterator[Made]:
    for entry in root.mappings_at("makes"):
        _known(entry, frozenset({"kind", "name", "keys", "each", "when", "source"}), "an entry of `makes`")
        keys = tuple(_texts(entry, "keys")) if "keys" in entry.entries else None
        when = tuple(_texts(entry, "when"))
        yield Made(_needed(entry, "kind"), _needed(entry, "name"), keys, entry.text("each") or "", when)


def _items(root: Mapping, name: str) -> list[tuple[Scalar, Node]]:
    node = root.get(name)
    return list(node.items()) if isinstance(node, Mapping) else []


def _texts(root: Mapping, name: str) -> list[str]:
    """A list of texts; one text stands for a list of one."""
    node = root.get(name)
    if isinstance(node, Scalar) and node.text:
        return [node.text]
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
