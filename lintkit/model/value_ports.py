"""Ports that the values of a release name of Services in the same values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.model.consumers import select
from lintkit.model.ports import PortUse
from lintkit.syntax.node import Mapping, Scalar

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from lintkit.model.profiles import PortReference, Profile
    from lintkit.model.value_references import ReleaseView
    from lintkit.syntax.node import Node, Place


def port_uses(view: ReleaseView) -> Iterator[PortUse]:
    """Ports that the values name of Services in the same values; nothing where more values may come from elsewhere."""
    if view.profile is None or not view.values.is_whole:
        return
    services = dict(_services(view, view.profile))
    for entry in view.profile.port_references:
        for top, holder in _holders(view, entry.path):
            wanted = holder.at(entry.port)
            service = _service(view, entry, (top, holder), services)
            if isinstance(wanted, Scalar) and service is not None and "{" not in wanted.text:
                names, place = services[service]
                yield PortUse(wanted, names, f"Service `{service}` of these values", place)


def _services(view: ReleaseView, profile: Profile) -> Iterator[tuple[str, tuple[frozenset[str], Place]]]:
    for entry in profile.services:
        parent = next(select(view.values.root, entry.each.removesuffix(".*")), None)
        for key, node in parent.entries.items() if isinstance(parent, Mapping) else ():
            ports = node.at(*entry.ports.split("."))
            if isinstance(ports, Mapping) and not _is_off(node):
                numbers = {text for port in ports.entries.values() if (text := port.text_at(entry.number))}
                yield key, (frozenset(ports.entries) | numbers, ports.place)


def _is_off(node: Node) -> bool:
    enabled = node.at("enabled")
    return isinstance(enabled, Scalar) and enabled.value is False


def _holders(view: ReleaseView, path: str) -> Iterator[tuple[Node, Node]]:
    """The mappings at a path, each with the entry that its first `*` stands for."""
    head, _, tail = path.partition(".*")
    for top in select(view.values.root, f"{head}.*"):
        if not _is_off(top):
            for holder in select(top, tail.removeprefix(".")) if tail else (top,):
                yield top, holder


def _service(view: ReleaseView, entry: PortReference, at: tuple[Node, Node], services: Collection[str]) -> str | None:
    """The key of the Service that is meant; None when it is not one of these values."""

    def texts(paths: tuple[str, ...]) -> list[str]:
        top, holder = at
        nodes = [
            top.at(*path[1:].split(".")) if path.startswith(".") else holder.at(*path.split(".")) for path in paths
        ]
        return [node.text for node in nodes if isinstance(node, Scalar) and not node.is_null and node.text]

    if any(_is_there(path, at) for path in entry.unless):
        return None
    release = view.release.release_name
    for text in texts(entry.names):
        name = view.expanded(text)
        if name == release:
            return next(iter(services)) if len(services) == 1 else None
        return next((key for key in services if name in {key, f"{release}-{key}"}), None)
    for key in texts(entry.services):
        return key if key in services else None
    return next(iter(services)) if len(services) == 1 else None


def _is_there(path: str, at: tuple[Node, Node]) -> bool:
    top, holder = at
    node = top.at(*path[1:].split(".")) if path.startswith(".") else holder.at(*path.split("."))
    return node is not None and not (isinstance(node, Scalar) and node.is_null)
