"""The values that a release gives its chart, merged as helm-controller merges them, with the origin of every field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lintkit.syntax.embedded import embedded
from lintkit.syntax.node import Mapping, Node, Scalar

if TYPE_CHECKING:
    from lintkit.model.contracts import Contracts
    from lintkit.model.helm import HelmRelease

_DEFAULT_KEY = "values.yaml"


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """The values of one release.

    Attributes:
        root: What is known of them; an empty mapping when nothing is.
        is_whole: Whether nothing else can add to them.
        set_paths: Dotted paths that a `valuesFrom` with `targetPath` sets, with where it says so.
    """

    root: Mapping
    is_whole: bool
    set_paths: dict[str, Node]

    def get(self, *path: str) -> Node | None:
        """The node at a path; None when absent or null."""
        node = self.root.at(*path)
        return None if isinstance(node, Scalar) and node.is_null else node

    def text(self, *path: str) -> str:
        """The text at a path; empty when absent."""
        return self.root.text_at(*path) or ""

    def is_set(self, *path: str) -> bool:
        """Whether a path, or something below it, is set by a `targetPath`."""
        wanted = ".".join(path)
        return any(one == wanted or one.startswith((f"{wanted}.", f"{wanted}[")) for one in self.set_paths)

    def flag(self, *path: str, default: bool) -> bool:
        """A boolean at a path."""
        node = self.get(*path)
        value = node.value if isinstance(node, Scalar) else None
        return value if isinstance(value, bool) else default


def values_of(release: HelmRelease, contracts: Contracts | None) -> Values:
    """Merge `valuesFrom` and `values` of a release."""
    resource = release.resource
    root: Mapping = Mapping(resource.source, resource.written.start, resource.written.start, [], {})
    is_whole = True
    set_paths: dict[str, Node] = {}
    for entry in resource.root.mappings_at("spec", "valuesFrom"):
        target = entry.get("targetPath")
        if isinstance(target, Scalar) and target.text:
            set_paths[target.text] = target
            continue
        found = _referenced(entry, resource.namespace, contracts)
        if found is None:
            is_whole = False
        else:
            root = merged(root, found)
    inline = release.values
    if inline is not None:
        root = merged(root, inline)
    return Values(root, is_whole, set_paths)


def _referenced(entry: Mapping, namespace: str, contracts: Contracts | None) -> Mapping | None:
    """The values in a ConfigMap or Secret of the tree; None when they cannot be read."""
    kind, name = entry.text("kind"), entry.text("name")
    if contracts is None or kind is None or name is None:
        return None
    resource = contracts.cluster.find("", kind, namespace, name)
    if resource is None or "sops" in resource.root.entries:
        return None
    key = entry.text("valuesKey") or _DEFAULT_KEY
    node = resource.at("data", key) or resource.at("stringData", key)
    if not isinstance(node, Scalar):
        return None
    stream = embedded(node)
    if stream.error is not None or not stream.documents:
        return None
    found = stream.documents[0].root
    return found if isinstance(found, Mapping) else None


def merged(base: Mapping, over: Mapping) -> Mapping:
    """Lay one mapping of values over another: mappings merge, everything else is replaced."""
    if not base.entries:
        return over
    result = base
    for key, value in over.items():
        old = base.entries.get(key.text)
        new = merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
        result = (
            result.without(key.text).with_entry(key, new) if key.text in result.entries else result.with_entry(key, new)
        )
    return result
