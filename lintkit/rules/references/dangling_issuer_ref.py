"""The rule `dangling-issuer-ref`."""

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
def dangling_issuer_ref(tree: Tree) -> Iterator[Finding]:
    """A Certificate, or the annotation of an Ingress, names an issuer that nothing declares.

    `kind: ClusterIssuer` must be said: the default is an Issuer in the same namespace. When absence is certain, and
    when it is `info`, is the same as for `dangling-secret-ref`.

    ## Why
    The certificate is never issued, and whatever serves it has none.

    ## Bad
    ```yaml app/issuer.yaml
    apiVersion: cert-manager.io/v1
    kind: ClusterIssuer
    metadata:
      name: letsencrypt-production
    spec:
      selfSigned: {}
    ```
    ```yaml app/certificate.yaml
    apiVersion: cert-manager.io/v1
    kind: Certificate
    metadata:
      name: web
      namespace: network
    spec:
      secretName: web-tls
      issuerRef:
        kind: ClusterIssuer
        name: letsencrypt-prodution # error: did you mean `letsencrypt-production`?
    ```

    ## Good
    ```yaml app/certificate.yaml
    apiVersion: cert-manager.io/v1
    kind: Certificate
    metadata:
      name: web
      namespace: network
    spec:
      secretName: web-tls
      issuerRef:
        kind: ClusterIssuer
        name: letsencrypt-production
    ```
    """
    for contracts, answer in unmet(tree, lambda reference: reference.kind in {"Issuer", "ClusterIssuer"}):
        if answer.reference.row.role != "health":
            yield missing_object(contracts, answer)
