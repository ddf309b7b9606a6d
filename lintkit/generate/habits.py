"""How the Flux Kustomizations, ExternalSecrets and namespaces of a repository look."""

from __future__ import annotations

import posixpath
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lintkit.generate.habit import HALF, order_of, share, usual, usual_fields
from lintkit.model.cluster import is_archived
from lintkit.model.flux import FluxKustomization, is_kustomization

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lintkit.generate.layout import Layout
    from lintkit.model.resource import Resource
    from lintkit.model.tree import Tree

_FLUX = ("interval", "prune", "retryInterval", "sourceRef", "timeout", "wait", "deletionPolicy", "force", "decryption")
_SECRET = ("refreshInterval", "refreshPolicy")


@dataclass(frozen=True, slots=True)
class FluxHabits:
    """How Flux Kustomizations look.

    Attributes:
        spec: Fields that most have, with their values.
        order: Fields of `spec` in their usual order.
        namespace: `metadata.namespace`: empty for none, `{namespace}` for that of the app.
        targets: Whether they have `targetNamespace`.
        labels: Whether `commonMetadata` labels the objects with the name of the app.
        variables: `postBuild.substitute` that most have; the name of the app stands for itself as None.
        substitute_from: `postBuild.substituteFrom` that most have.
        path: Format of `path`: `./{}`.
    """

    spec: Mapping[str, Any]
    order: tuple[str, ...] = ()
    namespace: str = "flux-system"
    targets: bool = True
    labels: bool = False
    variables: Mapping[str, str | None] = field(default_factory=dict)
    substitute_from: tuple[Mapping[str, Any], ...] = ()
    path: str = "./{}"


@dataclass(frozen=True, slots=True)
class SecretHabits:
    """How ExternalSecrets look.

    Attributes:
        spec: Fields that most have.
        order: Fields of `spec` in their usual order.
        store_kind: Kind of the store.
        store: Its name; empty when the tree has none.
        keys: `property` (item, and field), `path` (`item/field`) or `extract` (all fields of an item).
        target: Fields of `target` that most have.
        metadata: Annotations and labels that most have.
    """

    spec: Mapping[str, Any]
    order: tuple[str, ...] = ()
    store_kind: str = "ClusterSecretStore"
    store: str = ""
    keys: str = "property"
    target: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NamespaceHabits:
    """How the folder of a namespace looks.

    Attributes:
        has_field: Whether its kustomization sets `namespace`.
        has_file: Whether it holds the Namespace itself.
        components: Components that most list.
        metadata: Labels and annotations that most Namespaces have.
    """

    has_field: bool = False
    has_file: bool = True
    components: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)


def spec_of(resource: Resource) -> dict[str, Any]:
    """`spec` of an object as plain values."""
    node = resource.root.mapping_at("spec")
    return node.value if node is not None else {}


def _metadata(resource: Resource) -> dict[str, Any]:
    node = resource.root.mapping_at("metadata")
    return node.value if node is not None else {}


def flux_habits(tree: Tree, layout: Layout) -> FluxHabits:
    """How the Flux Kustomizations of the apps look."""
    views = [
        resource
        for resource in tree.written
        if is_kustomization(resource)
        and (path := FluxKustomization(resource).path)
        and path.startswith(f"{layout.base}/")
        and resource.path.startswith(f"{layout.base}/")
    ]
    source = {"kind": "GitRepository", "name": "flux-system", "namespace": "flux-system"}
    if not views:
        spec = {
            "interval": "1h", "prune": True, "retryInterval": "2m", "sourceRef": source, "timeout": "10m", "wait": True,
        }  # fmt: skip
        return FluxHabits(spec)
    specs = [spec_of(resource) for resource in views]
    spec = {"interval": "1h", "prune": True, "sourceRef": source, **usual_fields(specs, _FLUX)}
    own = [resource.namespace for resource in views]
    if len(set(own)) > 1 or own[0] not in {"", "flux-system"}:
        own = ["{namespace}" if one == _folder_namespace(resource, layout) else one
               for one, resource in zip(own, views, strict=True)]  # fmt: skip
    builds = [(resource.name, post if isinstance(post := spec.get("postBuild"), dict) else {})
              for resource, spec in zip(views, specs, strict=True)]  # fmt: skip
    variables: dict[str, str | None] = {}
    given = [{key: None if value == name else value for key, value in (post.get("substitute") or {}).items()}
             for name, post in builds]  # fmt: skip
    for key in {key for one in given for key in one}:
        if share(key in one for one in given) > HALF and share(one[key] is None for one in given if key in one) > HALF:
            variables[key] = None
    lists = [post.get("substituteFrom") or [] for _, post in builds]
    labels = [
        ((spec.get("commonMetadata") or {}).get("labels") or {}).get("app.kubernetes.io/name") == resource.name
        for resource, spec in zip(views, specs, strict=True)
    ]
    return FluxHabits(
        spec,
        order_of(specs),
        usual(own, 0.4) or "",
        targets=share("targetNamespace" in spec for spec in specs) > HALF,
        labels=share(labels) > HALF,
        variables=variables,
        substitute_from=tuple(usual(lists) or ()),
        path="./{}" if share(str(spec.get("path", "")).startswith("./") for spec in specs) > HALF else "{}",
    )


