"""Compares an authored schema with a reference: every field, type, required field, enum and format.

Run it on one file while writing it:

    .venv/bin/python -m tests.schema.agreement schemas/helm.toolkit.fluxcd.io/helmrelease.yaml
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lintkit.schema.authored import Authored, read
from lintkit.schema.shapes import BUILT_IN, DEFAULTED

if TYPE_CHECKING:
    from collections.abc import Iterable

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "crds"
_THEIRS = "reference "
_SKIPPED_AT_ROOT = {"apiVersion", "kind", "metadata", "status"}


def compare(authored: Authored, version: str, reference: dict[str, Any]) -> list[str]:
    """Every difference, one line each: the path, and what is there and there."""
    schema = authored.versions[version]
    found: list[str] = []
    definitions = {**schema.get("$defs", {}), **{_THEIRS + name: one for name, one in _definitions(reference)}}
    _walk(schema, reference, "", definitions, found)
    return found


def _definitions(reference: dict[str, Any]) -> Iterable[tuple[str, dict[str, Any]]]:
    found: dict[str, dict[str, Any]] = reference.get("definitions", {})
    return found.items()


def _resolve(schema: dict[str, Any], definitions: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    while "$ref" in schema:
        schema = definitions[prefix + schema["$ref"].rpartition("/")[2]]
    return schema


def _walk(
    ours: dict[str, Any], theirs: dict[str, Any], path: str, definitions: dict[str, Any], found: list[str]
) -> None:
    ours, theirs = _resolve(ours, definitions), _resolve(theirs, definitions, _THEIRS)
    if BUILT_IN in ours:
        return
    mine, other = _kind(ours), _kind(theirs)
    if mine != other:
        found.append(f"{path or '/'}: we say {mine}, the reference says {other}")
        return
    for word in ("enum", "format"):
        left, right = ours.get(word), theirs.get(word)
        if word == "enum":
            left, right = sorted(map(str, left or [])), sorted(map(str, right or []))
        if left != right:
            found.append(f"{path or '/'}: {word}: we say {left}, the reference says {right}")
    if mine == "array":
        _walk(ours["items"], theirs.get("items", {}), f"{path}[]", definitions, found)
    elif mine == "map":
        _walk(ours["additionalProperties"], theirs["additionalProperties"], f"{path}.*", definitions, found)
    elif mine == "object":
        _fields(ours, theirs, path, definitions, found)


def _fields(
    ours: dict[str, Any], theirs: dict[str, Any], path: str, definitions: dict[str, Any], found: list[str]
) -> None:
    skipped = _SKIPPED_AT_ROOT if not path else set()
    mine, other = set(ours["properties"]) - skipped, set(theirs.get("properties", {})) - skipped
    if ours.get("additionalProperties") is not True:  # `...: any` leaves the rest open
        found.extend(f"{path}.{name}: missing" for name in sorted(other - mine))
    found.extend(f"{path}.{name}: not in the reference" for name in sorted(mine - other))
    left = {*ours.get("required", []), *ours.get(DEFAULTED, [])} - skipped
    right = set(theirs.get("required", [])) - skipped
    if left != right:
        found.append(f"{path or '/'}: required: we say {sorted(left)}, the reference says {sorted(right)}")
    for name in sorted(mine & other):
        _walk(ours["properties"][name], theirs["properties"][name], f"{path}.{name}", definitions, found)


def _kind(schema: dict[str, Any]) -> str:
    if schema.get("x-kubernetes-int-or-string"):
        return "int-or-string"
    has_parts = schema.get("properties") or isinstance(schema.get("additionalProperties"), dict) or "items" in schema
    if schema.get("x-kubernetes-preserve-unknown-fields") and not has_parts:
        return "anything"
    if schema.get("type") == "object":
        extra = schema.get("additionalProperties")
        if schema.get("properties"):
            return "object"
        return "map" if isinstance(extra, dict) else "anything"
    return schema.get("type") or "anything"


def main() -> int:
    """Print the differences of one file."""
    path = Path(sys.argv[1])
    authored = read(path.read_text("utf-8"), str(path))
    total = 0
    for version in authored.versions:
        reference = REFERENCE / authored.group / f"{authored.kind.lower()}_{version}.json"
        if not reference.exists():
            print(f"{version}: no reference {reference.name}")  # noqa: T201 - a program for the terminal
            continue
        differences = compare(authored, version, json.loads(reference.read_text("utf-8")))
        total += len(differences)
        print(f"{version}: {len(differences)} differences")  # noqa: T201
        for line in differences:
            print(f"  {line}")  # noqa: T201
    return int(total > 0)


if __name__ == "__main__":
    sys.exit(main())
