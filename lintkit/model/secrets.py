"""Literal passwords and other secrets in manifests, wherever people put them.

A literal is a literal: `changeme` is a password as much as a random one is. References are none: names of Secrets and
of their keys, variables, templates, and what SOPS has encrypted. Nothing here ever repeats a value.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from lintkit.model.plaintext import REFERENCE, URI, held_values, is_reference
from lintkit.syntax.embedded import embedded, is_masked, locator
from lintkit.syntax.node import Mapping, Node, Place, Scalar, Sequence
from lintkit.text.edit import Span
from lintkit.text.source import is_commented

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.contracts import Contracts
    from lintkit.model.resource import Resource
    from lintkit.model.tree import Tree

_HINTS = ("pass", "pwd", "token", "apikey", "api_key", "secret", "private", "encryption")
_HINT_OF_URI = re.compile(r"://[^\s/@]*:[^\s@]*@")
_TOKENS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_PASSWORDS = frozenset({"password", "passwd", "pass", "passphrase", "pwd", "postgrespassword"})
_SECRETS = frozenset(
    {
        ("token",), ("api", "key"), ("apikey",), ("client", "secret"), ("private", "key"),
        ("encryption", "key"), ("fernet", "key"), ("access", "token"), ("auth", "token"), ("secret",),
        ("jwt", "secret"), ("signing", "key"), ("clientsecret",),
    }
)  # fmt: skip
_SECRET_KEY = re.compile(r"(?:^|[_-])secret[_-]key$", re.IGNORECASE)
_QUESTIONS = frozenset(
    {
        "use", "allow", "enable", "enabled", "disable", "require", "required", "show", "hide", "no", "forgot", "reset",
        "change", "generate", "has", "is", "with", "skip", "auto", "force", "existing", "check", "validate", "by",
        "remember", "ignore", "min", "max", "prompt", "update",
    }
)  # fmt: skip
_SWITCHES = frozenset({"true", "false", "yes", "no", "on", "off", "none", "null", "nil", "enabled", "disabled"})
_NAMES_KEYS = re.compile(
    r"(?:secretkeys|existingsecret\w*|secretref|keyref|mapping|mappings|keymap|fieldmap|secretkeyref|remoteref|valuefrom"
    r"|externalsecrets?|secretkeyrefs?|fromsecret|secretmap|keys)$",
    re.IGNORECASE,
)
_OPTION = re.compile(r"^--?[\w-]*?(?:password|passwd|passphrase)(?:=(.+))?$", re.IGNORECASE | re.DOTALL)
_ASSIGNMENT = re.compile(
    r"^[ \t]*(?:-[ \t]+|export[ \t]+)?[\"']?([A-Za-z_][\w.-]*)[\"']?[ \t]*[:=][ \t]*"
    r"(\"[^\"\n]*\"|'[^'\n]*'|[^\s#;,]+)[ \t]*,?[ \t]*(?:[#;].*)?$",
    re.MULTILINE,
)
_SHELL = re.compile(r"\b[A-Z_]*(?:PASSWORD|PASSWD)=([^\s\"'$][^\s\"']*|\"[^\"$]+\"|'[^'$]+')")
_CODE = re.compile(
    r"[()\[\]{}<>$]|^(?:str|string|text|varchar|null|none|true|false|required|optional)\b", re.IGNORECASE
)
_CONFIG_NAME = re.compile(r"\.(?:ya?ml|json|toml|ini|conf|cfg|cnf|env|properties|config)$|^[^.]*$", re.IGNORECASE)
_ENTRIES = re.compile(r"^\s*- name:.*\n\s+value:", re.MULTILINE)
"""A list of variables, as charts take it as a text: `extraEnv`."""
_NOT_SCANNED = frozenset(
    {
        "CustomResourceDefinition",
        "Secret",
        "SealedSecret",
        "PushSecret",
        "Password",
        "SecretStore",
        "ClusterSecretStore",
    }
)
_RANDOM_LENGTH = 16
_RANDOM_BITS = 3.0


@dataclass(frozen=True, slots=True)
class LiteralSecret:
    """A secret that stands in a manifest.

    Attributes:
        place: The secret alone.
        key: Name of the field, variable or option that holds it.
        path: Key path below the object, with dots.
        form: `value`, `env`, `argument`, `uri` or `text`.
        resource: The object.
        node: The scalar that holds it.
        is_password: False for tokens and keys.
    """

    place: Place
    key: str
    path: str
    form: str
    resource: Resource
    node: Scalar
    is_password: bool = True


class _At(NamedTuple):
    """Where the walk is."""

    path: tuple[str, ...]
    resource: Resource


def literal_secrets(resource: Resource) -> Iterator[LiteralSecret]:
    """The literal secrets of an object as it is written; Secrets themselves are for `plaintext`."""
    if "sops" not in resource.root.entries and _may_hold_secret(resource.root.source.text):
        yield from secrets_in(resource)


def secrets_in(resource: Resource) -> Iterator[LiteralSecret]:
    """The literal secrets of an object whose fields may stand in several files, as those of a build do."""
    if resource.kind in _NOT_SCANNED:
        return
    seen: set[tuple[str, int]] = set()
    for found in _in_node(resource.root, _At((), resource)):
        key = (found.place.source.path, found.place.span.start)
        if key not in seen:
            seen.add(key)
            yield found


def given_passwords(contracts: Contracts) -> Iterator[LiteralSecret]:
    """Texts of ConfigMaps that `valuesFrom` of a HelmRelease puts where the chart takes a password."""
    for view in contracts.views:
        release = view.release.resource
        for entry in release.root.mappings_at("spec", "valuesFrom"):
            path, name = entry.text("targetPath") or "", entry.text("name") or ""
            if entry.text("kind") != "ConfigMap" or _kind_of(path.rpartition(".")[2], "") != "password":
                continue
            found = contracts.cluster.find("", "ConfigMap", release.namespace, name)
            node = found.at("data", entry.text("valuesKey") or "values.yaml") if found is not None else None
            if found is not None and isinstance(node, Scalar) and _is_literal(node):
                key = f"{path}` of HelmRelease `{release.name}"
                yield LiteralSecret(node.place, key, key, "value", found, node)


def sensitive_spans(tree: Tree) -> dict[str, list[Span]]:
    """Path -> spans of everything that must never be shown."""
    found: dict[str, list[Span]] = {}
    for secret in tree.written_secrets:
        found.setdefault(secret.place.source.path, []).append(secret.place.span)
    for resource in tree.written:
        for value in held_values(resource):
            found.setdefault(value.source.path, []).append(Span(value.start, value.end))
    for contracts in tree.contracts:
        for secret in given_passwords(contracts):
            found.setdefault(secret.place.source.path, []).append(secret.place.span)
    for kustomization in tree.kustomizations.values():
        for entry in kustomization.mappings("secretGenerator"):
            for node in entry.elements_at("literals"):
                if isinstance(node, Scalar):
                    at = node.source.text.find("=", node.start, node.end)
                    found.setdefault(node.source.path, []).append(Span(at + 1 if at >= 0 else node.start, node.end))
            found_files = [
                (source.path, Span(0, len(source.text)))
                for file in (*entry.elements_at("files"), *entry.elements_at("envs"))
                if isinstance(file, Scalar)
                and (source := tree.repository.source(_joined(kustomization.folder, file.text.rpartition("=")[2])))
            ]
            for path, span in found_files:
                found.setdefault(path, []).append(span)
    return found


def _joined(folder: str, entry: str) -> str:
    parts: list[str] = folder.split("/") if folder else []
    for part in entry.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts)


def _in_node(node: Node, at: _At) -> Iterator[LiteralSecret]:
    if isinstance(node, Mapping):
        yield from _in_mapping(node, at)
    elif isinstance(node, Sequence):
        yield from _in_sequence(node, at)
    elif isinstance(node, Scalar):
        yield from _in_text(node, at, at.path[-1] if at.path else "")


def _in_mapping(node: Mapping, at: _At) -> Iterator[LiteralSecret]:
    name, value = node.get("name"), node.get("value")
    if isinstance(name, Scalar) and isinstance(value, Scalar) and len(node.entries) <= 3 and _is_literal(value):
        kind = _kind_of(name.text, value.text)
        if kind:
            path = ".".join((*at.path, name.text))
            yield LiteralSecret(value.place, name.text, path, "env", at.resource, value, kind == "password")
            return
    names_keys = _names_keys(at.path)
    for key, child in node.items():
        inside = _At((*at.path, key.text), at.resource)
        if isinstance(child, Scalar):
            kind = _kind_of(key.text, child.text) if not names_keys else ""
            if _is_secure_json(at.path) and child.text:
                kind = "password"
            if kind and _is_literal(child):
                path = ".".join(inside.path)
                yield LiteralSecret(
                    child.place, key.text, path, "value", at.resource, child, is_password=kind == "password"
                )
            else:
                yield from _in_text(child, inside, key.text)
        elif isinstance(child, Mapping) and _kind_of(key.text, "") == "password" and list(child.entries) == ["value"]:
            value = child.get("value")
            if isinstance(value, Scalar) and _is_literal(value):
                yield LiteralSecret(value.place, key.text, ".".join(inside.path), "env", at.resource, value)
        else:
            yield from _in_node(child, inside)


def _may_hold_secret(text: str) -> bool:
    """Whether a text has a word that the name of a secret has, or a URI with a password; cheap."""
    lowered = text.lower()
    return any(hint in lowered for hint in _HINTS) or ("://" in text and _HINT_OF_URI.search(text) is not None)


def _is_secure_json(path: tuple[str, ...]) -> bool:
    return bool(path) and path[-1] == "secureJsonData"


def _names_keys(path: tuple[str, ...]) -> bool:
    """Whether the values below name Secrets or their keys."""
    return any(_NAMES_KEYS.search(step) for step in path)


def _in_sequence(node: Sequence, at: _At) -> Iterator[LiteralSecret]:
    previous: Scalar | None = None
    for index, child in enumerate(node.elements):
        inside = _At((*at.path, str(index)), at.resource)
        if isinstance(child, Scalar):
            option = _OPTION.match(child.text)
            if option and option[1] and not REFERENCE.search(option[1]):
                key = child.text.split("=")[0]
                place = child.within(option[1])
                yield LiteralSecret(place, key, ".".join(at.path), "argument", at.resource, child)
            elif previous is not None and _is_literal(child) and not child.text.startswith("-"):
                yield LiteralSecret(child.place, previous.text, ".".join(at.path), "argument", at.resource, child)
            else:
                yield from _in_text(child, inside, "")
            previous = child if option and not option[1] else None
        else:
            previous = None
            yield from _in_node(child, inside)


def _in_text(node: Scalar, at: _At, key: str) -> Iterator[LiteralSecret]:
    """Secrets inside a longer text: connection URIs, assignments, embedded manifests."""
    text = node.text
    if len(text) < 8:
        return
    path = ".".join(at.path)
    to_source = None
    if "://" in text and "@" in text:
        to_source = locator(node)
        for found in URI.finditer(text):
            if not is_reference(found[2]) and not is_commented(text, found.start()):
                place = _place(node, to_source, found.start(2), found.end(2))
                yield LiteralSecret(place, key, path, "uri", at.resource, node)
    if "\n" not in text:
        return
    if ("kind:" in text and "apiVersion:" in text) or _ENTRIES.search(text):
        stream = embedded(node, templated=True)
        if stream.error is None:
            for document in stream.documents:
                if isinstance(document.root, Mapping | Sequence):
                    yield from _in_node(document.root, at)
            return
    yield from _in_lines(node, at, key, path)


def _in_lines(node: Scalar, at: _At, key: str, path: str) -> Iterator[LiteralSecret]:
    text = node.text
    if not _may_hold_secret(text):
        return
    to_source = locator(node)
    for found in _SHELL.finditer(text):
        if not is_reference(found[1].strip("\"'")) and not is_commented(text, found.start()):
            place = _place(node, to_source, found.start(1), found.end(1))
            yield LiteralSecret(place, found[0].partition("=")[0], path, "text", at.resource, node)
    if text.startswith("#!") or not _CONFIG_NAME.search(key):
        return
    for found in _ASSIGNMENT.finditer(text):
        value = found[2].strip("\"'")
        quoted = found[2][:1] in {'"', "'"}
        if _kind_of(found[1], value) != "password" or not value or is_reference(value):
            continue
        if value.lower() in _SWITCHES or (_CODE.search(value) and not quoted):
            continue
        place = _place(node, to_source, found.start(2), found.end(2))
        yield LiteralSecret(place, found[1], path, "text", at.resource, node)


def _place(node: Scalar, to_source: object, start: int, end: int) -> Place:
    begin = to_source(start)  # type: ignore[operator]
    finish = to_source(end)  # type: ignore[operator]
    return Place(node.source, Span(begin, finish)) if finish > begin else node.place


def _is_literal(node: Scalar) -> bool:
    text = node.text.strip()
    if not text or node.is_null or "\n" in text or is_masked(text):
        return False
    if text.lower() in _SWITCHES or REFERENCE.search(text):
        return False
    return not isinstance(node.value, bool)


def _kind_of(name: str, value: str) -> str:
    """`password`, `secret`, or empty: what a field of this name holds when its value is a literal."""
    tokens = [token.lower() for token in _TOKENS.findall(name.rpartition(".")[2] if "." in name else name)]
    if not tokens or tokens[0] in _QUESTIONS:
        return ""
    if tokens[-1].isdigit():
        tokens = tokens[:-1]
    if not tokens:
        return ""
    if tokens[-1] in _PASSWORDS or (tokens[-1].endswith("password") and len(tokens[-1]) < 24):
        return "password"
    is_secret = tuple(tokens[-2:]) in _SECRETS or (tokens[-1],) in _SECRETS or _SECRET_KEY.search(name) is not None
    if is_secret and _looks_secret(value):
        return "secret"
    return ""


def _looks_secret(value: str) -> bool:
    """Whether a text is random enough to be a key, or one of the words people put where a key belongs."""
    text = value.strip()
    if text.lower() in {"changeme", "change-me", "todo", "secret", "password"}:
        return True
    if len(text) < _RANDOM_LENGTH or not re.fullmatch(r"[A-Za-z0-9+/=_.-]+", text):
        return False
    if not (re.search(r"\d", text) and re.search(r"[A-Za-z]", text)) or re.search(r"[a-z]{5,}[-_.]", text.lower()):
        return False
    counts = [text.count(char) / len(text) for char in set(text)]
    return -sum(share * math.log2(share) for share in counts) >= _RANDOM_BITS
