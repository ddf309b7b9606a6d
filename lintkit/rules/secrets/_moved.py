"""Fixes that move literal secrets out of the tree: an ExternalSecret fetches them, and what used them points to it.

All secrets of one object move together, into one Secret. No text of a secret is ever part of an edit.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from lintkit.finding import Applicability, Fix, Moved
from lintkit.model.conditions import Scope, holds
from lintkit.model.flux import is_helm_release
from lintkit.model.kustomize.kustomization import resolve
from lintkit.rules.kustomize._entries import listed
from lintkit.rules.secrets._style import Entry, external_secret, style_for
from lintkit.rules.secrets._values import Changes
from lintkit.syntax.blocks import add_item, block_lead, entry_span, holder
from lintkit.syntax.node import Mapping, Node, Scalar, Sequence
from lintkit.syntax.rewrite import line_break
from lintkit.text.edit import Edit, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lintkit.model.profiles import Instead
    from lintkit.model.resource import Resource
    from lintkit.model.secrets import LiteralSecret
    from lintkit.model.tree import Tree
    from lintkit.model.value_references import ReleaseView
    from lintkit.rules.secrets._style import Style

_PLACEHOLDER = re.compile(r"\{([\w.-]*)(?:\|([^{}]*))?\}")
_PLAIN = re.compile(r"(?:[\w.~-]|\$\{\w+\})+")
_ENV_OF_POD = re.compile(r"(?:^|\.)(?:initC|c)ontainers\.\d+\.env\.\d+\.")
_ENV_OF_VALUES = re.compile(r"(?:initC|c)ontainers\.[^.]+\.env\.[^.]+$")
_WORKLOADS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job", "Pod"})


def fixes(tree: Tree, found: Iterable[LiteralSecret]) -> dict[tuple[str, int], Fix]:
    """(path, offset) of a secret -> the fix that moves it, with all of its object."""
    groups: dict[int, list[LiteralSecret]] = {}
    for one in found:
        groups.setdefault(id(one.resource.written), []).append(one)
    answer: dict[tuple[str, int], Fix] = {}
    for group in groups.values():
        moved = _Move(tree, group).fix()
        if moved is not None:
            fix, secrets = moved
            answer.update({(one.place.source.path, one.place.span.start): fix for one in secrets})
    return answer


class _Move:
    """One object whose secrets move."""

    def __init__(self, tree: Tree, secrets: list[LiteralSecret]) -> None:
        self.tree = tree
        self.secrets = secrets
        self.resource = secrets[0].resource
        self.written = self.resource.written
        self.view = _view(tree, self.resource)
        self.name = f"{self.resource.name}-credentials"
        self.changes = Changes(self.written.mapping_at("spec", "values") or self.written)
        self.entries: dict[str, Entry] = {}
        self.edits: list[Edit] = []
        self.targets: list[tuple[str, str]] = []
        self.moved: list[tuple[LiteralSecret, str]] = []
        self.shared: dict[str, str] = {}

    def fix(self) -> tuple[Fix, list[LiteralSecret]] | None:
        """The fix, and the secrets that it moves."""
        style = style_for(self.tree, self.resource)
        place = self._file(style) if style is not None else None
        if style is None or place is None or not self.resource.name or "${" in self.resource.name:
            return None
        for secret in self.secrets:
            self._way(secret)
        beside = self.changes.edits()
        given = self._values_from()
        if not self.moved or beside is None or given is None:
            return None
        path, listing = place
        item = f"{style.prefix}{self.resource.name}"
        namespace = self.written.text_at("metadata", "namespace") or ""
        text = external_secret(style, self.name, namespace, item, list(self.entries.values()))
        edits = (*self.edits, *beside, *given, *listing, Edit(path, Span(0, 0), text))
        moved = tuple(Moved(secret.place, *style.remote(item, field)) for secret, field in self.moved)
        title = f"move it to a vault: `{path}` fetches it"
        fix = Fix(title, edits, Applicability.UNSAFE, moved, tuple(self._notes(style, item)))
        return fix, [secret for secret, _ in self.moved]

    def _file(self, style: Style | None) -> tuple[str, tuple[Edit, ...]] | None:
        """Path of the new file, and the edits that list it."""
        folder = posixpath.dirname(self.resource.path)
        known = self.tree.repository
        names = [style.file_name, f"{self.resource.name}-{style.file_name}"] if style is not None else []
        path = next((one for name in names if not known.is_file(one := posixpath.join(folder, name))), None)
        taken = any(("Secret", self.name) in contracts.producers for contracts in self.tree.contracts)
        if path is None or taken or (self.view is not None and not _is_at_home(self.view)):
            return None
        above = next(
            (
                one
                for one in self.tree.kustomizations.values()
                if one.path and any(resolve(one.folder, entry.text) == self.resource.path for entry in one.resources())
            ),
            None,
        )
        if above is None:
            is_generated = not known.kustomization_files(folder)
            return (path, ()) if is_generated else None
        fix = listed(above, posixpath.relpath(path, above.folder or "."))
        return (path, fix.edits) if fix is not None else None

    def _way(self, secret: LiteralSecret) -> None:
        """Point what uses a secret to the new Secret, the best way that there is."""
        found = holder(self.written, secret.node)
        if found is None or secret.node.anchor or secret.place != secret.node.place:
            return
        mapping, key = found
        if is_helm_release(self.resource):
            path = _path(self.written, secret.node)
            if self.view is None or path is None or path[:2] != ("spec", "values"):
                return
            if self._by_profile(secret, mapping, key, path[2:]):
                return
            if self.view.profile is not None and self.view.profile.chart == "app-template":
                if _ENV_OF_VALUES.search(".".join(map(str, path))):
                    self._reference(secret, key, key, key.text)
                return
            self._by_target(secret, mapping, key, path[2:])
        elif self.resource.kind in _WORKLOADS and _ENV_OF_POD.search(secret.path) is not None:
            name = mapping.text("name") or ""
            if secret.form == "env" and key.text == "value" and name:
                self._reference(secret, key, None, name)

    def _by_profile(self, secret: LiteralSecret, mapping: Mapping, key: Scalar, path: tuple[str | int, ...]) -> bool:
        where = ".".join(map(str, path))
        for prefix, profile in self.view.profiles if self.view is not None else ():
            for way in profile.instead:
                if (f"{prefix}.{way.path}" if prefix else way.path) == where:
                    return self._instead(secret, mapping, key, way, prefix)
        return False

    def _instead(self, secret: LiteralSecret, mapping: Mapping, key: Scalar, way: Instead, prefix: str) -> bool:
        view = self.view
        if view is None or not all(holds(one, Scope(view.values, prefix)) for one in way.when):
            return False
        start = tuple(prefix.split(".")) if prefix else ()
        text = self._filled(way.text, start) if way.text else ""
        also = {name: self._filled(one, start) for name, one in way.also}
        if text is None or any(one is None for one in also.values()) or way.key in self.entries:
            return False
        values = view.values
        if values.get(*start, *way.secret.split(".")) is not None or values.is_set(*start, *way.secret.split(".")):
            return False
        field = self._field(secret, way, start)
        if not self.changes.put((*start, *way.secret.split(".")), self.name):
            return False
        if way.key_at:
            self.changes.put((*start, *way.key_at.split(".")), way.key)
        self.changes.drop(mapping, key.text)
        self.entries[way.key] = Entry(way.key, field, text)
        self.entries.update({name: Entry(name, "", one) for name, one in also.items() if one is not None})
        self.moved.append((secret, field))
        return True

    def _field(self, secret: LiteralSecret, way: Instead, start: tuple[str, ...]) -> str:
        """The field of the vault: that of another literal which must be the same, else one of its own."""
        path = ".".join((*start, *way.path.split(".")))
        if path in self.shared:
            return self.shared[path]
        shares = ".".join((*start, *way.shares.split("."))) if way.shares else ""
        node = self.changes.root.at(*shares.split(".")) if shares else None
        is_same = isinstance(node, Scalar) and node.text == secret.node.text
        field = "password" if way.text and is_same else f"{way.key}-password" if way.text else way.key
        taken = {entry.field for entry in self.entries.values()} | set(self.shared.values())
        if field in taken:
            field = "-".join((*start, field))
        if is_same:
            self.shared[shares] = field
        return field

    def _filled(self, text: str, start: tuple[str, ...]) -> str | None:
        """A text with the values that it names; None where one is missing, or needs to be escaped."""
        parts: list[str] = []
        at = 0
        for found in _PLACEHOLDER.finditer(text):
            parts.append(text[at : found.start()])
            at = found.end()
            if not found[1]:
                parts.append("{}")
                continue
            value = self.view.values.text(*start, *found[1].split(".")) if self.view is not None else ""
            value = value or found[2] or ""
            if not _PLAIN.fullmatch(value):
                return None
            parts.append(value)
        return "".join([*parts, text[at:]])

    def _by_target(self, secret: LiteralSecret, mapping: Mapping, key: Scalar, path: tuple[str | int, ...]) -> None:
        """`valuesFrom` with `targetPath`: for a chart that knows no better."""
        steps = [step for step in path if isinstance(step, str) and re.fullmatch(r"[\w-]+", step)]
        if len(steps) < len(path) or len(mapping.pairs) < 2:
            return
        name = key.text if key.text not in self.entries else "-".join(steps)
        self.changes.drop(mapping, key.text)
        self.entries[name] = Entry(name, name)
        self.targets.append((name, ".".join(steps)))
        self.moved.append((secret, name))

    def _values_from(self) -> list[Edit] | None:
        if not self.targets:
            return []
        spec = self.written.mapping_at("spec")
        items = [f"kind: Secret\nname: {self.name}\nvaluesKey: {key}\ntargetPath: {path}" for key, path in self.targets]
        node = spec.get("valuesFrom") if spec is not None else None
        if isinstance(node, Sequence):
            added = [add_item(node, item) for item in items]
            return [edit for one in added for edit in one or ()] if all(added) else None
        span = entry_span(spec, "values") if spec is not None else None
        lead = block_lead(spec.source, spec.pairs[0][0]) if spec is not None else None
        if spec is None or node is not None or span is None or lead is None:
            return None
        lines = ["valuesFrom:"]
        for item in items:
            first, *rest = item.split("\n")
            lines += [f"  - {first}", *(f"    {line}" for line in rest)]
        text = "".join(" " * lead + line + line_break(spec.source) for line in lines)
        return [Edit(spec.source.path, Span(span.start, span.start), text)]

    def _reference(self, secret: LiteralSecret, key: Scalar, env: Scalar | None, name: str) -> None:
        """`valueFrom.secretKeyRef` in place of a value."""
        source, lead = key.source, block_lead(key.source, key)
        if lead is None or name in self.entries or secret.node.style in {"|", ">"}:
            return
        inner = lead + 2 if env is not None else lead
        lines = ["valueFrom:", "  secretKeyRef:", f"    name: {self.name}", f"    key: {name}"]
        break_ = line_break(source)
        if env is not None:
            text = source.text[key.start : key.end] + ":" + "".join(f"{break_}{' ' * inner}{line}" for line in lines)
        else:
            text = (break_ + " " * inner).join(lines)
        self.edits.append(Edit(source.path, Span(key.start, secret.node.end), text))
        self.entries[name] = Entry(name, name)
        self.moved.append((secret, name))

    def _notes(self, style: Style, item: str) -> Iterator[str]:
        fields = list(dict.fromkeys(field for _, field in self.moved))
        kind, store = style.store
        if style.has_fields:
            yield f"put into the vault of {kind} `{store}`: item `{item}`, {_named('field', fields)}"
        else:
            items = [style.remote(item, field)[0] for field in fields]
            yield f"put into the vault of {kind} `{store}`: {_named('item', items)}"
        if style.is_onepassword and style.has_fields:
            shown = " ".join(f"'{field}[password]=…'" for field in fields)
            yield f"  op item create --category login --vault VAULT --title '{item}' {shown}"
            yield f"  or, where the item exists: op item edit '{item}' --vault VAULT {shown}"
        yield "what was committed can be read in the history for ever: change it, do not only move it"


def _named(what: str, names: list[str]) -> str:
    return f"{what}{'' if len(names) == 1 else 's'} {', '.join(f'`{name}`' for name in names)}"


def _view(tree: Tree, resource: Resource) -> ReleaseView | None:
    views = (view for contracts in tree.contracts for view in contracts.views)
    return next((view for view in views if view.release.resource.written is resource.written), None)


def _is_at_home(view: ReleaseView) -> bool:
    """Whether the release is installed where its HelmRelease is."""
    return view.release.release_namespace == view.release.resource.namespace


def _path(root: Node, wanted: Node) -> tuple[str | int, ...] | None:
    """The key path of a node, as it is written."""
    stack: list[tuple[tuple[str | int, ...], Node]] = [((), root)]
    while stack:
        path, node = stack.pop()
        if node is wanted:
            return path
        if isinstance(node, Mapping):
            stack += [((*path, key.text), value) for key, value in node.pairs if isinstance(key, Scalar)]
        elif isinstance(node, Sequence):
            stack += [((*path, index), child) for index, child in enumerate(node.children)]
    return None
