"""Container images in manifests, Helm values and embedded pod templates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lintkit.model.flux import is_helm_release
from lintkit.model.kustomize.transform import split_image
from lintkit.syntax.embedded import embedded, is_masked
from lintkit.syntax.node import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.resource import Resource

_REFERENCE = re.compile(
    r"[a-z0-9][a-z0-9._-]*(?::\d+)?(?:/[a-z0-9][a-z0-9._-]*)*(?::[\w][\w.-]{0,127})?(?:@[a-z0-9]+:[a-f0-9]+)?"
)
_VERSION = re.compile(r"^v?(\d+(?:\.\d+)*)(?:[-+](.*))?$")
_LISTS = frozenset(
    {"containers", "initContainers", "ephemeralContainers", "sidecars", "extraContainers", "sidecarContainers"}
)
_SKIPPED = frozenset({"CustomResourceDefinition", "ImageRepository", "ImagePolicy", "ConfigMap", "Secret"})
_HINT = re.compile(r"\b(?:image|repository)\b")


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """One use of an image.

    Attributes:
        resource: The object it stands in.
        repository: Name with registry, without tag.
        tag: Tag; empty when there is none.
        digest: Digest; empty when there is none.
        node: What a person would edit: the reference, or the tag where that is written apart.
        is_reference: Whether one text holds repository and tag; else no tag means the chart's default.
        is_container: Whether it stands in a list of containers.
    """

    resource: Resource
    repository: str
    tag: str
    digest: str
    node: Scalar
    is_reference: bool
    is_container: bool

    @property
    def version(self) -> str:
        """The numbers of the tag: `0.39.0` of `0.39.0-debian`; empty when it has none."""
        found = _VERSION.match(self.tag)
        return found[1] if found else ""

    @property
    def variant(self) -> str:
        """What follows the numbers: `debian` of `0.39.0-debian`."""
        found = _VERSION.match(self.tag)
        return (found[2] or "") if found else ""


def images(resource: Resource) -> Iterator[Image]:
    """All images of an object as it is written or built."""
    if resource.kind in _SKIPPED or not _HINT.search(resource.source.text):
        return
    seen: set[tuple[str, int]] = set()
    for image in _walk(resource.root, resource, "", in_values=is_helm_release(resource)):
        key = (image.node.source.path, image.node.start)
        if key not in seen:
            seen.add(key)
            yield image


def _walk(node: Node, resource: Resource, parent: str, *, in_values: bool) -> Iterator[Image]:
    if isinstance(node, Mapping):
        yield from _split(node, resource)
        for key, value in node.items():
            if key.text == "image" and isinstance(value, Scalar):
                yield from _reference(value, node, resource, is_container=parent in _LISTS, in_values=in_values)
            else:
                yield from _walk(value, resource, key.text, in_values=in_values)
    elif isinstance(node, Sequence):
        for element in node.elements:
            yield from _walk(element, resource, parent, in_values=in_values)
    elif isinstance(node, Scalar) and "\n" in node.text and "image:" in node.text and "containers" in node.text:
        stream = embedded(node, templated=True)
        if stream.error is None:
            for document in stream.documents:
                if document.root is not None:
                    yield from _walk(document.root, resource, "", in_values=False)


def _split(node: Mapping, resource: Resource) -> Iterator[Image]:
    """`{repository, tag}` as charts take it."""
    repository, tag = node.get("repository"), node.get("tag")
    if not isinstance(repository, Scalar) or not isinstance(tag, Scalar) or tag.is_null or not tag.text:
        return
    if "${" in tag.text + repository.text or is_masked(tag.text):
        return
    name = repository.text
    registry = node.text("registry")
    if registry:
        name = f"{registry}/{name}"
    text, _, digest = tag.text.partition("@")
    digest = digest or node.text("digest") or node.text("sha") or ""
    yield Image(resource, name, text, digest, tag, is_reference=False, is_container=False)


def _reference(
    node: Scalar, holder: Mapping, resource: Resource, *, is_container: bool, in_values: bool
) -> Iterator[Image]:
    text = node.text
    if node.is_null or not text or is_masked(text) or "${" in text or "{{" in text or not _REFERENCE.fullmatch(text):
        return
    name, tag, digest = split_image(text)
    has_own_tag = any(key in holder.entries for key in ("tag", "imageTag", "version", "imageVersion"))
    if (
        not tag
        and not digest
        and (has_own_tag or (in_values and not is_container) or ("/" not in name and not is_container))
    ):
        return
    yield Image(resource, name, tag, digest, node, is_reference=True, is_container=is_container)
