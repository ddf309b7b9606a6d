"""What templates may use besides the answers: functions that ask the tree, and the parts of manifests."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lintkit.generate.workload import Workload, find_workload
from lintkit.syntax.node import scalars

if TYPE_CHECKING:
    from lintkit.generate.found import Found
    from lintkit.generate.pieces import Pieces

_OBSERVABILITY = "observability"


@dataclass(frozen=True, slots=True)
class Release:
    """A HelmRelease; false when there is none."""

    name: str = ""
    namespace: str = ""

    def __bool__(self) -> bool:
        return bool(self.name)


@dataclass(frozen=True, slots=True)
class Webhook:
    """The webhook that hears of failed tasks; empty when there is none."""

    name: str = ""
    url: str = ""


class Words:
    """Functions for templates.

    Args:
        pieces: The style of the tree, and what it has.
    """

    def __init__(self, pieces: Pieces) -> None:
        self.pieces = pieces
        self.found: Found = pieces.found

    def provider(self, kind: str, name: str = "", namespace: str | None = None) -> str:
        """`namespace/name` of the Flux Kustomization that applies an object; empty when there is none."""
        one = self.found.provider(kind, name, namespace)
        return f"{one.namespace}/{one.name}" if one else ""

    def store_provider(self) -> str:
        """The Flux Kustomization that applies the store of secrets."""
        secrets = self.pieces.style.secrets
        return self.provider(secrets.store_kind, secrets.store) if secrets.store else ""

    def has(self, kind: str, name: str = "", namespace: str | None = None) -> bool:
        """Whether the tree has an object of a kind."""
        return any(not name or one.name == name for one in self.found.objects(kind, namespace))

    def namespace_of(self, kind: str, name: str) -> str:
        """Namespace of an object; empty when there is none."""
        return next((one.namespace for one in self.found.objects(kind) if one.name == name), "")

    def first(self, kind: str) -> str:
        """Name of the first object of a kind; empty when there is none."""
        return next((one.name for one in self.found.objects(kind)), "")

    def labels_of(self, kind: str) -> dict[str, str]:
        """Labels of the first object of a kind."""
        node = next((one.root.mapping_at("metadata", "labels") for one in self.found.objects(kind)), None)
        return {key: str(value) for key, value in node.value.items()} if node is not None else {}

    def release_of(self, *charts: str) -> Release:
        """The first release of one of these charts."""
        for chart in charts:
            one = self.found.release(chart)
            if one is not None:
                return Release(one.name, one.namespace)
        return Release()

    def release_provider(self, *charts: str) -> str:
        """The Flux Kustomization that applies the first release of one of these charts."""
        one = self.release_of(*charts)
        return self.provider("HelmRelease", one.name, one.namespace) if one else ""

    def existing_namespace(self, *names: str) -> str:
        """The first of these namespaces that the tree has; else the first."""
        layout, repository = self.pieces.style.layout, self.found.tree.repository
        for one in names:
            if self.found.namespace_file(one) or repository.is_folder(f"{layout.base}/{one}"):
                return one
        return names[0]

    def observability(self) -> str:
        """The namespace of what watches the others."""
        loki = self.release_of("loki")
        return loki.namespace or self.existing_namespace(_OBSERVABILITY, "monitoring", "o11y")

    def loki_address(self) -> str:
        """URL of Loki; empty when there is none."""
        for resource in self.found.objects("HelmRelease"):
            if self.found.chart_of(resource) == "loki":
                full = resource.name if "loki" in resource.name else f"{resource.name}-loki"
                host = f"{resource.namespace}.svc.cluster.local"
                if resource.text("spec", "values", "gateway", "enabled") == "false":
                    return f"http://{full}.{host}:3100"
                return f"http://{full}-gateway.{host}"
        return ""

    def loki_gateway(self) -> str:
        """URL of Loki; where there is none, that of the one that `lintkit new loki loki` makes."""
        return self.loki_address() or f"http://loki-gateway.{self.observability()}.svc.cluster.local"

    def alertmanager_address(self) -> str:
        """URL of Alertmanager; empty when there is none."""
        one = self.release_of("alertmanager")
        if one:
            return f"http://{one.name}.{one.namespace}.svc.cluster.local:9093"
        one = self.release_of("kube-prometheus-stack")
        return f"http://alertmanager-operated.{one.namespace}.svc.cluster.local:9093" if one else ""

    def alertmanager_url(self) -> str:
        """URL of Alertmanager; where there is none, that of the one that `lintkit new alertmanager` makes."""
        return self.alertmanager_address() or f"http://alertmanager.{self.observability()}.svc.cluster.local:9093"

    def failure_webhook(self) -> Webhook:
        """The webhook that comes with Airflow."""
        for one in self.found.objects("Service"):
            if one.name.endswith("-failure-webhook"):
                return Webhook(one.name, f"http://{one.name}.{one.namespace}.svc.cluster.local/alerts")
        return Webhook()

    def gateway(self) -> str:
        """`namespace/name` of a Gateway, one for inside where there are several; empty when there is none."""
        names = [f"{one.namespace}/{one.name}" for one in self.found.objects("Gateway") if one.namespace]
        return next((one for one in names if "internal" in one), names[0] if names else "")

    def effective(self, namespace: str) -> str:
        """The namespace that the Flux Kustomization of an app in a namespace gets."""
        return self.pieces.style.flux.namespace.replace("{namespace}", namespace) or namespace

    def image_tag(self, image: str) -> str:
        """The tag that most uses of an image have; empty when there is none."""
        policies = [
            one for one in self.found.tree.options.images if one.image in {image, f"*/{image.rpartition('/')[2]}"}
        ]
        if policies and policies[0].version[:1].isdigit():
            return policies[0].version + (f"-{policies[0].variant}" if policies[0].variant else "")
        tags = Counter(
            scalar.text[len(image) + 1 :]
            for kind in ("HelmRelease", "Deployment", "DaemonSet", "StatefulSet")
            for resource in self.found.objects(kind)
            for scalar in scalars(resource.root)
            if scalar.text.startswith(f"{image}:") and "\n" not in scalar.text
        )
        return tags.most_common(1)[0][0] if tags else ""

    def workload(self, name: str, namespace: str = "", kind: str = "") -> Workload:
        """An existing workload; false when there is none."""
        return find_workload(self.found, name, namespace, kind)

    def volume_at(self, name: str, namespace: str, path: str) -> str:
        """The volume that a workload's own container mounts at a path; empty when there is none."""
        one = self.workload(name, namespace)
        source = self.found.tree.repository.source(one.path) if one else None
        return one.volume_at(source.text, path) if source is not None else ""

    @staticmethod
    def fields(keys: list[str], item: str) -> list[list[str]]:
        """`KEY` or `KEY=field` -> key, item, field."""
        return [[key.partition("=")[0], item, key.partition("=")[2] or key.partition("=")[0]] for key in keys]


def words(pieces: Pieces, name: str) -> dict[str, Any]:
    """Name -> value or function."""
    style, given = pieces.style, Words(pieces)
    functions = {one: getattr(given, one) for one in dir(Words) if not one.startswith("_")}
    return functions | {
        "name": name,
        "store": style.secrets.store,
        "store_kind": style.secrets.store_kind,
        "layout": {"kind": style.layout.kind, "base": style.layout.base},
        "dot": "./" if style.has_dot else "",
        "git_url": pieces.found.git_url,
        "app_path": style.layout.app,
        "is_folder": pieces.found.tree.repository.is_folder,
        "release": pieces.release,
        "external_secret": pieces.external_secret,
    }
