"""References in Helm values by the shapes that Kubernetes itself uses, and by the names that most charts use."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from lintkit.model.consumers import select
from lintkit.syntax.embedded import embedded, is_masked
from lintkit.syntax.node import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHAPES: dict[str, tuple[str, str]] = {
    "secretKeyRef": ("Secret", "key"),
    "configMapKeyRef": ("ConfigMap", "key"),
    "secretRef": ("Secret", ""),
    "configMapRef": ("ConfigMap", ""),
}
_VOLUMES: dict[str, tuple[str, str]] = {
    "secret": ("Secret", "secretName"),
    "configMap": ("ConfigMap", "name"),
    "persistentVolumeClaim": ("PersistentVolumeClaim", "claimName"),
}
_EXISTING = re.compile(r"^existing(?:\w*)Secret(?:Name)?$|^(?:\w+)?[sS]ecretName$")
_TEXTS = re.compile(
    r"^(?:podTemplate\w*|stringOverride|extra(?:Env\w*|Volumes|\w*Containers)|sidecars|(?:init)?[cC]ontainers)$"
)
"""Values that charts take as a text and render as a part of a pod."""
_NOT_NEEDED = frozenset({"tls", "ingress", "certificates", "certificate", "cert", "route", "createSecret"})


class Shape(NamedTuple):
    """A mapping that names an object.

    Attributes:
        kind: Kind of the object.
        name: Where its name is written.
        holder: The mapping.
        keys: Where the keys that are needed are written.
        is_guessed: Found by the name of a field alone.
    """

    kind: str
    name: Scalar
    holder: Node
    keys: tuple[Scalar, ...] = ()
    is_guessed: bool = False


def shapes(root: Node, *, guess: bool) -> Iterator[Shape]:
    """The references in some values; with `guess` also by the names of fields, such as `existingSecret`."""
    stack: list[tuple[Node, tuple[str, ...]]] = [(root, ())]
    while stack:
        node, path = stack.pop()
        if not isinstance(node, Mapping):
            stack.extend((inner, path) for inner in _inner(node, path))
            continue
        yield from _of_pod(node)
        is_volume = _is_volume(node, path)
        for key, value in node.entries.items():
            shape = _SHAPES.get(key)
            if shape is not None and isinstance(value, Mapping):
                yield from _shape(value, shape[0], "name", (shape[1],) if shape[1] else ())
            elif is_volume and key in _VOLUMES and isinstance(value, Mapping):
                yield from _shape(value, *_VOLUMES[key], ("items[].key",))
            elif is_volume and key == "projected":
                for source in select(value, "sources[]"):
                    yield from _projected(source)
            elif guess and isinstance(value, Scalar) and _EXISTING.match(key):
                if _text(value) and not any(step in _NOT_NEEDED for step in path):
                    yield Shape("Secret", value, value, is_guessed=True)
            else:
                stack.append((value, (*path, key)))


def _is_volume(node: Mapping, path: tuple[str, ...]) -> bool:
    """Whether a mapping is a volume of a pod: it has a name and one source, and stands where volumes do."""
    return "name" in node.entries and bool(path) and "volume" in path[-1].lower() and "mount" not in path[-1].lower()


def _shape(value: Mapping, kind: str, field: str, keys: tuple[str, ...]) -> Iterator[Shape]:
    name = value.get(field)
    if isinstance(name, Scalar) and _text(name) and not is_masked(name.text):
        found = (node for path in keys for node in select(value, path))
        yield Shape(kind, name, value, tuple(node for node in found if isinstance(node, Scalar) and _text(node)))


def _inner(node: Node, path: tuple[str, ...]) -> Iterator[Node]:
    """The elements of a list, or what a text with templates in it renders to, as far as it can be read."""
    if isinstance(node, Sequence):
        yield from node.elements
    elif isinstance(node, Scalar) and path and "\n" in node.text and _TEXTS.match(path[-1]):
        stream = embedded(node, templated=True)
        if stream.error is None:
            yield from (document.root for document in stream.documents if document.root is not None)


def _of_pod(spec: Mapping) -> Iterator[Shape]:
    """What a pod names itself: its account, and the Secrets for its images."""
    if "containers" not in spec.entries:
        return
    account = spec.get("serviceAccountName")
    if isinstance(account, Scalar) and _text(account) and not is_masked(account.text):
        yield Shape("ServiceAccount", account, account)
    for entry in spec.mappings_at("imagePullSecrets"):
        yield from _shape(entry, "Secret", "name", ())


def _projected(source: Node) -> Iterator[Shape]:
    for field, (kind, _) in _VOLUMES.items():
        value = source.at(field)
        if isinstance(value, Mapping) and field != "persistentVolumeClaim":
            yield from _shape(value, kind, "name", ("items[].key",))


def _text(node: Scalar) -> str:
    return "" if node.is_null else node.text
