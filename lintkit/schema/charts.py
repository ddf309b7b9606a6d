"""Which chart a release installs, as far as its files are at hand: in the tree, in `schemas:`, in the store, with Helm.

The very version is what Helm will use; else what lintkit itself knows of that version. Where only other versions are at
hand, the nearest below and above speak together, and only for the same major version.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lintkit.model.version_range import numbers
from lintkit.schema import chart_values
from lintkit.schema.chart_files import ChartError, ChartFiles, find_in_helm_cache, read_archive, read_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.helm import Chart
    from lintkit.schema.store import Store

_VALUES = ("values.schema.json", "values.yaml")
_PACKED = re.compile(r"(?P<name>[\w.-]+?)-(?P<version>v?\d+\.\d+\.\d+[\w.+-]*)\.tgz")
_VERSION = re.compile(r"v?\d+(?:\.\d+){0,2}(?:[-+][\w.+-]*)?")
_MOST = 50_000


@dataclass(frozen=True, slots=True)
class Known:
    """What is at hand of the chart of a release.

    Attributes:
        charts: The very version alone, or its nearest neighbours.
        is_exact: Whether it is the very version.
        version: The version that the release wants.
    """

    charts: tuple[ChartFiles, ...]
    is_exact: bool
    version: str

    @property
    def origin(self) -> str:
        """Which versions speak, for messages: `chart app-template 5.1.0`."""
        versions = " and ".join(dict.fromkeys(chart.version for chart in self.charts))
        owner = "lintkit's schema of " if self.charts[0].origin == chart_values.ORIGIN else ""
        return f"{owner}chart `{self.charts[0].name}` {versions}"


class Charts:
    """Looks charts up.

    Args:
        root: Root of the tree.
        folders: Folders of `schemas:` in the configuration.
        store: What was imported on this machine.
    """

    def __init__(self, root: Path, folders: tuple[Path, ...] = (), store: Store | None = None) -> None:
        self.root = root
        self.folders = folders
        self.store = store
        self._known: dict[tuple[str, str, str], Known | None] = {}

    def find(self, chart: Chart, folder: str | None = None) -> Known | None:
        """What is at hand of a chart; None when nothing is.

        Args:
            chart: Name, version and repository as the release says.
            folder: The chart's folder in this tree, where its source is this repository.
        """
        key = (chart.name, chart.version, folder or "")
        if key not in self._known:
            self._known[key] = self._in_tree(folder) if folder is not None else self._look_up(chart)
        return self._known[key]

    @property
    def folders_in_tree(self) -> tuple[str, ...]:
        """The folders of the tree that were read as charts."""
        return tuple(folder for _, _, folder in self._known if folder)

    def _in_tree(self, folder: str) -> Known | None:
        path = self.root / folder
        if not path.resolve().is_relative_to(self.root.resolve()):
            return None
        try:
            found = read_folder(path)
        except ChartError:
            return None
        return Known((found,), is_exact=True, version=found.version)

    def _look_up(self, chart: Chart) -> Known | None:
        wanted = _plain(chart.version)
        is_version = _VERSION.fullmatch(chart.version.strip()) is not None
        candidates = dict(reversed(list(self._candidates(chart.name, chart.version if is_version else ""))))
        if is_version and wanted in candidates:
            return Known((candidates[wanted],), is_exact=True, version=chart.version)
        own = chart_values.load(chart.name)
        if own is not None and own.is_of(chart.repository) and own.knows(chart.version):
            return Known((own.files(wanted),), is_exact=True, version=chart.version)
        near = _neighbours(wanted, list(candidates.values())) if is_version else []
        if near:
            return Known(tuple(near), is_exact=False, version=chart.version)
        if own is not None and own.is_of(chart.repository) and is_version and own.precedes(chart.version):
            return Known((own.files(own.newest),), is_exact=False, version=chart.version)
        return None

    def _candidates(self, name: str, version: str) -> Iterator[tuple[str, ChartFiles]]:
        """Version -> chart, the most trusted first."""
        for found, path in self._listing:
            if found == name:
                chart = _read(path, name)
                if chart is not None and chart.name == name:
                    yield _plain(chart.version), chart
        for chart in self.store.chart(name, None) if self.store is not None else ():
            yield _plain(chart.version), chart
        cached = find_in_helm_cache(name, version) if version else None
        if cached is not None:
            yield _plain(cached.version), cached

    @cached_property
    def _listing(self) -> tuple[tuple[str, Path], ...]:
        """Name of a chart, and the folder or archive that holds it."""
        found: list[tuple[str, Path]] = []
        count = 0
        for top in self.folders:
            for folder, folders, names in os.walk(top):
                count += len(names)
                if count > _MOST:
                    break
                folders.sort()
                for name in sorted(names):
                    packed = _PACKED.fullmatch(name)
                    if packed is not None:
                        found.append((packed["name"], Path(folder, name)))
                if "Chart.yaml" in names:
                    found.append((_name_of(Path(folder)), Path(folder)))
                elif any(name in names for name in _VALUES) and _VERSION.fullmatch(Path(folder).name):
                    found.append((Path(folder).parent.name, Path(folder)))
        return tuple(found)


def _name_of(folder: Path) -> str:
    try:
        text = (folder / "Chart.yaml").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
    found = re.search(r"^name:\s*[\"']?([\w.-]+)", text, re.MULTILINE)
    return found[1] if found else ""


def _read(path: Path, name: str) -> ChartFiles | None:
    try:
        if path.is_file():
            return read_archive(path)
        if (path / "Chart.yaml").is_file():
            return read_folder(path)
    except ChartError:
        return None
    return _bare(path, name)


def _bare(folder: Path, name: str) -> ChartFiles:
    """A chart of which only defaults and schemas are kept, in `<chart>/<version>/`: its templates are not known."""
    values = folder / "values.yaml"
    schemas = {
        path.relative_to(folder).as_posix(): content
        for path in sorted(folder.rglob("*.json"))
        if path.name != "values.schema.json" and (content := _json(path)) is not None
    }
    try:
        text = values.read_text("utf-8") if values.is_file() else None
    except (OSError, UnicodeDecodeError):
        text = None
    return ChartFiles(name, folder.name, text, _json(folder / "values.schema.json"), schemas, template_keys=None)


def _json(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _plain(version: str) -> str:
    return version.strip().removeprefix("v").partition("+")[0]


def _neighbours(wanted: str, charts: list[ChartFiles]) -> list[ChartFiles]:
    """The nearest version below and the nearest above, of the same major version."""
    want = numbers(wanted)
    if want is None:
        return []
    same = [(have, chart) for chart in charts if (have := numbers(chart.version)) and have[0] == want[0]]
    below = [one for one in same if one[0] < want]
    above = [one for one in same if one[0] > want]
    near = [max(below, key=lambda one: one[0])] if below else []
    near += [min(above, key=lambda one: one[0])] if above else []
    return [chart for _, chart in near]
