"""The rule `dangling-object-ref`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Severity
from lintkit.rules._rule import rule
from lintkit.rules.references._unmet import missing_object, unmet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.finding import Finding
    from lintkit.model.consumers import Reference
    from lintkit.model.tree import Tree

_OTHER_RULES = frozenset(
    {
        "Secret", "ConfigMap", "Service", "ServiceAccount", "PersistentVolumeClaim", "Gateway", "Issuer",
        "ClusterIssuer",
    }
)  # fmt: skip
_OTHER_ROLES = frozenset({"source", "dependency", "health", "store"})


@rule(severity=Severity.ERROR, since="0.1")
def dangling_object_ref(tree: Tree) -> Iterator[Finding]:
    """An object names another one, of a kind that has no rule of its own, and nothing in the tree makes it.

    The target of an autoscaler, the role of a binding, the provider of an alert, the folder of a dashboard, the
    cluster of a backup. Reported only where absence is certain: a name that comes close is there, or everything else
    of that kind in that namespace is made by this tree.

    ## Why
    The object is accepted and does nothing: nothing is scaled, nobody is allowed, no alert is sent.

    ## Bad
    ```yaml app/all.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: webserver
      namespace: airflow
    spec:
      selector:
        matchLabels:
          app: webserver
      template:
        metadata:
          labels:
            app: webserver
        spec:
          containers:
            - name: webserver
              image: apache/airflow:2.10.5
    ---
    apiVersion: autoscaling/v2
    kind: HorizontalPodAutoscaler
    metadata:
      name: webserver
      namespace: airflow
    spec:
      scaleTargetRef:
        apiVersion: apps/v1
        kind: Deployment
        name: web-server # error: did you mean `webserver`?
      maxReplicas: 3
    ```

    ## Good
    ```yaml app/all.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: webserver
      namespace: airflow
    spec:
      selector:
        matchLabels:
          app: webserver
      template:
        metadata:
          labels:
            app: webserver
        spec:
          containers:
            - name: webserver
              image: apache/airflow:2.10.5
    ---
    apiVersion: autoscaling/v2
    kind: HorizontalPodAutoscaler
    metadata:
      name: webserver
      namespace: airflow
    spec:
      scaleTargetRef:
        apiVersion: apps/v1
        kind: Deployment
        name: webserver
      maxReplicas: 3
    ```
    """
    for contracts, answer in unmet(tree, _is_of_no_other_rule):
        if contracts.is_certain(answer):
            yield missing_object(contracts, answer)


def _is_of_no_other_rule(reference: Reference) -> bool:
    return reference.row.role not in _OTHER_ROLES and reference.kind not in _OTHER_RULES
