"""A Helm chart as far as its values go: defaults, schemas, subcharts, and what the templates read."""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lintkit.schema.chart_archive import (
    Budget,
    ChartError,
    ChartLimitError,
    files_of_archive,
    files_of_folder,
    is_archive,
)
from lintkit.schema.foreign import ForeignError, documents
from lintkit.schema.template_reads import Reads, Templates, narrowed, reached, reads_of_text, templates_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ("ChartError", "ChartFiles", "find_in_helm_cache", "read_archive", "read_files", "read_folder")

_VALUES = "values.yaml"
_SCHEMA = "values.schema.json"
_CHARTS = "charts/"
_WORDS = frozenset({"$schema", "$ref", "$defs", "definitions", "properties", "type", "enum", "oneOf", "anyOf", "allOf"})
_MAX_DEPTH = 8
_NAME = re.compile(r"[\w.-]+", re.ASCII)
_VERSION = re.compile(r"[\w.+-]+", re.ASCII)
_VERSIONED = re.compile(r"-v?\d+\.\d[^/]*$|\.tgz$|\.tar\.gz$")
_NOT_READ = re.compile(r"^(?:charts|templates|crds|ci|docs|tests)/|(?:^|/)README|\.(?:md|gotmpl)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ChartFiles:
    """A chart.

    Attributes:
        name: Name in Chart.yaml.
        version: Version in Chart.yaml.
        values: Text of values.yaml; None when there is none.
        schema: values.schema.json as it is, nothing resolved; None when there is none, or it is no JSON object.
        schemas: Path -> content of the chart's other JSON files that a `$ref` may name.
        subcharts: The charts it brings, one for each entry of `dependencies` (two aliases are two), and those in
            `charts/` that no entry names.
        missing: Keys under which values of a declared dependency stand that is not in the archive.
        alias: As a subchart: the key that its values stand under, when it is not the name.
        condition: As a subchart: comma-separated paths of the parent's values that switch it on.
        tags: As a subchart: tags that switch it on.
        imports_values: As a subchart: whether the parent takes over some of its values (`import-values`).
        is_library: Whether it only holds named templates.
        template_keys: Paths of values that the templates read, each with all that stands below it; None when that
            cannot be known, as some template is not in the archive. Values of subcharts are not among them.
        uses_whole_values: Whether a template hands `.Values` on as a whole, so that any key may be read.
        evaluates_text: Whether a template runs text as a template (`tpl`): then the text of values may read values.
        origin: Where the store has it from; empty elsewhere.
    """

    name: str
    version: str
    values: str | None = None
    schema: dict[str, Any] | None = None
    schemas: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    subcharts: tuple[ChartFiles, ...] = ()
    missing: tuple[str, ...] = ()
    alias: str = ""
    condition: str = ""
    tags: tuple[str, ...] = ()
    imports_values: bool = False
    is_library: bool = False
    template_keys: frozenset[tuple[str, ...]] | None = frozenset()
    uses_whole_values: bool = False
    evaluates_text: bool = False
    origin: str = ""

    @property
    def key(self) -> str:
        """The key under which its values stand in those of the parent."""
        return self.alias or self.name

    def may_read(self, path: tuple[str, ...]) -> bool:
        """Whether a template of the chart or of its subcharts, or Helm itself, may read the value at a path.

        A path counts as read when a template reads it, something above it, or something below it.
        """
        if not path or self.template_keys is None or self.uses_whole_values or path[0] in self.missing:
            return True
        if any(path[: len(read)] == read[: len(path)] for read in self.template_keys):
            return True
        for chart in self.subcharts:
            inside = path[1:] if path[0] == chart.key else path if path[0] == "global" else None
            if inside is not None and chart.may_read(inside):
                return True
        return False


@dataclass(frozen=True, slots=True)
class _Draft:
    """A chart whose templates are read, but not yet followed into those of other charts."""

    chart: ChartFiles
    templates: Templates
    loose: Reads
    subcharts: tuple[_Draft, ...]


def read_folder(path: Path) -> ChartFiles:
    """Read a chart from its folder.

    Raises:
        ChartError: It is no chart, or too large.
    """
    return read_files(files_of_folder(path))


def read_archive(source: Path | bytes) -> ChartFiles:
    """Read a packed chart (`.tgz`).

    Raises:
        ChartError: It is no chart, too large, or malformed.
    """
    budget = Budget()
    content = source if isinstance(source, bytes) else _read(source)
    return _finished(_draft(files_of_archive(content, budget), budget, 0))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"`{path}` cannot be read: {error.strerror or error}"
        raise ChartError(message) from None


def read_files(files: Mapping[str, bytes]) -> ChartFiles:
    """Read a chart from its files: path seen from the chart's folder -> content.

    Raises:
        ChartError: It is no chart, or too large.
    """
    return _finished(_draft(dict(files), Budget(), 0))


def find_in_helm_cache(name: str, version: str) -> ChartFiles | None:
    """The chart that Helm keeps on this machine; None when it has none of that name and version."""
    folder = helm_cache()
    for wanted in dict.fromkeys((version, version.removeprefix("v"), f"v{version.removeprefix('v')}")):
        path = folder / "repository" / f"{name}-{wanted}.tgz"
        if not re.fullmatch(r"[\w.+-]+\.tgz", path.name) or not path.is_file():
            continue
        try:
            chart = read_archive(path)
        except ChartError:
            continue
        if chart.name == name and chart.version.removeprefix("v") == version.removeprefix("v"):
            return chart
    return None


def helm_cache() -> Path:
    """Helm's cache folder: HELM_CACHE_HOME, else as the platform has it."""
    given = os.environ.get("HELM_CACHE_HOME")
    if given:
        return Path(given)
    shared = os.environ.get("XDG_CACHE_HOME")
    if shared:
        return Path(shared, "helm")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "helm"
    if sys.platform == "win32":
        return Path(os.environ.get("TEMP") or Path.home()) / "helm"
    return Path.home() / ".cache" / "helm"


def _draft(files: dict[str, bytes], budget: Budget, depth: int) -> _Draft:
    about = _yaml(files.get("Chart.yaml"), "Chart.yaml")
    name, version = about.get("name"), about.get("version")
    if not isinstance(name, str) or not _NAME.fullmatch(name) or not _VERSION.fullmatch(str(version or "")):
        message = "there is no Chart.yaml with a name and a version in it"
        raise ChartError(message)
    declared = about.get("dependencies")
    if declared is None and "requirements.yaml" in files:
        declared = _yaml(files["requirements.yaml"], "requirements.yaml").get("dependencies")
    entries = [one for one in declared if isinstance(one, dict)] if isinstance(declared, list) else []
    brought, broken = _brought(files, budget, depth)
    subcharts, missing = _placed(entries, brought)
    missing += tuple(sorted(broken - {draft.chart.name for draft in brought} - set(missing)))
    texts = dict(_texts(files))
    templates = templates_of({path: text for path, text in texts.items() if path.startswith("templates/")})
    loose = Reads()
    every = (templates.rendered, *templates.named.values())
    if any(one.files for one in every) and any(one.evaluates for one in every):
        for path, text in texts.items():
            if not _NOT_READ.search(path) and path not in {_VALUES, "Chart.yaml"}:
                loose.add(reads_of_text(text))
    for entry in entries:
        loose.paths.update(_paths_of(entry))
    chart = ChartFiles(
        name, str(version), _text(files.get(_VALUES)), _json(files.get(_SCHEMA)), _schemas(files),
        missing=missing, is_library=about.get("type") == "library",
    )  # fmt: skip
    return _Draft(chart, templates, loose, subcharts)


def _brought(files: dict[str, bytes], budget: Budget, depth: int) -> tuple[list[_Draft], set[str]]:
    """The charts in `charts/`, and the names of those that cannot be read."""
    folders: dict[str, dict[str, bytes]] = {}
    archives: dict[str, bytes] = {}
    for path, content in files.items():
        name, _, rest = path.removeprefix(_CHARTS).partition("/")
        if not path.startswith(_CHARTS) or name.startswith(("_", ".")):
            continue
        if rest:
            folders.setdefault(name, {})[rest] = content
        elif is_archive(name):
            archives[name] = content
    if depth >= _MAX_DEPTH and (folders or archives):
        message = f"charts stand in one another over {_MAX_DEPTH} deep"
        raise ChartLimitError(message)
    found: list[_Draft] = []
    broken: set[str] = set()
    for name in sorted({*folders, *archives}):
        try:
            inside = files_of_archive(archives[name], budget) if name in archives else folders[name]
            if name in archives or "Chart.yaml" in inside:
                found.append(_draft(inside, budget, depth + 1))
        except ChartLimitError:
            raise
        except ChartError:
            broken.add(_VERSIONED.sub("", name))
    return found, broken


def _placed(entries: list[dict[str, Any]], brought: list[_Draft]) -> tuple[tuple[_Draft, ...], tuple[str, ...]]:
    """The subcharts by the entries of `dependencies`, and the keys of those that are absent."""
    by_name: dict[str, list[_Draft]] = {}
    for draft in brought:
        by_name.setdefault(draft.chart.name, []).append(draft)
    placed: list[_Draft] = []
    missing: list[str] = []
    for entry in entries:
        name = str(entry.get("name"))
        alias = str(entry.get("alias") or "")
        choices = by_name.get(name)
        if not choices:
            missing.append(alias or name)
            continue
        exact = [one for one in choices if one.chart.version == str(entry.get("version"))]
        draft = (exact or choices)[0]
        tags = entry.get("tags")
        chart = replace(
            draft.chart, alias=alias, condition=str(entry.get("condition") or ""),
            tags=tuple(str(tag) for tag in tags) if isinstance(tags, list) else (),
            imports_values=bool(entry.get("import-values")),
        )  # fmt: skip
        placed.append(replace(draft, chart=chart))
    named = {str(entry.get("name")) for entry in entries}
    placed += [draft for draft in brought if draft.chart.name not in named]
    return tuple(placed), tuple(missing)


def _paths_of(entry: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Paths of values that Helm reads for an entry of `dependencies`."""
    for path in str(entry.get("condition") or "").split(","):
        if path.strip():
            yield tuple(path.strip().split("."))
    tags = entry.get("tags")
    for tag in tags if isinstance(tags, list) else ():
        yield ("tags", str(tag))


def _finished(draft: _Draft) -> ChartFiles:
    named: dict[str, Reads] = {}
    _collect(draft, named)
    return _followed(draft, named, Reads(), complete=not _lacks(draft))


def _lacks(draft: _Draft) -> bool:
    """Whether a chart, or one inside it, declares a dependency that is absent."""
    return bool(draft.chart.missing) or any(map(_lacks, draft.subcharts))


def _collect(draft: _Draft, named: dict[str, Reads]) -> None:
    """Named templates are one list for a chart and all its subcharts; what is defined twice counts with both."""
    for name, reads in draft.templates.named.items():
        named.setdefault(name, Reads()).add(reads)
    for one in draft.subcharts:
        _collect(one, named)


def _followed(draft: _Draft, named: dict[str, Reads], outer: Reads, *, complete: bool) -> ChartFiles:
    """The chart with what its templates read, through those of its subcharts and its parents.

    Args:
        draft: The chart.
        named: The named templates of all charts.
        outer: What the defaults of its parents read, if they are run as templates.
        complete: Whether no chart is absent.
    """
    start = Reads()
    start.add(draft.templates.rendered)
    start.add(draft.loose)
    reads, unknown = reached(start, named)
    defaults = reads_of_text(draft.chart.values or "")
    defaults.add(outer)
    if reads.evaluates:
        start.add(defaults)
        reads, unknown = reached(start, named)
    is_open = bool(unknown) or (reads.calls_any and not complete)
    return replace(
        draft.chart,
        subcharts=tuple(_followed(one, named, defaults, complete=complete) for one in draft.subcharts),
        template_keys=None if is_open else narrowed(reads.paths),
        uses_whole_values=reads.whole,
        evaluates_text=reads.evaluates,
    )


def _schemas(files: dict[str, bytes]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for path, content in files.items():
        if path.endswith(".json") and path != _SCHEMA and not path.startswith("templates/"):
            schema = _json(content)
            if schema is not None and not _WORDS.isdisjoint(schema):
                found[path] = schema
    return found


def _texts(files: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    for path, content in files.items():
        if not path.startswith(_CHARTS):
            text = _text(content)
            if text is not None:
                yield path, text


def _text(content: bytes | None) -> str | None:
    if content is None:
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _json(content: bytes | None) -> dict[str, Any] | None:
    text = _text(content)
    try:
        found = json.loads(text) if text is not None else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _yaml(content: bytes | None, name: str) -> dict[str, Any]:
    """A mapping; empty when the file is absent.

    Raises:
        ChartError: It is no YAML.
    """
    text = _text(content)
    if text is None:
        return {}
    try:
        found = next(documents(text), None)
    except ForeignError as error:
        message = f"{name} is {error}"
        raise ChartError(message) from None
    return found if isinstance(found, dict) else {}
