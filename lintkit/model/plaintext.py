"""Secrets in clear text: values of Secret objects, and of those that kustomize generates."""

from __future__ import annotations

import re
from base64 import b64decode
from typing import TYPE_CHECKING

from lintkit.model.kustomize.kustomization import resolve
from lintkit.syntax.embedded import is_masked
from lintkit.syntax.node import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.collect.repository import Repository
    from lintkit.model.kustomize.kustomization import Kustomization
    from lintkit.model.resource import Resource

REFERENCE = re.compile(
    r"\$\{|\{\{|\$\(|%\(|^\$[A-Za-z_]\w*$|^ENC\[|^ref\+|^vault:|^op://|^secret://|^env:|^os\.environ|\$__(?:file|env)"
    r"|<path:|^!|^file:|^/(?:[\w.-]+/)+[\w.-]*$|^\*+$|^__\w+__$|^arn:|^\$\w+\$|^\{[A-Z0-9]+\}"
)
"""Text that names a value, and is none itself: variables, templates, what SOPS has encrypted."""
URI = re.compile(r"\b[a-z][a-z0-9+.-]*://([^\s:/@\"'<>$?#]*):([^\s@/\"'<>]+)@[\w\[{$(.-]", re.IGNORECASE)
"""A connection with a password, its second group."""
_PUBLIC_KEY = re.compile(r"^(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-\S+|sk-\S+@openssh\.com|age1[0-9a-z]{20,}$)")
_CERTIFICATE = re.compile(r"^-----BEGIN (?:TRUSTED )?(?:CERTIFICATE|PUBLIC KEY)-----")


def is_reference(text: str) -> bool:
    """Whether a text only names where its value comes from."""
    return is_masked(text) or REFERENCE.search(text) is not None


def plaintext_values(resource: Resource) -> Iterator[tuple[Scalar, Scalar]]:
    """Keys and values of a Secret that anyone who reads the file can read."""
    if resource.kind != "Secret" or resource.group or "sops" in resource.root.entries:
        return
    for field in ("stringData", "data"):
        data = resource.root.mapping_at(field)
        for key, value in data.items() if data else ():
            if not isinstance(value, Scalar) or value.is_null or not _is_plain(value.text):
                continue
            if not _is_public(key.text, value.text, encoded=field == "data"):
                yield key, value


def generated_values(kustomization: Kustomization, repository: Repository) -> Iterator[tuple[Mapping, str, Scalar]]:
    """Entries of `secretGenerator`, with a key or file, and where it stands, that anyone can read."""
    for entry in kustomization.mappings("secretGenerator"):
        for node in entry.elements_at("literals"):
            name, _, value = node.text.partition("=") if isinstance(node, Scalar) else ("", "", "")
            value = value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value
            if isinstance(node, Scalar) and _is_plain(value) and not _is_public(name, value, encoded=False):
                yield entry, name, node
        for file in (*entry.elements_at("envs"), entry.get("env")):
            if isinstance(file, Scalar) and _has_plain_line(_text(file.text, kustomization, repository)):
                yield entry, file.text, file


def _text(entry: str, kustomization: Kustomization, repository: Repository) -> str:
    path = resolve(kustomization.folder, entry)
    source = repository.source(path) if path is not None else None
    return source.text if source is not None else ""


def _has_plain_line(text: str) -> bool:
    """Whether a file of variables gives one of them a value that can be read."""
    lines = [line.strip() for line in text.splitlines()]
    values = [line.partition("=")[2] for line in lines if line and not line.startswith(("#", "sops_"))]
    return any(_is_plain(value) for value in values)


def _is_plain(text: str) -> bool:
    """Whether a value says itself what it is; a connection may do so beside variables."""
    if not text.strip() or not REFERENCE.search(text):
        return bool(text.strip())
    return any(not is_reference(found[2]) for found in URI.finditer(text))


def held_values(resource: Resource) -> Iterator[Scalar]:
    """The readable values of a Secret, those included that stand in lists or mappings, where none belong."""
    yield from (value for _, value in plaintext_values(resource))
    is_plain = resource.kind == "Secret" and not resource.group and "sops" not in resource.root.entries
    parts = [resource.root.mapping_at(field) for field in ("stringData", "data")] if is_plain else []
    stack = [value for part in parts if part for value in part.entries.values() if not isinstance(value, Scalar)]
    seen: set[int] = set()  # an alias may lead to one node from many places
    while stack:
        node = stack.pop()
        if isinstance(node, Scalar):
            yield node
        elif id(node) not in seen:
            seen.add(id(node))
            stack += node.entries.values() if isinstance(node, Mapping) else []
            stack += node.elements if isinstance(node, Sequence) else []


def _is_public(key: str, value: str, *, encoded: bool) -> bool:
    """Whether what a Secret holds is meant for everyone: public keys, certificates, known hosts."""
    if key == "known_hosts":
        return True
    if encoded:
        try:
            value = b64decode("".join(value.split()), validate=True).decode("utf-8", "replace")
        except ValueError:
            return False
    lines = [line for line in value.strip().splitlines() if line.strip() and not line.startswith("#")]
    return all(_PUBLIC_KEY.match(line) for line in lines) or (
        _CERTIFICATE.match(value.strip()) is not None and "PRIVATE" not in value
    )
