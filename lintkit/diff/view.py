"""An object as it may be shown: its fields as Flux reads them, and no secret among them.

What is real is kept beside what is shown, so that two secrets are held against each other and neither is printed.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from lintkit.model.secrets import secrets_in
from lintkit.syntax.node import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Mapping as MappingOf

    from lintkit.model.resource import Resource
    from lintkit.text.edit import Span

HIDDEN = "(hidden)"
BINARY = "(binary)"
_DATA = ("data", "stringData")
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_LONG_ENOUGH = 8
"""Shorter secrets are hidden where they stand, not wherever the same text occurs."""


class Leaf(NamedTuple):
    """A value that has no fields.

    Attributes:
        real: What it is, for comparing alone: JSON.
        shown: What may be printed: text, number, bool or None.
        is_hidden: Whether `shown` is not the whole truth.
    """

    real: str
    shown: str | int | float | bool | None
    is_hidden: bool = False


View: TypeAlias = "dict[str, View] | list[View] | Leaf"


class Shown(NamedTuple):
    """An object, ready to be compared and shown.

    Attributes:
        fields: Its fields; `data` and `stringData` of a Secret are left out.
        keys: Keys of a Secret -> what they really hold, for comparing alone; None for what is no Secret.
    """

    fields: dict[str, View]
    keys: dict[str, str] | None = None


class Secrets:
    """What must not be shown on one side.

    Args:
        spans: Path -> spans of everything that must never be shown.
        texts: The secrets themselves, to find them where a build has put them.
        variables: Names of variables whose values are secrets.
    """

    def __init__(
        self, spans: MappingOf[str, Iterable[Span]], texts: Iterable[str] = (), variables: Iterable[str] = ()
    ) -> None:
        self.spans = {path: sorted(found) for path, found in spans.items()}
        lines = {line.strip().strip("\"'") for text in texts for line in text.splitlines()}
        names = "|".join(sorted(map(re.escape, variables)))
        self.variable = re.compile(rf"\$\{{(?:{names})\b") if names else None
        self.texts = sorted((line for line in lines if len(line) >= _LONG_ENOUGH), key=lambda one: (-len(one), one))

    def show(self, resource: Resource) -> Shown:
        """An object with its secrets hidden."""
        spans = {path: list(found) for path, found in self.spans.items()}
        for secret in secrets_in(resource):
            spans.setdefault(secret.place.source.path, []).append(secret.place.span)
        hide = _Hide(spans, self)
        is_secret = resource.kind == "Secret" and not resource.group
        fields: dict[str, View] = {}
        for key, node in resource.root.items():
            if key.text == "sops" or (is_secret and key.text in _DATA):
                continue
            is_ciphered = resource.kind == "SealedSecret" and key.text == "spec"
            fields[key.text] = hide.view(node, (key.text,), is_ciphered=is_ciphered)
        return Shown(fields, dict(_keys(resource)) if is_secret else None)

    def without(self, text: str) -> str:
        """A message without the secrets of this side."""
        for secret in self.texts:
            text = text.replace(secret, HIDDEN)
        return text


def _keys(resource: Resource) -> Iterator[tuple[str, str]]:
    """The keys of a Secret and what they hold; `stringData` wins, as the API server has it."""
    for field in _DATA:
        node = resource.root.mapping_at(field)
        for key, value in node.items() if node is not None else ():
            text = value.text if isinstance(value, Scalar) else real(value)
            yield key.text, _decoded(text) if field == "data" else text


def _decoded(text: str) -> str:
    if text.startswith("ENC["):
        return text
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode("utf-8", "surrogateescape")
    except (ValueError, binascii.Error):
        return f"\0{text}"  # no base64, so no text of `stringData` is equal to it


def real(node: Node) -> str:
    """What a node is to Flux, as a text that two nodes share only when they mean the same."""
    return json.dumps(node.value, sort_keys=True, default=str)


class _Hide:
    """Makes views of nodes."""

    def __init__(self, spans: MappingOf[str, Iterable[Span]], secrets: Secrets) -> None:
        self.spans = spans
        self.secrets = secrets

    def view(self, node: Node, path: tuple[str, ...], *, is_ciphered: bool = False, is_data: bool = False) -> View:
        """A node as it may be shown; below `stringData`, and `data` of an embedded Secret, nothing is."""
        if isinstance(node, Mapping):
            is_secret = node.text("kind") == "Secret" and node.text("apiVersion") == "v1"
            return {
                self._key(key): self.view(
                    value,
                    (*path, key.text),
                    is_ciphered=is_ciphered and (len(path) < 2 or path[1] == "encryptedData"),
                    is_data=is_data or key.text == "stringData" or (is_secret and key.text == "data"),
                )
                for key, value in node.items()
                if key.text != _LAST_APPLIED
            }
        if isinstance(node, Sequence):
            return [self.view(one, path, is_ciphered=is_ciphered, is_data=is_data) for one in node.elements]
        is_whole = is_data or (is_ciphered and path[1:2] == ("encryptedData",))
        return self._leaf(node, path, is_whole=is_whole)

    def _key(self, key: Scalar) -> str:
        return HIDDEN if self._is_from_variable(key) else key.text

    def _leaf(self, node: Node, path: tuple[str, ...], *, is_whole: bool) -> Leaf:
        value = node.value
        is_plain = not isinstance(value, str) and isinstance(node, Scalar) and not self._is_from_variable(node)
        if not isinstance(node, Scalar) or (is_plain and not self._parts(node)):
            shown = value if isinstance(value, str | int | float | bool) else None
            return Leaf(real(node), HIDDEN if is_whole and value is not None else shown, is_whole)
        if path[0] == "binaryData":
            return Leaf(real(node), BINARY, is_hidden=True)
        text = str(value)
        if is_whole or text.startswith("ENC[") or self._is_from_variable(node):
            return Leaf(real(node), HIDDEN if text else "", is_hidden=bool(text))
        shown_text = self._without(node, text)
        return Leaf(real(node), shown_text if isinstance(value, str) else HIDDEN, shown_text != text)

    def _parts(self, node: Scalar) -> list[Span]:
        spans = self.spans.get(node.source.path, ())
        return [span for span in spans if span.start < node.end and node.start < span.end]

    def _without(self, node: Scalar, text: str) -> str:
        """A text with each secret in it hidden; nothing of it where a secret cannot be told from the rest."""
        shown = text
        for span in self._parts(node):
            part = node.source.text[max(span.start, node.start) : min(span.end, node.end)].strip("\"'")
            if span.start <= node.start and node.end <= span.end:
                return HIDDEN
            if not part or part not in text or "\n" in part:
                return HIDDEN
            shown = shown.replace(part, HIDDEN)
        return self.secrets.without(shown)

    def _is_from_variable(self, node: Scalar) -> bool:
        """Whether a secret was put in place of a variable in it."""
        pattern = self.secrets.variable
        return pattern is not None and pattern.search(node.source.text, node.start, node.end) is not None
