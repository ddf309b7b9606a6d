"""The rule `public-load-balancer`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit import Finding, Resource, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

INTERNAL = "service.beta.kubernetes.io/aws-load-balancer-scheme"


@rule(severity=Severity.WARNING, since="1.0", kinds=("Service",))
def public_load_balancer(resource: Resource) -> Iterator[Finding]:
    """A Service asks for a load balancer that the internet reaches.

    ## Why
    Without the annotation the cloud makes a public address, and the Service is open to everybody.

    ## Bad
    ```yaml app/service.yaml
    apiVersion: v1
    kind: Service
    metadata:
      name: web
      namespace: default
    spec:
      type: LoadBalancer # warning: `web` gets a public address
      ports: [{port: 80}]
    ```

    ## Good
    ```yaml app/service.yaml
    apiVersion: v1
    kind: Service
    metadata:
      name: web
      namespace: default
      annotations:
        service.beta.kubernetes.io/aws-load-balancer-scheme: internal
    spec:
      type: LoadBalancer
      ports: [{port: 80}]
    ```
    """
    kind = resource.root.at("spec", "type")
    scheme = resource.root.at("metadata", "annotations", INTERNAL)
    if kind is None or kind.value != "LoadBalancer" or (scheme is not None and scheme.value == "internal"):
        return
    yield Finding.at(kind, f"`{resource.name}` gets a public address; expected the annotation `{INTERNAL}: internal`")
