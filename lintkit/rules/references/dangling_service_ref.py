"""The rule `dangling-service-ref`."""

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
def dangling_service_ref(tree: Tree) -> Iterator[Finding]:
    """An Ingress, route or webhook names a Service that nothing in the tree makes.

    Services of charts and operators are taken into account: where a chart that is not known stands in the same
    namespace, nothing is reported.

    ## Why
    Every request gets 503, or 404; a webhook without its Service can block the whole API.

    ## Bad
    ```yaml app/service.yaml
    apiVersion: v1
    kind: Service
    metadata:
      name: webserver
      namespace: airflow
    spec:
      ports:
        - name: http
          port: 8080
    ```
    ```yaml app/ingress.yaml
    apiVersion: networking.k8s.io/v1
    kind: Ingress
    metadata:
      name: webserver
      namespace: airflow
    spec:
      rules:
        - host: airflow.example.com
          http:
            paths:
              - path: /
                pathType: Prefix
                backend:
                  service:
                    name: web-server # error: did you mean `webserver`?
                    port:
                      name: http
    ```

    ## Good
    ```yaml app/ingress.yaml
    apiVersion: networking.k8s.io/v1
    kind: Ingress
    metadata:
      name: webserver
      namespace: airflow
    spec:
      rules:
        - host: airflow.example.com
          http:
            paths:
              - path: /
                pathType: Prefix
                backend:
                  service:
                    name: webserver
                    port:
                      name: http
    ```
    """
    for contracts, answer in unmet(tree, lambda reference: reference.kind == "Service"):
        yield missing_object(contracts, answer)
