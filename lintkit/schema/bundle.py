"""From the schema of a chart, with the files it refers to, to one JSON Schema whose references stay inside of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from posixpath import dirname, join, normpath
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NEW = ("2019-09", "2020-12")
_MAPS = frozenset({"properties", "patternProperties", "dependentSchemas"})
_ONE = frozenset(
    {
        "additionalProperties", "unevaluatedProperties", "items", "additionalItems", "unevaluatedItems", "contains",
        "propertyNames", "not", "if", "then", "else", "contentSchema",
    }
)  # fmt: skip
_LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_DROPPED = frozenset(
    {
        "$schema",
        "$id",
        "id",
        "$defs",
        "definitions",
        "$comment",
        "$anchor",
        "description",
        "title",
        "default",
        "examples",
        "$vocabulary",
    }
)
_MAX_FILES = 500


@dataclass(slots=True)
class _File:
    """One schema file: its address, its path, what it says, and whether one of its references leads nowhere."""

    address: str
    path: str
    content: Mapping[str, Any]
    lacks: bool = False

    @property
    def is_old(self) -> bool:
        """Whether words beside a `$ref` count for nothing, as up to draft 7."""
        dialect = str(self.content.get("$schema", ""))
        return not any(one in dialect for one in _NEW)


def bundle(schema: Mapping[str, Any], files: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """One schema of draft 2020-12.

    A reference that leads nowhere allows anything, and the file that has it no longer says which fields are left over.

    Args:
        schema: The schema to start from.
        files: Path -> content of the files beside it; found by `$id`, else by path, else by the end of the path.
    """
    return _Bundle(schema, files).whole()


class _Bundle:
    def __init__(self, schema: Mapping[str, Any], files: Mapping[str, Mapping[str, Any]]) -> None:
        self.main = _File(_address(schema, "values.schema.json"), "values.schema.json", schema)
        self.files = [
            _File(_address(content, path), path, content) for path, content in sorted(files.items())[:_MAX_FILES]
        ]
        self.by_address = {file.address: file for file in (self.main, *self.files) if "://" in file.address}
        self.names: dict[tuple[str, str], str] = {}
        self.waiting: list[tuple[_File, str, str]] = []

    def whole(self) -> dict[str, Any]:
        """The bundle: each schema that a reference leads to is a definition of its own."""
        done: dict[str, tuple[_File, Any]] = {}
        root = self._name(self.main, "")
        while self.waiting:
            file, pointer, name = self.waiting.pop()
            done[name] = (file, self._schema(_find(file.content, pointer), file))
        definitions = {name: _opened(content) if file.lacks else content for name, (file, content) in done.items()}
        return {"$schema": _DIALECT, "$ref": f"#/$defs/{root}", "$defs": definitions}

    def _name(self, file: _File, pointer: str) -> str:
        key = (file.path, pointer)
        if key not in self.names:
            self.names[key] = f"{len(self.names)}"
            self.waiting.append((file, pointer, self.names[key]))
        return self.names[key]

    def _schema(self, schema: Any, file: _File) -> Any:  # noqa: ANN401 - any JSON value
        if not isinstance(schema, dict):
            return schema
        reference = schema.get("$ref")
        target: dict[str, Any] = {}
        if isinstance(reference, str):
            found = self._target(reference, file)
            if found is None:
                file.lacks = True
            else:
                target = {"$ref": f"#/$defs/{found}"}
            if file.is_old:
                return target
        words = {
            key: self._word(key, value, file) for key, value in schema.items() if key != "$ref" and key not in _DROPPED
        }
        return {**target, **_modern(words)}

    def _word(self, key: str, value: Any, file: _File) -> Any:  # noqa: ANN401 - any JSON value
        if key in _MAPS and isinstance(value, dict):
            return {name: self._schema(child, file) for name, child in value.items()}
        if (key in _LISTS or key == "items") and isinstance(value, list):
            return [self._schema(child, file) for child in value]
        if key == "dependencies" and isinstance(value, dict):
            return {
                name: child if isinstance(child, list) else self._schema(child, file) for name, child in value.items()
            }
        return self._schema(value, file) if key in _ONE else value

    def _target(self, reference: str, file: _File) -> str | None:
        """Where a reference leads inside of the bundle."""
        address, fragment = urldefrag(reference)
        other = self._file(address, file) if address else file
        if other is None:
            return None
        pointer = unquote(fragment)
        if pointer and not pointer.startswith("/"):
            anchors = dict(_anchors(other.content, ""))
            if pointer not in anchors:
                return None
            pointer = anchors[pointer]
        return None if _find(other.content, pointer) is None else self._name(other, pointer)

    def _file(self, address: str, file: _File) -> _File | None:
        whole = urljoin(file.address, address) if "://" in file.address else address
        found = self.by_address.get(whole)
        if found is not None:
            return found
        path = normpath(join(dirname(file.path), address)) if "://" not in address else ""
        for one in self.files:
            if one.path == path:
                return one
        wanted = urlsplit(whole).path.strip("/").split("/")
        near = [one for one in self.files if wanted[-len(one.path.split("/")) :] == one.path.split("/")]
        return near[0] if len(near) == 1 else None


def _address(schema: Mapping[str, Any], path: str) -> str:
    written = schema.get("$id") or schema.get("id")
    return urldefrag(written)[0] if isinstance(written, str) and written else path


def _anchors(schema: Any, pointer: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON value
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key == "$anchor" and isinstance(value, str):
                yield value, pointer
            elif isinstance(value, dict | list):
                yield from _anchors(value, f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}")
    elif isinstance(schema, list):
        for index, value in enumerate(schema):
            yield from _anchors(value, f"{pointer}/{index}")


def _find(content: Any, pointer: str) -> Any:  # noqa: ANN401 - any JSON value
    """What a JSON pointer leads to; None when it leads nowhere."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(content, list) and name.isdecimal() and int(name) < len(content):
            content = content[int(name)]
        elif isinstance(content, Mapping) and name in content:
            content = content[name]
        else:
            return None
    return content


def _modern(words: dict[str, Any]) -> dict[str, Any]:
    """The words of older drafts in those of 2020-12."""
    if isinstance(words.get("items"), list):
        words["prefixItems"] = words.pop("items")
        if "additionalItems" in words:
            words["items"] = words.pop("additionalItems")
    dependencies = words.pop("dependencies", None)
    if isinstance(dependencies, dict):
        needed = {name: one for name, one in dependencies.items() if isinstance(one, list)}
        words.setdefault("dependentRequired", needed)
        words.setdefault("dependentSchemas", {name: one for name, one in dependencies.items() if name not in needed})
    for word, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(words.get(word), bool):
            is_exclusive = words.pop(word)
            if is_exclusive and limit in words:
                words[word] = words.pop(limit)
    return words


def _opened(schema: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A schema that no longer forbids fields: what it would allow is not wholly known."""
    if isinstance(schema, list):
        return [_opened(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: _opened(child) for name, child in value.items()} if key in _MAPS else _opened(value)
        for key, value in schema.items()
        if key != "unevaluatedProperties" and not (key == "additionalProperties" and value is False)
    }
