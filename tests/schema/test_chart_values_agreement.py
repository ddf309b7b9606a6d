"""What lintkit knows of the values of charts agrees with what the charts say, in every version that is at hand.

Twice: field by field, and by changing values in every place and asking both. What differs stands in a table.
"""

from __future__ import annotations

import copy
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from lintkit.model.helm import Chart
from lintkit.schema import chart_values
from lintkit.schema.bundle import bundle
from lintkit.schema.charts import Charts
from lintkit.schema.validator import compiled
from lintkit.syntax.parser import parse
from lintkit.text.source import Source
from tests.schema.values_inventory import Place, inventory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lintkit.schema.validator import Validator

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "charts"
NAME = "app-template"
VERSIONS = sorted(path.name for path in (REFERENCE / NAME).iterdir()) if (REFERENCE / NAME).is_dir() else []
DOCUMENTS = list(yaml.safe_load_all(Path(__file__).with_name("app_template_values.yaml").read_text("utf-8")))
needs_reference = pytest.mark.skipif(not VERSIONS, reason="the reference charts are not on this machine")
each_version = pytest.mark.parametrize("version", VERSIONS)

CONTAINER = r"controllers\.[^.]+\.(?:(?:initC|c)ontainers\.[^.]+|defaultContainerOptions)"
DIFFERENT = {
    rf"{CONTAINER}\.env(\[\].*)?": "3.0.3 says that the short form of an element holds itself",
    rf"{CONTAINER}\.env\.[^.]+(\.valueFrom)?(\..*KeyRef)?": "one source is written as a number of fields",
    rf"{CONTAINER}\.env\.[^.]+\.valueFrom\.fileKeyRef": "the chart forgets to say that it is a mapping",
    rf"{CONTAINER}\.probes\.\w+": "the chart forgets to say that a probe is a mapping",
    r"serviceMonitor\.[^.]+\.selector\..*": "3.0.3 has the forms of labels and expressions the wrong way round",
    r".*\.((global|advanced)Mounts.*|hosts(\[\].*)?|tls(\[\])?)": "the chart forgets to say that it is a mapping",
    r"[a-zA-Z]+": "before 4 the chart does not say that a section is a mapping",
    r".*\[\]": "the elements of a list of anything",
    r"controllers\.[^.]+|persistence\.[^.]+": "the type decides what is required, and where nothing is written too",
    r"controllers\.[^.]+\.(cronjob|job|statefulset)": "asked for by the type",
    r"persistence\.[^.]+\.(name|type|image|existingClaim)": "a volume of no type that fits two types",
    r"rbac\.roles\.[^.]+\.rules": "the chart hands on what are rules to Kubernetes",
    r"route\.[^.]+\.rules\[\]\.matches\[\]\.method": "text for HTTP, a mapping for gRPC",
}
"""Path -> why lintkit and the chart say something else there."""


@cache
def _theirs(version: str) -> dict[str, Any]:
    node = parse(Source("app.yaml", "a: b")).documents[0].root
    assert node is not None
    known = Charts(REFERENCE, (REFERENCE,)).find(Chart(NAME, version, "", node))
    assert known is not None
    assert known.is_exact
    assert known.charts[0].schema is not None
    return bundle(known.charts[0].schema, known.charts[0].schemas)


@cache
def _ours(version: str) -> dict[str, Any]:
    known = chart_values.load(NAME)
    assert known is not None
    assert known.knows(version)
    return known.schema(version)


def _is_explained(path: str) -> bool:
    return any(re.fullmatch(pattern, path) for pattern in DIFFERENT)


def _of_kubernetes(path: str, places: dict[str, Place]) -> bool:
    """Whether a type of Kubernetes stands at a place or above it; the names of entries are any."""
    return any(re.match(pattern, path) for pattern in _types_of_kubernetes(frozenset(places.items())))


@cache
def _types_of_kubernetes(places: frozenset[tuple[str, Place]]) -> tuple[str, ...]:
    tops = (path for path, place in places if place.kubernetes)
    return tuple(re.escape(path).replace(r"\*", r"[^.]+") + r"(?![\w-])" for path in tops)


@needs_reference
@each_version
def test_every_field_agrees(version: str) -> None:
    ours, theirs = inventory(_ours(version)), inventory(_theirs(version))
    wrong: list[str] = []
    for path in sorted({*ours, *theirs}):
        mine, other = ours.get(path), theirs.get(path)
        if _of_kubernetes(path, ours):
            if mine is None:
                wrong.append(f"{path}: Kubernetes has no such field")
            elif mine.kubernetes and other is not None and mine.is_lenient == other.is_closed:
                wrong.append(f"{path}: {'closed' if other.is_closed else 'open'} in the chart")
        elif mine is None or other is None:
            wrong.append(f"{path}: {'missing' if mine is None else 'not in the chart'}")
        else:
            wrong += [
                f"{path}: {name}: {getattr(mine, name)} here, {getattr(other, name)} in the chart"
                for name in ("types", "options", "required", "is_closed")
                if getattr(mine, name) != getattr(other, name)
            ]
    assert [line for line in wrong if not _is_explained(line.partition(":")[0])] == []


def _places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:  # noqa: ANN401
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, child in children:
        yield (*path, step)
        yield from _places(child, (*path, step))


def _changed(value: Any, path: tuple[str | int, ...], change: Callable[[Any, Any], None]) -> Any:  # noqa: ANN401
    found = copy.deepcopy(value)
    owner = found
    for step in path[:-1]:
        owner = owner[step]
    change(owner, path[-1])
    return found


def _variants(value: Any) -> Iterator[tuple[tuple[str | int, ...], str, Any]]:  # noqa: ANN401
    """A value as it is, and with one place changed: another type, a field more, a field less."""
    yield (), "as it is", value
    others: tuple[Any, ...] = ("x", 1, 1.5, True, [], ["x"], {}, {"surplus": "x"})
    for path in _places(value):
        for other in others:

            def put(owner: Any, step: str | int, new: Any = other) -> None:  # noqa: ANN401
                owner[step] = copy.deepcopy(new)

            yield path, repr(other), _changed(value, path, put)
        yield path, "without", _changed(value, path, lambda owner, step: owner.pop(step))

        def add(owner: Any, step: str | int) -> None:  # noqa: ANN401
            if isinstance(owner[step], dict):
                owner[step]["surplus"] = "x"

        yield path, "with a field more", _changed(value, path, add)


def _pattern(path: tuple[str | int, ...]) -> str:
    """A path as the inventory has it: `service.*.ports.*.port`."""
    text = ""
    for step in path:
        text += "[]" if isinstance(step, int) else f".{step}" if text else step
    return text


@needs_reference
def test_both_give_the_same_verdict_on_changed_values() -> None:
    variants = [variant for document in DOCUMENTS for variant in _variants(document)]
    wrong: list[str] = []
    for version in VERSIONS:
        ours: Validator = compiled(bundle(_ours(version), {}))
        theirs: Validator = compiled(_theirs(version))
        places = inventory(_ours(version))
        for path, change, value in variants:
            mine, other = ours.is_valid(value), theirs.is_valid(value)
            where = _pattern(path)
            if not path and version == "3.0.3" and list(value) in (["controllers"], ["serviceMonitor"]):
                continue
            if mine != other and not _is_explained(where) and not _of_kubernetes(where, places):
                wrong.append(f"{version}: {where} {change}: {'accepted' if mine else 'refused'} here alone: {value}")
    assert wrong == []
