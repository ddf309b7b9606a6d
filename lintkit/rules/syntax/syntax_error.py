"""The rule `syntax-error`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.collect.repository import KUSTOMIZATION_NAMES, looks_like_manifest, looks_templated
from lintkit.finding import Finding, Related, Severity
from lintkit.rules._rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.tree import Tree


@rule(severity=Severity.ERROR, since="0.1")
def syntax_error(tree: Tree) -> Iterator[Finding]:
    """A manifest is not valid YAML.

    Files that a tool renders first (Helm templates, Jinja) are left alone. What stands before the error in the same
    file is still linted.

    ## Why
    Flux reads a folder as a whole: one file that it cannot read stops everything the Kustomization applies.

    ## Bad
    ```yaml app/config.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: config
      labels: {app: web
      namespace: default # error: did not find expected ',' or '}'
    ```

    ## Good
    ```yaml app/config.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: config
      namespace: default
    ```
    """
    listed = tree.listed_files
    for stream in tree.repository.parsed().values():
        error = stream.error
        if error is None:
            continue
        path = stream.source.path
        is_kustomization = path.rpartition("/")[2] in KUSTOMIZATION_NAMES
        if path not in listed and not is_kustomization:
            if path in tree.not_manifests or not looks_like_manifest(stream.source.text):
                continue
            if looks_templated(stream.source.text):
                continue
        related = (Related(error.first, "it starts here"),) if error.first else ()
        yield Finding.at(error.place, error.message, related=related)
