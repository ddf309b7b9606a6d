"""Repairs of fields: moved, dropped, wrapped, filled in as the rest of the tree has them."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from lintkit.finding import Applicability, Fix
from lintkit.model.flux import GROUPS
from lintkit.syntax.blocks import STEP, block_lead, move_entries, shifted
from lintkit.syntax.node import Mapping, Node, Scalar
from lintkit.syntax.rewrite import add_entry, line_end, quoted, remove_entry, replace_scalar
from lintkit.text.edit import Edit, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lintkit.model.resource import Resource
    from lintkit.model.tree import Tree
    from lintkit.schema.violation import Path, Violation

_NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d{0,17})")
_DURATIONS = frozenset({"timeout", "interval", "retryInterval"})
_AGREED = ("sourceRef", "prune", "interval")
_ENOUGH = 2


def move(violation: Violation, others: Iterable[Violation]) -> Fix | None:
    """Move a field to the object that it belongs to, with the comments above it, and with it what shares its fate."""
    written, target, owner = _written(violation), violation.belongs, _owner(violation)
    if written is None or target is None or owner is None or violation.key is None:
        return None
    keys = [one.key for one in others if one.belongs == target and one.key is not None and _is_beside(one, violation)]
    names = list(dict.fromkeys(key.text for key in sorted(keys, key=lambda key: key.start)))
    edits = move_entries(written, owner, names, target) or move_entries(written, owner, [violation.key.text], target)
    if not edits:
        return None
    shown = f"under `{'.'.join(str(step) for step in target)}`" if target else "to the top level"
    return Fix(f"move it {shown}", tuple(edits), Applicability.UNSAFE)


def _is_beside(one: Violation, other: Violation) -> bool:
    return one.path[:-1] == other.path[:-1] and one.resource is other.resource


def indent(violation: Violation, unknown: set[int]) -> Fix | None:
    """Indent the fields that follow a key with no value and that its owner does not know: they are its value.

    Args:
        violation: One of the fields, or the key with no value.
        unknown: What `strays` says.
    """
    written = _written(violation)
    node = written.at(*violation.path[:-1]) if written is not None and violation.path else None
    if not isinstance(node, Mapping) or node.flow:
        return None
    keys = [key for key, _ in node.pairs]
    at = next((n for n, (key, value) in enumerate(node.pairs) if key is violation.key or value is violation.node), None)
    if at is None:
        return None
    while at and id(keys[at]) in unknown:
        at -= 1
    head, nothing = node.pairs[at]
    last = at
    while last + 1 < len(keys) and id(keys[last + 1]) in unknown:
        last += 1
    is_nothing = isinstance(nothing, Scalar) and nothing.is_null and not nothing.text
    if not is_nothing or last == at or not isinstance(head, Scalar):
        return None
    source = node.source
    start = source.line_starts[source.line_index(keys[at + 1].start)]
    end = line_end(source, max(keys[last].end + 1, node.pairs[last][1].end))
    text = source.text[head.end + 1 : start] + shifted(source.text[start:end], STEP)
    edit = Edit(source.path, Span(head.end + 1, end), text)
    return Fix(f"indent what follows, to be the value of `{head.text}`", (edit,), Applicability.UNSAFE)


def strays(violations: Iterable[Violation]) -> set[int]:
    """The keys that their owners do not know, for `indent`."""
    return {id(one.key) for one in violations if one.rule in {"unknown-field", "misplaced-field"} and one.key}


def move_below_values(violation: Violation) -> Fix | None:
    """Move what stands in `spec` of a HelmRelease after its `values` there: an indent was lost."""
    written = _written(violation)
    if written is None or violation.resource is None or violation.resource.kind != "HelmRelease":
        return None
    values, key = written.at("spec", "values"), violation.key
    is_below = values is not None and key is not None and values.end <= key.start
    if len(violation.path) != 2 or violation.path[0] != "spec" or not is_below or key is None:
        return None
    edits = move_entries(written, ("spec",), [key.text], ("spec", "values"))
    return Fix("move it under `spec.values`", tuple(edits), Applicability.UNSAFE) if edits else None


def retype(violation: Violation) -> Fix | None:
    """Drop a list or mapping that is nothing; take the quotes off a number; make a list of one mapping."""
    node = violation.node
    if isinstance(node, Scalar):
        if node.is_null and violation.wanted & {"array", "object"}:
            return _dropped(violation)
        return _bare(node, violation.wanted - {"null"})
    is_single = isinstance(node, Mapping) and violation.wanted - {"null"} == {"array"}
    return _listed(node, violation.path) if isinstance(node, Mapping) and is_single else None


def with_unit(violation: Violation) -> Fix | None:
    """Write the seconds that a bare number of a duration can only mean."""
    node, resource = violation.node, violation.resource
    if not isinstance(node, Scalar) or resource is None or resource.group not in GROUPS:
        return None
    if not violation.path or violation.path[-1] not in _DURATIONS or not node.text.isdigit() or node.text == "0":
        return None
    text = f"{node.text}s"
    return Fix(f"change to `{text}`", tuple(replace_scalar(node, text)), Applicability.UNSAFE)


def backend(violation: Violation) -> Fix | None:
    """Write the backend of an Ingress as `networking.k8s.io/v1` wants it."""
    written, owner = _written(violation), _owner(violation)
    resource = violation.resource
    node = written.at(*owner) if written is not None and owner is not None else None
    if resource is None or resource.kind != "Ingress" or resource.version != "v1" or not isinstance(node, Mapping):
        return None
    edits = backend_edits(node)
    return Fix("write it as `service.name` and `service.port`", tuple(edits), Applicability.UNSAFE) if edits else None


def backend_edits(node: Mapping) -> list[Edit] | None:
    """`serviceName` and `servicePort` as `service: {name, port}`, where these two are all that the backend has."""
    names = [key for key, _ in node.pairs if isinstance(key, Scalar)]
    if sorted(key.text for key in names) != ["serviceName", "servicePort"] or node.flow:
        return None
    name, port = node.get("serviceName"), node.get("servicePort")
    lead = block_lead(node.source, names[0])
    if not isinstance(name, Scalar) or not isinstance(port, Scalar) or lead is None:
        return None
    source, indent = node.source, " " * lead
    break_ = "\r\n" if "\r\n" in source.text else "\n"
    kind = "number" if port.text.isdigit() and not port.style else "name"
    edits = []
    for key, value in ((one, node.entries[one.text]) for one in names):
        first = "service:" + break_ + indent + "  " if key is names[0] else "  "
        new = "name" if key.text == "serviceName" else f"port:{break_}{indent}    {kind}"
        text = source.text[key.end : value.end]
        edits.append(Edit(source.path, Span(key.start, value.end), first + new + text))
    return edits


def as_the_others(violation: Violation, tree: Tree) -> Fix | None:
    """Fill in a field that all other objects of the kind in the tree have alike."""
    written, resource = _written(violation), violation.resource
    if written is None or resource is None or not violation.path:
        return None
    *owner, name = violation.path
    node = written.at(*owner)
    if not isinstance(node, Mapping) or not isinstance(name, str) or name in node.entries:
        return None
    value = _agreed(tree, resource, (*owner, name)) if name in _AGREED and resource.group in GROUPS else None
    if name == "pathType" and resource.kind == "Ingress":
        value = "pathType: ImplementationSpecific"
    edits = add_entry(node, value) if value else None
    if not edits or not value:
        return None
    return Fix(f"add `{name}`, as the nearest others have it", tuple(edits), Applicability.UNSAFE)


def _agreed(tree: Tree, resource: Resource, path: Path) -> str | None:
    """The lines that set a field as the nearest others do; None where these do not agree."""
    found = [
        (posixpath.dirname(other.path), node)
        for other in tree.written
        if (other.group, other.kind) == (resource.group, resource.kind) and other.written is not resource.written
        if (node := other.written.at(*path)) is not None
    ]
    folder = posixpath.dirname(resource.path)
    while True:
        near = [node for place, node in found if not folder or place == folder or place.startswith(f"{folder}/")]
        if len(near) >= _ENOUGH:
            is_agreed = len({repr(node.value) for node in near}) == 1
            return "\n".join(_lines(str(path[-1]), near[0])) if is_agreed else None
        if not folder:
            return None
        folder = posixpath.dirname(folder)


def _lines(name: str, node: Node) -> Iterator[str]:
    """A key and its value as lines: scalars and flat mappings of them."""
    if isinstance(node, Scalar):
        yield f"{name}: {node.text if not node.is_text else quoted(node.text)}"
    elif isinstance(node, Mapping) and node.entries and all(isinstance(one, Scalar) for one in node.entries.values()):
        yield f"{name}:"
        for key, value in node.items():
            for line in _lines(key.text, value):
                yield f"  {line}"


def _written(violation: Violation) -> Mapping | None:
    """The object as its file has it, where the field stands in that file."""
    resource = violation.resource
    return resource.written if resource is not None and violation.place.source is resource.source else None


def _owner(violation: Violation) -> Path | None:
    """Key path of the mapping that holds the key of a field."""
    written = _written(violation)
    owner = violation.path[:-1]
    node = written.at(*owner) if written is not None else None
    is_held = isinstance(node, Mapping) and any(key is violation.key for key, _ in node.pairs)
    return owner if is_held else None


def _dropped(violation: Violation) -> Fix | None:
    written = _written(violation)
    *owner, name = violation.path
    node = written.at(*owner) if written is not None else None
    edits = remove_entry(node, name) if isinstance(node, Mapping) and isinstance(name, str) else None
    if not edits or any("#" in edit_text(node, edit) for edit in edits if node is not None):
        return None
    return Fix(f"leave out `{name}`", tuple(edits), Applicability.UNSAFE)


def edit_text(node: Node | None, edit: Edit) -> str:
    """What an edit takes away."""
    return node.source.text[edit.span.start : edit.span.end] if node is not None else ""


def _bare(node: Scalar, wanted: frozenset[str]) -> Fix | None:
    """Without quotes, where that makes the number or truth value that is wanted."""
    text = node.text
    is_number = bool(wanted) and wanted <= {"integer", "number"} and _NUMBER.fullmatch(text) is not None
    is_truth = wanted == {"boolean"} and text in {"true", "false"}
    if node.style not in {"'", '"'} or not (is_number or is_truth):
        return None
    edit = Edit(node.source.path, Span(node.start, node.end), text)
    return Fix("leave out the quotes", (edit,), Applicability.SAFE)


def _listed(node: Mapping, path: Path) -> Fix | None:
    """A block mapping as the one element of a list; a mapping `env` as names and values."""
    if node.flow or not node.pairs or node.anchor or node.tag:
        return None
    source = node.source
    if path and path[-1] == "env":
        edits = _variables(node)
        return Fix("write it as a list of names and values", tuple(edits), Applicability.UNSAFE) if edits else None
    first = node.pairs[0][0]
    start = source.line_starts[source.line_index(first.start)]
    if source.text[start : first.start].strip(" "):
        return None
    last = node.pairs[-1]
    end = line_end(source, max(last[0].end + 1, last[1].end))
    lead = source.text[start : first.start]
    body = shifted(source.text[start:end], 2)
    edit = Edit(source.path, Span(start, end), f"{lead}- {body[len(lead) + 2 :]}")
    return Fix("make it a list of one", (edit,), Applicability.UNSAFE)


def _variables(node: Mapping) -> list[Edit]:
    edits: list[Edit] = []
    source = node.source
    for key, value in node.pairs:
        lead = block_lead(source, key)
        gap = source.text[key.end : value.start]
        if not isinstance(key, Scalar) or not isinstance(value, Scalar) or lead is None or gap.strip(" ") != ":":
            return []
        if value.style in {"|", ">"} or value.anchor or value.tag:
            return []
        break_ = "\r\n" if "\r\n" in source.text else "\n"
        written = source.text[value.start : value.end]
        text = written if value.is_text else f'"{value.text}"'
        line = f"- name: {quoted(key.text)}{break_}{' ' * lead}  value: {text}"
        edits.append(Edit(source.path, Span(key.start, value.end), line))
    return edits