def _folder_namespace(resource: Resource, layout: Layout) -> str:
    return resource.path[len(layout.base) + 1 :].split("/")[0]


def secret_habits(close: list[Resource], written: list[Resource]) -> SecretHabits:
    """How ExternalSecrets look: those close to the apps, else all."""
    found = [one for one in close if one.kind == "ExternalSecret"] or [
        one for one in written if one.kind == "ExternalSecret"
    ]
    specs = [spec_of(one) for one in found]
    stores = [one for one in close or written if one.kind == "ClusterSecretStore"]
    refs = Counter(
        (str(ref.get("kind", "SecretStore")), str(ref["name"]))
        for spec in specs
        if isinstance(ref := spec.get("secretStoreRef"), dict) and "name" in ref
    )
    named = [one for one, _ in refs.most_common() if one[0] == "ClusterSecretStore"]
    kind, store = named[0] if named else ("ClusterSecretStore", stores[0].name if stores else "")
    providers = {one.name: set(spec_of(one).get("provider") or {}) for one in written if one.kind == kind}
    default = "path" if "onepasswordSDK" in providers.get(store, set()) else "property"
    targets = [target if isinstance(target := spec.get("target"), dict) else {} for spec in specs]
    metadata = [_metadata(one) for one in found]
    common: dict[str, Any] = {}
    for part in ("annotations", "labels"):
        mappings = [one.get(part) or {} for one in metadata]
        if fields := usual_fields(mappings, {key for mapping in mappings for key in mapping}):
            common[part] = fields
    return SecretHabits(
        usual_fields(specs, _SECRET) if specs else {"refreshInterval": "1h"},
        order_of(specs),
        kind,
        store,
        _keys(specs, store, default),
        usual_fields(targets, ("creationPolicy", "deletionPolicy")),
        common,
    )


def _keys(specs: Iterable[dict[str, Any]], store: str, default: str) -> str:
    """How most ExternalSecrets of a store name the fields they want."""
    styles: Counter[str] = Counter()
    for spec in specs:
        if (spec.get("secretStoreRef") or {}).get("name") != store:
            continue
        for one in spec.get("data") or ():
            ref = one.get("remoteRef") or {}
            styles["property" if ref.get("property") else "path" if "/" in str(ref.get("key")) else "other"] += 1
        styles["extract"] += sum("extract" in one for one in spec.get("dataFrom") or ())
    del styles["other"]
    if default == "path":
        del styles["property"]
    return styles.most_common(1)[0][0] if styles.total() else default


def namespace_habits(tree: Tree, layout: Layout) -> NamespaceHabits:
    """How the folders of namespaces look."""
    kustomizations = [
        one
        for folder, one in tree.kustomizations.items()
        if layout.kind == "apps" and posixpath.dirname(folder) == layout.base and not one.is_component
    ]
    objects = [one for one in tree.written if one.kind == "Namespace" and not one.group and not is_archived(one.path)]
    metadata = [_metadata(one) for one in objects]
    common: dict[str, Any] = {}
    for part in ("annotations", "labels") if len(objects) > 1 else ("annotations",):  # one label is no habit
        mappings = [one.get(part) or {} for one in metadata]
        if fields := usual_fields(mappings, {key for mapping in mappings for key in mapping}):
            common[part] = {key: value for key, value in fields.items() if isinstance(value, str)}
    if not kustomizations:
        if not objects:
            common = {"annotations": {"kustomize.toolkit.fluxcd.io/prune": "disabled"}}
        return NamespaceHabits(metadata=common)
    lists = [[entry.text for entry in one.scalars("components")] for one in kustomizations]
    components = sorted({entry for one in lists for entry in one})
    here = {posixpath.dirname(one.path) for one in objects}
    if not any(folder in here for folder in (one.folder for one in kustomizations)) and not objects:
        common = {"annotations": {"kustomize.toolkit.fluxcd.io/prune": "disabled"}}
    by_component = share(one.folder not in here for one in kustomizations) > HALF
    return NamespaceHabits(
        share("namespace" in one.fields for one in kustomizations) > HALF,
        not (by_component and any("namespace" in entry or "common" in entry for entry in components)),
        tuple(entry for entry in components if share(entry in one for one in lists) > HALF),
        common,
    )
