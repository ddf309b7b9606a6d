"""`replacements`: a field of one object copied into fields of others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lintkit.model.kustomize.fields import empty_mapping, key_like
from lintkit.model.kustomize.item import Gap, Item, Problem
from lintkit.model.kustomize.kustomization import is_true
from lintkit.model.kustomize.selector import Selector, read_selector
from lintkit.syntax.node import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable

_INDEX = re.compile(r"[0-9]{1,9}")
_SELECTION = re.compile(r"\[([^=\]]+)=([^\]]*)\]")


class _NoSuchFieldError(Exception):
    """A field path leads nowhere."""


def replace(entry: Mapping, items: list[Item], problems: list[Problem], gaps: list[Gap]) -> None:
    """Apply one replacement to the objects of a build, noting what is wrong with it."""
    targets = entry.mappings_at("targets")
    if not targets or not (entry.get("source") or entry.get("sourceValue")):
        message = "a replacement needs a `source` and `targets`"
        problems.append(Problem("invalid-kustomization", message, entry.place))
        return
    value = _source_value(entry, items, problems, gaps)
    if value is None:
        return
    for target in targets:
        select = target.mapping_at("select")
        if select is None:
            problems.append(Problem("invalid-kustomization", "this target has no `select`", target.place))
            continue
        selector = read_selector(select, problems, gaps)
        rejects = [read_selector(node, problems, gaps) for node in target.mappings_at("reject")]
        for item in items:
            if _is_meant(item, selector, rejects):
                _copy(item, target, value, problems, gaps)


def _is_meant(item: Item, selector: Selector, rejects: list[Selector]) -> bool:
    """Whether any of its identities is selected, and none is rejected; a `reject` by labels and by name is two."""
    identities = [(identity, identity.selector_namespace) for identity in item.previous]
    identities.append((item.id, item.namespace))  # as it is written: an absent one is empty here, not `default`
    if any(reject.is_by_id and any(reject.selects_id(*identity) for identity in identities) for reject in rejects):
        return False
    if any(reject.is_by_metadata and reject.selects_metadata(item) for reject in rejects):
        return False
    return selector.selects_metadata(item) and any(selector.selects_id(*identity) for identity in identities)


def _source_value(entry: Mapping, items: list[Item], problems: list[Problem], gaps: list[Gap]) -> Node | None:
    literal = entry.get("sourceValue")
    if literal is not None:
        return literal
    source = entry.mapping_at("source")
    if source is None:
        return None
    wanted = {key: source.text(key) for key in ("group", "version", "kind", "name", "namespace") if source.text(key)}
    matches = [item for item in items if any(_equals(item, index, wanted) for index in range(len(item.ids)))]
    if len(matches) != 1:
        if not gaps:
            count = f"{len(matches)} objects" if matches else "nothing"
            message = f"the source of this replacement selects {count}; expected one object"
            problems.append(Problem("unmatched-patch", message, source.place))
        return None
    path = source.text("fieldPath") or "metadata.name"
    found = _look_up(matches[0].root, _split(path))
    if found is None:
        message = f"the source {matches[0].id} has no field `{path}`"
        problems.append(Problem("unmatched-patch", message, (source.get("fieldPath") or source).place))
        return None
    return _part(found, source)


def _equals(item: Item, index: int, wanted: dict[str, str | None]) -> bool:
    identity = item.ids[index]
    have = {
        "group": identity.group,
        "version": identity.version,
        "kind": identity.kind,
        "name": identity.name,
        "namespace": identity.selector_namespace,
    }
    return all(have[key] == value for key, value in wanted.items())


def _part(found: Node, source: Mapping) -> Node:
    delimiter = source.text_at("options", "delimiter")
    if not delimiter or not isinstance(found, Scalar):
        return found
    parts = found.text.split(delimiter)
    index = _part_index(source)
    return found.with_text(parts[index]) if 0 <= index < len(parts) else found


def _part_index(end: Mapping) -> int:
    """`options.index`; what is no number is 0, which is the default."""
    node = end.at("options", "index")
    return node.value if isinstance(node, Scalar) and type(node.value) is int else 0


def _copy(item: Item, target: Mapping, value: Node, problems: list[Problem], gaps: list[Gap]) -> None:
    creates = is_true(target.at("options", "create"))
    paths = [node for node in target.elements_at("fieldPaths") if isinstance(node, Scalar)]
    origin = paths[0] if paths else next(iter(target.items()))[0]
    for node in paths or [origin.with_text("metadata.name")]:
        try:
            root = _set(item.root, _split(node.text), lambda old: _new(old, value, target), origin if creates else None)
        except _NoSuchFieldError:
            if not gaps:
                message = f"the target {item.id} has no field `{node.text}`"
                problems.append(Problem("unmatched-patch", message, node.place))
            continue
        if isinstance(root, Mapping):
            item.set(root)


def _new(old: Node | None, value: Node, target: Mapping) -> Node:
    if isinstance(old, Scalar) and isinstance(value, Scalar):
        text = value.text
        delimiter = target.text_at("options", "delimiter")
        if delimiter:
            parts = old.text.split(delimiter)
            index = _part_index(target)
            if index < 0:
                parts.insert(0, text)
            elif index >= len(parts):
                parts.append(text)
            else:
                parts[index] = text
            text = delimiter.join(parts)
        style = old.style or ('"' if old.is_text else "")  # what was text stays text
        return Scalar(value.source, value.start, value.end, text, style)
    if isinstance(old, Scalar):  # kustomize copies the text of a node into a scalar, and a collection has none
        return Scalar(value.source, value.start, value.end, "", '"')
    return value


def _split(path: str) -> list[str]:
    r"""`spec.containers.[name=a].image` -> steps; `\.` is a dot inside a key."""
    steps = re.findall(r"\[[^\]]*\]|(?:\\.|[^.\\])+", path)
    return [step if step.startswith("[") else step.replace("\\.", ".") for step in steps]


def _look_up(node: Node | None, steps: list[str]) -> Node | None:
    for step in steps:
        if isinstance(node, Mapping):
            node = node.entries.get(step.strip("[]") if "=" not in step else step)
        elif isinstance(node, Sequence):
            node = next((node.elements[index] for index in _indices(node, step)), None)
        else:
            return None
    return node


def _indices(node: Sequence, step: str) -> list[int]:
    if step == "*":
        return list(range(len(node.elements)))
    selection = _SELECTION.fullmatch(step)
    if selection:
        return [
            index
            for index, element in enumerate(node.elements)
            if (isinstance(element, Mapping) and element.text(selection[1]) == selection[2])
        ]
    return [int(step)] if _INDEX.fullmatch(step) and int(step) < len(node.elements) else []


def _set(node: Node, steps: list[str], change: Callable[[Node | None], Node], origin: Scalar | None) -> Node:
    if not steps:
        return change(node)
    step, rest = steps[0], steps[1:]
    if isinstance(node, Mapping):
        name = step.strip("[]") if "=" not in step else step
        child = node.entries.get(name)
        if child is None:
            if origin is None:
                raise _NoSuchFieldError
            new = change(None) if not rest else _set(empty_mapping(origin), rest, change, origin)
        else:
            new = _set(child, rest, change, origin)
        return node.with_entry(
            node.key(name) or key_like(origin or Scalar(node.source, node.start, node.end, name), name), new
        )
    if isinstance(node, Sequence):
        indices = _indices(node, step)
        if not indices:
            raise _NoSuchFieldError
        elements = list(node.elements)
        for index in indices:
            elements[index] = _set(elements[index], rest, change, origin)
        return node.with_elements(elements)
    raise _NoSuchFieldError
