"""A blueprint: a folder with `blueprint.yaml`, which names the questions and the files, and its templates."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal

from lintkit import resources
from lintkit.errors import UsageError
from lintkit.syntax.parser import parse
from lintkit.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

FILE = "blueprint.yaml"
OWN = ".lintkit/templates"
_NAME = re.compile(r"[a-z][a-z0-9-]*")
_MAX_BYTES = 1_000_000

Type = Literal["string", "integer", "boolean", "array"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing a blueprint wants to know, in the words of JSON Schema."""

    name: str
    description: str
    default: Any
    type: Type = "string"
    enum: tuple[str, ...] = ()
    pattern: str = ""


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
    """A file to write: its template, its name (a template too) and the condition."""

    template: str
    name: str
    when: str = ""


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
    kustomize_name: str = ""
    sources: tuple[str, ...] = ()
    manifests: tuple[FileSpec, ...] = ()
    files: tuple[FileSpec, ...] = ()
    kustomization: str = ""


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
        name: Name of its folder.
        title: One line.
        description: More.
        namespace: Template of the namespace where none is given; empty for a thing without one.
        questions: What it wants to know.
        charts: Charts by their names in the templates.
        needs: Blueprints that go first.
        apps: Apps it makes.
        files: Files seen from the root of the tree.
        folder: Special target: `namespace` registers a folder of a namespace alone.
        notes: Template of what the user does next.
        texts: File name -> text of all templates.
        is_own: Whether it comes from the repository itself.
    """

    name: str
    title: str
    description: str = ""
    namespace: str = ""
    questions: tuple[Question, ...] = ()
    charts: Mapping[str, Chart] = field(default_factory=dict)
    needs: tuple[Need, ...] = ()
    apps: tuple[AppSpec, ...] = ()
    files: tuple[FileSpec, ...] = ()
    folder: str = ""
    notes: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    is_own: bool = False


def names(root: Path) -> dict[str, bool]:
    """Every blueprint's name, and whether it is the repository's own."""
    found = {path.parent.name: False for path in sorted(resources.folder("templates").glob(f"*/{FILE}"))}
    return found | {path.parent.name: True for path in sorted((root / OWN).glob(f"*/{FILE}"))}


def load(name: str, root: Path) -> Blueprint:
    """A blueprint by its name; the repository's own go first.

    Raises:
        UsageError: There is none, or it is wrong.
    """
    known = names(root)
    if name not in known:
        close = get_close_matches(name, known, 1)
        hint = f"; did you mean `{close[0]}`?" if close else f"; there are {', '.join(sorted(known))}"
        message = f"`{name}` is no blueprint{hint}"
        raise UsageError(message)
    folder = (root / OWN if known[name] else resources.folder("templates")) / name
    texts = dict(_texts(folder))
    raw = _plain(texts.pop(FILE, ""), f"{OWN}/{name}/{FILE}" if known[name] else f"{name}/{FILE}")
    return _Reader(f"{name}/{FILE}").blueprint(name, raw, texts, is_own=known[name])


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    """The text files of a folder by name; links are not followed."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        linked = any((folder / part).is_symlink() for part in (inside, *inside.parents) if part.parts)
        if inside.parts[0] == "example" or linked or not path.is_file() or path.stat().st_size > _MAX_BYTES:
            continue
        try:
            yield inside.as_posix(), path.read_text("utf-8")
        except UnicodeDecodeError:
            continue


def _plain(text: str, path: str) -> dict[str, Any]:
    stream = parse(Source(path, text))
    if stream.error is not None:
        line, column = stream.source.position(stream.error.place.span.start)
        message = f"{path}:{line}:{column}: {stream.error.message}"
        raise UsageError(message)
    root = stream.documents[0].root if stream.documents else None
    value = root.value if root is not None else None
    if not isinstance(value, dict):
        message = f"{path}: a blueprint is a mapping with `title`"
        raise UsageError(message)
    return value


class _Reader:
    """Plain values -> a Blueprint, with an error for what is not known."""

    def __init__(self, path: str) -> None:
        self.path = path

    def blueprint(self, name: str, raw: dict[str, Any], texts: dict[str, str], *, is_own: bool) -> Blueprint:
        values = self._values(raw, Blueprint, "")
        if "title" not in values:
            self._fail("", "`title` is missing")
        questions = values.pop("questions", {})
        charts = values.pop("charts", {})
        parts: dict[str, Any] = {
            "questions": tuple(self._question(key, one) for key, one in self._map(questions, "questions").items()),
            "charts": {
                key: Chart(**self._values(one, Chart, f"charts.{key}"))
                for key, one in self._map(charts, "charts").items()
            },
            "needs": tuple(Need(**self._values(one, Need, "needs")) for one in values.pop("needs", ())),
            "apps": tuple(self._app(one) for one in values.pop("apps", ())),
            "files": tuple(self._file(one) for one in values.pop("files", ())),
        }
        return Blueprint(**(values | parts | {"name": name, "texts": texts, "is_own": is_own}))

    def _app(self, raw: object) -> AppSpec:
        values = self._values(raw, AppSpec, "apps")
        for part in ("manifests", "files"):
            values[part] = tuple(self._file(one) for one in values.get(part, ()))
        for part in ("depends", "sources"):
            values[part] = tuple(str(one) for one in values.get(part, ()))
        return AppSpec(**values)

    def _file(self, raw: object) -> FileSpec:
        if isinstance(raw, str):
            raw = {"template": raw}
        values = self._values(raw, FileSpec, "files")
        if "template" not in values:
            self._fail("files", "`template` is missing")
        template = str(values["template"])
        return FileSpec(**({"name": template.removesuffix(".j2")} | values))

    def _question(self, name: str, raw: object) -> Question:
        where = f"questions.{name}"
        if not _NAME.fullmatch(name):
            self._fail(where, "the name of a question is made of small letters, digits and dashes")
        values = self._values(raw, Question, where)
        for part in ("description", "default"):
            if part not in values:
                self._fail(where, f"`{part}` is missing: every question has one")
        if values.get("type", "string") not in {"string", "integer", "boolean", "array"}:
            self._fail(where, f"`{values['type']}` is no type; expected string, integer, boolean or array")
        values["enum"] = tuple(str(one) for one in values.get("enum", ()))
        return Question(**(values | {"name": name}))

    def _map(self, raw: object, where: str) -> dict[str, Any]:
        if not isinstance(raw, dict):
            self._fail(where, "is a mapping")
        return raw  # type: ignore[return-value]

    def _values(self, raw: object, wanted: type, where: str) -> dict[str, Any]:
        values = dict(self._map(raw, where))
        known = set(wanted.__dataclass_fields__) - {"texts", "is_own"}  # type: ignore[attr-defined]
        for key in values:
            if key not in known:
                close = get_close_matches(str(key), known, 1)
                self._fail(where, f"`{key}` is not known" + (f"; did you mean `{close[0]}`?" if close else ""))
        return values

    def _fail(self, where: str, message: str) -> None:
        text = f"{self.path}: {where + ': ' if where else ''}{message}"
        raise UsageError(text)
