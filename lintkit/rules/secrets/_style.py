"""How the ExternalSecrets of a tree are written: the store, the keys, the form; and a new one in that style."""

from __future__ import annotations

import posixpath
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lintkit.syntax.rewrite import line_break, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lintkit.model.resource import Resource
    from lintkit.model.tree import Tree


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
    """What a new ExternalSecret takes from the one that it is modelled on."""

    model: Resource
    prefix: str
    file_name: str

    @property
    def store(self) -> tuple[str, str]:
        """Kind and name of the store."""
        reference = ("spec", "secretStoreRef")
        return self.model.text(*reference, "kind") or "SecretStore", self.model.text(*reference, "name") or ""

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
    prefix = posixpath.commonprefix([f"{posixpath.dirname(key)}/" for key in keys]) if keys else ""
    names = Counter(posixpath.basename(one.path) for one in usable)
    typical = [name for name in sorted(names) if "external" in name.lower()]
    file_name = max(typical, key=lambda name: names[name]) if typical else "externalsecret.yaml"
    return Style(model, prefix[: prefix.rfind("/") + 1].lstrip("/"), file_name)


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
        lines += [f"        key: {quoted(item)}", f"        property: {quoted(field)}"]
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
    return bool(name) and "${" not in name and (kind == "ClusterSecretStore" or one.namespace == resource.namespace)


def _store(one: Resource) -> tuple[str, str]:
    return one.text("spec", "secretStoreRef", "kind") or "SecretStore", one.text("spec", "secretStoreRef", "name") or ""


def _remote_keys(one: Resource) -> list[str]:
    found = [entry.text_at("remoteRef", "key") for entry in one.root.mappings_at("spec", "data")]
    found += [entry.text_at("extract", "key") for entry in one.root.mappings_at("spec", "dataFrom")]
    return [key for key in found if key]


def _nearness(one: Resource, resource: Resource) -> tuple[int, bool]:
    shared = posixpath.commonpath([posixpath.dirname(one.path) or ".", posixpath.dirname(resource.path) or "."])
    return len([part for part in shared.split("/") if part]), bool(one.root.elements_at("spec", "data"))
