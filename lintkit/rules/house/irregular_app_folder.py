"""The rule `irregular-app-folder`."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from lintkit.finding import Applicability, Finding, Fix, Related, Severity
from lintkit.model.flux import FluxKustomization, is_kustomization, normal_path
from lintkit.model.kustomize.kustomization import resolve
from lintkit.rules._rule import rule
from lintkit.rules.house._folders import apps, place_in, place_of
from lintkit.rules.house._objects import all_objects
from lintkit.suppress import glob
from lintkit.syntax.node import Scalar, Sequence
from lintkit.syntax.rewrite import append_item, replace_scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.kustomize.kustomization import Kustomization
    from lintkit.model.resource import Resource
    from lintkit.model.tree import Tree
    from lintkit.options import Options
    from lintkit.rules.house._folders import App
    from lintkit.syntax.node import Node, Place

_GENERATES = (
    "resources", "bases", "components", "generators", "configMapGenerator", "secretGenerator", "helmCharts",
)  # fmt: skip


@rule(severity=Severity.ERROR, since="0.1")
def irregular_app_folder(tree: Tree, options: Options) -> Iterator[Finding]:
    """The folder of an app is not as `app-folders` in the configuration says.

    `app-folders` names the folders that are apps, the files that each must have, the kustomization that must list it,
    and what its Flux Kustomizations are called and point to. Without it the rule is silent.

    ## Why
    Conventions are what people and scripts rely on. An app that nothing registers is never applied, and nobody is
    told; one whose `spec.path` was copied from its neighbour applies the neighbour twice.

    ## Bad
    ```yaml .lintkit.yaml
    app-folders:
      - path: apps/{namespace}/{app}
        files: [ks.yaml, app/kustomization.yaml]
        registered-in: apps/{namespace}/kustomization.yaml
        entry: ks.yaml
        flux:
          name: "{app}"
          path: "{folder}/app"
    ```
    ```yaml apps/web/kustomization.yaml
    resources: # error: does not list `./blog/ks.yaml`, which the convention wants of every app
      - ./shop/ks.yaml
    ```
    ```yaml apps/web/shop/ks.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: shop
      namespace: flux-system
    spec:
      interval: 1h
      prune: true
      path: ./apps/web/blog/app # error: the convention wants `./apps/web/shop/app`
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```
    ```yaml apps/web/shop/app/kustomization.yaml
    resources: []
    ```
    ```yaml apps/web/blog/ks.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: blog # error: `apps/web/blog` has no `app/kustomization.yaml`
      namespace: flux-system
    spec:
      interval: 1h
      prune: true
      path: ./apps/web/blog/app
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    ## Good
    ```yaml apps/web/kustomization.yaml
    resources:
      - ./blog/ks.yaml
      - ./shop/ks.yaml
    ```
    ```yaml apps/web/shop/ks.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: shop
      namespace: flux-system
    spec:
      interval: 1h
      prune: true
      path: ./apps/web/shop/app
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```
    ```yaml apps/web/blog/app/kustomization.yaml
    resources: []
    ```
    """
    if not options.app_folders:
        return
    flux: dict[str, list[Resource]] = {}
    for resource in all_objects(tree):
        if is_kustomization(resource):
            flux.setdefault(resource.path, []).append(resource)
    for app in apps(tree, options.app_folders):
        place = place_in(tree, app)
        if place is not None:
            yield from _files(tree, app, place)
            yield from _contents(tree, app)
            yield from _registration(tree, app, place)
            yield from _flux(tree, app, flux)


def _files(tree: Tree, app: App, place: Place) -> Iterator[Finding]:
    """Files that are missing, and choices that are not made."""
    for file in app.convention.files:
        if not app.has(file):
            name = app.fill(file)
            close = get_close_matches(name, app.files, 1, 0.85)
            hint = f"; did you mean `{close[0]}`?" if close else ""
            yield Finding.at(place, f"`{app.folder}` has no `{name}`{hint}")
    for choice in app.convention.one_of:
        if choice.when and not app.has(choice.when):
            continue
        names = [app.fill(file) for file in choice.files]
        found = [file for file in app.files if any(glob(name).fullmatch(file) for name in names)]
        if len(found) != 1:
            here = place_of(tree, app.below(choice.when)) if choice.when else None
            wanted = ", ".join(f"`{name}`" for name in names)
            have = " and ".join(f"`{file}`" for file in found) or "none"
            yield Finding.at(here or place, f"`{app.folder}` needs exactly one of {wanted}; it has {have}")


def _contents(tree: Tree, app: App) -> Iterator[Finding]:
    """Kustomizations that make nothing."""
    for file in app.convention.not_empty:
        path = app.below(file)
        kustomization = tree.kustomizations.get(path.rpartition("/")[0])
        if kustomization is None or kustomization.path != path:
            continue
        if not any(_elements(kustomization, name) for name in _GENERATES):
            place = place_of(tree, path)
            if place is not None:
                yield Finding.at(place, f"`{path}` lists no resource, component or generator")


def _elements(kustomization: Kustomization, name: str) -> list[Node]:
    node = kustomization.fields.get(name)
    elements = node.elements if isinstance(node, Sequence) else []
    return [one for one in elements if not (isinstance(one, Scalar) and one.is_null)]


def _registration(tree: Tree, app: App, place: Place) -> Iterator[Finding]:
    """Apps that the kustomization of their parent does not list."""
    convention = app.convention
    if not convention.registered_in:
        return
    path = normal_path(app.fill(convention.registered_in))
    wanted = app.below(convention.entry) if convention.entry else app.folder
    parent = tree.kustomizations.get(path.rpartition("/")[0])
    if parent is None or parent.path != path:
        yield Finding.at(place, f"nothing registers `{app.folder}`: there is no `{path}`")
        return
    entries = [*parent.resources(), *parent.scalars("components")]
    targets = [resolve(parent.folder, entry.text) for entry in entries]
    if wanted in targets:
        return
    dangling = [one for one in targets if one and not _exists(tree, one)]
    if get_close_matches(wanted, dangling, 1, 0.9):
        return  # `missing-entry` points at the slip
    shown = wanted[len(parent.folder) + 1 :] if wanted.startswith(f"{parent.folder}/") else wanted
    if not entries or any(entry.text.startswith("./") for entry in entries):
        shown = f"./{shown}"
    here = _key_place(parent, "resources") or place_of(tree, path) or place
    message = f"`{path}` does not list `{shown}`, which the convention wants of every app"
    related = () if place.source.path == path else (Related(place, "the app"),)
    yield Finding.at(here, message, related=related, fix=_register(parent, shown))


def _exists(tree: Tree, path: str) -> bool:
    return tree.repository.is_file(path) or tree.repository.is_folder(path)


def _key_place(kustomization: Kustomization, name: str) -> Place | None:
    for key, _ in kustomization.root.items():
        if key.text.lower() == name:
            return key.place
    return None


def _register(parent: Kustomization, entry: str) -> Fix | None:
    node = parent.fields.get("resources")
    edits = append_item(node, entry) if isinstance(node, Sequence) else None
    return Fix(f"list `{entry}`", tuple(edits), Applicability.UNSAFE) if edits else None


def _flux(tree: Tree, app: App, flux: dict[str, list[Resource]]) -> Iterator[Finding]:
    """Flux Kustomizations that are called otherwise, or point elsewhere."""
    wanted = app.convention.flux
    if not (wanted.name or wanted.namespace or wanted.path or wanted.target_namespace):
        return
    path = app.below(wanted.file)
    found = flux.get(path, [])
    if not found and app.has(wanted.file):
        place = place_of(tree, path)
        if place is not None:
            yield Finding.at(place, f"`{path}` holds no Flux Kustomization")
    for resource in found:
        view = FluxKustomization(resource)
        name = resource.name_place
        yield from _held(resource, ("metadata", "name"), app.fill(wanted.name), resource.name, name)
        yield from _held(resource, ("metadata", "namespace"), app.fill(wanted.namespace), resource.namespace, name)
        if wanted.path and view.path is not None:
            yield from _path(view, app.fill(wanted.path))
        target = view.target_namespace
        text = target.text if target else ""
        yield from _held(resource, ("spec", "targetNamespace"), app.fill(wanted.target_namespace), text, name)


def _held(resource: Resource, field: tuple[str, str], wanted: str, have: str, place: Place) -> Iterator[Finding]:
    """One field against what the convention wants of it."""
    if not wanted or "${" in have or glob(wanted).fullmatch(have):
        return
    node = resource.at(*field)
    is_written = isinstance(node, Scalar) and node.text == have
    state = f"is `{have}`" if have else "is not set"
    message = f"`{'.'.join(field)}` {state}; the convention wants `{wanted}`"
    yield Finding.at(node if node is not None and is_written else place, message)


def _path(view: FluxKustomization, wanted: str) -> Iterator[Finding]:
    node = view.path_node
    if glob(normal_path(wanted)).fullmatch(view.path or ""):
        return
    shown = f"./{normal_path(wanted)}"
    if node is None or node.is_null:
        yield Finding.at(view.resource.name_place, f"`spec.path` is not set; the convention wants `{shown}`")
        return
    fix = None
    if "*" not in shown and node.source.path == view.resource.path:
        fix = Fix(f"change it to `{shown}`", tuple(replace_scalar(node, shown)), Applicability.UNSAFE)
    message = f"`spec.path` is `{node.text}`; the convention wants `{shown}`"
    yield Finding.at(node, message, fix=fix)
