"""The rule `dangling-gateway-ref`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Finding, Related, Severity
from lintkit.model.names import closest
from lintkit.rules._rule import rule
from lintkit.rules.references._unmet import missing_object, unmet
from lintkit.syntax.node import Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.consumers import Reference
    from lintkit.model.resource import Resource
    from lintkit.model.tree import Tree


@rule(severity=Severity.ERROR, since="0.1")
def dangling_gateway_ref(tree: Tree) -> Iterator[Finding]:
    """A route names a Gateway, or a listener of one, that nothing declares.

    Name, namespace and `sectionName` are looked up; a route without `namespace` in its `parentRefs` means its own.

    ## Why
    The route is attached to nothing, and nobody can reach the app.

    ## Bad
    ```yaml network/gateway.yaml
    apiVersion: gateway.networking.k8s.io/v1
    kind: Gateway
    metadata:
      name: internal
      namespace: network
    spec:
      gatewayClassName: envoy
      listeners: []
    ```
    ```yaml app/route.yaml
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata:
      name: airflow
      namespace: airflow
    spec:
      parentRefs:
        - name: internal # error: that name is in namespace `network`
    ```

    ## Good
    ```yaml app/route.yaml
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata:
      name: airflow
      namespace: airflow
    spec:
      parentRefs:
        - name: internal
          namespace: network
    ```
    """
    for contracts, answer in unmet(tree, lambda reference: reference.kind == "Gateway"):
        yield missing_object(contracts, answer)
    for contracts in tree.contracts:
        for answer in contracts.answers:
            if answer.reference.kind == "Gateway" and answer.target is not None:
                yield from _listener(answer.reference, answer.target)


def _listener(reference: Reference, gateway: Resource) -> Iterator[Finding]:
    """The listener that a route names, where the Gateway shows its listeners."""
    parents = reference.consumer.root.mappings_at("spec", "parentRefs")
    node = next((parent.get("sectionName") for parent in parents if parent.get("name") is reference.node), None)
    listeners = gateway.root.mappings_at("spec", "listeners")
    names = [listener.text("name") or "" for listener in listeners]
    if not isinstance(node, Scalar) or not names or node.text in names or "${" in f"{node.text}{names}":
        return
    close = closest(node.text, names)
    hint = f"did you mean `{close}`?" if close else f"it has {', '.join(f'`{name}`' for name in sorted(names))}"
    related = (Related((gateway.at("spec", "listeners") or gateway.root).place, "its listeners"),)
    yield Finding.at(node, f"Gateway `{gateway.name}` has no listener `{node.text}`; {hint}", related=related)
