"""A blueprint: a folder with `blueprint.yaml`, which names the questions and the files, and its templates."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - `read` looks at the types of fields
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal

from lintkit import resources
from lintkit.errors import UsageError
from lintkit.generate.brought import brought, folder_of
from lintkit.generate.reader import NOT_READ, read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILE = "blueprint.yaml"
EXAMPLE = "example.diff"
"""What the example writes into `kubernetes/`, as a patch; no template."""
OWN = ".lintkit/templates"
_MAX_BYTES = 1_000_000

Type = Literal["string", "integer", "boolean", "array"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing a blueprint wants to know, in the words of JSON Schema; a person is asked where `when` holds."""

    description: str
    default: Any
    name: str = field(default="", metadata=NOT_READ)
    type: Type = "string"
    enum: tuple[str, ...] = ()
    pattern: str = ""
    when: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Where a chart is found: in a Helm repository, a registry, or both.

    Attributes:
        chart: Its name.
        version: Its version.
        repository: URL of the Helm repository.
        name: Name that the Helm repository gets.
        oci: The chart in a registry, without `oci://`.
        shared: Whether many apps are made of it: the tree's version is taken, and a source that is named after it.
    """

    chart: str
    version: str
    repository: str = ""
    name: str = ""
    oci: str = ""
    shared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSpec:
    """A file to write: its template, its name (a template too; that of the template where empty) and the condition."""

    template: str
    name: str = ""
    when: str = ""

    def __post_init__(self) -> None:
        if not self.name:
            object.__setattr__(self, "name", self.template.removesuffix(".j2"))


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSpec:
    """An app to write; texts are templates.

    Attributes:
        name: Its name.
        namespace: Its namespace.
        when: Condition.
        depends: What must be ready first: `namespace/name` of Flux Kustomizations, or nothing.
        timeout: `spec.timeout` of its Flux Kustomization; empty for what others have.
        targets: Whether its objects live in its namespace.
        wait: Whether others wait for it, so that it is ready when its objects are.
        kustomize_name: Name of the Flux Kustomization; the name of the app where empty.
        sources: Charts whose source stands with the app.
        manifests: Files that its kustomization lists.
        files: Files beside them, for generators.
        kustomization: Template of what the kustomization has besides resources.
    """

    name: str = "[[ name ]]"
    namespace: str = "[[ namespace ]]"
    when: str = ""
    depends: tuple[str, ...] = ()
    timeout: str = ""
    targets: bool = True
    wait: bool = False
    kustomize_name: str = ""
    sources: tuple[str, ...] = ()
    manifests: tuple[FileSpec, ...] = ()
    files: tuple[FileSpec, ...] = ()
    kustomization: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SidecarSpec:
    """A container that goes beside those of an existing workload; texts are templates.

    Attributes:
        workload: Name of the workload.
        kind: Its kind; empty for any.
        container: Template of the container.
        volumes: Template of a list of volumes; those that the pod has stay as they are.
        mounts: Template of a list of mounts for the workload's own container.
        config_map: Name of the ConfigMap with `files`.
        files: Files of the ConfigMap.
    """

    workload: str
    container: str
    kind: str = ""
    volumes: str = ""
    mounts: str = ""
    config_map: str = ""
    files: tuple[FileSpec, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """What the example of a blueprint is made with, in the repository that `kubernetes/` is."""

    name: str = "sample"
    namespace: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Another blueprint that goes first where the tree lacks what it makes."""

    blueprint: str
    name: str
    when: str = "true"
    namespace: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint:
    """A blueprint, read.

    Attributes:
        title: One line.
        name: Name of its folder.
        where: Its folder, for messages.
        description: More.
        namespace: Template of the namespace where none is given; empty for a thing without one.
        questions: What it wants to know.
        charts: Charts by their names in the templates.
        needs: Blueprints that go first.
        apps: Apps it makes.
        files: Files seen from the root of the tree.
        sidecars: Containers it adds to workloads that are there.
        folder: Special target: `namespace` registers a folder of a namespace alone.
        notes: Template of what the user does next.
        example: What its example is made with.
        texts: File name -> text of all templates.
        is_own: Whether it comes from the repository itself.
    """

    title: str
    name: str = field(default="", metadata=NOT_READ)
    where: str = field(default="", metadata=NOT_READ)
    description: str = ""
    namespace: str = ""
    questions: tuple[Question, ...] = ()
    charts: Mapping[str, Chart] = field(default_factory=dict)
    needs: tuple[Need, ...] = ()
    apps: tuple[AppSpec, ...] = ()
    files: tuple[FileSpec, ...] = ()
    sidecars: tuple[SidecarSpec, ...] = ()
    folder: str = ""
    notes: str = ""
    example: Example = field(default_factory=Example)
    texts: Mapping[str, str] = field(default_factory=dict, metadata=NOT_READ)
    is_own: bool = field(default=False, metadata=NOT_READ)


def names(root: Path, plugins: tuple[str, ...] = ()) -> dict[str, bool]:
    """Every blueprint's name, those of plugins too, and whether it is the repository's own."""
    found = dict.fromkeys(_shipped(), False)
    found |= dict.fromkeys(brought(plugins, found).entries, False)
    return found | {path.parent.name: True for path in sorted((root / OWN).glob(f"*/{FILE}"))}


def _shipped() -> list[str]:
    return [path.parent.name for path in sorted(resources.folder("templates").glob(f"*/{FILE}"))]


def load(name: str, root: Path, plugins: tuple[str, ...] = ()) -> Blueprint:
    """A blueprint by its name; the repository's own go first, those of plugins last.

    Raises:
        UsageError: There is none, or it is wrong.
        PluginError: The plugin does not have it.
    """
    known = names(root, plugins)
    if name not in known:
        close = get_close_matches(name, known, 1)
        hint = f"; did you mean `{close[0]}`?" if close else f"; there are {', '.join(sorted(known))}"
        message = f"`{name}` is no blueprint{hint}"
        raise UsageError(message)
    folder = (root / OWN if known[name] else resources.folder("templates")) / name
    more = {} if known[name] else brought(plugins, _shipped()).entries
    if name in more:
        folder = folder_of(more[name], FILE)
    texts = dict(_texts(folder))
    where = f"{OWN}/{name}" if known[name] else name
    blueprint = read(Blueprint, texts.pop(FILE, ""), f"{where}/{FILE}")
    return replace(blueprint, name=name, texts=texts, where=where, is_own=known[name])


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    """The text files of a folder by name; links are not followed."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        linked = any((folder / part).is_symlink() for part in (inside, *inside.parents) if part.parts)
        if inside.name == EXAMPLE or linked or not path.is_file() or path.stat().st_size > _MAX_BYTES:
            continue
        try:
            yield inside.as_posix(), path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
