"""Which Flux and which Kubernetes a tree runs: from the configuration, else from what the tree pins."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lintkit.model.flux import OPERATOR, is_helm_release

if TYPE_CHECKING:
    from lintkit.model.resource import Resource
    from lintkit.model.tree import Tree

_NUMBER = re.compile(r"^v?(\d+)\.(\d+)")
_MANIFESTS = re.compile(r"/flux-manifests/?$")


def parse_version(text: str | None) -> tuple[int, int] | None:
    """(major, minor) of a version such as `v2.8.1`, `2.8.x` or `2.8`; None for a range or a bare major."""
    found = _NUMBER.match(text or "")
    return (int(found[1]), int(found[2])) if found else None


def flux_version(tree: Tree) -> tuple[int, int] | None:
    """(major, minor) of the Flux that applies a tree; None when nothing says it.

    Looked for in the configuration, FluxInstance objects and their chart's values, the labels of gotk-components, and
    the tag of the flux-manifests artifact. With several, the lowest: what works there works everywhere.
    """
    configured = parse_version(tree.options.flux_version)
    if configured is not None:
        return configured
    found = [version for resource in tree.written if (version := parse_version(_flux_text(resource))) is not None]
    return min(found, default=None)


def _flux_text(resource: Resource) -> str | None:
    if resource.group == OPERATOR and resource.kind == "FluxInstance":
        return resource.text("spec", "distribution", "version")
    if is_helm_release(resource) and resource.root.mapping_at("spec", "values", "instance") is not None:
        return resource.text("spec", "values", "instance", "distribution", "version")
    if resource.label("app.kubernetes.io/part-of") == "flux" and resource.kind in {"Namespace", "Deployment"}:
        return resource.label("app.kubernetes.io/version")
    if resource.kind == "OCIRepository" and _MANIFESTS.search(resource.text("spec", "url") or ""):
        return resource.text("spec", "ref", "tag")
    return None


_UPGRADE_PLAN = re.compile(r"k3s|rke2|kube", re.IGNORECASE)
_TALOS_KEY = re.compile(r"^[ \t]*kubernetesVersion:[ \t]*[\"']?v?(\d+\.\d+)", re.MULTILINE)
_TALOS_FILE = re.compile(r"(?:^|/)talconfig\.ya?ml$")


def kubernetes_version(tree: Tree) -> str:
    """The version of Kubernetes that a tree is for, `1.33`; empty when nothing says it.

    Looked for in the configuration, upgrade plans (system-upgrade-controller's `Plan`, tuppr's `KubernetesUpgrade`),
    and Talos configuration. With several, the lowest.
    """
    configured = parse_version(tree.options.kubernetes_version)
    if configured is None:
        texts = [text for resource in tree.written if (text := _kubernetes_text(resource))]
        for path in tree.repository.listing.files:
            source = tree.repository.source(path) if _TALOS_FILE.search(path) else None
            texts += _TALOS_KEY.findall(source.text) if source else []
        configured = min((version for text in texts if (version := parse_version(text))), default=None)
    return f"{configured[0]}.{configured[1]}" if configured else ""


def _kubernetes_text(resource: Resource) -> str | None:
    if resource.group == "upgrade.cattle.io" and resource.kind == "Plan":
        image = resource.text("spec", "upgrade", "image") or resource.name
        return resource.text("spec", "version") if _UPGRADE_PLAN.search(image) else None
    if resource.kind == "KubernetesUpgrade":
        return resource.text("spec", "kubernetes", "version")
    return None
