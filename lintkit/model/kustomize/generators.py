"""`configMapGenerator` and `secretGenerator`: ConfigMaps and Secrets made from files and literals."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from lintkit.model.kustomize.fields import key_like
from lintkit.model.kustomize.item import Gap, Item, Problem
from lintkit.model.kustomize.kustomization import is_true
from lintkit.syntax.embedded import VERBATIM
from lintkit.syntax.node import Mapping, Node, Scalar

if TYPE_CHECKING:
    from lintkit.model.kustomize.files import Files
    from lintkit.model.kustomize.kustomization import Kustomization

_KEY = re.compile(r"[-._a-zA-Z0-9]+")


class Generated:
    """What the generators of one kustomization make."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.problems: list[Problem] = []
        self.gaps: list[Gap] = []


def generate(kustomization: Kustomization, files: Files) -> Generated:
    """Run the generators of a kustomization."""
    result = Generated()
    options = kustomization.mapping("generatorOptions")
    for field, kind in (("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")):
        for entry in kustomization.mappings(field):
            result.items.append(_object(kind, entry, options, kustomization, files, result))
    for field in ("helmCharts", "helmChartInflationGenerator"):
        node = kustomization.fields.get(field)
        if node is not None and node.value:
            result.gaps.append(Gap("charts are inflated by `helmCharts`", node.place))
    return result


def _object(
    kind: str,
    entry: Mapping,
    options: Mapping | None,
    kustomization: Kustomization,
    files: Files,
    result: Generated,
) -> Item:
    origin = entry.key("name") or _first_key(entry)
    data = _Data(entry, kustomization, files, result, is_secret=kind == "Secret")
    root = _mapping(entry)

    def put(parent: Mapping, key: str, value: Node | None) -> Mapping:
        return parent if value is None else parent.with_entry(key_like(origin, key), value)

    def literal(text: str) -> Scalar:
        return Scalar(origin.source, origin.start, origin.end, text, '"')

    root = put(root, "apiVersion", literal("v1"))
    root = put(root, "kind", literal(kind))
    metadata = put(_mapping(entry), "name", entry.get("name"))
    metadata = put(metadata, "namespace", entry.get("namespace"))
    local = entry.mapping_at("options")
    for field in ("labels", "annotations"):
        pairs = _merged(options, local, field)
        metadata = put(metadata, field, pairs)
    root = put(root, "metadata", metadata)
    if kind == "Secret":
        root = put(root, "type", entry.get("type") or literal("Opaque"))
    if _flag("immutable", options, local):
        root = put(root, "immutable", Scalar(origin.source, origin.start, origin.end, "true"))
    if data.text.entries:
        root = put(root, "data" if kind == "ConfigMap" else "stringData", data.text)
    if data.binary.entries:
        root = put(root, "binaryData" if kind == "ConfigMap" else "data", data.binary)
    return Item(
        root,
        hashed=not _flag("disableNameSuffixHash", options, local),
        generated=True,
        behavior=entry.text("behavior") or "",
        written=entry,
    )


def merge_generated(old: Item, new: Item) -> None:
    """Lay a generated object over an earlier one of the same name, as its `behavior` says.

    Its name gets a hash when both of them ask for one.
    """
    root = new.root
    if new.behavior == "merge":
        for field in ("data", "stringData", "binaryData"):
            root = _inherit(old.root, root, field)
    metadata, before = root.mapping_at("metadata"), old.root.mapping_at("metadata")
    if metadata is not None and before is not None:
        for field in ("labels", "annotations", "namespace"):
            metadata = _inherit(before, metadata, field)
        key = root.key("metadata")
        root = root.with_entry(key, metadata) if key else root
    old.hashed = old.hashed and new.hashed
    old.set(root)


def _inherit(before: Mapping, after: Mapping, field: str) -> Mapping:
    """Take over a field: mappings merge, what the later one sets wins."""
    old, key, new = before.get(field), before.key(field), after.get(field)
    if old is None or key is None or (new is not None and not isinstance(old, Mapping)):
        return after
    merged = old
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name, value in new.items():
            merged = old = old.with_entry(name, value)
    return after.with_entry(key, merged)


