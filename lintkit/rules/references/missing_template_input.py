"""The rule `missing-template-input`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Applicability, Finding, Fix, Severity
from lintkit.model.external_secrets import fetched, template_names
from lintkit.model.names import closest
from lintkit.rules._rule import rule
from lintkit.syntax.embedded import locator
from lintkit.syntax.node import Place, Scalar
from lintkit.text.edit import Edit, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.resource import Resource


@rule(severity=Severity.ERROR, since="0.1", kinds=("ExternalSecret", "ClusterExternalSecret"))
def missing_template_input(resource: Resource) -> Iterator[Finding]:
    """The template of an ExternalSecret uses a name that nothing fetches.

    The names are those of `data[].secretKey`. With `dataFrom` more names may be fetched than files show, so nothing is
    reported.

    ## Why
    The template renders `<no value>` into the Secret, or fails and the Secret never comes.

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
            connection: postgresql://airflow:{{ .pasword }}@db/airflow # error: did you mean `password`?
      data:
        - secretKey: password
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
    path = ("spec",) if resource.kind == "ExternalSecret" else ("spec", "externalSecretSpec")
    spec = resource.root.mapping_at(*path)
    if spec is None:
        return
    names, is_open = fetched(spec)
    if is_open or any("${" in name for name in names):
        return
    data = spec.mapping_at("target", "template", "data")
    texts = [node for _, node in data.items()] if data else []
    texts += [node for one in spec.mappings_at("target", "template", "templateFrom") if (node := one.get("literal"))]
    for node in texts:
        if isinstance(node, Scalar) and "{{" in node.text:
            yield from _in_text(node, set(names))


def _in_text(node: Scalar, names: set[str]) -> Iterator[Finding]:
    to_source = locator(node)
    seen: set[str] = set()
    for name, offset in template_names(node.text):
        if name in names or name in seen:
            continue
        seen.add(name)
        start = to_source(offset)
        is_exact = node.source.text.startswith(name, start)
        place = Place(node.source, Span(start, start + len(name))) if is_exact else node.place
        close = closest(name, names)
        hint = f"; did you mean `{close}`?" if close else ""
        fix = None
        if close and is_exact:
            edit = Edit(node.source.path, place.span, close)
            fix = Fix(f"rename to `{close}`", (edit,), Applicability.UNSAFE)
        yield Finding.at(place, f"the template uses `{name}`, which nothing fetches{hint}", fix=fix)
