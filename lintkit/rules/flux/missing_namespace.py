"""The rule `missing-namespace`."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from lintkit.finding import Applicability, Finding, Fix, Related, Severity
from lintkit.model.flux import GROUPS
from lintkit.model.kustomize.kustomization import resolve
from lintkit.model.names import closest
from lintkit.model.namespaces import declared, short_hosts, uses
from lintkit.rules._rule import rule
from lintkit.syntax.rewrite import add_entry, quoted
from lintkit.text.edit import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.cluster import Applied, Cluster
    from lintkit.model.resource import Resource
    from lintkit.model.tree import Tree
    from lintkit.syntax.node import Place, Scalar

_ENOUGH = 3


@rule(severity=Severity.ERROR, since="0.1")
def missing_namespace(tree: Tree) -> Iterator[Finding]:
    """An object is put into a namespace that no one declares, or a Flux object into none at all.

    Namespaces of objects, of references to objects, and in the host names of Services are looked up. `default`,
    `kube-system`, `kube-public` and `kube-node-lease` always exist; `external-namespaces:` in the configuration
    declares others. Absence is certain where a declared or often used name comes close, or where every other
    namespace is declared here; elsewhere the rule is silent.

    ## Why
    The API server refuses the object: namespace not found. A Flux object without namespace is refused as well, unless
    it, the kustomization that lists it, or the `targetNamespace` above it sets one.

    ## Bad
    ```yaml cluster/apps.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: apps
      namespace: flux-system
    spec:
      interval: 1h
      prune: true
      path: ./app
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```
    ```yaml app/all.yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: airflow
    ---
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: config
      namespace: airfow # error: did you mean `airflow`?
    ---
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata:
      name: airflow # error: HelmRelease `airflow` has no namespace
    ```

    ## Good
    ```yaml app/all.yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: airflow
    ---
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: config
      namespace: airflow
    ---
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata:
      name: airflow
      namespace: airflow
    ```
    """
    for cluster in tree.clusters:
        yield from _undeclared(tree, cluster)
        for applied in cluster.applied:
            yield from _without(tree, applied)
    for cluster in tree.unattached:
        yield from _undeclared(tree, cluster)


def _undeclared(tree: Tree, cluster: Cluster) -> Iterator[Finding]:
    known = declared(tree, cluster)
    absent: dict[str, list[Place]] = {}
    present: set[str] = set()
    for namespace, place in _all_uses(tree, cluster):
        if namespace in known:
            present.add(namespace)
        else:
            absent.setdefault(namespace, []).append(place)
    is_whole = not any(applied.is_partial for applied in cluster.applied)
    others_are_declared = len(absent) == 1 and len(present & known) >= _ENOUGH and is_whole
    unsure = _in_partial_builds(cluster)
    frequent = {namespace for namespace, found in absent.items() if len(found) >= _ENOUGH}
    for namespace, found in absent.items():
        close = closest(namespace, known | frequent if len(found) < _ENOUGH else known)
        severity = None
        if close is None and not others_are_declared:
            close = _of_folder(tree, found) if namespace not in unsure else None
            severity = Severity.WARNING
            if close is None:
                continue
        hint = f"; did you mean `{close}`?" if close else ""
        for place in found:
            message = f"no Namespace `{namespace}` is declared{hint}"
            yield Finding.at(place, message, severity=severity, fix=_rename(place, namespace, close))
    yield from _hosts(cluster, known)


def _in_partial_builds(cluster: Cluster) -> set[str]:
    """Namespaces that a build which is not wholly known puts objects into: it may bring the Namespace along."""
    found: set[str] = set()
    for applied in cluster.applied:
        if applied.is_partial:
            target = applied.kustomization.target_namespace if applied.kustomization else None
            found |= {resource.namespace for resource in applied.resources}
            found |= {target.text} if target else set()
    return found


def _of_folder(tree: Tree, places: list[Place]) -> str | None:
    """The one Namespace that is declared in the folder above all places."""
    declared_in: dict[str, set[str]] = {}
    for resource in tree.written:
        if resource.kind == "Namespace" and not resource.group:
            declared_in.setdefault(posixpath.dirname(resource.path), set()).add(resource.name)
    found: set[str] = set()
    for place in places:
        folder = posixpath.dirname(place.source.path)
        while folder and folder not in declared_in:
            folder = posixpath.dirname(folder)
        found |= declared_in.get(folder, {""})
    return found.pop() or None if len(found) == 1 else None


def _all_uses(tree: Tree, cluster: Cluster) -> Iterator[tuple[str, Place]]:
    """Every use of a namespace; those that kustomizations set come first."""
    for applied in cluster.applied:
        if applied.build is None or (applied.kustomization and applied.kustomization.target_namespace):
            continue
        for folder in sorted(applied.build.kustomizations):
            kustomization = tree.kustomizations.get(folder)
            node = kustomization.scalar("namespace") if kustomization else None
            if node is not None and "${" not in node.text:
                yield node.text, node.place
    for use in uses(cluster):
        yield use.namespace, use.place


def _hosts(cluster: Cluster, known: set[str]) -> Iterator[Finding]:
    """Host names whose first part is known here, in another namespace than the one they name."""
    homes: dict[str, set[str]] = {}
    for resource in cluster.resources:
        if resource.kind in {"Service", "HelmRelease", "Cluster"} and resource.namespace:
            homes.setdefault(resource.name, set()).add(resource.namespace)
    for service, namespace, place in short_hosts(cluster):
        if namespace not in known and service in homes and namespace not in homes[service]:
            where = "`, `".join(sorted(homes[service]))
            message = f"no Namespace `{namespace}` is declared; `{service}` is in namespace `{where}`"
            home = where if len(homes[service]) == 1 else None
            yield Finding.at(place, message, severity=Severity.WARNING, fix=_rename(place, namespace, home))


def _rename(place: Place, namespace: str, close: str | None) -> Fix | None:
    source, span = place
    written = source.text[span.start : span.end]
    if close is None or namespace not in written or "${" in written:
        return None
    at = span.start + written.rindex(namespace)
    edit = Edit(source.path, type(span)(at, at + len(namespace)), close)
    return Fix(f"change it to `{close}`", (edit,), Applicability.UNSAFE)


def _without(tree: Tree, applied: Applied) -> Iterator[Finding]:
    """Flux objects that render with no namespace."""
    homeless = [one for one in applied.resources if one.group in GROUPS and not one.namespace and one.name]
    if not homeless or applied.build is None:
        return
    for resource in homeless:
        if resource.kind == "ResourceSet" or "${" in resource.name:
            continue
        message = f"{resource.kind} `{resource.name}` has no namespace: nothing on its way to the cluster sets one"
        entry = None if _are_usually_explicit(tree, resource.kind) else _entry_of(tree, applied, resource)
        if entry is not None:
            related = (Related(resource.name_place, "the object"),)
            yield Finding.at(entry, message, related=related, fix=_set_for_all(tree, entry))
        else:
            yield Finding.at(resource.name_place, message)


def _set_for_all(tree: Tree, entry: Scalar) -> Fix | None:
    """Let the kustomization that lists an object set the one Namespace that its folder declares."""
    kustomization = tree.kustomizations.get(posixpath.dirname(entry.source.path))
    namespace = _of_folder(tree, [entry.place])
    if kustomization is None or namespace is None or "namespace" in kustomization.fields:
        return None
    edits = add_entry(kustomization.root, f"namespace: {quoted(namespace)}")
    return Fix(f"set `namespace: {namespace}` for all of it", tuple(edits), Applicability.UNSAFE) if edits else None


def _are_usually_explicit(tree: Tree, kind: str) -> bool:
    """Whether the Flux objects of a kind mostly write their namespace themselves in this tree."""
    explicit = inherited = 0
    for applied in tree.applied:
        for resource in applied.resources:
            if resource.group in GROUPS and resource.kind == kind and resource.namespace:
                node = resource.at("metadata", "namespace")
                if node is not None and node.source is resource.source:
                    explicit += 1
                else:
                    inherited += 1
    return explicit >= inherited


def _entry_of(tree: Tree, applied: Applied, resource: Resource) -> Scalar | None:
    """The entry of the kustomization that lists the file of an object."""
    for folder in sorted(applied.build.kustomizations if applied.build else ()):
        kustomization = tree.kustomizations.get(folder)
        for entry in kustomization.resources() if kustomization else ():
            if resolve(folder, entry.text) == resource.path:
                return entry
    return None
