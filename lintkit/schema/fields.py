"""The fields that a schema knows: of one object, and where else a field of that name would belong."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.schema.violation import Path

_COMBINED = ("allOf", "anyOf", "oneOf")
_BRANCHES = ("if", "then", "else", "not")
_MOST_SCHEMAS = 4000
_DEPTH = 9
ANY_KEY = "*"
ANY_ELEMENT = "[]"


def resolved(schema: Any, root: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401 - a schema may be a bool
    """A schema, references followed."""
    for _ in range(20):
        if not isinstance(schema, dict):
            return {}
        target = schema.get("$ref")
        if not isinstance(target, str) or not target.startswith("#"):
            return schema
        found: Any = root
        for step in target.removeprefix("#").strip("/").split("/"):
            if step:
                found = found.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
        others = {key: value for key, value in schema.items() if key not in {"$ref", "description", "title"}}
        schema = {"allOf": [found, others]} if others and isinstance(found, dict) else found
    return {}


def parts(schema: Any, root: dict[str, Any], depth: int = 0) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    """A schema and all that are combined with it."""
    found = resolved(schema, root)
    if not found or depth > _DEPTH:
        return
    yield found
    for word in _COMBINED:
        for branch in found.get(word, ()):
            yield from parts(branch, root, depth + 1)
    for word in ("then", "else"):
        if word in found:
            yield from parts(found[word], root, depth + 1)


def types(schema: dict[str, Any], root: dict[str, Any]) -> set[str]:
    """The types that a schema names."""
    found: set[str] = set()
    for part in parts(schema, root):
        named = part.get("type")
        found.update([named] if isinstance(named, str) else named or ())
    return found


def properties(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """Name -> schema of every field of an object."""
    found: dict[str, Any] = {}
    for part in parts(schema, root):
        for name, value in part.get("properties", {}).items():
            if not is_never(value):
                found.setdefault(name, value)
    return found


def is_never(schema: object) -> bool:
    """Whether a schema allows nothing: the field must not be there."""
    return schema is False or (isinstance(schema, dict) and schema.get("not") == {})


def passes(word: str, path: Path, root: dict[str, Any]) -> bool:
    """Whether the schema of something on a key path has a word beside its reference."""
    current: Any = root
    for step in path:
        steps = dict(reversed(list(children(current, root))))
        current = steps.get(ANY_ELEMENT if isinstance(step, int) else step, steps.get(ANY_KEY))
        if not isinstance(current, dict):
            return False
        if word in current:
            return True
    return False


def children(schema: dict[str, Any], root: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every schema one step below: by the name of a field, `*` for any other key, `[]` for an element."""
    for part in parts(schema, root):
        yield from part.get("properties", {}).items()
        for word in ("additionalProperties", "unevaluatedProperties"):
            if isinstance(part.get(word), dict):
                yield ANY_KEY, part[word]
        for value in part.get("patternProperties", {}).values():
            yield ANY_KEY, value
        if isinstance(part.get("items"), dict):
            yield ANY_ELEMENT, part["items"]


def at(path: Path, root: dict[str, Any], schema: Any = None) -> dict[str, Any]:  # noqa: ANN401
    """The schema of the value at a key path; empty when there is none."""
    current: Any = root if schema is None else schema
    for step in path:
        wanted = ANY_ELEMENT if isinstance(step, int) else step
        steps = dict(reversed(list(children(current, root))))
        current = steps.get(wanted, steps.get(ANY_KEY) if isinstance(step, str) else None)
        if current is None:
            return {}
    return resolved(current, root)


def homes(name: str, path: Path, root: dict[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Where a field of that name would belong, the nearest first: key path of the object, and the field's schema.

    Objects above the place are looked at first, then those below and beside it. `*` and `[]` stand for any key and
    element.
    """
    seen: set[Path] = set()
    for length in range(len(path) - 1, -1, -1):
        above = path[:length]
        schema = at(above, root)
        found = properties(schema, root).get(name) if schema else None
        if found is not None:
            seen.add(above)
            yield above, resolved(found, root)
    for length in range(len(path), -1, -1):
        above = path[:length]
        start = at(above, root)
        for below, schema in _below(start, root, 2 if length == len(path) else 1):
            whole = (*above, *below)
            if whole in seen:
                continue
            seen.add(whole)
            found = properties(schema, root).get(name)
            if found is not None:
                yield whole, resolved(found, root)


def _below(start: dict[str, Any], root: dict[str, Any], depth: int) -> Iterator[tuple[Path, dict[str, Any]]]:
    queue: deque[tuple[Path, dict[str, Any]]] = deque([((), start)])
    count = 0
    while queue and count < _MOST_SCHEMAS:
        path, schema = queue.popleft()
        if path:
            yield path, schema
        levels = sum(step not in {ANY_ELEMENT, ANY_KEY} for step in path)
        for step, child in children(schema, root):
            count += 1
            if levels < depth or step in {ANY_ELEMENT, ANY_KEY}:
                found = resolved(child, root)
                if found and len(path) < _DEPTH:
                    queue.append(((*path, step), found))
