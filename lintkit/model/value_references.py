"""References inside the values of Helm releases: by the chart's profile, and by the shapes of Kubernetes itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lintkit.model.consumers import Reference, select
from lintkit.model.helm import Chart
from lintkit.model.ports import PortUse
from lintkit.model.producers import Producer
from lintkit.model.profiles import Made, PortReference, Profile, ValueReference, profile_for
from lintkit.model.references import TARGET_GROUPS, Row
from lintkit.syntax.embedded import is_masked
from lintkit.syntax.node import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from lintkit.model.cluster import Cluster
    from lintkit.model.helm import HelmRelease
    from lintkit.model.helm_values import Values
    from lintkit.syntax.node import Place

_RELEASE_NAME = re.compile(r"\{\{-?\s*\.Release\.Name\s*-?\}\}")
_SHAPES: dict[str, tuple[str, str]] = {
    "secretKeyRef": ("Secret", "key"),
    "configMapKeyRef": ("ConfigMap", "key"),
    "secretRef": ("Secret", ""),
    "configMapRef": ("ConfigMap", ""),
}
_ROW = Row("HelmRelease", "spec.values", "", role="values")
_EXISTING = re.compile(r"^existing(?:\w*)Secret(?:Name)?$|^(?:\w+)?[sS]ecretName$")
_NOT_NEEDED = frozenset({"tls", "ingress", "certificates", "certificate", "cert", "route", "createSecret"})


class ReleaseView:
    """A release, its chart, its values, and what is known of the chart."""

    def __init__(self, release: HelmRelease, values: Values, cluster: Cluster, own: tuple[Profile, ...]) -> None:
        self.release = release
        self.values = values
        self.chart = release.chart(cluster)
        self.profile = profile_for(self.chart, own) if self.chart else None

    @property
    def profiles(self) -> Iterator[tuple[str, Profile]]:
        """The profiles that apply, each with the path of its values: the chart's own, and those of its subcharts."""
        if self.profile is None:
            return
        yield "", self.profile
        for prefix, name in self.profile.includes.items():
            enabled = self.values.get(*prefix.split("."), "enabled")
            if isinstance(enabled, Scalar) and enabled.value is False:
                continue
            found = profile_for(Chart(name, "", "", self.release.resource.root))
            if found is not None:
                yield prefix, found

    def is_set(self, path: str, prefix: str = "") -> bool:
        """Whether a value is set, and not to false or to nothing."""
        if not path:
            return True
        negated, path = path.startswith("!"), path.removeprefix("!")
        whole = f"{prefix}.{path}" if prefix else path
        found = list(select(self.values.root, whole))
        is_there = any(_is_something(node) for node in found) or self.values.is_set(*whole.split("."))
        return is_there != negated

    def references(self) -> Iterator[Reference]:
        """What the values name."""
        seen: set[int] = set()
        for prefix, profile in self.profiles:
            for entry in profile.references:
                for reference in self._of_entry(entry, prefix):
                    seen.add(id(reference.node))
                    yield reference
        for reference in self._shapes():
            if id(reference.node) not in seen:
                yield reference

    def _of_entry(self, entry: ValueReference, prefix: str) -> Iterator[Reference]:
        if not self.is_set(entry.when, prefix):
            return
        path = f"{prefix}.{entry.path}" if prefix else entry.path
        for holder in select(self.values.root, path):
            node = holder.at(entry.name) if entry.name else holder
            if not isinstance(node, Scalar) or node.is_null or not node.text:
                continue
            base = self._reference(entry.to, node, holder, entry.optional, entry.port)
            keys = list(self._keys(entry, holder, node, prefix))
            if not keys:
                yield base
            for key, key_node in keys:
                yield _with_key(base, key, key_node)

    def _keys(self, entry: ValueReference, holder: Node, name: Scalar, prefix: str) -> Iterator[tuple[str, Node]]:
        if entry.key:
            node = holder.at(entry.key)
            if isinstance(node, Scalar) and not node.is_null and node.text:
                yield node.text, node
        for key in entry.keys:
            if not self.is_set(key.when, prefix):
                continue
            path = f"{prefix}.{key.path}" if prefix and key.path else key.path
            written = next(select(self.values.root, path), None) if path else None
            if isinstance(written, Scalar) and not written.is_null and written.text:
                yield written.text, written
            elif key.default:
                yield key.default, name

    def _reference(self, kind: str, node: Scalar, holder: Node, optional: str, port: str) -> Reference:
        flag = holder.at(optional) if isinstance(holder, Mapping) else None
        port_node = holder.at(port) if port and isinstance(holder, Mapping) else None
        return Reference(
            self.release.resource,
            _ROW,
            TARGET_GROUPS.get(kind, ""),
            kind,
            self.release.release_namespace or None,
            self.expanded(node.text),
            node,
            is_optional=isinstance(flag, Scalar) and flag.value is True,
            port=port_node if isinstance(port_node, Scalar) else None,
        )

    def expanded(self, text: str) -> str:
        """A name with the release's own name put in; charts that take templates in values do the same."""
        return _RELEASE_NAME.sub(self.release.release_name, text) if "{{" in text else text

    def _shapes(self) -> Iterator[Reference]:
        """References by the shapes that Kubernetes itself uses, and by the names that most charts use."""
        stack: list[tuple[Node, tuple[str, ...]]] = [(self.values.root, ())]
        while stack:
            node, path = stack.pop()
            if isinstance(node, Sequence):
                stack.extend((element, path) for element in node.elements)
            if not isinstance(node, Mapping):
                continue
            for key, value in node.entries.items():
                shape = _SHAPES.get(key)
                if shape is not None and isinstance(value, Mapping):
                    yield from self._shape(value, *shape)
                elif isinstance(value, Scalar) and self.profile is None and _EXISTING.match(key):
                    yield from self._guessed(value, path)
                else:
                    stack.append((value, (*path, key)))

    def _shape(self, value: Mapping, kind: str, key_field: str) -> Iterator[Reference]:
        name = value.get("name")
        if not isinstance(name, Scalar) or name.is_null or not name.text or is_masked(name.text):
            return
        base = self._reference(kind, name, value, "optional", "")
        key = value.get(key_field) if key_field else None
        if isinstance(key, Scalar) and not key.is_null and key.text:
            yield _with_key(base, key.text, key)
        else:
            yield base

    def _guessed(self, node: Scalar, path: tuple[str, ...]) -> Iterator[Reference]:
        if node.is_null or not node.text or any(step in _NOT_NEEDED for step in path):
            return
        base = self._reference("Secret", node, node, "optional", "")
        yield Reference(
            base.consumer, base.row, base.group, base.kind, base.namespace, base.name, base.node, is_guessed=True
        )

    def port_uses(self) -> Iterator[PortUse]:
        """Ports that the values name of Services in the same values."""
        if self.profile is None or not self.values.is_whole:
            return
        services = dict(self._services(self.profile))
        for entry in self.profile.port_references:
            for top, holder in self._holders(entry.path):
                wanted = holder.at(entry.port)
                service = self._service(entry, top, holder, services)
                if isinstance(wanted, Scalar) and service is not None and "{" not in wanted.text:
                    names, place = services[service]
                    yield PortUse(wanted, names, f"Service `{service}` of these values", place)

    def _services(self, profile: Profile) -> Iterator[tuple[str, tuple[frozenset[str], Place]]]:
        for entry in profile.services:
            parent = next(select(self.values.root, entry.each.removesuffix(".*")), None)
            for key, node in parent.entries.items() if isinstance(parent, Mapping) else ():
                enabled = node.at("enabled")
                ports = node.at(*entry.ports.split("."))
                if isinstance(ports, Mapping) and not (isinstance(enabled, Scalar) and enabled.value is False):
                    numbers = {text for port in ports.entries.values() if (text := port.text_at(entry.number))}
                    yield key, (frozenset(ports.entries) | numbers, ports.place)

    def _holders(self, path: str) -> Iterator[tuple[Node, Node]]:
        """The mappings at a path, each with the entry that its first `*` stands for."""
        head, _, tail = path.partition(".*")
        for top in select(self.values.root, f"{head}.*"):
            enabled = top.at("enabled")
            if isinstance(enabled, Scalar) and enabled.value is False:
                continue
            for holder in select(top, tail.removeprefix(".")) if tail else (top,):
                yield top, holder

    def _service(self, entry: PortReference, top: Node, holder: Node, services: Collection[str]) -> str | None:
        """The key of the Service that is meant; None when it is not one of these values."""

        def texts(paths: tuple[str, ...]) -> list[str]:
            nodes = [
                top.at(*path[1:].split(".")) if path.startswith(".") else holder.at(*path.split(".")) for path in paths
            ]
            return [node.text for node in nodes if isinstance(node, Scalar) and not node.is_null and node.text]

        for name in texts(entry.names):
            release = self.release.release_name
            keys = [key for key in services if self.expanded(name) in {key, f"{release}-{key}"}]
            if self.expanded(name) == release and len(services) == 1:
                return next(iter(services))
            return keys[0] if keys and self.expanded(name) != release else None
        for key in texts(entry.services):
            return key if key in services else None
        return next(iter(services)) if len(services) == 1 else None

    def made(self) -> Iterator[Producer]:
        """The Secrets and ConfigMaps that the chart makes, as far as its profile says."""
        for prefix, profile in self.profiles:
            for made in profile.makes:
                if made.kind in {"Secret", "ConfigMap"}:
                    for name, node in self._names(made, profile, prefix):
                        keys = dict.fromkeys(made.keys or (), node)
                        yield Producer(
                            made.kind, self.release.release_namespace, name, self.release.resource, node, keys,
                            made.keys is None,
                        )  # fmt: skip

    def made_names(self, kind: str) -> set[str]:
        """Names of the objects of a kind that the chart makes, as far as its profile says."""
        return {
            name
            for prefix, profile in self.profiles
            for made in profile.makes
            if made.kind == kind
            for name, _ in self._names(made, profile, prefix)
        }

    def makes_all(self, kind: str) -> bool:
        """Whether the profile lists every object of a kind that the chart can make."""
        return self.profile is not None and kind in self.profile.makes_all and self.values.is_whole

    def _names(self, made: Made, profile: Profile, prefix: str) -> Iterator[tuple[str, Node]]:
        release = self.release.release_name
        fullname = self._fullname(profile, prefix)
        whole = f"{prefix}.{made.each}" if prefix and made.each else made.each
        entries: list[tuple[str, Node]] = [("", self.release.resource.at("metadata", "name") or self.values.root)]
        if whole:
            parent = next(select(self.values.root, whole.removesuffix(".*")), None)
            entries = list(parent.entries.items()) if isinstance(parent, Mapping) else []
        for key, node in entries:
            if not all(self._holds(condition, node if whole else None, prefix) for condition in made.when):
                continue
            override = node.at("nameOverride") if whole and isinstance(node, Mapping) else None
            text = made.name.replace("{release}", release).replace("{fullname}", fullname).replace("{key}", key)
            yield text, node
            if isinstance(override, Scalar) and override.text:
                yield f"{fullname}-{override.text}", node
                yield override.text, node

    def _holds(self, condition: str, entry: Node | None, prefix: str) -> bool:
        """A condition on the values, or with a leading dot on the entry of `each`; `a=b` compares."""
        if entry is None or not condition.removeprefix("!").startswith("."):
            return self.is_set(condition, prefix)
        negated, path = condition.startswith("!"), condition.removeprefix("!")[1:]
        path, equals, wanted = path.partition("=")
        node = entry.at(*path.split(".")) if isinstance(entry, Mapping) else None
        if equals:
            return (isinstance(node, Scalar) and node.text == wanted) != negated
        return (node is not None and _is_something(node)) != negated

    def _fullname(self, profile: Profile, prefix: str) -> str:
        base = prefix.split(".") if prefix else []
        override = self.values.text(*base, "fullnameOverride") or self.values.text("global", "fullnameOverride")
        if override:
            return self.expanded(override)
        name = self.values.text(*base, "nameOverride")
        release = self.release.release_name
        if name and profile.fullname == "{release}-{chart}":
            return release if name in release else f"{release}-{name}"
        return profile.full_name(release)


def _with_key(base: Reference, key: str, node: Node) -> Reference:
    return Reference(
        base.consumer, base.row, base.group, base.kind, base.namespace, base.name, base.node, base.namespace_node,
        key, node, base.is_optional, base.port, base.is_guessed,
    )  # fmt: skip


def _is_something(node: Node) -> bool:
    if isinstance(node, Scalar):
        return not node.is_null and node.text != "" and node.value is not False
    return True
