"""The rule `dangling-service-account-ref`."""

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
def dangling_service_account_ref(tree: Tree) -> Iterator[Finding]:
    """A pod or a role binding names a ServiceAccount that nothing in the tree makes.

    ServiceAccounts of charts are taken into account: where a chart that is not known stands in the same namespace,
    nothing is reported. `default` exists in every namespace.

    ## Why
    Without its ServiceAccount no pod of the workload is created; a binding to nobody grants nothing.

    ## Bad
    ```yaml app/all.yaml
    apiVersion: v1
    kind: ServiceAccount
    metadata:
      name: webhook-handler
      namespace: airflow
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: webhook-handler
      namespace: airflow
    spec:
      selector:
        matchLabels:
          app: webhook-handler
      template:
        metadata:
          labels:
            app: webhook-handler
        spec:
          serviceAccountName: webhook-handlers # error: did you mean `webhook-handler`?
          containers:
            - name: handler
              image: python:3.12.8-slim
    ```

    ## Good
    ```yaml app/all.yaml
    apiVersion: v1
    kind: ServiceAccount
    metadata:
      name: webhook-handler
      namespace: airflow
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: webhook-handler
      namespace: airflow
    spec:
      selector:
        matchLabels:
          app: webhook-handler
      template:
        metadata:
          labels:
            app: webhook-handler
        spec:
          serviceAccountName: webhook-handler
          containers:
            - name: handler
              image: python:3.12.8-slim
    ```
    """
    for contracts, answer in unmet(tree, lambda reference: reference.kind == "ServiceAccount"):
        yield missing_object(contracts, answer)
