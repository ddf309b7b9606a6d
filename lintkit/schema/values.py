"""The values of a Helm release, held against its chart: by the chart's schema, else by what its templates read."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lintkit.model.names import closest
from lintkit.schema import fields
from lintkit.schema.bundle import bundle
from lintkit.schema.explain import explain, is_undecided
from lintkit.schema.foreign import is_shallow
from lintkit.schema.validator import compiled
from lintkit.schema.violation import Subject, Violation, shown
from lintkit.syntax.node import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.helm_values import Values
    from lintkit.schema.chart_files import ChartFiles
    from lintkit.schema.charts import Known
    from lintkit.schema.validator import Validator

_RENAMED = {
    "unknown-field": "unknown-helm-value",
    "wrong-type": "invalid-helm-value",
    "invalid-value": "invalid-helm-value",
    "missing-field": "invalid-helm-value",
}
_FREE = ("_", "x-", ".")
_OWN = frozenset({"global", "tags"})
"""Keys that Helm itself reads."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A chart or subchart, with its place in the values.

    Attributes:
        chart: The chart.
        prefix: Key path of its values.
        defaults: Its default values, with what the charts above say.
    """

    chart: ChartFiles
    prefix: tuple[str, ...]
    defaults: dict[str, Any]


def judge(values: Values, known: Known) -> Iterator[Violation]:
    """What the chart says against the values.

    Where the very version is not at hand, a violation is a warning, and only stands where both neighbours have it; with
    one neighbour alone only where a close name or another place is known.
    """
    verdicts = [list(_of_chart(values, chart)) for chart in known.charts]
    if known.is_exact:
        yield from (replace(one, origin=known.origin) for one in verdicts[0])
        return
    others = [{(one.rule, one.path) for one in verdict} for verdict in verdicts[1:]]
    for one in verdicts[0]:
        if others and not all((one.rule, one.path) in other for other in others):
            continue
        if not others and not _is_strong(one):
            continue
        message = f"{one.message} (by {known.origin}; this release has {known.version})"
        yield replace(one, message=message, severity="warning", origin=known.origin)


def _is_strong(violation: Violation) -> bool:
    return violation.suggestion is not None or violation.belongs is not None or violation.rule == "unquoted-string"


def _of_chart(values: Values, chart: ChartFiles) -> Iterator[Violation]:
    given = _raw(values.root)
    defaults = defaults_of(chart)
    for part in _parts(chart, (), defaults, coalesced(defaults, given)):
        root = values.root.at(*part.prefix) if part.prefix else values.root
        if not isinstance(root, Mapping):
            continue
        subject = Subject(root, {}, f"the values of chart `{part.chart.name}`", part.prefix)
        if part.chart.schema is not None:
            found = _by_schema(part, subject, coalesced(part.defaults, _at(given, part.prefix)))
        else:
            found = _by_reading(part, subject)
        for violation in found:
            if _is_known(violation, values):
                yield replace(violation, rule=_RENAMED.get(violation.rule, violation.rule))


def _is_known(violation: Violation, values: Values) -> bool:
    """Whether values that files do not show could not change the verdict."""
    dotted = shown(violation.path)
    if any(one.startswith(dotted) or dotted.startswith(one) for one in values.set_paths):
        return False
    is_open = not values.is_whole or bool(values.set_paths)
    return not (is_open and violation.rule == "missing-field")


def _parts(
    chart: ChartFiles, prefix: tuple[str, ...], defaults: dict[str, Any], whole: dict[str, Any]
) -> Iterator[_Part]:
    """A chart and the subcharts that are switched on."""
    yield _Part(chart, prefix, defaults)
    for one in chart.subcharts:
        inner = whole.get(one.key)
        if not one.imports_values and _is_on(one, whole):
            own = defaults.get(one.key)
            below = inner if isinstance(inner, dict) else {}
            yield from _parts(one, (*prefix, one.key), own if isinstance(own, dict) else {}, below)


def _is_on(chart: ChartFiles, whole: dict[str, Any]) -> bool:
    for path in chart.condition.split(","):
        found: Any = whole
        for step in path.strip().split(".") if path.strip() else ():
            found = found.get(step) if isinstance(found, dict) else None
        if path.strip() and isinstance(found, bool):
            return found
    tags = whole.get("tags")
    said = [tags[tag] for tag in chart.tags if tag in tags] if isinstance(tags, dict) else []
    return any(said) if said else True


def _by_schema(part: _Part, subject: Subject, value: dict[str, Any]) -> Iterator[Violation]:
    compiled_schema = _validator(_Keyed(part.chart))
    if compiled_schema is None:
        return
    schema, validator = compiled_schema
    if not validator.is_valid(value):
        yield from explain(validator.errors(value), replace(subject, schema=schema))
    yield from _misspelled(part, replace(subject, schema=schema), validator, value)


def _misspelled(part: _Part, subject: Subject, validator: Validator, given: dict[str, Any]) -> Iterator[Violation]:
    """Keys at the top that the schema lets pass and does not name, where one that it names comes close.

    What stands there must be right for the one that comes close.
    """
    is_open = not any(one.get("additionalProperties") is False for one in fields.parts(subject.schema, subject.schema))
    if part.prefix or not is_open or not isinstance(subject.root, Mapping):
        return
    known = fields.properties(subject.schema, subject.schema)
    for name, value in subject.root.entries.items():
        key = subject.root.key(name)
        is_read = name in known or name in part.defaults or name in _OWN
        if is_read or key is None or _may_be_read(part.chart, (name,), subject.root):
            continue
        close = closest(name, [one for one in known if one not in subject.root.entries])
        if close is not None and name in given and validator.is_valid({close: given[name]}):
            message = f"`{name}` is none of {subject.name}: nothing reads it; did you mean `{close}`?"
            yield Violation("unknown-field", key.place, message, (name,), value, key, close, severity="warning")


class _Keyed:
    """A chart as a key of a cache: by what it is, not by comparing its files."""

    def __init__(self, chart: ChartFiles) -> None:
        self.chart = chart

    def __hash__(self) -> int:
        return hash((self.chart.name, self.chart.version))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Keyed) and self.chart.schema is other.chart.schema


@lru_cache(maxsize=64)
def _validator(keyed: _Keyed) -> tuple[dict[str, Any], Validator] | None:
    """The schema of a chart, compiled; None when it is no JSON Schema."""
    schema = bundle(keyed.chart.schema or {}, keyed.chart.schemas)
    try:
        return schema, compiled(schema)
    except ValueError:
        return None


def _by_reading(part: _Part, subject: Subject) -> Iterator[Violation]:
    """Keys that no template reads and no default names; with the defaults alone only misspelled keys at the top."""
    text = part.chart.values
    if text is None or not isinstance(subject.root, Mapping):
        return
    yield from _unread(part, subject, subject.root, part.defaults, ())


def _unread(
    part: _Part, subject: Subject, node: Mapping, defaults: dict[str, Any], path: tuple[str, ...]
) -> Iterator[Violation]:
    for name, value in node.entries.items():
        whole = (*path, name)
        below = defaults.get(name)
        if name in defaults:
            if (
                isinstance(below, dict)
                and below
                and isinstance(value, Mapping)
                and part.chart.template_keys is not None
            ):
                yield from _unread(part, subject, value, below, whole)
            continue
        if _may_be_read(part.chart, whole, subject.root) or (not path and name in _OWN):
            continue
        close = closest(name, [one for one in defaults if one not in node.entries])
        key = node.key(name)
        if key is None or (close is None and part.chart.template_keys is None) or is_undecided(value):
            continue
        owner = f"`{shown((*subject.prefix, *path))}`" if (*subject.prefix, *path) else subject.name
        hint = f"; did you mean `{close}`?" if close else ""
        said = "no template of the chart reads it" if part.chart.template_keys is not None else "no default names it"
        yield Violation(
            "unknown-field", key.place, f"`{name}` is no field of {owner}: {said}{hint}", (*subject.prefix, *whole),
            value, key, close, severity="" if part.chart.template_keys is not None else "warning",
        )  # fmt: skip


def _may_be_read(chart: ChartFiles, path: tuple[str, ...], root: Node) -> bool:
    name = path[-1]
    if name.startswith(_FREE) or any(chart.key == path[0] for chart in chart.subcharts):
        return True
    if chart.template_keys is not None and chart.may_read(path):
        return True
    if chart.template_keys is None and len(path) > 1:
        return True
    if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", chart.values or ""):
        return True
    return chart.evaluates_text and f".Values.{path[0]}" in root.source.text


@lru_cache(maxsize=64)
def _parsed(text: str) -> dict[str, Any]:
    import yaml  # noqa: PLC0415 - only where there is a chart to hold against

    if not is_shallow(text):
        return {}
    try:
        found = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - a safe loader
    except yaml.YAMLError:
        return {}
    return found if isinstance(found, dict) else {}


def defaults_of(chart: ChartFiles) -> dict[str, Any]:
    """The default values of a chart, with those of its subcharts below their keys."""
    found: dict[str, Any] = {}
    for one in chart.subcharts:
        found[one.key] = defaults_of(one)
    return coalesced(found, _parsed(chart.values or ""))


def coalesced(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Values laid over others as Helm does it: mappings merge, null takes a value away."""
    found = dict(base)
    for key, value in over.items():
        old = found.get(key)
        if value is None:
            found.pop(key, None)
        elif isinstance(old, dict) and isinstance(value, dict):
            found[key] = coalesced(old, value)
        else:
            found[key] = _without_nulls(value)
    return found


def _without_nulls(value: Any) -> Any:  # noqa: ANN401 - any YAML value
    if isinstance(value, dict):
        return {key: _without_nulls(child) for key, child in value.items() if child is not None}
    return value


def _at(value: Any, path: tuple[str, ...]) -> dict[str, Any]:  # noqa: ANN401 - any YAML value
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _raw(node: Node) -> Any:  # noqa: ANN401 - any YAML value
    """The value of a node, nulls kept."""
    if isinstance(node, Mapping):
        return {key: _raw(child) for key, child in node.entries.items()}
    if isinstance(node, Sequence):
        return [_raw(child) for child in node.elements]
    return None if isinstance(node, Scalar) and node.is_null else node.value
