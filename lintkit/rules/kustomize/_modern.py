"""Deprecated fields of a kustomization, written as kustomize wants them now.

Facts: kustomize appends `bases` to `resources`, and runs `patchesStrategicMerge` right before `patches` but
`patchesJson6902` after names, namespace and labels are set (kustomize 5, `configureBuiltinTransformers`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Applicability, Fix
from lintkit.syntax.blocks import STEP, add_item, block_lead, colon_after, entry_span, shifted
from lintkit.syntax.node import Mapping, Scalar, Sequence
from lintkit.syntax.rewrite import line_break, line_end, rename_key
from lintkit.text.edit import Edit, Span

if TYPE_CHECKING:
    from lintkit.model.kustomize.kustomization import Kustomization
    from lintkit.syntax.node import Node

SAFE, UNSAFE = Applicability.SAFE, Applicability.UNSAFE


def modern(kustomization: Kustomization, key: Scalar, value: Node, instead: str) -> Fix | None:
    """The fix of one deprecated field; None where what it means cannot be kept."""
    there = kustomization.fields.get(instead)
    title = f"write it as `{instead}`"
    match key.text:
        case "bases" | "imageTags" if there is None:
            return Fix(f"rename `{key.text}` to `{instead}`", tuple(rename_key(key, instead)), SAFE)
        case "bases":
            edits = _joined(kustomization.root, key, value, there)
            return Fix(f"move its entries to `{instead}`", tuple(edits), SAFE) if edits else None
        case "commonLabels":
            edits = _labels(key, value) if there is None else None
            return Fix(title, tuple(edits), SAFE) if edits else None
        case "patchesStrategicMerge":
            edits = _patches(key, value) if there is None else _joined(kustomization.root, key, value, there)
            return Fix(title, tuple(edits), SAFE if there is None else UNSAFE) if edits else None
        case "patchesJson6902":
            if there is None and "patchesStrategicMerge" not in kustomization.fields:
                return Fix(f"rename it to `{instead}`", tuple(rename_key(key, instead)), UNSAFE)
            edits = _joined(kustomization.root, key, value, there) if there is not None else None
            return Fix(f"move its entries to `{instead}`", tuple(edits), UNSAFE) if edits else None
        case _:
            return None


def env_list(entry: Mapping) -> Fix | None:
    """The fix of the `env` of a generator: a list of one."""
    key, value = entry.key("env"), entry.get("env")
    if not isinstance(value, Scalar) or value.is_null or value.anchor or value.tag or "envs" in entry.entries:
        return None
    if key is None or "\n" in value.source.text[value.start : value.end] or "," in value.text:
        return None
    source = value.source
    edit = Edit(source.path, Span(value.start, value.end), f"[{source.text[value.start : value.end]}]")
    return Fix("write it as `envs`", (*rename_key(key, "envs"), edit), SAFE)


def _labels(key: Scalar, value: Node) -> list[Edit] | None:
    """`commonLabels` as one element of `labels` that selectors get too."""
    source, colon, lead = key.source, colon_after(key), block_lead(key.source, key)
    if not isinstance(value, Mapping) or not value.pairs or value.anchor or value.tag or colon is None or lead is None:
        return None
    indent, break_ = " " * (lead + STEP), line_break(source)
    head = f"{break_}{indent}- includeSelectors: true{break_}{indent}  pairs:"
    if value.flow:
        text = head + source.text[colon : value.end]
        return [*rename_key(key, "labels"), Edit(source.path, Span(colon, value.end), text)]
    first = value.pairs[0][0]
    start = source.line_starts[source.line_index(first.start)]
    below = line_end(source, colon)
    last = value.pairs[-1]
    end = line_end(source, max(last[0].end + 1, last[1].end))
    by = lead + STEP + 2 * STEP - (first.start - start)
    body = source.text[colon:below].rstrip("\r\n") + head + break_ + shifted(source.text[below:end], by)
    if below > start or source.text[start : first.start].strip(" "):
        return None
    return [*rename_key(key, "labels"), Edit(source.path, Span(colon, end), body)]


def _patches(key: Scalar, value: Node) -> list[Edit] | None:
    """`patchesStrategicMerge` as `patches`: each file as `path`, each text as `patch`."""
    if not isinstance(value, Sequence) or value.flow or not value.children:
        return None
    edits = rename_key(key, "patches")
    for child in value.children:
        if not isinstance(child, Scalar) or child.anchor or child.tag:
            return None
        edits.append(Edit(child.source.path, Span(child.start, child.end), _as_patch(child)))
    return edits


def _as_patch(child: Scalar) -> str:
    text = child.source.text[child.start : child.end]
    if child.style not in {"|", ">"}:
        return f"{'patch' if chr(10) in child.text.strip() else 'path'}: {text}"
    first, *rest = text.splitlines(keepends=True)
    return f"patch: {first}" + shifted("".join(rest), STEP)


def _joined(root: Mapping, key: Scalar, value: Node, there: Node | None) -> list[Edit] | None:
    """Move the elements of one list to the end of another, and drop the key."""
    span = entry_span(root, key.text)
    if not isinstance(value, Sequence) or not isinstance(there, Sequence) or span is None or value.flow:
        return None
    source = key.source
    items: list[str] = []
    for child in value.children:
        text = source.text[child.start : child.end]
        if isinstance(child, Scalar) and key.text == "patchesStrategicMerge":
            text = _as_patch(child)
        column = child.start - source.line_starts[source.line_index(child.start)]
        first, *rest = text.rstrip("\r\n").splitlines()
        items.append("\n".join([first, *shifted("\n".join(rest), -column).split("\n")] if rest else [first]))
    kept = sum(source.text[child.start : child.end].count("#") for child in value.children)
    if not items or source.text[span.start : span.end].count("#") != kept:
        return None
    edits = [add_item(there, item) for item in items]
    found = [edit for one in edits if one for edit in one]
    if len(found) != len(items) or any(edit.span != found[0].span for edit in found):
        return None
    break_ = line_break(source)
    is_open = found[0].text.startswith(("\n", "\r"))
    text = "".join(edit.text for edit in found)
    at = found[0].span.start
    if span.start <= at <= span.end:
        return [Edit(source.path, span, text if not is_open else text.removeprefix(break_))]
    return [Edit(source.path, span, ""), Edit(source.path, Span(at, at), text)]
