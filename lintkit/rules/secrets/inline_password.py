"""The rule `inline-password`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Finding, Severity
from lintkit.model.secrets import given_passwords
from lintkit.rules._rule import rule
from lintkit.rules.secrets._moved import fixes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.secrets import LiteralSecret
    from lintkit.model.tree import Tree


@rule(severity=Severity.ERROR, since="0.1")
def inline_password(tree: Tree) -> Iterator[Finding]:
    """A password stands in a manifest as a literal.

    Found in Helm values, environment variables, command-line arguments, connection URIs, the text of ConfigMaps,
    data sources of Grafana, ConfigMaps behind `valuesFrom`, and manifests embedded in any of these. Tokens and keys
    count when they look random.

    ## Why
    Everyone who can read the repository, now or in its history, can read the password. `changeme` counts: it is what
    the database will be protected by. A committed password must be changed, not only moved.

    ## Bad
    ```yaml app/helmrelease.yaml
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata:
      name: airflow
      namespace: airflow
    spec:
      interval: 1h
      chartRef:
        kind: OCIRepository
        name: airflow
      values:
        data:
          metadataConnection:
            user: airflow
            pass: changeme # error: `pass` is a literal password
        env:
          - name: BROKER_URL
            value: redis://:changeme@redis:6379/0 # error: literal password
    ```

    ## Good
    ```yaml app/helmrelease.yaml
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata:
      name: airflow
      namespace: airflow
    spec:
      interval: 1h
      chartRef:
        kind: OCIRepository
        name: airflow
      values:
        data:
          metadataSecretName: airflow-metadata
        secret:
          - envName: BROKER_URL
            secretName: airflow-broker
            secretKey: url
    ```
    """
    moves = fixes(tree, tree.written_secrets)
    for found in tree.written_secrets:
        fix = moves.get((found.place.source.path, found.place.span.start))
        yield Finding.at(found.place, _message(found), fix=fix)
    for contracts in tree.contracts:
        for found in given_passwords(contracts):
            yield Finding.at(found.place, _message(found))


def _message(found: LiteralSecret) -> str:
    what = "password" if found.is_password else "secret"
    where = f" at `{found.path}`" if found.path and found.path != found.key else ""
    match found.form:
        case "uri":
            name = f" of `{found.key}`" if found.key else ""
            return f"the connection URI{name} holds a literal {what}{where}"
        case "argument":
            return f"the argument `{found.key}` is given a literal {what}{where}"
        case "env":
            return f"the variable `{found.key}` is a literal {what}{where}"
        case "text":
            return f"`{found.key}` is a literal {what}, in the text{where}"
        case _:
            return f"`{found.key}` is a literal {what}{where}"
