"""Fields that moved when an API version went: the edits that take an object along.

Sources: https://fluxcd.io/flux/releases/ (2.0 to 2.8) and
https://kubernetes.io/docs/reference/using-api/deprecation-guide/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Applicability, Fix
from lintkit.model.flux import HELM, KUSTOMIZE, SOURCE
from lintkit.rules.schema._repairs import backend_edits
from lintkit.syntax.blocks import block_lead, colon_after, cut_entry, shifted
from lintkit.syntax.node import Mapping, Scalar, Sequence
from lintkit.syntax.rewrite import add_entry, line_break, line_end, rename_key, replace_scalar
from lintkit.text.edit import Edit, Span

if TYPE_CHECKING:
    from lintkit.model.resource import Resource
    from lintkit.syntax.node import Node

_KNOWN_MOVES = frozenset({"Ingress", "HorizontalPodAutoscaler"})
_GONE = {KUSTOMIZE: ("validation",), SOURCE: ("gitImplementation", "accessFrom")}


def to_version(resource: Resource, instead: str, *, has_moves: bool = False) -> Fix | None:
    """Change the API version, and with it the fields that moved.

    Args:
        resource: The object.
        instead: Group and version that take the place of its own.
        has_moves: Whether fields moved with it.
    """
    node = resource.written.get("apiVersion")
    is_known = bool(instead) and (not has_moves or resource.kind in _KNOWN_MOVES)
    beside = moves(resource) if is_known else None
    if not isinstance(node, Scalar) or beside is None:
        return None
    return Fix(f"change it to `{instead}`", (*replace_scalar(node, instead), *beside), Applicability.UNSAFE)


def moves(resource: Resource) -> list[Edit] | None:
    """The edits beside the change of the version; None where a field has no certain new form."""
    root = resource.written
    match resource.group, resource.kind:
        case (group, "HelmRelease") if group == HELM:
            found = _helm_release(root)
        case (group, "Kustomization") if group == KUSTOMIZE:
            found = _all([_patches(root.mapping_at("spec")), *_gone(root, KUSTOMIZE)])
        case (group, _) if group == SOURCE:
            found = _all(_gone(root, SOURCE))
        case (_, "Ingress"):
            found = _ingress(root)
        case (_, "HorizontalPodAutoscaler"):
            found = _autoscaler(root) if resource.version == "v2beta1" else []
        case _:
            found = []
    return found


def _all(parts: list[list[Edit] | None]) -> list[Edit] | None:
    """All edits, or None where one part has none to give."""
    if any(part is None for part in parts):
        return None
    return [edit for part in parts for edit in part or ()]


def _gone(root: Mapping, group: str) -> list[list[Edit] | None]:
    spec = root.mapping_at("spec")
    return [cut_entry(spec, name) for name in _GONE[group] if spec is not None and name in spec.entries]


def _helm_release(root: Mapping) -> list[Edit] | None:
    chart = root.mapping_at("spec", "chart", "spec")
    parts = [_values_file(chart)] if chart is not None and "valuesFile" in chart.entries else []
    parts += [_patches(one.mapping_at("kustomize")) for one in root.mappings_at("spec", "postRenderers")]
    return _all(parts)


def _values_file(chart: Mapping) -> list[Edit] | None:
    key, value = chart.key("valuesFile"), chart.get("valuesFile")
    if key is None or not isinstance(value, Scalar) or chart.flow or "valuesFiles" in chart.entries:
        return None
    lead, source = block_lead(key.source, key), key.source
    written = source.text[value.start : value.end]
    if lead is None or value.style in {"|", ">"}:
        return None
    text = f"valuesFiles:{line_break(source)}{' ' * (lead + 2)}- {written}"
    return [Edit(source.path, Span(key.start, value.end), text)]


def _patches(owner: Mapping | None) -> list[Edit] | None:
    """`patchesStrategicMerge` and `patchesJson6902`, whose patches are YAML, as `patches`, which are texts."""
    old = [name for name in ("patchesStrategicMerge", "patchesJson6902") if owner is not None and name in owner.entries]
    if owner is None or not old:
        return []
    key, value = owner.key(old[0]), owner.get(old[0])
    if len(old) > 1 or "patches" in owner.entries or key is None or not isinstance(value, Sequence) or value.flow:
        return None
    parts = [_text_of(child) if old[0] == "patchesStrategicMerge" else _text_below(child) for child in value.children]
    return _all([rename_key(key, "patches"), *parts])


def _text_of(child: Node) -> list[Edit] | None:
    """An element that is a patch as one that holds it as a text."""
    if not isinstance(child, Mapping) or child.flow or child.anchor or child.tag:
        return None
    source = child.source
    column = child.start - source.line_starts[source.line_index(child.start)]
    end = line_end(source, child.end)
    first, break_, rest = source.text[child.start : end].partition("\n")
    text = f"patch: |{line_break(source)}{' ' * (column + 2)}{first}{break_}{shifted(rest, 2)}"
    return [Edit(source.path, Span(child.start, end), text)]


def _text_below(child: Node) -> list[Edit] | None:
    """`patch` as a text."""
    key = child.key("patch") if isinstance(child, Mapping) and not child.flow else None
    value = child.at("patch")
    if key is None or not isinstance(value, Sequence) or value.flow or value.anchor or not value.children:
        return None
    source, colon = key.source, colon_after(key)
    end = line_end(source, value.end)
    if colon is None or source.text[colon : line_end(source, colon)].strip():
        return None
    below = line_end(source, colon)
    return [Edit(source.path, Span(colon, end), " |" + source.text[colon:below] + shifted(source.text[below:end], 2))]


def _ingress(root: Mapping) -> list[Edit] | None:
    """Backends and path types as `networking.k8s.io/v1` wants them."""
    parts: list[list[Edit] | None] = []
    default = root.mapping_at("spec", "backend")
    if default is not None:
        key = root.at("spec")
        name = key.key("backend") if isinstance(key, Mapping) else None
        parts += [rename_key(name, "defaultBackend") if name is not None else None, backend_edits(default)]
    for rule in root.mappings_at("spec", "rules"):
        for path in rule.mappings_at("http", "paths"):
            backend = path.mapping_at("backend")
            if backend is not None and "service" not in backend.entries:
                parts.append(backend_edits(backend))
            if "pathType" not in path.entries:
                parts.append(add_entry(path, "pathType: ImplementationSpecific"))
    return _all(parts)


def _autoscaler(root: Mapping) -> list[Edit] | None:
    """`targetAverageUtilization` of resource metrics as a `target`."""
    parts: list[list[Edit] | None] = []
    for metric in root.mappings_at("spec", "metrics"):
        own = metric.mapping_at("resource")
        wanted = own.get("targetAverageUtilization") if own is not None else None
        key = own.key("targetAverageUtilization") if own is not None else None
        lead = block_lead(key.source, key) if key is not None and own is not None and not own.flow else None
        if not isinstance(wanted, Scalar) or key is None or lead is None or metric.text("type") != "Resource":
            return None
        break_, indent = line_break(key.source), " " * (lead + 2)
        text = f"target:{break_}{indent}type: Utilization{break_}{indent}averageUtilization: {wanted.text}"
        parts.append([Edit(key.source.path, Span(key.start, wanted.end), text)])
    return _all(parts)
