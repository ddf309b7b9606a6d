"""The kinds of Kubernetes itself, from the schemas that the kubernetes-validate package carries.

Only its data is read: one file of definitions for each minor version. Kinds are found by their full API group, which
the names of its files cut short.
"""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lintkit import resources
from lintkit.schema.shapes import BUILT_IN, compile_shape
from lintkit.syntax.node import Mapping
from lintkit.syntax.parser import parse
from lintkit.text.source import Source

OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_PACKAGE = "kubernetes_validate"
_FOLDER = "kubernetes-json-schema"
_REFERENCE = "/api/_definitions.json"
_DESCRIPTIVE = frozenset({"description", "example", "externalDocs", "x-kubernetes-patch-merge-key"})
_ON_DEFINITION = "$definition"
_INT_OR_STRING = "x-kubernetes-int-or-string"
_OF_TYPE = frozenset({"type", "additionalProperties", "x-kubernetes-preserve-unknown-fields", _INT_OR_STRING})


class BuiltIn:
    """The built-in kinds of one version of Kubernetes.

    Attributes:
        version: `1.33`.
        definitions: Full name of a type -> JSON Schema, as the package has it.
    """

    def __init__(self, version: str, definitions: dict[str, Any]) -> None:
        self.version = version
        self.definitions = definitions
        self.kinds: dict[tuple[str, str, str], str] = {}
        self.names: dict[str, str] = {}
        for name, schema in definitions.items():
            self.names.setdefault(name.rpartition(".")[2], name)
            for gvk in schema.get("x-kubernetes-group-version-kind", ()):
                if "metadata" in schema.get("properties", {}):
                    self.kinds[gvk["group"], gvk["version"], gvk["kind"]] = name

    def schema(self, group: str, version: str, kind: str) -> dict[str, Any] | None:
        """The schema of a kind with everything it refers to, or None when this version has no such kind."""
        name = self.kinds.get((group, version, kind))
        if name is None:
            return None
        return {"$ref": f"#/$defs/{name}", "$defs": self.closure((name,))}

    def closure(self, names: tuple[str, ...]) -> dict[str, Any]:
        """Types by their full names, and every type that they refer to, with what Kubernetes' schemas leave out."""
        found: dict[str, Any] = {}
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in found and name in self.definitions:
                found[name] = _adapted(self.definitions[name], additions().get(name, {}), waiting)
        return found

    def full_name(self, kind: str) -> str | None:
        """The full name of a type: `Affinity` -> `io.k8s.api.core.v1.Affinity`."""
        preferred = f"io.k8s.api.core.v1.{kind}"
        if preferred in self.definitions:
            return preferred
        meta = f"io.k8s.apimachinery.pkg.apis.meta.v1.{kind}"
        return meta if meta in self.definitions else self.names.get(kind)


def linked(schema: Any, types: BuiltIn | None, names: list[str]) -> Any:  # noqa: ANN401 - any JSON value
    """A schema whose marks for types of Kubernetes are references; adds the full names of these types to `names`."""
    if isinstance(schema, list):
        return [linked(element, types, names) for element in schema]
    if not isinstance(schema, dict):
        return schema
    marked = schema.get(BUILT_IN)
    if isinstance(marked, str):
        name = types.full_name(marked) if types is not None else None
        if name is None:
            return {}
        names.append(name)
        others = {key: value for key, value in schema.items() if key != BUILT_IN}
        return {"$ref": f"#/$defs/{name}", **others}
    return {key: linked(value, types, names) for key, value in schema.items()}


def _adapted(schema: dict[str, Any], more: dict[str, Any], waiting: list[str]) -> dict[str, Any]:
    adapted: dict[str, Any] = _plain(schema, waiting)
    properties = adapted.get("properties", {})
    for name, words in more.items():
        if name == _ON_DEFINITION:
            required = [*adapted.get("required", ()), *words.get("required", ())]
            adapted = {**adapted, **words, **({"required": required} if required else {})}
            adapted["properties"] = properties
        elif name in properties:
            properties[name] = _laid_over(properties[name], words)
    if not properties and "" in more:
        adapted = _laid_over(adapted, more[""])
    return adapted