class _Data:
    """The keys and values of one generator entry."""

    def __init__(
        self, entry: Mapping, kustomization: Kustomization, files: Files, result: Generated, *, is_secret: bool
    ) -> None:
        self.is_secret = is_secret
        self.text = _mapping(entry)
        self.binary = _mapping(entry)
        self.kustomization = kustomization
        self.files = files
        self.result = result
        env = entry.get("env")
        for node in [*entry.elements_at("envs"), *([env] if env else [])]:
            if isinstance(node, Scalar) and node.text:
                self.add_env_file(node)
        for node in entry.elements_at("literals"):
            if isinstance(node, Scalar):
                self.add_literal(node)
        for node in entry.elements_at("files"):
            if isinstance(node, Scalar):
                self.add_file(node)

    def add(self, key: Scalar, value: Scalar, *, binary: bool = False) -> None:
        if binary:
            self.binary = self.binary.with_entry(key, value)
        else:
            self.text = self.text.with_entry(key, value)

    def add_env_file(self, node: Scalar) -> None:
        path = self.find(node, node.text)
        source = self.files.source(path) if path else None
        if source is None:
            return
        at = 0
        for line in source.text.splitlines(keepends=True):
            stripped = line.strip()
            if stripped and not stripped.startswith("#"):
                name, _, value = line.lstrip().rstrip("\r\n").partition("=")
                start = at + line.index(name) if name in line else at
                key = Scalar(source, start, start + len(name), name, VERBATIM)
                begin = start + len(name) + 1
                self.add(key, Scalar(source, begin, begin + len(value), value, VERBATIM))
            at += len(line)

    def add_literal(self, node: Scalar) -> None:
        name, equals, value = node.text.partition("=")
        if not name or not equals:
            shown = "a literal of a Secret" if self.is_secret else f"the literal `{name or '='}`"
            message = f"{shown} is not `key=value`"
            self.result.problems.append(Problem("invalid-kustomization", message, node.place))
            return
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        self.add(node.with_text(name, '"'), node.with_text(value, '"'))

    def add_file(self, node: Scalar) -> None:
        name, equals, entry = node.text.partition("=")
        if not equals:
            name, entry = posixpath.basename(node.text), node.text
        path = self.find(node, entry)
        if path is None:
            return
        source = self.files.source(path)
        if source is None:
            self.result.gaps.append(Gap(f"`{path}` cannot be read", node.place))
            return
        key = node.with_text(name, '"')
        if self.files.is_binary(path):
            self.add(key, Scalar(source, 0, 0, "", VERBATIM), binary=True)
        else:
            self.add(key, Scalar(source, 0, len(source.text), source.text, VERBATIM))

    def find(self, node: Scalar, entry: str) -> str | None:
        folder = self.kustomization.folder
        return self.files.find_file(folder, entry, node, self.result.problems, self.result.gaps)


def is_valid_key(name: str) -> bool:
    """Whether the API server takes `name` as a key of a ConfigMap or Secret."""
    return _KEY.fullmatch(name) is not None


def _mapping(origin: Mapping) -> Mapping:
    return Mapping(origin.source, origin.start, origin.end, [], {})


def _first_key(entry: Mapping) -> Scalar:
    for key, _ in entry.items():
        return key
    return Scalar(entry.source, entry.start, entry.end, "")


def _merged(options: Mapping | None, local: Mapping | None, field: str) -> Mapping | None:
    merged = None
    for part in (options, local):
        pairs = part.mapping_at(field) if part else None
        if pairs is not None:
            base = merged or _mapping(pairs)
            for key, value in pairs.items():
                base = base.with_entry(key, value)
            merged = base
    return merged


def _flag(name: str, *parts: Mapping | None) -> bool:
    return any(is_true(part.get(name)) for part in parts if part)
