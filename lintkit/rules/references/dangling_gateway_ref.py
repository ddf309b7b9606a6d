"""The rule `dangling-gateway-ref`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Severity
from lintkit.rules._rule import rule
from lintkit.rules.references._unmet import missing_object, unmet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.finding import Finding
    from lintkit.model.tree import Tree


@rule(severity=Severity.ERROR, since="0.1")
def dangling_gateway_ref(tree: Tree) -> Iterator[Finding]:
    """A route names a Gateway that nothing declares.

    Name and namespace are looked up; a route without `namespace` in its `parentRefs` means its own.

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
