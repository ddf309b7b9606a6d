"""`vars` of a kustomization as `replacements`, where every use of them is known and is a whole value.

Facts: kustomize puts a variable into `command`, `args` and the values of `env` of containers (its `varReference`), also
in the middle of a text; a replacement takes the place of a whole value, and runs after everything else.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from lintkit.finding import Applicability, Fix
from lintkit.model.kustomize.kustomization import resolve
from lintkit.model.resource import make, manifests
from lintkit.syntax.blocks import entry_span
from lintkit.syntax.node import Mapping, Scalar, Sequence, walk
from lintkit.syntax.rewrite import line_break
from lintkit.text.edit import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.kustomize.kustomization import Kustomization
    from lintkit.model.resource import Resource
    from lintkit.model.tree import Tree
    from lintkit.syntax.node import KeyPath, Node

_KINDS = frozenset({"CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "StatefulSet"})
_PLAIN = re.compile(r"[A-Za-z][\w./-]*")


class _Use(NamedTuple):
    """A value that a variable takes the place of."""

    resource: Resource
    path: KeyPath


def replaced(tree: Tree, kustomization: Kustomization, key: Scalar, value: Node) -> Fix | None:
    """The fix of `vars`; None where a use of one is not a whole value, or not in a file that is listed here."""
    span = entry_span(kustomization.root, key.text)
    if not isinstance(value, Sequence) or span is None or "replacements" in kustomization.fields:
        return None
    source = key.source
    if "#" in source.text[span.start : span.end] or kustomization.root.flow:
        return None
    resources = list(_listed(tree, kustomization))
    lines = ["replacements:"]
    for entry in value.elements:
        made = _replacement(tree, resources, entry) if isinstance(entry, Mapping) else None
        if made is None:
            return None
        lines += made
    if len(lines) == 1:
        return None
    break_ = line_break(source)
    ends = source.text[span.start : span.end].endswith(("\n", "\r"))
    text = break_.join(lines) + (break_ if ends else "")
    return Fix("write it as `replacements`", (Edit(source.path, span, text),), Applicability.UNSAFE)


def _replacement(tree: Tree, resources: list[Resource], entry: Mapping) -> list[str] | None:
    """The lines of one variable; None where they would not mean the same."""
    name, kind, of = entry.text("name"), entry.text_at("objref", "kind"), entry.text_at("objref", "name")
    field = entry.text_at("fieldref", "fieldpath") or entry.text_at("fieldref", "fieldPath") or "metadata.name"
    if not (name and kind and of and _PLAIN.fullmatch(of) and _PLAIN.fullmatch(field)):
        return None
    found = [one for one in resources if one.kind == kind and one.name == of]
    if len(found) != 1 or not isinstance(found[0].at(*field.split(".")), Scalar):
        return None
    uses = _uses(tree, resources, f"$({name})")
    if not uses or any(not _PLAIN.fullmatch(one.resource.name) for one in uses):
        return None
    targets: dict[tuple[str, str], list[str]] = {}
    for one in uses:
        written = _field_path(one)
        if written is None:
            return None
        targets.setdefault((one.resource.kind, one.resource.name), []).append(written)
    lines = ["  - source:", f"      kind: {kind}", f"      name: {of}", f"      fieldPath: {field}", "    targets:"]
    for (target, called), paths in targets.items():
        lines += ["      - select:", f"          kind: {target}", f"          name: {called}", "        fieldPaths:"]
        lines += [f"          - {path}" for path in paths]
    return lines


def _listed(tree: Tree, kustomization: Kustomization) -> Iterator[Resource]:
    """The objects of the files that a kustomization lists itself."""
    for entry in kustomization.resources():
        path = resolve(kustomization.folder, entry.text)
        stream = tree.repository.stream(path) if path is not None and tree.repository.is_file(path) else None
        for root in manifests(stream) if stream is not None else ():
            yield make(root)


def _uses(tree: Tree, resources: list[Resource], text: str) -> list[_Use] | None:
    """Where a variable is used; None where one of these places is out of a replacement's reach."""
    found = [
        _Use(resource, path)
        for resource in resources
        for path, node in walk(resource.root)
        if isinstance(node, Scalar) and node.text == text
    ]
    everywhere = sum(stream.source.text.count(text) for stream in tree.streams)
    return found if len(found) == everywhere and all(_is_variable_place(one) for one in found) else None


def _is_variable_place(use: _Use) -> bool:
    """Whether kustomize puts variables there."""
    if use.resource.kind not in _KINDS or not {"containers", "initContainers"} & set(use.path):
        return False
    if use.path[-1] == "value":
        return use.path[-3:-2] == ("env",)
    return use.path[-2:-1] in {("command",), ("args",)}


def _field_path(use: _Use) -> str | None:
    """The path of a value as a replacement writes it: elements by their names, else by their positions."""
    steps: list[str] = []
    node: Node | None = use.resource.root
    for step in use.path:
        child = node.at(step) if node is not None else None
        if isinstance(step, int):
            name = child.text_at("name") if isinstance(child, Mapping) else None
            if name is not None and not re.fullmatch(r"[\w-]+", name):
                return None
            steps.append(f"[name={name}]" if name else str(step))
        else:
            steps.append(step)
        node = child
    return ".".join(steps)
