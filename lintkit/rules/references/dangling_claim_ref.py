"""The rule `dangling-claim-ref`."""

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
def dangling_claim_ref(tree: Tree) -> Iterator[Finding]:
    """A pod or a chart's values name a PersistentVolumeClaim that nothing in the tree makes.

    Claims of charts, operators and volume populators are taken into account.

    ## Why
    The pod stays Pending: `persistentvolumeclaim "data" not found`.

    ## Bad
    ```yaml app/claim.yaml
    apiVersion: v1
    kind: PersistentVolumeClaim
    metadata:
      name: airflow-logs
      namespace: airflow
    spec:
      accessModes: [ReadWriteMany]
      resources:
        requests:
          storage: 10Gi
    ```
    ```yaml app/pod.yaml
    apiVersion: v1
    kind: Pod
    metadata:
      name: worker
      namespace: airflow
    spec:
      containers:
        - name: base
          image: apache/airflow:2.10.5
      volumes:
        - name: logs
          persistentVolumeClaim:
            claimName: airflow-log # error: did you mean `airflow-logs`?
    ```

    ## Good
    ```yaml app/pod.yaml
    apiVersion: v1
    kind: Pod
    metadata:
      name: worker
      namespace: airflow
    spec:
      containers:
        - name: base
          image: apache/airflow:2.10.5
      volumes:
        - name: logs
          persistentVolumeClaim:
            claimName: airflow-logs
    ```
    """
    for contracts, answer in unmet(tree, lambda reference: reference.kind == "PersistentVolumeClaim"):
        yield missing_object(contracts, answer)
