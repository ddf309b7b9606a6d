"""The frozen options of a run: the configuration file merged with the command line.

The dataclasses below are the only place where an option is written down: the reader of configuration files, the
published JSON Schema and the page in the docs are made from their fields.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Level = Literal["info", "warning", "error"]


def option(help_text: str, default: Any = ..., *, pattern: str = "") -> Any:  # noqa: ANN401 - typed by the field
    """A field of an options class, with the words that explain it."""
    metadata = {"help": help_text, "pattern": pattern}
    if default is ...:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class External:
    """An object that this repository needs and does not make."""

    kind: str = option("Kind of the object: `Secret`, `ConfigMap`, `ClusterSecretStore` ...")
    namespace: str = option("Namespace, as a glob.", "*")
    name: str = option("Name, as a glob.", "*")
    keys: tuple[str, ...] = option("Keys it has; empty when they are not known.", ())
    reason: str = option("Who makes it.", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignore:
    """Findings to leave out; every part that is given must match."""

    rule: str = option("Name of the rule, or `*` for all.")
    path: str = option("Path of the file, as a glob; `**` crosses folders.", "**")
    resource: str = option("`Kind/namespace/name` of the object, as a glob.", "*")
    reason: str = option("Why these findings are accepted.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagePolicy:
    """Which versions of an image may run."""

    image: str = option("Repository of the image, as a glob without tag: `timberio/vector`, `*/vector`.")
    version: str = option("The version: exact (`0.39.0`) or a range (`>=0.39,<0.41`, `~0.39.0`, `^1.2`).", "")
    variant: str = option("What follows the version in the tag: `debian` in `0.39.0-debian`.", "")
    reason: str = option("Why.", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """All options of a run."""

    root: bool = option("This folder is a tree of its own, whatever stands above it.", default=False)
    exclude: tuple[str, ...] = option("Files that are no part of the tree, as gitignore patterns.", ())
    select: tuple[str, ...] = option("Rules or categories to run; empty for the default set.", ())
    extend_select: tuple[str, ...] = option("Rules or categories to run besides.", ())
    ignore: tuple[Ignore | str, ...] = option("Rules or categories not to run, or findings to leave out.", ())
    severity: dict[str, Level] | None = option("Rule -> the severity of all its findings.", None)
    fail_on: Level = option("The lowest severity that makes a run fail.", "warning")
    flux_version: str = option("Version of Flux, when the tree does not say it.", "", pattern=r"^v?\d+(\.\d+)*$")
    kubernetes_version: str = option(
        "Version of Kubernetes, when the tree does not say it.", "", pattern=r"^v?\d+(\.\d+)*$"
    )
    external: tuple[External, ...] = option("Objects that come from outside of this repository.", ())
    external_variables: tuple[str, ...] = option("Variables that come from outside of this repository, as globs.", ())
    external_namespaces: tuple[str, ...] = option("Namespaces that come from outside of this repository.", ())
    providers: dict[str, str] | None = option(
        "Kind, or `group/Kind`, or `group/*` -> `namespace/name` of the Kustomization that provides it.", None
    )
    detect_providers: bool = option("Look for providers of kinds in the tree as well.", default=False)
    images: tuple[ImagePolicy, ...] = option("Which versions of images may run.", ())
    schemas: tuple[str, ...] = option(
        "Folders of JSON Schemas or CRDs, or path templates such as "
        "`schemas/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json`.",
        (),
    )

    @property
    def severities(self) -> dict[str, Level]:
        """`severity`, never None."""
        return self.severity or {}
