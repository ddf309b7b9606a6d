"""Objects that were found to be clean before: the same text, held against the same schema, is clean again.

That spares compiling the schemas of a tree in which next to nothing has changed.
"""

from __future__ import annotations

import marshal
from functools import cached_property
from typing import TYPE_CHECKING

from lintkit.collect.cache import digest, digest_of
from lintkit.syntax.node import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from pathlib import Path

    from lintkit.collect.cache import Cache
    from lintkit.model.resource import Resource
    from lintkit.schema.catalog import KindSchema
    from lintkit.syntax.node import Node

PART = "clean"
_STEADY = 0
"""The version of the format that writes equal values alike, whatever else refers to them."""
_OWN = frozenset({"LINTKIT", "KUBERNETES"})


class Clean:
    """What is known of the objects of a tree.

    Args:
        cache: Where it is kept.
        root: Root of the tree.
        version: Version of Kubernetes that the schemas are of.
    """

    def __init__(self, cache: Cache, root: Path, version: str) -> None:
        self._cache = cache
        self._name = digest(cache.stamp, str(root), version)
        self._kinds: dict[int, str] = {}
        self._seen: set[bytes] = set()

    @cached_property
    def _known(self) -> frozenset[bytes]:
        kept = self._cache.read(PART, self._name)
        return kept if isinstance(kept, frozenset) else frozenset()

    def name(self, resource: Resource, known: KindSchema, *, is_whole: bool) -> bytes:
        """What an object and all that judges it are known by."""
        others = () if resource.written is resource.root else (resource.written,)
        return self.name_of(known, resource.root, *others, mark="whole" if is_whole else "part")

    def name_of(self, known: KindSchema, *nodes: Node, mark: str = "") -> bytes:
        """What some nodes are known by when one schema judges them."""
        texts = [self._kind(known), mark]
        for node in nodes:
            texts += _texts(node)
        return digest_of(marshal.dumps(texts, _STEADY))

    @property
    def is_empty(self) -> bool:
        """Whether no earlier run has left anything."""
        return not self._known

    @property
    def seen(self) -> frozenset[bytes]:
        """What this run has found to be clean."""
        return frozenset(self._seen)

    def has(self, name: bytes) -> bool:
        """Whether an object was found to be clean."""
        if name not in self._known and name not in self._seen:
            return False
        self._seen.add(name)
        return True

    def add(self, *names: bytes) -> None:
        """Objects were found to be clean."""
        self._seen.update(names)

    def keep(self) -> None:
        """Keep what this run has seen for the next."""
        if self._seen != self._known:
            self._cache.write(PART, self._name, frozenset(self._seen))

    def _kind(self, known: KindSchema) -> str:
        """What a schema is known by; those of the package change with lintkit alone, as the name of the entry does."""
        found = self._kinds.get(id(known))
        if found is None:
            content: object = known.origin.name if known.origin.name in _OWN else marshal.dumps(known.schema, _STEADY)
            names = (known.group, known.version, known.kind, known.scope, known.served, known.where)
            found = self._kinds[id(known)] = digest(*names, content)
        return found


def _texts(node: Node) -> list[str]:
    """The text of a node as it is read: keys, scalars and their style; neither comments nor places."""
    texts: list[str] = []
    pending: list[Node | str] = [node]
    while pending:
        one = pending.pop()
        if isinstance(one, str):
            texts.append(one)
        elif isinstance(one, Scalar):
            texts += (one.style or "-", one.tag or "", one.text)
        elif isinstance(one, Mapping):
            pending.append("}")
            for key, child in one.entries.items():
                pending += (child, key)
            pending.append("{")
        elif isinstance(one, Sequence):
            pending.append("]")
            pending += reversed(one.elements)
            pending.append("[")
        else:
            texts.append(repr(one.value))
    return texts
