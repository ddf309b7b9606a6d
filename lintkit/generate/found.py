"""What a tree has already: who applies what, charts' sources, namespaces."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from lintkit.model.cluster import is_archived
from lintkit.model.flux import KUSTOMIZE, is_helm_release
from lintkit.model.namespaces import BUILT_IN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.generate.layout import Layout
    from lintkit.model.cluster import Applied
    from lintkit.model.resource import Resource
    from lintkit.model.tree import Tree


class Name(NamedTuple):
    """Name and namespace of an object."""

    name: str
    namespace: str


class Found:
    """What a tree has already, near the apps of a layout.

    Args:
        tree: The tree.
        layout: Where its apps stand; of several clusters, the one that applies them counts.
    """

    def __init__(self, tree: Tree, layout: Layout) -> None:
        self.tree = tree
        self.layout = layout

    @cached_property
    def _applied(self) -> list[tuple[Resource, Applied | None]]:
        """All objects of the cluster that the layout belongs to, with who applies them."""
        best: list[tuple[Resource, Applied | None]] = []
        most = -1
        for cluster in self.tree.clusters:
            pairs = [(resource, applied) for applied in cluster.applied for resource in applied.resources]
            here = sum(resource.path.startswith(f"{self.layout.base}/") for resource, _ in pairs)
            if here > most:
                most, best = here, list(pairs)
        if best:
            return best
        return [(resource, None) for resource in self.tree.written if not is_archived(resource.path)]

    def objects(self, kind: str, namespace: str | None = None) -> Iterator[Resource]:
        """All objects of a kind."""
        for resource, _ in self._applied:
            if resource.kind == kind and (namespace is None or resource.namespace == namespace):
                yield resource

    def has(self, kind: str, name: str, namespace: str | None = None) -> bool:
        """Whether there is an object of this kind and name."""
        return any(resource.name == name for resource in self.objects(kind, namespace))

    def has_namespace(self, name: str) -> bool:
        """Whether a namespace is made here, or is there anyway."""
        outside = BUILT_IN.union(self.tree.options.external_namespaces)
        return name in outside or self.has("Namespace", name)

    def provider(self, kind: str, name: str = "", namespace: str | None = None) -> Name | None:
        """The Flux Kustomization that applies an object; of any name where it is empty."""
        for resource, applied in self._applied:
            right = resource.kind == kind and (not name or resource.name == name)
            if right and (namespace is None or resource.namespace == namespace) and applied is not None:
                kustomization = applied.kustomization
                if kustomization is not None:
                    return Name(kustomization.name, kustomization.namespace)
        return None

    def is_waited_for(self, name: str, namespace: str) -> bool:
        """Whether it is of use to depend on a Flux Kustomization: it knows when it is ready, or others depend on it.

        One that is not there (yet) counts.
        """
        found = False
        for one in self.objects("Kustomization"):
            if one.group != KUSTOMIZE:
                continue
            if (one.name, one.namespace) == (name, namespace):
                found = True
                if one.text("spec", "wait") == "true" or one.root.elements_at("spec", "healthChecks"):
                    return True
            for other in one.root.mappings_at("spec", "dependsOn"):
                if (other.text("name"), other.text("namespace") or one.namespace) == (name, namespace):
                    return True
        return not found

    def release(self, chart: str) -> Name | None:
        """The release of a chart, by the name of the chart or of its source."""
        for resource, _ in self._applied:
            if is_helm_release(resource) and self.chart_of(resource) == chart:
                return Name(resource.name, resource.namespace)
        return None

    def chart_of(self, release: Resource) -> str:
        """Name of the chart of a HelmRelease."""
        if chart := release.text("spec", "chart", "spec", "chart"):
            return posixpath.basename(chart)
        name = release.text("spec", "chartRef", "name") or ""
        for source in self.objects("OCIRepository"):
            if source.name == name:
                return posixpath.basename(source.text("spec", "url") or "")
        return name

    def chart_version(self, chart: str) -> str:
        """The version that most releases of a chart have; empty when it is not known."""
        versions: Counter[str] = Counter()
        for resource in self.objects("OCIRepository"):
            if posixpath.basename(resource.text("spec", "url") or "") == chart:
                versions[resource.text("spec", "ref", "tag") or ""] += 1
        for resource in self.objects("HelmRelease"):
            if resource.text("spec", "chart", "spec", "chart") == chart:
                versions[resource.text("spec", "chart", "spec", "version") or ""] += 1
        known = [one for one, _ in versions.most_common() if re.fullmatch(r"v?\d+(\.\d+)*", one)]
        return known[0] if known else ""

    def chart_source(self, kind: str, url: str, namespace: str) -> Name | None:
        """A source of this URL that a release in a namespace can use without more ado."""
        fits = [one for one in self.objects(kind) if (one.text("spec", "url") or "").rstrip("/") == url.rstrip("/")]
        fits.sort(key=lambda one: (one.namespace != namespace, one.namespace != "flux-system"))
        if fits and (fits[0].namespace in {namespace, "flux-system"}):
            return Name(fits[0].name, fits[0].namespace)
        return None

    @cached_property
    def git_url(self) -> str:
        """URL of this repository, as Flux or git knows it."""
        for resource in self.objects("FluxInstance"):
            if url := resource.text("spec", "sync", "url"):
                return url.removesuffix(".git")
        for resource in self.tree.written:
            if resource.kind == "GitRepository" and resource.name == "flux-system":
                url = resource.text("spec", "url") or ""
                if url.startswith("https://"):
                    return url.removesuffix(".git")
        return self.tree.remote if self.tree.remote.startswith("https://") else ""

    def namespace_file(self, namespace: str) -> bool:
        """Whether the tree makes a namespace."""
        return any(one.name == namespace for one in self.objects("Namespace"))
