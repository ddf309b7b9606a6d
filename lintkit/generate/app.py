"""Writes one app of a blueprint into a picture of the tree, and registers it."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from lintkit.errors import UsageError
from lintkit.generate.apart import flux_apart, new_groups
from lintkit.generate.emit import emit
from lintkit.generate.register import narrowed, registered
from lintkit.generate.restyle import restyled

if TYPE_CHECKING:
    from lintkit.generate.blueprint import AppSpec, FileSpec
    from lintkit.generate.picture import Picture
    from lintkit.generate.pieces import Pieces
    from lintkit.generate.render import Renderer

_KUSTOMIZATION = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}


class Writer:
    """Writes the apps of one blueprint.

    Args:
        picture: The files as they will be.
        pieces: The parts of manifests.
        renderer: The templates.
    """

    def __init__(self, picture: Picture, pieces: Pieces, renderer: Renderer) -> None:
        self.picture = picture
        self.pieces = pieces
        self.renderer = renderer
        self.style = pieces.style
        self.layout = pieces.style.layout

    def app(self, spec: AppSpec) -> None:
        """Write an app: its manifests, its Flux Kustomization, its namespace, and the entries that name them.

        Raises:
            UsageError: Its name is taken.
        """
        if not self.renderer.holds(spec.when):
            return
        name, namespace = self.renderer.text(spec.name), self.renderer.text(spec.namespace)
        self.pieces.app, self.pieces.namespace = name, namespace
        folder = self.layout.app(namespace, name)
        if self.picture.has_folder(folder):
            message = f"`{folder}` exists; nothing is overwritten"
            raise UsageError(message)
        flux_name = self.renderer.text(spec.kustomize_name) or name
        for kind in ("Kustomization", "HelmRelease"):
            wanted = self.effective(namespace) if kind == "Kustomization" else namespace
            taken = flux_name if kind == "Kustomization" else name
            if self.layout.kind == "apps" and self.pieces.found.has(kind, taken, wanted):
                message = f"there is a {kind} `{taken}` in `{wanted}`; nothing is overwritten"
                raise UsageError(message)
        where = self.layout.manifests(namespace, name)
        entries = self._manifests(spec, where, name)
        text = self._kustomization(spec, entries, namespace, where)
        self._add(f"{where}/kustomization{self.style.extension}", text)
        if self.layout.kind == "apps":
            flux = self._flux(spec, flux_name, namespace, where)
            self._add(f"{folder}/{self.layout.flux_file}", flux)
            self.namespace(namespace, f"{name}/{self.layout.flux_file}")
            return
        inside = [path for path in self.picture.added if path.startswith(f"{folder}/")]
        if new_groups(self.pieces.found, self.picture, inside):
            self._set_apart(spec, flux_name, namespace, folder)
        self._register_flat(folder)

    def _set_apart(self, spec: AppSpec, name: str, namespace: str, folder: str) -> None:
        """Move the manifests of a flat app a folder down, to a Flux Kustomization of their own."""
        below = f"{folder}/{self.layout.app_folder}"
        self.picture.move(folder, below)
        depends = self._depends(spec, self.effective(namespace))
        flux = flux_apart(self.pieces.found, self.layout.listings, name, below, depends, wait=spec.wait)
        self._add(f"{folder}/{self.layout.flux_file}", flux)
        content = _KUSTOMIZATION | {"resources": [self.style.entry(self.layout.flux_file)]}
        text = "---\n" + emit(content, order=("apiVersion", "kind", "resources"))
        self._add(f"{folder}/kustomization{self.style.extension}", text)

    def new_namespace(self, namespace: str) -> None:
        """A namespace without any app.

        Raises:
            UsageError: There is one.
        """
        folder = f"{self.layout.base}/{namespace}"
        if self.picture.has_folder(folder):
            message = f"`{folder}` exists; nothing is overwritten"
            raise UsageError(message)
        if self.pieces.found.has("Namespace", namespace):
            message = f"there is a Namespace `{namespace}`; nothing is overwritten"
            raise UsageError(message)
        if self.layout.kind == "apps":
            self.namespace(namespace)
            return
        content = _KUSTOMIZATION | {"resources": [self.style.entry(self.style.file("namespace.yaml"))]}
        self._add(f"{folder}/{self.style.file('namespace.yaml')}", self.namespace_text(namespace))
        text = "---\n" + emit(content, order=("apiVersion", "kind", "resources"))
        self._add(f"{folder}/kustomization{self.style.extension}", text)
        self._register_flat(folder)

    def _register_flat(self, folder: str) -> None:
        for listing in self.layout.listings:
            self.picture.change(listing, self._narrowed(listing))
            self._register(listing, self.style.entry(posixpath.relpath(folder, posixpath.dirname(listing))))

    def _narrowed(self, listing: str) -> str:
        """A listing whose patches on all objects of a kind name the one that they change so far.

        Otherwise the patch of one app would change the new one as well.
        """
        text = self.picture.text(listing)
        built = self.pieces.found.tree.builder.build(posixpath.dirname(listing)).resources
        names = {kind: {one.name for one in built if one.kind == kind} for kind in {one.kind for one in built}}
        return narrowed(listing, text, {kind: min(found) for kind, found in names.items() if len(found) == 1})

    def namespace(self, namespace: str, entry: str = "") -> None:
        """The folder of a namespace, with one entry more; made where it is not there."""
        folder = f"{self.layout.base}/{namespace}"
        listing = self.picture.kustomization(folder)
        if listing:
            if entry:
                self._register(listing, self.style.entry(entry))
            return
        habits = self.style.namespaces
        entries: list[str] = []
        if habits.has_file and not self.pieces.found.has_namespace(namespace):
            name = self.style.file("namespace.yaml")
            entries.append(name)
            self._add(f"{folder}/{name}", self.namespace_text(namespace))
        entries += [entry] if entry else []
        content: dict[str, Any] = dict(_KUSTOMIZATION)
        if habits.has_field:
            content["namespace"] = namespace
        if habits.components:
            content["components"] = list(habits.components)
        content["resources"] = [self.style.entry(one) for one in entries]
        order = ("apiVersion", "kind", "namespace", "components", "resources")
        self._add(f"{folder}/kustomization{self.style.extension}", "---\n" + emit(content, order=order))
        above = self.picture.kustomization(self.layout.base)
        if above:
            self._register(above, self.style.entry(namespace))

    def namespace_text(self, namespace: str) -> str:
        """A Namespace."""
        head = {"apiVersion": "v1", "kind": "Namespace"}
        return "---\n" + emit(head | {"metadata": {"name": namespace, **self.style.namespaces.metadata}})

    def file(self, spec: FileSpec) -> None:
        """A file seen from the root of the tree."""
        if self.renderer.holds(spec.when):
            path = safe_path(self.renderer.text(spec.name))
            self._add(path, self.renderer.file(spec.template))

    def effective(self, namespace: str) -> str:
        """The namespace that the Flux Kustomization of an app in `namespace` gets."""
        written = self.style.flux.namespace.replace("{namespace}", namespace)
        return written or namespace

    def _manifests(self, spec: AppSpec, where: str, name: str) -> list[str]:
        entries: list[str] = []
        for one in spec.manifests:
            if self.renderer.holds(one.when):
                text = self.renderer.file(one.template).strip("\n") + "\n"
                entries.append(self._manifest(where, self.renderer.text(one.name), text))
        for source in spec.sources:
            found = self.pieces.source(source)
            if found is not None:
                entries.append(self._manifest(where, *found))
        for one in spec.files:
            if self.renderer.holds(one.when):
                path = safe_path(self.renderer.text(one.name))
                self.picture.add(posixpath.normpath(f"{where}/{path}"), self.renderer.file(one.template))
        if not entries and not spec.kustomization:
            message = f"the app `{name}` of blueprint `{self.renderer.where}` has no manifest"
            raise UsageError(message)
        return sorted(entries)

    def _manifest(self, where: str, name: str, text: str) -> str:
        file = self.style.file(safe_path(name))
        path = f"{where}/{file}"
        if path in self.picture.added:  # two kinds that this tree keeps in one file
            self.picture.added[path] = self.picture.added[path].rstrip("\n") + "\n" + restyled(path, text, self.style)
        else:
            self._add(path, text)
        return file

    def _kustomization(self, spec: AppSpec, entries: list[str], namespace: str, where: str) -> str:
        content: dict[str, Any] = dict(_KUSTOMIZATION)
        if self.layout.kind == "flat":
            content["namespace"] = namespace
            if not self.pieces.found.has_namespace(namespace) and namespace not in self.picture.namespaces:
                self.picture.namespaces.add(namespace)
                name = self.style.file("namespace.yaml")
                self._add(f"{where}/{name}", self.namespace_text(namespace))
                entries = [name, *entries]
        if entries:
            content["resources"] = [self.style.entry(one) for one in dict.fromkeys(entries)]
        text = "---\n" + emit(content, order=("apiVersion", "kind", "namespace", "resources"))
        return text + (self.renderer.file(spec.kustomization) if spec.kustomization else "")

    def _flux(self, spec: AppSpec, name: str, namespace: str, where: str) -> str:
        habits = self.style.flux
        body: dict[str, Any] = dict(habits.spec)
        body["path"] = habits.path.format(where)
        own = self.effective(namespace)
        depends = self._depends(spec, own)
        if depends:
            body["dependsOn"] = depends
        if spec.wait:
            body["wait"] = True
        if spec.targets and habits.targets:
            body["targetNamespace"] = namespace
        if spec.timeout and ("timeout" in body or not self.layout.is_found):
            body["timeout"] = spec.timeout
        if habits.labels:
            body["commonMetadata"] = {"labels": {"app.kubernetes.io/name": name}}
        build: dict[str, Any] = {}
        if habits.variables:
            build["substitute"] = {key: name if value is None else value for key, value in habits.variables.items()}
        if habits.substitute_from:
            build["substituteFrom"] = [dict(one) for one in habits.substitute_from]
        if build:
            body["postBuild"] = build
        metadata = {"name": name}
        if habits.namespace:
            metadata["namespace"] = own
        head = emit({"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": metadata},
                    order=("apiVersion",))  # fmt: skip
        return f"---\n{head}spec:\n{emit(body, 2, habits.order)}"

    def _depends(self, spec: AppSpec, own: str) -> list[dict[str, str]]:
        """`spec.dependsOn` of a Flux Kustomization in the namespace `own`."""
        depends: list[dict[str, str]] = []
        for text in spec.depends:
            there, _, wanted = self.renderer.text(text).rpartition("/")
            if wanted and self.pieces.found.is_waited_for(wanted, there or own):
                one = {"name": wanted} if there in {"", own} else {"name": wanted, "namespace": there}
                depends += [one] if one not in depends else []
        return depends

    def _add(self, path: str, text: str) -> None:
        is_manifest = path.endswith((".yaml", ".yml"))
        self.picture.add(path, restyled(path, text, self.style) if is_manifest else text)

    def _register(self, listing: str, entry: str) -> None:
        text = self.picture.text(listing)
        self.picture.change(listing, registered(listing, text, entry, self.style))


def safe_path(path: str) -> str:
    """A path that a template names.

    Raises:
        UsageError: It leads out of the folder, or into a hidden one.
    """
    parts = path.split("/")
    if not path or path != path.strip() or "\\" in path or any(part in {"", ".", ".."} for part in parts):
        message = f"a blueprint may not write `{path}`"
        raise UsageError(message)
    if parts[0] == ".git" or any(ord(char) < 32 for char in path):
        message = f"a blueprint may not write `{path}`"
        raise UsageError(message)
    return path
