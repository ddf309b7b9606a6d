"""Typed views of a HelmRelease: its chart, its release name, its values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from lintkit.model.flux import SOURCE, Named, named
from lintkit.syntax.node import Mapping, Node, Scalar

if TYPE_CHECKING:
    from lintkit.model.cluster import Cluster
    from lintkit.model.resource import Resource

_MAX_NAME = 53


class Chart(NamedTuple):
    """The chart of a release.

    Attributes:
        name: The chart's name; the last part of an OCI URL.
        version: Version or range as written; empty when absent or decided elsewhere.
        repository: URL of the HelmRepository or OCIRepository; empty when not known.
        node: Where the chart is named.
        version_node: Where the version is written.
    """

    name: str
    version: str
    repository: str
    node: Node
    version_node: Node | None = None


@dataclass(frozen=True, slots=True, eq=False)
class HelmRelease:
    """A view of a HelmRelease."""

    resource: Resource

    @property
    def source(self) -> Named | None:
        """`spec.chart.spec.sourceRef`, with the namespace defaulting to the release's own."""
        return named(self.resource, "spec", "chart", "spec", "sourceRef", kind="HelmRepository")

    @property
    def chart_ref(self) -> Named | None:
        """`spec.chartRef`."""
        return named(self.resource, "spec", "chartRef")

    @property
    def values(self) -> Mapping | None:
        """Inline `spec.values`."""
        return self.resource.root.mapping_at("spec", "values")

    @property
    def release_name(self) -> str:
        """The name of the Helm release."""
        text = self.resource.text("spec", "releaseName")
        if not text:
            target = self.resource.text("spec", "targetNamespace")
            text = f"{target}-{self.resource.name}" if target else self.resource.name
        if len(text) > _MAX_NAME:
            from hashlib import sha256  # noqa: PLC0415 - it loads OpenSSL, and few names are that long

            text = f"{text[:40]}-{sha256(text.encode()).hexdigest()[:12]}"
        return text

    @property
    def release_namespace(self) -> str:
        """Where the release is installed."""
        return self.resource.text("spec", "targetNamespace") or self.resource.namespace

    def chart(self, cluster: Cluster | None) -> Chart | None:
        """The chart; with a cluster, also behind a `chartRef`."""
        spec = self.resource.root.mapping_at("spec", "chart", "spec")
        if spec is not None:
            return self._inline_chart(spec, cluster)
        reference = self.chart_ref
        if reference is None:
            return None
        found = cluster.find(SOURCE, reference.kind, reference.namespace, reference.name) if cluster else None
        if found is None:
            return Chart(reference.name, "", "", reference.node)
        if reference.kind == "HelmChart":
            name = found.text("spec", "chart") or ""
            return Chart(name, found.text("spec", "version") or "", "", reference.node, found.at("spec", "version"))
        url = (found.text("spec", "url") or "").rstrip("/")
        tag = found.at("spec", "ref", "tag") or found.at("spec", "ref", "semver")
        version = tag.text if isinstance(tag, Scalar) else ""
        return Chart(url.rpartition("/")[2], version, url, reference.node, tag)

    def _inline_chart(self, spec: Mapping, cluster: Cluster | None) -> Chart | None:
        name, version = spec.get("chart"), spec.get("version")
        if not isinstance(name, Scalar):
            return None
        source = self.source
        found = cluster.find(SOURCE, source.kind, source.namespace, source.name) if cluster and source else None
        url = (found.text("spec", "url") or "") if found else ""
        return Chart(
            name.text.rpartition("/")[2] if source and source.kind == "GitRepository" else name.text,
            version.text if isinstance(version, Scalar) else "",
            url.rstrip("/"),
            name,
            version,
        )
