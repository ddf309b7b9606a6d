"""The parts of manifests that depend on the style of a repository; templates call them by name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lintkit.generate.emit import emit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lintkit.generate.blueprint import Chart
    from lintkit.generate.found import Found
    from lintkit.generate.style import Style

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MERGED = ("install", "upgrade")


@dataclass(slots=True)
class Pieces:
    """Makes the parts of one app.

    Attributes:
        style: The repository's style.
        found: What it has.
        charts: Charts of the blueprint.
        app: Name of the app that is written.
        namespace: Its namespace.
        items: 1Password item -> fields that must exist, filled while templates run.
    """

    style: Style
    found: Found
    charts: Mapping[str, Chart]
    app: str = ""
    namespace: str = ""
    items: dict[str, list[str]] = field(default_factory=dict)

    def chart(self, name: str) -> Chart:
        """A chart of the blueprint, in the version that the tree has of it."""
        chart = self.charts[name]
        version = self.found.chart_version(chart.chart) if chart.shared else ""
        return replace(chart, version=version) if version else chart

    def source_kind(self, chart: Chart) -> str:
        """The kind of source a chart is taken from."""
        if not chart.oci or not chart.repository:
            return "OCIRepository" if chart.oci else "HelmRepository"
        return self.style.chart_lean or "HelmRepository"

    def source(self, name: str) -> tuple[str, str] | None:
        """File name and text of the source of a chart; None when the tree has it already."""
        chart = self.chart(name)
        kind = self.source_kind(chart)
        if self._existing(chart):
            return None
        spec = dict(self.style.sources[kind])
        if kind == "OCIRepository":
            spec |= {"ref": {"tag": chart.version}, "url": f"oci://{chart.oci.removeprefix('oci://')}"}
            own = self.app
        else:
            spec["url"] = chart.repository
            own = chart.name or chart.chart
        head = {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": kind, "metadata": {"name": own}, "spec": spec}
        return f"{kind.lower()}.yaml", "---\n" + emit(head, order=("apiVersion", "kind", "metadata", "spec"))

    def _existing(self, chart: Chart) -> tuple[str, str] | None:
        """Name and namespace of a source that is there already."""
        if self.source_kind(chart) == "HelmRepository":
            return self.found.chart_source("HelmRepository", chart.repository, self.namespace)
        url = f"oci://{chart.oci.removeprefix('oci://')}"
        found = self.found.chart_source("OCIRepository", url, self.namespace) if chart.shared else None
        # one that is named after an app belongs to that app
        return found if found is not None and found.name == chart.chart else None

    def release(
        self,
        name: str,
        chart: str,
        *,
        timeout: str = "",
        crds: str = "",
        metadata: str = "",
        more: Mapping[str, Any] | None = None,
    ) -> str:
        """A HelmRelease up to its `values`.

        Args:
            name: Its name.
            chart: Name of the chart in the blueprint.
            timeout: `spec.timeout`.
            crds: `install.crds` and `upgrade.crds`.
            metadata: Lines of `metadata`, with their indent.
            more: Other fields of `spec`.
        """
        wanted = self.chart(chart)
        spec: dict[str, Any] = dict(self.style.releases) | dict(more or {})
        if timeout:
            spec["timeout"] = timeout
        if crds:
            for part in _MERGED:
                spec[part] = {**(spec.get(part) or {}), "crds": crds}
        existing = self._existing(wanted)
        if self.source_kind(wanted) == "OCIRepository":
            spec["chartRef"] = {"kind": "OCIRepository", "name": existing[0] if existing else self.app}
            if existing and existing[1] != self.namespace:
                spec["chartRef"]["namespace"] = existing[1]
        else:
            source = {"kind": "HelmRepository", "name": existing[0] if existing else wanted.name or wanted.chart}
            if existing and existing[1] != self.namespace:
                source["namespace"] = existing[1]
            interval = {"interval": self.style.chart_interval} if self.style.chart_interval else {}
            spec["chart"] = {
                "spec": {"chart": wanted.chart, **interval, "sourceRef": source, "version": wanted.version}
            }
        extra = f"{metadata.rstrip()}\n" if metadata.strip() else ""
        order = [one for one in self.style.release_order if one != "values"]
        return (
            f"---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: {name}\n{extra}"
            f"spec:\n{emit(spec, 2, order)}"
        ).rstrip("\n")

    def external_secret(
        self,
        name: str,
        fields: Sequence[Sequence[str]],
        *,
        template: Mapping[str, str] | None = None,
        target: str = "",
        labels: Mapping[str, str] | None = None,
        type: str = "",  # noqa: A002 - the field's own name
    ) -> str:
        """An ExternalSecret.

        Args:
            name: Its name.
            fields: Key of the Secret (or name in the template), item, field.
            template: Key of the Secret -> Go template; None when the Secret has the fields as they are.
            target: Name of the Secret; its own where empty.
            labels: Labels of the Secret.
            type: Its type; `Opaque` where empty.
        """
        habits = self.style.secrets
        for _, item, part in fields:
            self.items.setdefault(item, [])
            if part not in self.items[item]:
                self.items[item].append(part)
        spec: dict[str, Any] = dict(habits.spec)
        goal: dict[str, Any] = {"name": target or name, **habits.target}
        keys = "property" if habits.keys == "extract" and not _can_extract(fields) else habits.keys
        if keys == "extract":
            spec["dataFrom"] = [{"extract": {"key": item}} for item in dict.fromkeys(item for _, item, _ in fields)]
            renamed = {f"{{{{ .{key} ": f"{{{{ .{part} " for key, _, part in fields}
            if template is None:
                template = {key: f"{{{{ .{part} }}}}" for key, _, part in fields}
            else:
                template = {key: _renamed(text, renamed) for key, text in template.items()}
        else:
            path = keys == "path"
            spec["data"] = [
                {
                    "secretKey": key,
                    "remoteRef": {"key": f"{item}/{part}"} if path else {"key": item, "property": part},
                }
                for key, item, part in fields
            ]
        parts = {
            "type": type,
            "metadata": {"labels": dict(labels)} if labels else None,
            "data": dict(template) if template is not None else None,
        }
        if made := {key: value for key, value in parts.items() if value}:
            goal["template"] = made
        spec["secretStoreRef"] = {"kind": habits.store_kind, "name": habits.store}
        spec["target"] = goal
        metadata = {"name": name, **habits.metadata}
        body = emit({"metadata": metadata})
        return (
            f"---\napiVersion: external-secrets.io/v1\nkind: ExternalSecret\n{body}spec:\n{emit(spec, 2, habits.order)}"
        ).rstrip("\n")


def _can_extract(fields: Sequence[Sequence[str]]) -> bool:
    """Whether the fields of all items have names of their own that a Go template can say."""
    names = [part for _, _, part in fields]
    items = {item for _, item, _ in fields}
    return all(_IDENTIFIER.fullmatch(name) for name in names) and (len(items) == 1 or len(set(names)) == len(names))


def _renamed(text: str, renamed: Mapping[str, str]) -> str:
    for old, new in renamed.items():
        text = text.replace(old, new)
    return text
