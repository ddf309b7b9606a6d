"""A repository's own style, read off the tree: what new files look like so that nobody can tell who wrote them."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lintkit.generate.habit import HALF, order_of, share, usual, usual_fields
from lintkit.generate.habits import (
    FluxHabits,
    NamespaceHabits,
    SecretHabits,
    flux_habits,
    namespace_habits,
    secret_habits,
    spec_of,
)
from lintkit.generate.layout import Layout, layout_of
from lintkit.model.cluster import is_archived
from lintkit.model.flux import is_helm_release
from lintkit.model.resource import make, manifests
from lintkit.syntax.node import Sequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lintkit.model.resource import Resource
    from lintkit.model.tree import Tree

_SCHEMA = re.compile(r"^# yaml-language-server: \$schema=(\S+)[ \t]*$", re.MULTILINE)
_BY_KIND = re.compile(r"^(?P<base>https://.+)/(?P<group>[a-z0-9.-]+)/[a-z]+_v[a-z0-9]+\.json$")
_LEAN_OF, _LEAN = 5, 0.8
_OFTEN = 3
_RELEASE = ("interval", "install", "upgrade", "uninstall", "rollback", "driftDetection", "maxHistory")


@dataclass(frozen=True, slots=True)
class Style:
    """A repository's style.

    Attributes:
        layout: Where apps stand.
        extension: Of manifests: `.yaml` or `.yml`.
        has_marker: Whether files begin with `---`.
        has_indented_lists: Whether the dash of a list stands right of its key.
        has_dot: Whether entries of kustomizations begin with `./`.
        indent: Columns of a level.
        schemas: `group/Kind` -> URL in the schema comment; empty where files have none.
        schema_base: URL before `group/kind_version.json`, where the comments follow that pattern.
        files: Kind, in lower case -> the name of its file without extension.
        chart_lean: `OCIRepository` or `HelmRepository` when nearly all chart sources are that; else empty.
        releases: Fields of HelmReleases that most have.
        release_order: Fields of their `spec` in their usual order.
        sources: Kind of a chart source -> fields that most have.
        chart_interval: `spec.chart.spec.interval` of HelmReleases; empty for none.
        flux: Flux Kustomizations.
        secrets: ExternalSecrets.
        namespaces: Folders of namespaces.
    """

    layout: Layout
    flux: FluxHabits
    secrets: SecretHabits
    namespaces: NamespaceHabits
    releases: Mapping[str, Any]
    sources: Mapping[str, Mapping[str, Any]]
    extension: str = ".yaml"
    has_marker: bool = True
    has_indented_lists: bool = True
    has_dot: bool = True
    indent: int = 2
    schemas: Mapping[str, str] = field(default_factory=dict)
    schema_base: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    chart_lean: str = ""
    release_order: tuple[str, ...] = ()
    chart_interval: str = "12h"

    def entry(self, path: str) -> str:
        """A path as an entry of a kustomization."""
        return path if path.startswith("../") or not self.has_dot else f"./{path}"

    def file(self, name: str) -> str:
        """The name of a manifest's file: `externalsecret-admin.yaml` in the tree's own words."""
        stem, dot, extension = name.rpartition(".")
        if extension not in {"yaml", "yml"}:
            return name
        kind, dash, rest = stem.partition("-")
        return self.files.get(kind, kind) + dash + rest + (self.extension if dot else "")


def style_of(tree: Tree, base: str = "") -> Style:
    """The style of a tree; lintkit's own where it shows none.

    Args:
        tree: The tree.
        base: The folder of apps to follow, where there are several.
    """
    layout = layout_of(tree, base)
    written = [resource for resource in tree.written if not is_archived(resource.path)]
    near = posixpath.dirname(layout.base)
    close = [resource for resource in written if near and resource.path.startswith(f"{near}/")]
    files = [path for path in tree.repository.listing.files if path.endswith((".yaml", ".yml"))]
    manifest_files = {resource.path for resource in written if "gotk-" not in resource.path}
    texts = [source.text for path in manifest_files if (source := tree.repository.source(path)) is not None]
    schemas, schema_base = _schemas(tree, manifest_files)
    sources = [one for one in close or written if one.kind in {"OCIRepository", "HelmRepository"}]
    releases = [spec_of(one) for one in close or written if is_helm_release(one)]
    charts = [chart for one in releases if isinstance(chart := (one.get("chart") or {}).get("spec"), dict)]
    return Style(
        layout,
        flux_habits(tree, layout),
        secret_habits(close, written),
        namespace_habits(tree, layout),
        {"interval": "1h", **usual_fields(releases, _RELEASE)}
        if releases
        else {
            "interval": "1h",
            "install": {"remediation": {"retries": 3}},
            "upgrade": {"cleanupOnFail": True, "remediation": {"retries": 3}},
        },
        _sources(sources),
        ".yml" if share((path.endswith(".yml") for path in manifest_files), 0.0) > HALF else ".yaml",
        has_marker=share(text.startswith("---") for text in texts) > HALF,
        has_indented_lists=_has_indented_lists(tree),
        has_dot=_has_dot(tree),
        indent=_indent(written),
        schemas=schemas,
        schema_base=schema_base,
        files=_file_names(written) if files else {},
        chart_lean=_lean(sources),
        release_order=order_of(releases),
        chart_interval=(usual(chart.get("interval") for chart in charts) or "") if charts else "12h",
    )


def _sources(sources: list[Resource]) -> dict[str, dict[str, Any]]:
    defaults: dict[str, dict[str, Any]] = {
        "HelmRepository": {"interval": "12h"},
        "OCIRepository": {
            "interval": "1h",
            "layerSelector": {
                "mediaType": "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
                "operation": "copy",
            },
        },
    }
    for kind, names in (("HelmRepository", ("interval",)), ("OCIRepository", ("interval", "layerSelector"))):
        specs = [spec_of(one) for one in sources if one.kind == kind]
        if specs:
            defaults[kind] |= usual_fields(specs, names)
    return defaults


def _lean(sources: list[Resource]) -> str:
    kinds = Counter(one.kind for one in sources)
    if kinds.total() < _LEAN_OF:
        return ""
    kind, count = kinds.most_common(1)[0]
    return kind if count >= _LEAN * kinds.total() else ""


def _schemas(tree: Tree, paths: Iterable[str]) -> tuple[dict[str, str], str]:
    """Kind -> URL of its schema comment, and the URL they begin with; empty when most files have none."""
    urls: dict[str, Counter[str]] = {}
    flags: list[bool] = []
    for path in sorted(paths):
        stream = tree.repository.stream(path)
        if stream is None:
            continue
        found = _SCHEMA.findall(stream.source.text)
        flags.append(bool(found))
        kinds = [make(root) for root in manifests(stream)]
        for resource, url in zip(kinds, found, strict=False) if len(kinds) == len(found) else ():
            if resource.kind.lower() in url.lower() and "app-template" not in url:
                urls.setdefault(f"{resource.group}/{resource.kind}", Counter())[url] += 1
    for kustomization in tree.kustomizations.values():
        comment = _SCHEMA.search(kustomization.source.text)
        if comment and not is_archived(kustomization.path):
            urls.setdefault("kustomize.config.k8s.io/Kustomization", Counter())[comment[1]] += 1
    if share(flags, 0.0) <= HALF:
        return {}, ""
    best = {kind: counter.most_common(1)[0][0] for kind, counter in urls.items()}
    bases = Counter(match["base"] for url in best.values() if (match := _BY_KIND.match(url)))
    base, count = bases.most_common(1)[0] if bases else ("", 0)
    return best, base if count > 1 else ""


def _has_indented_lists(tree: Tree) -> bool:
    flags: list[bool] = []
    for kustomization in tree.kustomizations.values():
        node = kustomization.fields.get("resources")
        if isinstance(node, Sequence) and not node.flow and node.children:
            source = node.source
            _, column = source.position(source.text.rfind("-", 0, node.children[0].start))
            flags.append(column > 1)
    return share(flags) > HALF


def _indent(written: Iterable[Resource]) -> int:
    """Columns of a level below `metadata`, as most manifests have it."""
    counts: Counter[int] = Counter()
    for resource in written:
        node = resource.written.mapping_at("metadata")
        if node is not None and not node.flow and node.pairs and "gotk-" not in resource.path:
            counts[node.source.position(node.pairs[0][0].start)[1] - 1] += 1
    width = counts.most_common(1)[0][0] if counts else 0
    return width if width in range(1, 9) and counts[width] > HALF * counts.total() else 2


def _has_dot(tree: Tree) -> bool:
    entries = [
        entry.text
        for kustomization in tree.kustomizations.values()
        for entry in kustomization.resources()
        if not entry.text.startswith("../") and ":" not in entry.text
    ]
    return share(entry.startswith("./") for entry in entries) > HALF


def _file_names(written: Iterable[Resource]) -> dict[str, str]:
    """Kind -> the name its file mostly has, where a file holds one object."""
    counts: dict[str, Counter[str]] = {}
    for resource in written:
        stem = posixpath.basename(resource.path).rpartition(".")[0]
        counts.setdefault(resource.kind.lower(), Counter())[stem] += 1
    return {
        kind: stem
        for kind, counter in counts.items()
        if counter.total() >= _OFTEN
        and (stem := counter.most_common(1)[0][0])
        and counter[stem] > HALF * counter.total()
        and (stem.replace("-", "") == kind or stem.rstrip("s") in kind)
    }
