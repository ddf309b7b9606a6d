"""The rule `missing-depends-on`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Applicability, Finding, Fix, Related, Severity
from lintkit.model.depends import installers, reaches
from lintkit.rules._rule import rule
from lintkit.syntax.blocks import add_item
from lintkit.syntax.node import Sequence
from lintkit.syntax.rewrite import add_entry, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.cluster import Applied, Cluster
    from lintkit.model.contracts import Contracts
    from lintkit.model.flux import FluxKustomization
    from lintkit.model.resource import Resource
    from lintkit.model.tree import Tree
    from lintkit.options import Options


@rule(severity=Severity.WARNING, since="0.1")
def missing_depends_on(tree: Tree, options: Options) -> Iterator[Finding]:
    """A Kustomization applies a kind that another one installs, and does not depend on that one.

    `providers:` in the configuration says which Kustomization brings a kind (`HTTPRoute: network/envoy-gateway`); for
    these it is an error. With `detect-providers: true` they are also found in the tree: CRDs that a Kustomization
    applies, and charts whose profile says which API groups they install.

    ## Why
    On a new cluster the kind is not there yet: the Kustomization fails, and with it everything else that it applies,
    until the provider has come up by chance.

    ## Bad
    ```yaml .lintkit.yaml
    providers:
      ExternalSecret: flux-system/external-secrets
    ```
    ```yaml cluster/apps.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: external-secrets
      namespace: flux-system
    spec:
      interval: 1h
      prune: true
      path: ./operator
      sourceRef:
        kind: GitRepository
        name: flux-system
    ---
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: airflow # error: applies ExternalSecret `airflow`, which `external-secrets` provides
      namespace: flux-system
    spec:
      interval: 1h
      prune: true
      path: ./airflow
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```
    ```yaml operator/kustomization.yaml
    resources: []
    ```
    ```yaml airflow/secret.yaml
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: airflow
      namespace: airflow
    ```

    ## Good
    ```yaml cluster/apps.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: external-secrets
      namespace: flux-system
    spec:
      interval: 1h
      prune: true
      path: ./operator
      sourceRef:
        kind: GitRepository
        name: flux-system
    ---
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: airflow
      namespace: flux-system
    spec:
      dependsOn:
        - name: external-secrets
      interval: 1h
      prune: true
      path: ./airflow
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```
    """
    for contracts in tree.contracts:
        configured = dict(_configured(contracts.cluster, options))
        found = installers(contracts) if options.detect_providers else {}
        for applied in contracts.cluster.applied:
            yield from _judged(contracts, applied, configured, found)


def _configured(cluster: Cluster, options: Options) -> Iterator[tuple[str, Applied]]:
    """Kind -> what the Kustomization applies that the configuration names for it."""
    for kind, name in (options.providers or {}).items():
        namespace, _, own = name.rpartition("/")
        for applied in cluster.applied:
            view = applied.kustomization
            if view is not None and view.name == own and namespace in {"", view.namespace}:
                yield kind, applied


def _judged(
    contracts: Contracts, applied: Applied, configured: dict[str, Applied], found: dict[str, Applied]
) -> Iterator[Finding]:
    view = applied.kustomization
    if view is None:
        return
    told: set[int] = set()
    for resource in applied.resources:
        provider, is_configured = _provider(resource, configured, found)
        if provider is None or provider is applied or id(provider) in told:
            continue
        if reaches(contracts.cluster, applied, provider):
            continue
        told.add(id(provider))
        name = provider.kustomization.name if provider.kustomization else "?"
        message = (
            f"Kustomization `{view.name}` applies {resource.kind} `{resource.name}`, which `{name}` provides, "
            "and has no `dependsOn` that leads there"
        )
        related = [Related(resource.name_place, "what it applies")]
        if provider.kustomization:
            related.append(Related(provider.kustomization.resource.name_place, "the provider"))
        severity = Severity.ERROR if is_configured else None
        fix = _wait_for(view, provider)
        yield Finding.at(view.resource.name_place, message, severity=severity, related=tuple(related), fix=fix)


def _wait_for(view: FluxKustomization, provider: Applied) -> Fix | None:
    """Add the provider to `dependsOn`."""
    spec, other = view.resource.written.mapping_at("spec"), provider.kustomization
    if spec is None or other is None or "${" in other.name + other.namespace:
        return None
    lines = [f"name: {quoted(other.name)}"]
    lines += [f"namespace: {quoted(other.namespace)}"] if other.namespace != view.namespace else []
    node = spec.get("dependsOn")
    edits = add_item(node, "\n".join(lines)) if isinstance(node, Sequence) else None
    if node is None:
        edits = add_entry(spec, "\n".join(["dependsOn:", f"  - {lines[0]}", *(f"    {line}" for line in lines[1:])]))
    return Fix(f"let it wait for `{other.name}`", tuple(edits), Applicability.UNSAFE) if edits else None


def _provider(
    resource: Resource, configured: dict[str, Applied], found: dict[str, Applied]
) -> tuple[Applied | None, bool]:
    for key in (resource.kind, f"{resource.group}/{resource.kind}", f"{resource.group}/*"):
        if key in configured:
            return configured[key], True
    return found.get(f"{resource.group}/{resource.kind}") or found.get(f"{resource.group}/*"), False
