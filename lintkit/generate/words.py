"""What templates may use besides the answers: functions that ask the tree, and the parts of manifests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lintkit.generate.pieces import Pieces


def words(pieces: Pieces, name: str) -> dict[str, Any]:
    """Name -> value or function."""
    found, style = pieces.found, pieces.style

    def provider(kind: str, name: str = "", namespace: str | None = None) -> str:
        """`namespace/name` of the Flux Kustomization that applies an object; empty when there is none."""
        one = found.provider(kind, name, namespace)
        return f"{one.namespace}/{one.name}" if one else ""

    def has(kind: str, name: str = "", namespace: str | None = None) -> bool:
        """Whether the tree has an object of a kind."""
        return any(not name or one.name == name for one in found.objects(kind, namespace))

    def namespace_of(kind: str, name: str) -> str:
        """Namespace of an object; empty when there is none."""
        return next((one.namespace for one in found.objects(kind) if one.name == name), "")

    def first(kind: str) -> str:
        """Name of the first object of a kind; empty when there is none."""
        return next((one.name for one in found.objects(kind)), "")

    def labels_of(kind: str) -> dict[str, str]:
        """Labels of the first object of a kind."""
        node = next((one.root.mapping_at("metadata", "labels") for one in found.objects(kind)), None)
        return {key: str(value) for key, value in node.value.items()} if node is not None else {}

    def release_of(*charts: str) -> dict[str, str]:
        """Name and namespace of the first release of a chart; empty when there is none."""
        for chart in charts:
            one = found.release(chart)
            if one is not None:
                return {"name": one.name, "namespace": one.namespace}
        return {}

    def existing_namespace(*names: str) -> str:
        """The first of these namespaces that the tree has; else the first."""
        return next((one for one in names if found.namespace_file(one) or _has_folder(pieces, one)), names[0])

    def external_secret_keys(name: str, namespace: str) -> list[str]:
        """Names of the keys that an ExternalSecret of the tree lists."""
        for one in found.objects("ExternalSecret", namespace):
            if one.name == name:
                return [text for part in one.root.mappings_at("spec", "data") if (text := part.text("secretKey"))]
        return []

    def fields(keys: list[str], item: str) -> list[list[str]]:
        """`KEY` or `KEY=field` -> key, item, field."""
        return [[key.partition("=")[0], item, key.partition("=")[2] or key.partition("=")[0]] for key in keys]

    def store_provider() -> str:
        """The Flux Kustomization that applies the store of secrets."""
        return provider(style.secrets.store_kind, style.secrets.store)

    def flux(name: str) -> str:
        """`namespace/name` of a Flux Kustomization; empty when there is none."""
        return next((f"{one.namespace}/{name}" for one in found.objects("Kustomization") if one.name == name), "")

    return {
        "fields": fields,
        "store_provider": store_provider,
        "flux": flux,
        "is_folder": found.tree.repository.is_folder,
        "name": name,
        "store": style.secrets.store,
        "store_kind": style.secrets.store_kind,
        "layout": {"kind": style.layout.kind, "base": style.layout.base, "app": style.layout.app_folder},
        "git_url": found.git_url,
        "app_path": style.layout.app,
        "manifests_path": style.layout.manifests,
        "provider": provider,
        "has": has,
        "first": first,
        "namespace_of": namespace_of,
        "labels_of": labels_of,
        "release_of": release_of,
        "existing_namespace": existing_namespace,
        "external_secret_keys": external_secret_keys,
        "release": pieces.release,
        "external_secret": pieces.external_secret,
        "items": pieces.items,
    }


def _has_folder(pieces: Pieces, namespace: str) -> bool:
    layout = pieces.style.layout
    return pieces.found.tree.repository.is_folder(f"{layout.base}/{namespace}")
