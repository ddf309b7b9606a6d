"""How the ExternalSecrets of a tree are written: the store, the keys, the form; and a new one in that style."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lintkit.syntax.rewrite import line_break, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lintkit.model.resource import Resource
    from lintkit.model.tree import Tree


_GIVEN_BY_VAULT = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z0-9]{26}")
"""Items that the vault names itself: none can be told before it is there."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a Secret that is to be made.

    Attributes:
        key: The key.
        field: Field of the vault's item that it comes from.
        text: Template of its value where that is more than the field: `{}` stands for the field.
    """

    key: str
    field: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Style:
    """What a new ExternalSecret takes from those that are there.

    Attributes:
        model: The one that it is modelled on.
        prefix: What the items of all of them start with.
        file_name: What their files are called.
        has_fields: Whether an item of the vault has several fields.
    """

    model: Resource
    prefix: str
    file_name: str
    has_fields: bool = True

    @property
    def store(self) -> tuple[str, str]:
        """Kind and name of the store."""
        reference = ("spec", "secretStoreRef")
        return self.model.text(*reference, "kind") or "SecretStore", self.model.text(*reference, "name") or ""

    def remote(self, item: str, field: str) -> tuple[str, str]:
        """Item and field of the vault; where the tree keeps one value in each item, an item alone."""
        if self.has_fields:
            return item, field
        return f"{item}{'/' if '/' in item else '-'}{field}", ""

    @property
    def is_onepassword(self) -> bool:
        """Whether the store is 1Password, as far as its name tells."""
        name = self.store[1].lower().replace("-", "")
        return "onepassword" in name or "1password" in name


def style_for(tree: Tree, resource: Resource) -> Style | None:
    """The style of the ExternalSecrets with the most common store, modelled on the nearest of them."""
    usable = [one for one in _external_secrets(tree) if _is_usable(one, resource)]
    if not usable:
        return None
    stores = Counter(_store(one) for one in usable)
    common = max(sorted(stores), key=lambda store: stores[store])
    alike = sorted((one for one in usable if _store(one) == common), key=lambda one: one.path)
    model = max(alike, key=lambda one: _nearness(one, resource))
    keys = [key for one in alike for key in _remote_keys(one)]
    if any(_GIVEN_BY_VAULT.fullmatch(key) for key in keys):
        return None
    fields = [entry.text_at("remoteRef", "property") for one in alike for entry in one.root.mappings_at("spec", "data")]
    has_fields = not fields or sum(field is not None for field in fields) * 2 >= len(fields)
    prefix = posixpath.commonprefix([key[: key.rfind("/") + 1] for key in keys]) if keys else ""
    names = Counter(posixpath.basename(one.path) for one in usable)
    typical = [name for name in sorted(names) if "external" in name.lower()]
    file_name = max(typical, key=lambda name: names[name]) if typical else "externalsecret.yaml"
    return Style(model, prefix[: prefix.rfind("/") + 1], file_name, has_fields)


def external_secret(style: Style, name: str, namespace: str, item: str, entries: list[Entry]) -> str:
    """The text of a new ExternalSecret."""
    model = style.model
    written = model.root.mapping_at("spec", "secretStoreRef")
    is_kind_first = written is not None and list(written.entries)[:1] == ["kind"]
    kind, store = style.store
    lines = ["---"] if model.source.text.lstrip("\ufeff").startswith("---") else []
    lines += [f"apiVersion: {model.api_version}", "kind: ExternalSecret", "metadata:", f"  name: {quoted(name)}"]
    lines += [f"  namespace: {quoted(namespace)}"] if namespace else []
    lines.append("spec:")
    interval = model.text("spec", "refreshInterval")
    lines += [f"  refreshInterval: {quoted(interval)}"] if interval else []
    reference = [f"    name: {quoted(store)}", f"    kind: {kind}"]
    lines += ["  secretStoreRef:", *(reversed(reference) if is_kind_first else reference)]
    lines += ["  target:", f"    name: {quoted(name)}"]
    policy = model.text("spec", "target", "creationPolicy")
    lines += [f"    creationPolicy: {policy}"] if policy else []
    is_templated = any(entry.text or not entry.field for entry in entries)
    names = {entry.field: _name(entry, templated=is_templated) for entry in entries if entry.field}
    if is_templated:
        lines += ["    template:", "      engineVersion: v2", "      data:"]
        lines += [f"        {entry.key}: {_template(entry, names.get(entry.field, ''))}" for entry in entries]
    lines.append("  data:")
    for field, secret_key in names.items():
        lines += [f"    - secretKey: {quoted(secret_key)}", "      remoteRef:"]
        remote, part = style.remote(item, field)
        lines.append(f"        key: {quoted(remote)}")
        lines += [f"        property: {quoted(part)}"] if part else []
    return line_break(model.source).join(lines) + line_break(model.source)


def _name(entry: Entry, *, templated: bool) -> str:
    return entry.field.replace("-", "_").replace(".", "_") if templated else entry.key


def _template(entry: Entry, name: str) -> str:
    if not entry.field:
        return _in_quotes(entry.text)
    if not entry.text:
        return _in_quotes(f"{{{{ .{name} }}}}")
    return _in_quotes(entry.text.replace("{}", f"{{{{ .{name} | urlquery }}}}"))


def _in_quotes(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _external_secrets(tree: Tree) -> Iterable[Resource]:
    archived = tree.archived_files
    return [one for one in tree.written if one.kind == "ExternalSecret" and one.path not in archived]


def _is_usable(one: Resource, resource: Resource) -> bool:
    """Whether the store of an ExternalSecret can be used from where another object is."""
    kind, name = _store(one)
    if not name or "${" in name:
        return False
    is_beside = posixpath.dirname(one.path) == posixpath.dirname(resource.path)
    is_near = one.namespace == resource.namespace and (bool(one.namespace) or is_beside)
    return kind == "ClusterSecretStore" or is_near


def _store(one: Resource) -> tuple[str, str]:
    return one.text("spec", "secretStoreRef", "kind") or "SecretStore", one.text("spec", "secretStoreRef", "name") or ""


def _remote_keys(one: Resource) -> list[str]:
    found = [entry.text_at("remoteRef", "key") for entry in one.root.mappings_at("spec", "data")]
    found += [entry.text_at("extract", "key") for entry in one.root.mappings_at("spec", "dataFrom")]
    return [key for key in found if key]


def _nearness(one: Resource, resource: Resource) -> tuple[int, bool]:
    shared = posixpath.commonpath([posixpath.dirname(one.path) or ".", posixpath.dirname(resource.path) or "."])
    return len([part for part in shared.split("/") if part]), bool(one.root.elements_at("spec", "data"))
