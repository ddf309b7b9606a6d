"""What files bring to the store: CustomResourceDefinitions, one by one or in lists, and JSON Schemas of kinds."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lintkit.errors import LintkitError, UsageError
from lintkit.schema.crd import CustomKind, custom_kind
from lintkit.schema.foreign import ForeignError, documents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MARK = "CustomResourceDefinition"
_GVK = "x-kubernetes-group-version-kind"
_NAMED = re.compile(r"^(?P<kind>[a-zA-Z0-9]+)[_-](?:(?P<group>[a-z0-9.-]+)[_-])?(?P<version>v\d+[a-z0-9]*)\.json$")
_GROUP = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_KIND = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_VERSION = re.compile(r"[a-z][a-z0-9-]*")
_SHORT_GROUPS = frozenset({"", "apps", "autoscaling", "batch", "extensions", "policy"})
_SCHEMA_WORDS = frozenset({"$schema", "properties", "$ref", "allOf", "oneOf", "anyOf"})
_MAX_BYTES = 200_000_000
_MAX_FILES = 20_000
_MAPS = frozenset({"properties", "patternProperties", "$defs", "definitions"})
_PROSE = frozenset({"description", "example", "externalDocs"})
_LITERAL = frozenset({"default", "enum", "const", "x-kubernetes-validations"})


class BrokenImportError(LintkitError):
    """What was to be imported is broken; the store is as it was."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A kind and its other names."""

    kind: CustomKind
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NamedSchema:
    """A JSON Schema and what it is the schema of."""

    group: str
    version: str
    kind: str
    content: dict[str, Any]


@dataclass(slots=True)
class Imported:
    """What was found.

    Attributes:
        definitions: Kinds.
        schemas: JSON Schemas of single versions.
        left_out: Number of other objects and files.
    """

    definitions: list[Definition] = field(default_factory=list)
    schemas: list[NamedSchema] = field(default_factory=list)
    left_out: int = 0


def read_path(path: Path, progress: Callable[[str], None] = lambda _: None) -> Imported:
    """What a file, or all files of a folder, bring.

    Raises:
        UsageError: There is nothing at the path.
        LintkitError: Something there is broken, or nothing there is a schema.
    """
    found = Imported()
    if path.is_dir():
        paths = list(_files(path))
        for number, one in enumerate(paths, 1):
            progress(f"reading {number} of {len(paths)}: {one.relative_to(path)}")
            _read_text(_text(one), one, found, is_chosen=False)
    elif path.is_file():
        progress(f"reading {path}")
        _read_text(_text(path), path, found, is_chosen=True)
    else:
        message = f"{path} does not exist"
        raise UsageError(message)
    return _some(found, str(path))


def read_text(text: str, name: str = "standard input") -> Imported:
    """What a text brings.

    Raises:
        LintkitError: It is broken, or holds no schema.
    """
    found = Imported()
    _read_text(text, Path(name), found, is_chosen=True)
    return _some(found, name)


def _some(found: Imported, name: str) -> Imported:
    if not found.definitions and not found.schemas:
        message = f"{name}: no CustomResourceDefinition and no JSON Schema of a kind is in it"
        raise BrokenImportError(message)
    return found


def _files(folder: Path) -> Iterator[Path]:
    count = 0
    for base, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != ".git")
        for name in sorted(names):
            path = Path(base, name)
            if path.suffix in {".yaml", ".yml", ".json"} and path.is_file():
                count += 1
                if count > _MAX_FILES:
                    message = f"{folder}: over {_MAX_FILES} files; name a smaller folder"
                    raise BrokenImportError(message)
                yield path


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MAX_BYTES:
            message = f"{path}: larger than {_MAX_BYTES // 1_000_000} MB"
            raise BrokenImportError(message)
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        message = f"{path}: {error.strerror or error}"
        raise BrokenImportError(message) from None
    except UnicodeDecodeError:
        hint = "; a chart is imported with `lintkit schemas import-chart`" if path.suffix in {".tgz", ".gz"} else ""
        message = f"{path}: no text in UTF-8{hint}"
        raise BrokenImportError(message) from None


def _read_text(text: str, path: Path, found: Imported, *, is_chosen: bool) -> None:
    """Take in a text; in a folder, files of another kind are left out."""
    is_json = path.suffix == ".json" or text.lstrip()[:1] in {"{", "["}
    if not is_json and _MARK not in text and not is_chosen:
        found.left_out += 1
        return
    number = 0
    try:
        for number, document in enumerate(documents(text, is_json=is_json), 1):
            _take(document, path, f"{path}: document {number}", found, is_chosen=is_chosen)
    except RecursionError:
        message = f"{path}: document {number} is nested too deep"
        raise BrokenImportError(message) from None
    except ForeignError as error:
        if is_json and not is_chosen and _MARK not in text:
            found.left_out += 1
            return
        message = f"{path}: {error}"
        raise BrokenImportError(message) from None


