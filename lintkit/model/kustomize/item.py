"""One object on its way through a kustomize build."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lintkit.model.resource import CLUSTER_SCOPED, split_api_version
from lintkit.syntax.node import Mapping, Scalar

if TYPE_CHECKING:
    from lintkit.syntax.node import Place

_NO_NAMESPACE = "\0"


class BuildId(NamedTuple):
    """The identity that kustomize compares: version included, no namespace is `default`."""

    group: str
    version: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        namespace = f"{self.namespace}/" if self.namespace != _NO_NAMESPACE else ""
        return f"{self.kind}/{namespace}{self.name}"

    @property
    def selector_namespace(self) -> str:
        """The namespace as a `target` sees it."""
        return self.namespace


class Problem(NamedTuple):
    """Something that makes `kustomize build` fail, or do nothing where it was asked to do something.

    Attributes:
        rule: Name of the rule that reports it.
        message: What is wrong.
        place: What a person would edit.
        related: Other places, with what they are.
        suggestion: The text that should stand at `place`, when it is known.
        certain: False when it is no more than suspicious.
    """

    rule: str
    message: str
    place: Place
    related: tuple[tuple[Place, str], ...] = ()
    suggestion: str | None = None
    certain: bool = True


class Gap(NamedTuple):
    """A part of a build that files alone cannot decide."""

    reason: str
    place: Place


class Item:
    """An object of a build; the transformers of a build change it step by step."""

    __slots__ = ("_id", "behavior", "generated", "hashed", "prefixes", "previous", "root", "suffixes", "written")

    def __init__(
        self,
        root: Mapping,
        *,
        hashed: bool = False,
        generated: bool = False,
        behavior: str = "",
        written: Mapping | None = None,
    ) -> None:
        self.root = root
        self.written = written or root
        self.hashed = hashed
        self.generated = generated
        self.behavior = behavior
        self.previous: list[BuildId] = []
        self.prefixes: list[str] = []
        self.suffixes: list[str] = []
        self._id: BuildId | None = None

    def copy(self) -> Item:
        """An item that changes on its own from here on."""
        twin = Item(
            self.root, hashed=self.hashed, generated=self.generated, behavior=self.behavior, written=self.written
        )
        twin.previous = self.previous.copy()
        twin.prefixes = self.prefixes.copy()
        twin.suffixes = self.suffixes.copy()
        twin._id = self._id
        return twin

    @property
    def id(self) -> BuildId:
        """Its identity now."""
        if self._id is None:
            self._id = id_of(self.root)
        return self._id

    @property
    def original_id(self) -> BuildId:
        """Its identity before the first transformer."""
        return self.previous[0] if self.previous else self.id

    @property
    def ids(self) -> list[BuildId]:
        """All identities it has had."""
        return [*self.previous, self.id]

    @property
    def is_cluster_scoped(self) -> bool:
        """Whether kustomize knows that its kind has no namespace."""
        return self.id.namespace == _NO_NAMESPACE

    @property
    def name(self) -> str:
        """`metadata.name`."""
        return self.root.text_at("metadata", "name") or ""

    @property
    def namespace(self) -> str:
        """`metadata.namespace`, empty when absent."""
        return self.root.text_at("metadata", "namespace") or ""

    def set(self, root: Mapping) -> None:
        """Replace its content."""
        self.root = root
        self._id = None

    def remember(self) -> None:
        """Keep the identity it has now, as one that patches may still call it by."""
        self.previous.append(self.id)


def id_of(root: Mapping) -> BuildId:
    """The identity of an object."""
    api_version = root.entries.get("apiVersion")
    group, version = split_api_version(api_version.text if isinstance(api_version, Scalar) else "")
    kind = root.text("kind") or ""
    metadata = root.entries.get("metadata")
    name = namespace = ""
    if isinstance(metadata, Mapping):
        name, namespace = metadata.text("name") or "", metadata.text("namespace") or ""
    namespace = _NO_NAMESPACE if (group, kind) in CLUSTER_SCOPED else namespace or "default"
    return BuildId(group, version, kind, namespace, name)