def _laid_over(base: dict[str, Any], words: dict[str, Any]) -> dict[str, Any]:
    """A property with what its schema leaves out; the type stays that of Kubernetes."""
    ignored = _OF_TYPE | {"anyOf"} if words.get(_INT_OR_STRING) else _OF_TYPE
    changed = {**base, **{word: value for word, value in words.items() if word not in ignored}}
    inner = words.get("additionalProperties")
    if isinstance(inner, dict) and isinstance(base.get("additionalProperties"), dict):
        changed["additionalProperties"] = _laid_over(base["additionalProperties"], inner)
    elements = words.get("items")
    if isinstance(elements, dict) and isinstance(base.get("items"), dict):
        changed["items"] = _laid_over(base["items"], elements)
    return changed


def _plain(value: Any, waiting: list[str]) -> Any:  # noqa: ANN401 - any JSON value
    """A schema without prose, with references that stay inside one document."""
    if isinstance(value, list):
        return [_plain(element, waiting) for element in value]
    if not isinstance(value, dict):
        return value
    plain: dict[str, Any] = {}
    for key, child in value.items():
        if key == "$ref" and isinstance(child, str):
            waiting.append(child.rpartition("/")[2])
            plain[key] = child.removeprefix(_REFERENCE)
        elif key == "properties" and isinstance(child, dict):
            plain[key] = {name: _plain(schema, waiting) for name, schema in child.items()}
        elif key == "type" and isinstance(child, list):
            types = [name for name in child if name != "null"]
            plain[key] = types[0] if len(types) == 1 else types
        elif key not in _DESCRIPTIVE:
            plain[key] = _plain(child, waiting)
    return plain


@lru_cache(maxsize=1)
def folder() -> Path | None:
    """Where kubernetes-validate keeps its schemas; None when it is not installed."""
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    found = Path(next(iter(spec.submodule_search_locations))) / _FOLDER
    return found if found.is_dir() else None


@lru_cache(maxsize=1)
def versions() -> tuple[str, ...]:
    """The minor versions that there are schemas of, oldest first: `1.25` ..."""
    base = folder()
    if base is None:
        return ()
    found = {
        path.name.removeprefix("v").rpartition(".")[0]
        for path in base.iterdir()
        if path.name.endswith("-local-strict") and path.name.startswith("v")
    }
    return tuple(sorted(found, key=minor))


def minor(version: str) -> tuple[int, int]:
    """`v1.33.2+k3s1` -> (1, 33); (0, 0) when it is no version."""
    parts = version.removeprefix("v").split(".")
    try:
        return int(parts[0]), int(parts[1])
    except (ValueError, IndexError):
        return 0, 0


@lru_cache(maxsize=4)
def load(version: str) -> BuiltIn | None:
    """The kinds of a version; of the nearest one that there are schemas of, and of the newest for an empty text."""
    known = versions()
    base = folder()
    if not known or base is None:
        return None
    wanted = minor(version) if version else minor(known[-1])
    nearest = min(known, key=lambda one: abs(minor(one)[1] - wanted[1]))
    path = next(iter(sorted(base.glob(f"v{nearest}.*-local-strict"))))
    text = (path / "_definitions.json").read_text("utf-8")
    content = json.loads(text)
    return BuiltIn(nearest, content.get("$defs") or content["definitions"])


@lru_cache(maxsize=1)
def additions() -> dict[str, dict[str, Any]]:
    """What Kubernetes' own schemas leave out: type -> property -> words of JSON Schema."""
    text = resources.read("schemas", "kubernetes.yaml")
    if not text:
        return {}
    stream = parse(Source("schemas/kubernetes.yaml", text))
    root = stream.documents[0].root if stream.documents else None
    definitions = root.mapping_at("definitions") if isinstance(root, Mapping) else None
    if definitions is None:
        return {}
    found: dict[str, dict[str, Any]] = {}
    for name, properties in definitions.items():
        if isinstance(properties, Mapping):
            found[name.text] = {key.text: compile_shape(shape) for key, shape in properties.items()}
    return found
