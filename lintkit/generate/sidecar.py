"""Adds a container beside those of an existing workload, by edits that leave everything else as it is."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

from lintkit.errors import UsageError
from lintkit.generate.app import safe_path
from lintkit.generate.emit import emit
from lintkit.generate.insert import appended, as_item, shifted
from lintkit.generate.restyle import deepened, restyled
from lintkit.generate.workload import controller, persistence, the_workload
from lintkit.model.kustomize.kustomization import resolve
from lintkit.syntax.node import Mapping
from lintkit.syntax.parser import parse
from lintkit.syntax.rewrite import add_entry
from lintkit.text.edit import Edit, apply
from lintkit.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable

    from lintkit.generate.blueprint import SidecarSpec
    from lintkit.generate.picture import Picture
    from lintkit.generate.pieces import Pieces
    from lintkit.generate.render import Renderer
    from lintkit.generate.style import Style
    from lintkit.generate.workload import Workload
    from lintkit.model.tree import Tree

_VOLUME = ("type", "name", "advancedMounts")
_CONTAINER = ("image", "command", "args", "env")
_STEPS = {"airflow": ("extraInitContainers", "extraVolumes"), "pod": ("initContainers", "volumes")}


class Sidecar:
    """Adds one container to one workload.

    Args:
        workload: The workload.
        text: The text of its file.
        style: The repository's style.
    """

    def __init__(self, workload: Workload, text: str, style: Style) -> None:
        self.workload = workload
        self.text = text
        self.style = style

    def add(self, container: str, volumes: list[dict[str, Any]], mounts: list[dict[str, Any]]) -> str:
        """The text of the file with the sidecar.

        Args:
            container: A container with `restartPolicy: Always`, as YAML.
            volumes: Volumes of the pod; one that is there stays as it is.
            mounts: Mounts of the workload's own container; a path that is mounted stays as it is.

        Raises:
            UsageError: It has a container of that name, or is written in a way that leaves no certain place.
        """
        given = _value(container)
        name = str(given.get("name", ""))
        if name in self._containers():
            message = f"{self.workload.path}: `{self.workload.name}` has a container `{name}` already"
            raise UsageError(message)
        if self.workload.form == "app-template":
            self._values(name, given, volumes, mounts)
            return self.text
        inits, disks = _STEPS[self.workload.form]
        if self.workload.form == "airflow":
            self._make("workers")
        here = self._inside()
        there = {one.text("name") for one in here.mappings_at(disks)}
        if self.workload.form == "airflow":
            there.add("logs")
        self._append(self._inside, inits, as_item(deepened(container.strip("\n"), self.style.indent)))
        for volume in volumes:
            if volume.get("name") not in there:
                self._append(self._inside, disks, emit({"x": [volume]}).partition("\n")[2].rstrip("\n"))
        if self.workload.form == "pod":
            taken = {mount.text("mountPath") for mount in self._own().mappings_at("volumeMounts")}
            for mount in mounts:
                if mount.get("mountPath") not in taken:
                    self._append(self._own, "volumeMounts", emit({"x": [mount]}).partition("\n")[2].rstrip("\n"))
        return self.text

    def _containers(self) -> set[str]:
        here = self._inside()
        if self.workload.form == "app-template":
            found = controller(here)
            parts = [found[1].mapping_at(key) for key in ("containers", "initContainers")] if found else []
            return {name for part in parts if part is not None for name in part.entries}
        keys = ("containers", "initContainers", "extraContainers", "extraInitContainers")
        return {one.text("name") or "" for key in keys for one in here.mappings_at(key)}

    def _inside(self) -> Mapping:
        found = self.workload.inside(self.text)
        if found is not None and self.workload.form == "airflow":
            found = found.mapping_at("workers") or found
        return found if found is not None else self._refuse("the sidecar")

    def _own(self) -> Mapping:
        containers = self._inside().mappings_at("containers")
        return containers[0] if containers else self._refuse("a mount")

    def _make(self, key: str) -> None:
        """A mapping below the values that is not there yet stays out until something is added to it."""
        values = self.workload.inside(self.text)
        if values is not None and values.get(key) is None:
            self._apply(add_entry(values, f"{key}:\n  extraInitContainers: []"), key)

    def _append(self, place: Callable[[], Mapping], key: str, item: str) -> None:
        """One element more in a list of a mapping; the list is made where it is missing."""
        self._apply(appended(place(), key, item, is_indented=self.style.has_indented_lists), key)

    def _values(
        self, name: str, container: dict[str, Any], volumes: list[dict[str, Any]], mounts: list[dict[str, Any]]
    ) -> None:
        """The same for app-template: containers and volumes are mappings, and mounts belong to volumes."""
        owner, main = self._controller()[0], self._main()
        own_mounts = {str(one["name"]): one for one in mounts}
        sidecar_mounts = container.pop("volumeMounts", [])
        container.pop("name", None)
        repository, _, tag = str(container.get("image", "")).partition(":")
        container["image"] = {"repository": repository, "tag": tag}
        text = f"{name}:\n{emit(container, 2, order=_CONTAINER)}"
        if "initContainers" in self._controller()[1].entries:
            self._add(lambda: self._controller()[1].mapping_at("initContainers"), text, "initContainers")
        else:
            self._add(lambda: self._controller()[1], f"initContainers:\n{shifted(text, 2)}", "initContainers")
        there = dict(persistence(self._inside()))
        given = {str(one["name"]): one for one in volumes}
        for mount in sidecar_mounts:
            volume = str(mount["name"])
            wanted = {"path": mount["mountPath"], **({"readOnly": True} if mount.get("readOnly") else {})}
            if volume in there:
                self._mount(volume, owner, name, wanted)
                continue
            targets: dict[str, Any] = {name: [wanted]}
            if volume in own_mounts:
                targets[main] = [{"path": own_mounts[volume]["mountPath"]}]
            entry: dict[str, Any] = {"type": "emptyDir"}
            if "configMap" in given.get(volume, {}):
                entry = {"type": "configMap", "name": given[volume]["configMap"]["name"]}
            entry["advancedMounts"] = {owner: targets}
            text = f"{volume}:\n{emit(entry, 2, order=_VOLUME)}"
            if "persistence" in self._inside().entries:
                self._add(lambda: self._inside().mapping_at("persistence"), text, "persistence")
            else:
                self._add(self._inside, f"persistence:\n{shifted(text, 2)}", "persistence")

    def _mount(self, volume: str, owner: str, name: str, wanted: dict[str, Any]) -> None:
        """Mount a volume that is there; one with `globalMounts` is in every container."""
        entry = dict(persistence(self._inside()))[volume]
        if entry.mappings_at("globalMounts"):
            return
        if entry.mapping_at("advancedMounts", owner) is None:
            self._refuse(f"`persistence.{volume}`")
        text = emit({name: [wanted]})
        self._add(lambda: dict(persistence(self._inside()))[volume].mapping_at("advancedMounts", owner), text, volume)

    def _controller(self) -> tuple[str, Mapping]:
        return controller(self._inside()) or self._refuse("`controllers`")

    def _main(self) -> str:
        containers = self._controller()[1].mapping_at("containers")
        return next(iter(containers.entries)) if containers is not None and containers.entries else "app"

    def _add(self, place: Callable[[], Mapping | None], text: str, key: str) -> None:
        mapping = place() or self._refuse(f"`{key}`")
        self._apply(add_entry(mapping, self._styled(text, is_indented=self.style.has_indented_lists)), key)

    def _styled(self, text: str, *, is_indented: bool) -> str:
        style = replace(self.style, has_indented_lists=is_indented, schemas={}, schema_base="")
        return restyled(self.workload.path, text.rstrip("\n"), style)

    def _apply(self, edits: list[Edit] | None, key: str) -> None:
        if edits is None:
            self._refuse(f"`{key}`")
        self.text = apply(self.text, edits)
        if self.workload.inside(self.text) is None:
            self._refuse(f"`{key}`")

    def _refuse(self, what: str) -> NoReturn:
        message = f"{self.workload.path} is written in a way that leaves no certain place for {what}; add it by hand"
        raise UsageError(message)


def add_sidecar(spec: SidecarSpec, picture: Picture, pieces: Pieces, renderer: Renderer) -> None:
    """Add a container to a workload that is there, and its configuration to the kustomization that lists it.

    Raises:
        UsageError: There is no such workload, or no certain place in its file.
    """
    namespace = renderer.text("[[ namespace ]]")
    workload = the_workload(pieces.found, renderer.text(spec.workload), namespace, renderer.text(spec.kind))
    volumes, mounts = (_list(renderer.file(one)) if one else [] for one in (spec.volumes, spec.mounts))
    sidecar = Sidecar(workload, picture.text(workload.path), pieces.style)
    picture.change(workload.path, sidecar.add(renderer.file(spec.container), volumes, mounts))
    if not spec.files:
        return
    listing = listing_of(pieces.found.tree, picture, workload.path)
    folder = posixpath.dirname(listing)
    entries: list[str] = []
    for one in spec.files:
        if renderer.holds(one.when):
            key = safe_path(renderer.text(one.name))
            file = f"{workload.name}-{key}" if picture.is_file(f"{folder}/{key}") else key
            picture.add(f"{folder}/{file}", renderer.file(one.template))
            entries.append(("" if file == key else f"{key}=") + pieces.style.entry(file))
    entry: dict[str, Any] = {"name": renderer.text(spec.config_map) or workload.name, "files": entries}
    if workload.written_namespace:
        entry["namespace"] = workload.written_namespace
    if workload.kind == "HelmRelease":  # kustomize does not rewrite what a chart's values name
        entry["options"] = {"disableNameSuffixHash": True}
    picture.change(listing, with_generator(listing, picture.text(listing), entry, pieces.style))


def listing_of(tree: Tree, picture: Picture, path: str) -> str:
    """The kustomization file that lists a file.

    Raises:
        UsageError: None does.
    """
    found = [
        one.path
        for one in tree.kustomizations.values()
        if any(resolve(one.folder, entry.text) == path for entry in one.resources())
    ]
    found.sort(key=lambda one: (posixpath.dirname(one) != posixpath.dirname(path), one))
    if not found or not picture.is_file(found[0]):
        message = f"no kustomization lists {path}; a generator for the sidecar's configuration has no place"
        raise UsageError(message)
    return found[0]


def with_generator(path: str, text: str, entry: dict[str, Any], style: Style) -> str:
    """The text of a kustomization with one generator of a ConfigMap more.

    Args:
        path: Path of the kustomization file.
        text: Its text.
        entry: The generator; what the kustomization says for all of its objects is left out.
        style: The repository's style, for a list that is new.

    Raises:
        UsageError: It has one of that name, or is written in a way that leaves no certain place.
    """
    stream = parse(Source(path, text))
    root = stream.documents[0].root if stream.documents and stream.error is None else None
    name = entry["name"]
    message = f"{path} is written in a way that leaves no certain place for the ConfigMap `{name}`; add it by hand"
    if not isinstance(root, Mapping):
        raise UsageError(message)
    if any(one.text("name") == name for one in root.mappings_at("configMapGenerator")):
        message = f"{path} has a ConfigMap `{name}` already"
        raise UsageError(message)
    if "namespace" in root.entries:
        entry.pop("namespace", None)
    if root.text_at("generatorOptions", "disableNameSuffixHash") == "true":
        entry.pop("options", None)
    item = emit({"x": [entry]}).partition("\n")[2].rstrip("\n")
    edits = appended(root, "configMapGenerator", item, is_indented=style.has_indented_lists)
    if edits is None:
        raise UsageError(message)
    return apply(text, edits)


def _list(text: str) -> list[dict[str, Any]]:
    """A list of mappings with a `name`; empty for an empty text."""
    stream = parse(Source("list", text))
    root = stream.documents[0].root if stream.documents and stream.error is None else None
    value = root.value if root is not None else []
    if stream.error is not None or not all(isinstance(one, dict) and "name" in one for one in value or ()):
        message = "the volumes and mounts of a sidecar are lists of mappings with a `name`"
        raise UsageError(message)
    return value or []


def _value(text: str) -> dict[str, Any]:
    stream = parse(Source("container", text))
    root = stream.documents[0].root if stream.documents and stream.error is None else None
    value = root.value if root is not None else None
    if not isinstance(value, dict) or "name" not in value:
        message = "a sidecar is a container with a `name`"
        raise UsageError(message)
    return value
