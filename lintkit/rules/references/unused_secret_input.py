"""The rule `unused-secret-input`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Finding, Severity
from lintkit.model.external_secrets import fetched, template_names
from lintkit.rules._rule import rule
from lintkit.syntax.node import Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.resource import Resource


@rule(severity=Severity.WARNING, since="0.1", kinds=("ExternalSecret",))
def unused_secret_input(resource: Resource) -> Iterator[Finding]:
    """An ExternalSecret fetches a value that its template does not use.

    With `template.data` and the merge policy Replace, which is the default, only the keys of the template reach the
    Secret.

    ## Why
    Whoever reads `data` believes that the Secret has this key. It does not, and each refresh pays for the fetch.

    ## Bad
    ```yaml app/secret.yaml
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: airflow-metadata
      namespace: airflow
    spec:
      secretStoreRef:
        kind: ClusterSecretStore
        name: onepassword-connect
      target:
        template:
          data:
            connection: postgresql://airflow:{{ .password }}@db/airflow
      data:
        - secretKey: password
          remoteRef:
            key: airflow
        - secretKey: username # warning: the template does not use `username`
          remoteRef:
            key: airflow
    ```

    ## Good
    ```yaml app/secret.yaml
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: airflow-metadata
      namespace: airflow
    spec:
      secretStoreRef:
        kind: ClusterSecretStore
        name: onepassword-connect
      target:
        template:
          data:
            connection: postgresql://airflow:{{ .password }}@db/airflow
      data:
        - secretKey: password
          remoteRef:
            key: airflow
    ```
    """
    spec = resource.root.mapping_at("spec")
    template = spec.mapping_at("target", "template") if spec else None
    data = template.mapping_at("data") if template else None
    if spec is None or template is None or data is None or template.text("mergePolicy") == "Merge":
        return
    if template.elements_at("templateFrom"):
        return
    texts = [node.text for _, node in data.items() if isinstance(node, Scalar)]
    if any("range" in text or "{{ . " in text or "toJson ." in text or "$" in text for text in texts if "{{" in text):
        return
    used = {name for text in texts for name, _ in template_names(text)}
    for name, node in fetched(spec)[0].items():
        if name not in used and not any(name in text for text in texts) and "${" not in name:
            message = f"the template does not use `{name}`, so the Secret has no such key"
            yield Finding.at(node, message)