def _take(document: object, path: Path, where: str, found: Imported, *, is_chosen: bool) -> None:
    if isinstance(document, dict) and isinstance(document.get("kind"), str) and "apiVersion" in document:
        items = document.get("items")
        if document["kind"].endswith("List") and isinstance(items, list):
            for item in items:
                # kubectl leaves the kind out of the items of a typed list
                typed = isinstance(item, dict) and document["kind"] == f"{_MARK}List"
                _take_object({"kind": _MARK, **item} if typed else item, where, found)
        else:
            _take_object(document, where, found)
        return
    if isinstance(document, dict) and not _SCHEMA_WORDS.isdisjoint(document):
        schema = _named(document, path)
        elsewhere = _reference_out(document)
        if schema is not None and not elsewhere:
            found.schemas.append(schema)
            return
        if is_chosen and elsewhere:
            message = f"{where}: it refers to `{elsewhere}`; a schema must stand alone"
            raise BrokenImportError(message)
        if is_chosen:
            message = (
                f"{where}: this JSON Schema does not say its kind; name the file `kind_version.json` in a folder that "
                "is named after the group, or `kind-group-version.json`"
            )
            raise BrokenImportError(message)
    found.left_out += 1


def _take_object(content: object, where: str, found: Imported) -> None:
    if not isinstance(content, dict) or content.get("kind") != _MARK:
        found.left_out += 1
        return
    metadata = content.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    label = f"{where} (`{name}`)" if isinstance(name, str) else where
    kind = custom_kind(content, "")
    fault = _fault(content, kind)
    if kind is None or fault:
        message = f"{label} is a broken CustomResourceDefinition: {fault}"
        raise BrokenImportError(message)
    versions = tuple(
        replace(version, schema=without_prose(version.schema) if version.schema is not None else None)
        for version in kind.versions
    )
    names = content["spec"]["names"]
    short = names.get("shortNames")
    others = (names.get("plural"), names.get("singular"), *(short if isinstance(short, list) else ()))
    known = tuple(str(one) for one in others if isinstance(one, str))
    found.definitions.append(Definition(replace(kind, versions=versions), known))


def _fault(content: dict[str, Any], kind: CustomKind | None) -> str:
    """What is wrong with a CustomResourceDefinition; empty when nothing is."""
    spec = content.get("spec")
    if kind is None or not isinstance(spec, dict):
        return "it has no `spec.names.kind`"
    if not isinstance(spec.get("group"), str) or not _GROUP.fullmatch(spec["group"]):
        return "it has no `spec.group`"
    if not _KIND.fullmatch(kind.kind):
        return "its `spec.names.kind` is no name"
    if kind.scope not in {"Namespaced", "Cluster"}:
        return f"`spec.scope` is `{kind.scope}`, expected `Namespaced` or `Cluster`"
    if not kind.versions or not all(_VERSION.fullmatch(version.name) for version in kind.versions):
        return "it has no `spec.versions`, or one of them has no name"
    for version in kind.versions:
        if version.schema is not None and not isinstance(version.schema.get("properties", {}), dict):
            return f"the schema of `{version.name}` is no schema"
    return ""


def _named(schema: dict[str, Any], path: Path) -> NamedSchema | None:
    """A schema with what it is the schema of: its own mark, else the name of its file."""
    marks = schema.get(_GVK)
    if isinstance(marks, list) and len(marks) == 1 and isinstance(marks[0], dict):
        mark = marks[0]
        group, version, kind = (str(mark.get(part) or "") for part in ("group", "version", "kind"))
        if (not group or _GROUP.fullmatch(group)) and _VERSION.fullmatch(version) and _KIND.fullmatch(kind):
            return NamedSchema(group, version, kind, without_prose(schema))
    name = _NAMED.match(path.name)
    if name is None:
        return None
    group = name["group"]
    if group is None:
        group = path.absolute().parent.name
        group = group if "." in group else ""
    if "." not in group and group not in _SHORT_GROUPS:
        return None  # kubeconform's file names cut `networking.k8s.io` and `networking.istio.io` off alike
    return NamedSchema(group, name["version"], _kind_in(schema) or name["kind"], without_prose(schema))


def _kind_in(schema: dict[str, Any]) -> str:
    """The kind that a schema of a whole object allows, when it says one."""
    properties = schema.get("properties")
    kind = properties.get("kind") if isinstance(properties, dict) else None
    if not isinstance(kind, dict):
        return ""
    allowed = kind.get("enum", [kind.get("const")])
    only = allowed[0] if isinstance(allowed, list) and len(allowed) == 1 else None
    return only if isinstance(only, str) and _KIND.fullmatch(only) else ""


def _reference_out(value: object) -> str:
    """A `$ref` to another file; empty when there is none."""
    if isinstance(value, list):
        return next(filter(None, map(_reference_out, value)), "")
    if not isinstance(value, dict):
        return ""
    reference = value.get("$ref")
    if isinstance(reference, str) and not reference.startswith("#"):
        return reference
    return next(filter(None, map(_reference_out, value.values())), "")


def without_prose(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without descriptions and examples: two thirds of it, and nothing is checked against them."""
    return {
        key: {name: _bare(child) for name, child in value.items()}
        if key in _MAPS and isinstance(value, dict)
        else value
        if key in _LITERAL
        else _bare(value)
        for key, value in schema.items()
        if key not in _PROSE
    }


def _bare(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return without_prose(value)
    return [_bare(one) for one in value] if isinstance(value, list) else value
