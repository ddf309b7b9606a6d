"""What `lintkit schemas show` says of a kind or a chart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.schema.chart_files import ChartFiles
    from lintkit.schema.store import Store, StoredKind

_DEEPEST = 12


def of_kind(store: Store, stored: StoredKind, *, as_json: bool) -> Any:  # noqa: ANN401 - text or JSON values
    """A kind with its versions and fields."""
    head = {"kind": stored.kind, "group": stored.group, "origin": stored.origin, "imported": stored.imported}
    kind = store.kind(stored.group, stored.kind) if stored.is_whole else None
    if kind is None:
        (version,) = stored.versions
        schema = store.schema(stored.group, version, stored.kind) or {}
        if as_json:
            return {**head, "versions": [{"name": version, "schema": schema}]}
        return "\n".join([stored.id, *_origin(stored), "", f"{version}:", *_fields(schema, 1)])
    if as_json:
        versions = [
            {"name": one.name, "served": one.served, "deprecation": one.deprecation, "schema": one.schema}
            for one in kind.versions
        ]
        return {**head, "scope": kind.scope, "names": list(stored.names), "versions": versions}
    lines = [f"{stored.id} ({kind.scope.lower()})", *_origin(stored)]
    shown = next((one for one in kind.versions if one.served and not one.deprecation), kind.versions[0])
    for one in kind.versions:
        state = "" if one.served else ", not served"
        state += f", deprecated: {one.deprecation}" if one.deprecation else ""
        rules = sum(1 for _ in _rules(one.schema, 0))
        state += f", {rules} CEL rule{'s' if rules > 1 else ''}" if rules else ""
        lines.append(f"version: {one.name}{state}")
    if shown.schema is not None:
        lines += ["", f"{shown.name}:", *_fields(shown.schema, 1)]
    return "\n".join(lines)


def _origin(stored: StoredKind) -> list[str]:
    return [f"from: {stored.origin}", f"imported: {stored.imported}"]


def _rules(schema: object, depth: int) -> Iterator[object]:
    if isinstance(schema, list):
        for one in schema:
            yield from _rules(one, depth + 1)
    elif isinstance(schema, dict):
        found = schema.get("x-kubernetes-validations")
        if isinstance(found, list):
            yield from found
        for key, value in schema.items():
            if key != "x-kubernetes-validations":
                yield from _rules(value, depth + 1)


def _fields(schema: dict[str, Any], depth: int) -> Iterator[str]:
    """One line a field: its name, `!` when it is required, its type."""
    properties = schema.get("properties")
    if not isinstance(properties, dict) or depth > _DEEPEST:
        return
    required = schema.get("required")
    required = required if isinstance(required, list) else []
    for name, field in properties.items():
        if depth == 1 and name in {"apiVersion", "kind", "metadata", "status"}:
            continue
        if not isinstance(field, dict):
            continue
        yield f"{'  ' * depth}{name}{'!' if name in required else ''}: {_type(field)}"
        inner = field
        while isinstance(inner.get("items"), dict):
            inner = inner["items"]
        if "properties" not in inner and isinstance(inner.get("additionalProperties"), dict):
            inner = inner["additionalProperties"]
        yield from _fields(inner, depth + 1)


def _type(field: dict[str, Any]) -> str:
    if isinstance(field.get("enum"), list):
        return " | ".join(str(one) for one in field["enum"])
    if field.get("x-kubernetes-int-or-string"):
        return "integer or string"
    given = field.get("type", "any")
    name = " or ".join(map(str, given)) if isinstance(given, list) else str(given)
    if name == "array" and isinstance(field.get("items"), dict):
        return f"list of {_type(field['items'])}"
    if name == "object" and isinstance(field.get("additionalProperties"), dict):
        return f"map of {_type(field['additionalProperties'])}"
    return f"{name} ({field['format']})" if isinstance(field.get("format"), str) else name


def of_chart(chart: ChartFiles, *, as_json: bool) -> Any:  # noqa: ANN401 - text or JSON values
    """A chart: where it is from, what it has, what its templates read."""
    if as_json:
        from lintkit.schema.chart_store import chart_to  # noqa: PLC0415

        return {"origin": chart.origin, **chart_to(chart)}
    return "\n".join(_chart_lines(chart, 0))


def _chart_lines(chart: ChartFiles, depth: int) -> Iterator[str]:
    margin = "  " * depth
    yield f"{margin}{chart.key} {chart.version}" + (f" (chart `{chart.name}`)" if chart.alias else "")
    if chart.origin:
        yield f"{margin}from: {chart.origin}"
    yield f"{margin}schema: {'yes' if chart.schema is not None else 'no'}"
    yield f"{margin}defaults: {f'{len(chart.values.splitlines())} lines' if chart.values else 'none'}"
    if chart.condition:
        yield f"{margin}switched on by: {chart.condition}"
    if chart.template_keys is None:
        yield f"{margin}templates read: not known, as some of them are not in the archive"
    elif chart.uses_whole_values:
        yield f"{margin}templates read: any value"
    else:
        keys = sorted(".".join(path) for path in chart.template_keys)
        yield f"{margin}templates read: {', '.join(keys) or 'nothing'}"
    if chart.missing:
        yield f"{margin}absent subcharts: {', '.join(chart.missing)}"
    for one in chart.subcharts:
        yield f"{margin}subchart:"
        yield from _chart_lines(one, depth + 1)
