"""References inside the values of Helm releases: by the chart's profile, and by the shapes of Kubernetes itself."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from lintkit.model.conditions import Scope, holds
from lintkit.model.consumers import Reference, select
from lintkit.model.flux import normal_path
from lintkit.model.helm import Chart
from lintkit.model.producers import Producer
from lintkit.model.profiles import USUAL, Made, Profile, ValueReference, profile_for
from lintkit.model.references import TARGET_GROUPS, Row
from lintkit.model.value_ports import port_uses
from lintkit.model.value_shapes import shapes
from lintkit.syntax.node import Mapping, Node, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lintkit.model.cluster import Cluster
    from lintkit.model.helm import HelmRelease
    from lintkit.model.helm_values import Values
    from lintkit.model.ports import PortUse
    from lintkit.model.profiles import Conditional

_RELEASE_NAME = re.compile(r"\{\{-?\s*\.Release\.Name\s*-?\}\}")
_PLACEHOLDER = re.compile(r"\{(\.?)([\w.*\[\]-]+)\}")
_ROW = Row("HelmRelease", "spec.values", "", role="values")
_EXISTING = Row("HelmRelease", "spec.values", "", role="existing")
"""For values that name an object which the chart then does not make itself."""


class ReleaseView:
    """A release, its chart, its values, and what is known of the chart."""

    def __init__(self, release: HelmRelease, values: Values, cluster: Cluster, own: tuple[Profile, ...]) -> None:
        self.release = release
        self.values = values
        self.chart = release.chart(cluster)
        self.profile = profile_for(self.chart, own) if self.chart else None

    @property
    def folder(self) -> str | None:
        """The folder of the chart, where it comes from the Git repository that the release itself is in."""
        source = self.release.source
        node = self.release.resource.at("spec", "chart", "spec", "chart")
        is_here = source is not None and source.kind == "GitRepository" and isinstance(node, Scalar)
        return normal_path(node.text) if is_here and isinstance(node, Scalar) else None

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

    def references(self) -> Iterator[Reference]:
        """What the values name."""
        seen: set[int] = set()
        for prefix, profile in self.profiles:
            for entry in profile.references:
                for holder, reference in self._of_entry(entry, prefix):
                    seen.add(id(holder))
                    yield reference
        for shape in shapes(self.values.root, guess=self.profile is None):
            if id(shape.holder) not in seen:
                base = self._reference(shape.kind, shape.name, shape.holder, is_guessed=shape.is_guessed)
                yield from _with_keys(base, [(key.text, key) for key in shape.keys])

    def _of_entry(self, entry: ValueReference, prefix: str) -> Iterator[tuple[Node, Reference]]:
        scope = Scope(self.values, prefix)
        for holder in select(self.values.root, scope.path(entry.path)):
            node = holder.at(entry.name) if entry.name else holder
            if not isinstance(node, Scalar) or node.is_null or not node.text:
                continue
            if not all(holds(condition, scope._replace(entry=holder)) for condition in entry.when):
                continue
            base = self._reference(entry.to, node, holder, entry)
            for reference in _with_keys(base, self._keys(entry, holder, node, prefix)):
                yield holder, reference

    def _keys(self, entry: ValueReference, holder: Node, name: Scalar, prefix: str) -> Iterator[tuple[str, Node]]:
        if entry.key:
            node = holder.at(entry.key)
            if isinstance(node, Scalar) and not node.is_null and node.text:
                yield node.text, node
            elif entry.default_key:
                yield entry.default_key, name
        for path in entry.keys_in:
            for node in select(holder, path):
                if isinstance(node, Scalar) and not node.is_null and node.text:
                    yield node.text, node
        scope = Scope(self.values, prefix, holder)
        for key in entry.keys:
            if not all(holds(condition, scope) for condition in key.when):
                continue
            written = next(select(self.values.root, scope.path(key.path)), None) if key.path else None
            if isinstance(written, Scalar) and not written.is_null and written.text:
                yield written.text, written
            elif key.default:
                yield key.default, name

    def _reference(
        self, kind: str, node: Scalar, holder: Node, entry: ValueReference | None = None, *, is_guessed: bool = False
    ) -> Reference:
        flag = holder.at(entry.optional if entry else "optional") if isinstance(holder, Mapping) else None
        port = holder.at(entry.port) if entry and entry.port and isinstance(holder, Mapping) else None
        written = holder.at(entry.namespace) if entry and entry.namespace and isinstance(holder, Mapping) else None
        elsewhere = written if isinstance(written, Scalar) and not written.is_null and written.text else None
        return Reference(
            self.release.resource,
            _EXISTING if entry and not entry.name else _ROW,
            TARGET_GROUPS.get(kind, ""),
            kind,
            self.expanded(elsewhere.text) if elsewhere else self.release.release_namespace or None,
            self.expanded(node.text),
            node,
            elsewhere,
            is_optional=isinstance(flag, Scalar) and flag.value is True,
            port=port if isinstance(port, Scalar) else None,
            is_guessed=is_guessed,
        )

    def expanded(self, text: str) -> str:
        """A name with the release's own name put in; charts that take templates in values do the same."""
        return _RELEASE_NAME.sub(self.release.release_name, text) if "{{" in text else text

    def port_uses(self) -> Iterator[PortUse]:
        """Ports that the values name of Services in the same values."""
        return port_uses(self)

    def made(self) -> Iterator[Producer]:
        """The Secrets and ConfigMaps that the chart makes, as far as its profile says."""
        for prefix, profile in self.profiles:
            for made in profile.makes:
                if made.kind in {"Secret", "ConfigMap"}:
                    for name, node, keys in self._names(made, profile, prefix):
                        yield Producer(
                            made.kind, self.release.release_namespace, name, self.release.resource, node,
                            dict.fromkeys(keys or (), node), keys is None,
                        )  # fmt: skip

    def made_names(self, kind: str) -> set[str]:
        """Names of the objects of a kind that the chart makes, as far as its profile says."""
        return {
            name
            for prefix, profile in self.profiles
            for made in profile.makes
            if made.kind == kind
            for name, _, _ in self._names(made, profile, prefix)
        }

    def makes_all(self, kind: str) -> bool:
        """Whether the profile lists every object of a kind that the chart can make."""
        return self.profile is not None and self.values.is_whole and kind in self._holding(self.profile.makes_all)

    @property
    def installs(self) -> Iterator[str]:
        """API groups whose kinds the chart brings."""
        return self._holding(self.profile.installs if self.profile else ())

    def _holding(self, entries: tuple[Conditional, ...]) -> Iterator[str]:
        for entry in entries:
            if all(holds(condition, Scope(self.values)) for condition in entry.when):
                yield entry.name

    def _names(self, made: Made, profile: Profile, prefix: str) -> Iterator[tuple[str, Node, tuple[str, ...] | None]]:
        """The names of what an entry of `makes` stands for, each with its origin and its keys."""
        fullname = self._fullname(profile, prefix)
        scope = Scope(self.values, prefix)
        for key, node in self._entries(scope.path(made.each)):
            here = scope._replace(entry=node if made.each else None)
            if not all(holds(condition, here) for condition in made.when):
                continue
            known = {"release": self.release.release_name, "fullname": fullname, "key": key}
            name = self._filled(made.name, known, here)
            keys = None if made.keys is None else tuple(self._filled(one, known, here) or "" for one in made.keys)
            if name:
                yield name, node, None if keys is None or "" in keys else keys
            override = node.text_at("nameOverride") if made.each else None
            if override:
                yield f"{fullname}-{override}", node, keys
                yield override, node, keys

    def _entries(self, each: str) -> list[tuple[str, Node]]:
        if not each:
            return [("", self.release.resource.at("metadata", "name") or self.values.root)]
        if each.endswith("[]"):
            return [("", node) for node in select(self.values.root, each)]
        parent = next(select(self.values.root, each.removesuffix(".*")), None)
        return list(parent.entries.items()) if isinstance(parent, Mapping) else []

    def _filled(self, template: str, known: dict[str, str], scope: Scope) -> str | None:
        """A name of a profile with its placeholders filled in; None when a value that it needs is not written."""

        def value(found: re.Match[str]) -> str:
            local, path = found.groups()
            if not local and path in known:
                return known[path]
            root = scope.entry if local else self.values.root
            node = next(select(root, path if local else scope.path(path)), None) if root is not None else None
            return self.expanded(node.text) if isinstance(node, Scalar) and not node.is_null else "\0"

        text = _PLACEHOLDER.sub(value, template)
        return None if "\0" in text else text

    def _fullname(self, profile: Profile, prefix: str) -> str:
        base = prefix.split(".") if prefix else []
        override = self.values.text(*base, "fullnameOverride") or self.values.text("global", "fullnameOverride")
        if override:
            return self.expanded(override)[: profile.fullname_max].removesuffix("-")
        name = self.values.text(*base, "nameOverride")
        release = self.release.release_name
        if name and profile.fullname == USUAL:
            return release if name in release else f"{release}-{name}"
        return profile.full_name(release)


def _with_keys(base: Reference, keys: Iterable[tuple[str, Node]]) -> Iterator[Reference]:
    """A reference for each key that is needed; the reference alone when none is."""
    found = list(keys)
    if not found:
        yield base
    for key, node in found:
        yield replace(base, key=key, key_node=node)
